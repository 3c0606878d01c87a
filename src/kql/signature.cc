#include "kql/signature.h"

#include <algorithm>

#include "base/text.h"
#include "kql/parser.h"

namespace huntbook::kql {
namespace {

std::string_view accepts_name(Accepts accepts) {
  switch (accepts) {
    case Accepts::kBool: return "bool";
    case Accepts::kInt: return "int";
    case Accepts::kLong: return "long";
    case Accepts::kReal: return "real";
    case Accepts::kString: return "string";
    case Accepts::kDatetime: return "datetime";
    case Accepts::kTimespan: return "timespan";
    case Accepts::kDynamic: return "dynamic";
    case Accepts::kGuid: return "guid";
    case Accepts::kDecimal: return "decimal";
    case Accepts::kNumber: return "number";
    case Accepts::kInteger: return "integer";
    case Accepts::kSummable: return "number or timespan";
    case Accepts::kOrderable: return "orderable";
    case Accepts::kTime: return "datetime or timespan";
    case Accepts::kTypeLiteral: return "typeof(...)";
    case Accepts::kTable: return "table";
    case Accepts::kText:
    case Accepts::kJson:
    case Accepts::kAny: return "any";
  }
  return "any";
}

}  // namespace

std::string_view kind_name(FunctionKind kind) {
  switch (kind) {
    case FunctionKind::kScalar: return "function";
    case FunctionKind::kAggregate: return "aggregate";
    case FunctionKind::kWindow: return "window";
    case FunctionKind::kOperator: return "operator";
    case FunctionKind::kPlugin: return "plugin";
  }
  return "function";
}

std::string signature_line(const Function& function, const Signature& signature) {
  if (function.kind == FunctionKind::kOperator) {
    std::string left = signature.params.empty() ? "" : std::string(accepts_name(signature.params[0].accepts));
    std::string right =
        signature.params.size() < 2 ? "" : std::string(accepts_name(signature.params[1].accepts));
    return left + " " + std::string(function.name) + " " + right;
  }
  std::string out = std::string(function.name) + "(";
  for (size_t i = 0; i < signature.params.size(); ++i) {
    const Param& param = signature.params[i];
    std::string text = std::string(param.name) + ": " + std::string(accepts_name(param.accepts));
    if (param.repeated) text += ", ...";
    if (param.optional) text = "[" + text + "]";
    out += (i ? ", " : "") + text;
  }
  out += ")";
  if (function.kind == FunctionKind::kPlugin) return out;
  std::string result;
  switch (signature.returns) {
    case Returns::kType: result = type_name(signature.type); break;
    case Returns::kSame:
    case Returns::kWiden:
      if (signature.argument < signature.params.size())
        result = "type of " + std::string(signature.params[signature.argument].name);
      break;
    case Returns::kCommon: result = "their common type"; break;
    case Returns::kTypeOf: result = "the type written, or " + std::string(type_name(signature.type)); break;
  }
  return out + (result.empty() ? "" : ": " + result);
}

std::string stored_signature(const StoredFunction& function) {
  std::string out = function.name + "(";
  for (size_t i = 0; i < function.params.size(); ++i) {
    const auto& param = function.params[i];
    std::string text = param.name + ": " + param.type;
    if (param.default_value) text = "[" + text + " = " + *param.default_value + "]";
    out += (i ? ", " : "") + text;
  }
  return out + ")";
}

// A column's name as an expression writes it.
std::string reference(const std::string& name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const bool plain =
      !name.empty() && letter(name[0]) && !is_reserved_reference(name) &&
      std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
  if (plain) return name;
  std::string out = "['";
  for (char c : name) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "']";
}

std::string brief(std::string_view text) {
  std::string out(trim(text.substr(0, 200)));
  std::replace(out.begin(), out.end(), '\n', ' ');
  const size_t most = 80;
  if (out.size() <= most) return out;
  size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0) == 0x80) --end;
  return out.substr(0, end) + "…";
}

std::string usage(const Function& function) {
  std::string out = "write " + std::string(function.name) + "(";
  if (function.signatures.empty()) return out + ")";
  const auto longest = std::max_element(
      function.signatures.begin(), function.signatures.end(),
      [](const Signature& a, const Signature& b) { return a.params.size() < b.params.size(); });
  for (size_t i = 0; i < longest->params.size(); ++i) {
    const Param& param = longest->params[i];
    std::string text = std::string(param.name) + (param.repeated ? ", ..." : "");
    const bool optional =
        param.optional || std::any_of(function.signatures.begin(), function.signatures.end(),
                                      [&](const Signature& each) { return each.params.size() <= i; });
    out += (i ? ", " : "") + (optional ? "[" + text + "]" : text);
  }
  return out + ")";
}

std::string signature_text(const Function& function) {
  std::string out;
  for (const auto& signature : function.signatures) {
    const std::string line = signature_line(function, signature);
    if (out.find(line) == std::string::npos) out += (out.empty() ? "" : "\n") + line;
  }
  return out;
}

}  // namespace huntbook::kql

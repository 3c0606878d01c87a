#include "kql/complete.h"

#include <algorithm>
#include <initializer_list>
#include <tuple>

#include "base/text.h"
#include "kql/operator_table.h"
#include "kql/parser.h"
#include "kql/place.h"
#include "kql/scope.h"
#include "kql/signature.h"

namespace huntbook::kql {
namespace {

// How well a name fits a word, less is better; negative when it does not. It begins with the word, does so in
// letters of another case, holds it, or has its letters in order.
int match(std::string_view name, std::string_view word) {
  if (name.starts_with("['")) name.remove_prefix(2);
  if (name.starts_with(word)) return 0;
  const std::string low_name = to_lower(name), low_word = to_lower(word);
  if (low_name.starts_with(low_word)) return 1;
  if (low_name.find(low_word) != std::string::npos) return 2;
  size_t at = 0;
  for (char c : low_name) at += at < low_word.size() && c == low_word[at] ? 1 : 0;
  return at == low_word.size() ? 3 : -1;
}

class Completer {
 public:
  Completer(const Place& place, const Catalog& catalog) : place_(place), catalog_(catalog) {}

  std::vector<Completion> run() {
    switch (place_.kind) {
      case PlaceKind::kNothing: break;
      case PlaceKind::kStatement:
        operators({OperatorKind::kStatement, OperatorKind::kSource});
        first_operators();
        tables();
        locals(true);
        scalars();
        break;
      case PlaceKind::kTable:
        operators({OperatorKind::kSource});
        first_operators();
        tables();
        locals(true);
        scalars();
        break;
      case PlaceKind::kOperator: operators({OperatorKind::kOperator}); break;
      case PlaceKind::kOperand: operands(); break;
      case PlaceKind::kAfterOperand: after_operand(); break;
      case PlaceKind::kChoice: choices(); break;
      case PlaceKind::kProperty: properties(); break;
      case PlaceKind::kType:
        for (auto type : {Type::kBool, Type::kInt, Type::kLong, Type::kReal, Type::kString, Type::kDatetime,
                          Type::kTimespan, Type::kDynamic, Type::kGuid, Type::kDecimal})
          add(std::string(type_name(type)), "type", 0);
        break;
      case PlaceKind::kMember: members(); break;
      case PlaceKind::kCommand:
        for (const auto& each : operator_table()) {
          if (each.kind == OperatorKind::kCommand)
            add(std::string(each.name.substr(1)), "command", 0, each.syntax, each.doc);
        }
        break;
      case PlaceKind::kPlugin: plugins(); break;
    }
    std::stable_sort(found_.begin(), found_.end(), [](const Ranked& a, const Ranked& b) {
      return std::tie(a.match, a.weight, a.completion.text) < std::tie(b.match, b.weight, b.completion.text);
    });
    std::vector<Completion> out;
    for (auto& each : found_) {
      const bool twice = std::any_of(out.begin(), out.end(), [&](const Completion& other) {
        return other.text == each.completion.text && other.kind == each.completion.kind;
      });
      if (!twice) out.push_back(std::move(each.completion));
    }
    return out;
  }

 private:
  struct Ranked {
    int match = 0;
    int weight = 0;
    Completion completion;
  };

  void add(std::string text, std::string kind, int weight, std::string_view detail = {},
           std::string_view doc = {}) {
    const int rank = match(text, place_.prefix);
    if (rank < 0) return;
    Completion made;
    made.text = std::move(text);
    made.kind = std::move(kind);
    made.detail = detail;
    made.doc = doc;
    made.replace = place_.word;
    found_.push_back({rank, weight, std::move(made)});
  }

  void operators(std::initializer_list<OperatorKind> kinds) {
    for (const auto& each : operator_table()) {
      if (std::find(kinds.begin(), kinds.end(), each.kind) == kinds.end()) continue;
      std::string name(each.name);
      if (name.ends_with("()")) name.pop_back();
      add(std::move(name), each.kind == OperatorKind::kStatement ? "statement" : "operator", 2, each.syntax,
          each.doc);
    }
  }

  // Operators that may begin a query.
  void first_operators() {
    for (const char* name : {"union", "search", "find"}) {
      if (const auto* each = find_operator(name)) add(name, "operator", 2, each->syntax, each->doc);
    }
  }

  void tables() {
    for (const auto& table : catalog_.tables)
      add(reference(table.name), table.kind == "view" ? "view" : "table", 0, "", table.doc);
    for (const auto& function : catalog_.functions) {
      if (function.view) add(reference(function.name), "view", 0, "", function.doc);
      else add(function.name + "(", "function", 3, stored_signature(function), function.doc);
    }
  }

  void locals(bool all) {
    for (const auto& local : place_.locals) {
      if (!all && local.name.empty()) continue;
      add(reference(local.name) + (local.function ? "(" : ""), local.parameter ? "parameter" : "let", 1,
          brief(local.text));
    }
  }

  void functions_of(FunctionKind kind, int weight) {
    for (const auto& each : functions()) {
      if (each.kind != kind || !each.alias_of.empty()) continue;
      add(std::string(each.name) + "(", std::string(kind_name(kind)), weight,
          each.signatures.empty() ? "" : signature_line(each, each.signatures[0]), each.doc);
    }
  }

  void scalars() { functions_of(FunctionKind::kScalar, 4); }

  void columns(int weight) {
    const auto schema = columns_of(place_.lets, place_.source, catalog_);
    if (!schema) return;
    for (const auto& field : schema->fields)
      add(reference(field.name), "column", weight, type_name(field.type), field.doc);
  }

  void operands() {
    const std::string_view op = place_.op ? place_.op->name : "";
    if (place_.after_name && place_.op) own_properties();
    if (place_.tables) tables();
    if (place_.op && op != "take" && op != "limit" && op != "sample" && op != "join" && op != "lookup")
      columns(place_.aggregate ? 2 : 0);
    if (place_.clause == "on") keys();
    if (place_.aggregate) {
      functions_of(FunctionKind::kAggregate, 0);
      for (const auto& each : operator_table()) {
        if (each.kind == OperatorKind::kAggregate)
          add(std::string(each.name) + "(", "aggregate", 0, each.syntax, each.doc);
      }
    }
    if (op == "serialize" || op == "extend" || op == "where" || op == "project")
      functions_of(FunctionKind::kWindow, 5);
    locals(false);
    if (!place_.call.empty()) {
      if (const auto* stored = catalog_.find_function(place_.call)) {
        for (const auto& param : stored->params) add(param.name + "=", "parameter", 0, param.type, param.doc);
      }
    }
    if (op == "invoke") tables();
    else if (!place_.tables || (op != "join" && op != "lookup" && op != "union")) scalars();
    if (op == "sort" || op == "order") {
      if (place_.clause.empty()) add("by", "keyword", 0);
    } else if (place_.after_name && place_.op) {
      for (auto each : place_.op->words) {
        if (each == "by" || each == "declare" || each == "with" || each == "in" || each == "where")
          add(std::string(each), "keyword", 1);
      }
    }
  }

  // The columns that both sides of a join have.
  void keys() {
    const auto left = columns_of(place_.lets, place_.source, catalog_),
               right = columns_of(place_.lets, place_.right, catalog_);
    add("$left", "keyword", 1);
    add("$right", "keyword", 1);
    if (!left) return;
    for (const auto& field : left->fields) {
      if (!right || right->find(field.name)) add(reference(field.name), "column", 0, type_name(field.type));
    }
  }

  void after_operand() {
    if (place_.op) {
      for (auto each : place_.op->words) {
        const bool passed = !place_.clause.empty() && each == place_.clause;
        if (!passed) add(std::string(each), "keyword", 0);
      }
      if (place_.op->name == "render" || place_.op->name == "count") return;
    }
    for (const auto& each : functions()) {
      if (each.kind != FunctionKind::kOperator || each.name.starts_with("unary")) continue;
      if (!each.alias_of.empty()) continue;
      const bool logical = each.name == "and" || each.name == "or";
      add(std::string(each.name), "operator", logical ? 1 : each.name[0] == '!' ? 3 : 2, "", each.doc);
    }
    for (const char* word : {"in (", "in~ (", "between (", "!in (", "!in~ (", "!between ("})
      add(word, "operator", word[0] == '!' ? 3 : 2);
  }

  void choices() {
    if (place_.property.empty()) {
      for (auto each : place_.op->values) add(std::string(each), "value", 0);
      return;
    }
    for (const auto& property : place_.op->properties) {
      if (property.name != place_.property) continue;
      for (auto each : property.choices) add(std::string(each), "value", 0);
    }
    if (place_.property.find("column") != std::string::npos || place_.property == "series" ||
        place_.property == "hint.shufflekey")
      columns(0);
  }

  void own_properties() {
    for (const auto& property : place_.op->properties) {
      if (place_.op->name != "render" && place_.op->name != "parse-kv" && place_.op->name != "externaldata")
        add(std::string(property.name) + "=", "property", 1);
    }
  }

  void properties() {
    if (!place_.op) return;
    const bool hint = place_.member == "hint";
    for (const auto& property : place_.op->properties) {
      if (!hint) add(std::string(property.name) + "=", "property", 0);
      else if (property.name.starts_with("hint."))
        add(std::string(property.name.substr(5)) + "=", "property", 0);
    }
  }

  void members() {
    const bool right = place_.member == "$right";
    if (!right && place_.member != "$left") return;
    const auto schema = columns_of(place_.lets, right ? place_.right : place_.source, catalog_);
    if (!schema) return;
    for (const auto& field : schema->fields) add(reference(field.name), "column", 0, type_name(field.type));
  }

  void plugins() {
    functions_of(FunctionKind::kPlugin, 1);
    for (const auto& pivot : catalog_.pivots)
      add(pivot.name + "(", "plugin", 1, pivot.entity + " pivot", pivot.doc);
    if (place_.op) own_properties();
  }

  const Place& place_;
  const Catalog& catalog_;
  std::vector<Ranked> found_;
};

}  // namespace

std::vector<Completion> complete(std::string_view text, size_t offset, const Catalog& catalog) {
  const Place place = find_place(text, offset);
  return Completer(place, catalog).run();
}

}  // namespace huntbook::kql

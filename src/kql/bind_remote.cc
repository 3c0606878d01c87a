// Rows of connections: cluster("name").database("db").T, and evaluate source_request("name", "text").
#include <algorithm>

#include "base/escape.h"
#include "base/text.h"
#include "kql/bind.h"
#include "kql/parse.h"

namespace huntbook::kql {
namespace {

std::optional<std::string> text_argument(const Call& call) {
  if (call.args.size() != 1) return std::nullopt;
  const auto* literal = std::get_if<Literal>(&call.args[0]->node);
  if (!literal || literal->type != Type::kString) return std::nullopt;
  return literal->text;
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

// What a service may run as well as we do: operators that take the pipe and nothing else.
bool is_pushable(const Operator& op) {
  return std::holds_alternative<WhereOp>(op.node) || std::holds_alternative<ExtendOp>(op.node) ||
         std::holds_alternative<ProjectOp>(op.node) || std::holds_alternative<ProjectAwayOp>(op.node) ||
         std::holds_alternative<ProjectKeepOp>(op.node) || std::holds_alternative<ProjectRenameOp>(op.node) ||
         std::holds_alternative<ProjectReorderOp>(op.node) || std::holds_alternative<SummarizeOp>(op.node) ||
         std::holds_alternative<DistinctOp>(op.node) || std::holds_alternative<CountOp>(op.node) ||
         std::holds_alternative<TakeOp>(op.node) || std::holds_alternative<TopOp>(op.node) ||
         std::holds_alternative<MvExpandOp>(op.node) || std::holds_alternative<ParseOp>(op.node) ||
         std::holds_alternative<ParseKvOp>(op.node);
}

}  // namespace

const Call* source_request(const Operator& op) {
  const auto* evaluate = std::get_if<EvaluateOp>(&op.node);
  const auto* call = evaluate && evaluate->call ? std::get_if<Call>(&evaluate->call->node) : nullptr;
  return call && call->name.text == "source_request" ? call : nullptr;
}

std::optional<Binder::RemotePlace> Binder::remote_place(const Expr& expr, const EnvPtr& env) {
  RemotePlace place;
  place.expr = &expr;
  const Expr* base = nullptr;
  if (const auto* path = std::get_if<Path>(&expr.node)) {
    place.name = path->member.text;
    base = path->base.get();
  } else if (const auto* index = std::get_if<Index>(&expr.node)) {
    const auto* literal = std::get_if<Literal>(&index->index->node);
    if (!literal || literal->type != Type::kString) return std::nullopt;
    place.name = literal->text;
    base = index->base.get();
  } else if (const auto* call = std::get_if<Call>(&expr.node)) {
    place.name = call->name.text;
    place.call = call;
    base = call->base.get();
    if (place.name == "table") {
      const auto name = text_argument(*call);
      if (!name) return std::nullopt;
      place.name = *name;
      place.call = nullptr;
    }
  }
  const auto* owner = base ? std::get_if<Call>(&base->node) : nullptr;
  if (owner && owner->name.text == "database" && owner->base) {
    const auto name = text_argument(*owner);
    if (!name) return std::nullopt;
    place.database = *name;
    owner = std::get_if<Call>(&owner->base->node);
  }
  if (!owner || owner->name.text != "cluster" || owner->base || find(env, "cluster")) return std::nullopt;
  const auto cluster = text_argument(*owner);
  if (!cluster || place.name == "*") return std::nullopt;
  place.cluster = *cluster;
  return place;
}

// Whether the operator means the same to the service: it names nothing that only this query or this machine
// knows.
bool Binder::may_push(const Operator& op, std::string_view text, const EnvPtr& env) const {
  static constexpr std::string_view kElsewhere[] = {"toscalar",  "materialize", "cluster",      "database",
                                                    "workspace", "table",       "externaldata", "evidence",
                                                    "rejects",   "datatable"};
  if (!is_pushable(op)) return false;
  Diagnostics wrong;
  const auto tokens = lex(text, wrong);
  if (!wrong.empty()) return false;
  for (const auto& token : tokens) {
    if (token.text == "|" || token.text == ";") return false;
    if (token.kind != TokenKind::kName && token.kind != TokenKind::kBracketedName) continue;
    const std::string name = token.kind == TokenKind::kName ? std::string(token.text) : token.name;
    if (std::find(std::begin(kElsewhere), std::end(kElsewhere), name) != std::end(kElsewhere)) return false;
    if (find(env, name) || catalog_.find_table(name) || catalog_.find_function(name)) return false;
  }
  return true;
}

std::optional<BoundTable> Binder::ask_remote(const RemoteRequest& request, Span span, size_t& taken) {
  if (!catalog_.remote || catalog_.open) return assumed_table(request.name);
  auto rows = catalog_.remote(request);
  if (!rows.ok()) {
    Diagnostic failure = rows.error();
    failure.span = span;
    return fail(std::move(failure)), std::nullopt;
  }
  taken = rows->pushed;
  TableInfo info;
  info.name = rows->table;
  info.schema = rows->schema;
  if (rows->assumed) info.schema.fields = {{"none", Type::kLong, ""}};
  auto made = scan(info);
  if (made && rows->assumed) {
    made->columns.clear();
    made->open = true;
  }
  if (made) made->label = request.name;
  return made;
}

std::optional<BoundTable> Binder::bind_remote(const RemotePlace& place,
                                              const std::vector<Operator>& operators, size_t& taken,
                                              const Scope& scope) {
  taken = 0;
  RemoteRequest request;
  request.cluster = place.cluster;
  request.database = place.database;
  request.name = place.name;
  request.text = is_plain_name(place.name) ? place.name : "[" + quote_kql_string(place.name) + "]";
  // Spans point into the text only while nothing is being expanded.
  const bool has_text = !text_.empty() && expanding_.empty();
  const auto slice = [&](uint32_t begin, uint32_t end) { return text_.substr(begin, end - begin); };
  if (place.call) {
    request.arguments.emplace();
    const size_t before = diagnostics_.size();
    for (const auto& arg : place.call->args) {
      const auto* named = std::get_if<NamedExpr>(&arg->node);
      const bool has_name = named && named->names.size() == 1;
      auto text = argument_text(has_name ? *named->value : *arg, scope);
      if (!text) {
        request.arguments.reset();
        break;
      }
      request.arguments->emplace_back(has_name ? named->names[0].text : "", std::move(*text));
    }
    diagnostics_.resize(before);  // what is no constant to us may be right for the service
    if (!has_text && !request.arguments)
      return fail(unsupported("a remote function's argument that is no constant, inside a stored function",
                              place.call->name.span)),
             std::nullopt;
    if (has_text) {
      request.text = slice(place.call->name.span.begin, place.expr->span.end);
    } else {
      request.text += "(";
      for (size_t i = 0; i < request.arguments->size(); ++i)
        request.text += (i ? ", " : "") + quote_kql_string((*request.arguments)[i].second);
      request.text += ")";
    }
  }
  bool again = false;  // the last one is run here as well, for the order of the rows
  for (size_t i = 0; has_text && i < operators.size() && !again; ++i) {
    const std::string_view text = slice(operators[i].span.begin, operators[i].span.end);
    if (!may_push(operators[i], text, scope.env)) break;
    request.operators.emplace_back(text);
    again = std::holds_alternative<TopOp>(operators[i].node);
  }
  auto table = ask_remote(request, place.expr->span, taken);
  if (again && taken == request.operators.size()) --taken;
  return table;
}

std::optional<BoundTable> Binder::bind_source_request(const Operator& op, const Call& call,
                                                      const EnvPtr& env) {
  Scope scope;
  scope.env = env;
  RemoteRequest request;
  request.native = true;
  if (call.args.size() < 2 || call.args.size() > 3)
    return fail(diagnose(Error::kArgumentCount, op.span, call.name.text, "2 to 3 arguments",
                         call.args.size())),
           std::nullopt;
  std::string* const parts[] = {&request.cluster, &request.text, &request.database};
  for (size_t i = 0; i < call.args.size(); ++i) {
    auto text = constant_text(*call.args[i], scope);
    if (!text) return std::nullopt;
    *parts[i] = std::move(*text);
  }
  request.name = request.cluster;
  size_t taken = 0;
  return ask_remote(request, call.name.span, taken);
}

}  // namespace huntbook::kql

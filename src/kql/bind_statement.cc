// Statements beside lets and queries: parameters, patterns, restrictions, options; names that these decide.
#include <algorithm>

#include "base/text.h"
#include "kql/bind.h"
#include "kql/lex.h"

namespace huntbook::kql {
namespace {

// The place that a qualified name begins with: `cluster("c")` in cluster("c").database("d").T.
const Call* outermost(const Expr& expr) {
  const Expr* at = &expr;
  while (true) {
    if (const auto* path = std::get_if<Path>(&at->node)) {
      at = path->base.get();
    } else if (const auto* index = std::get_if<Index>(&at->node)) {
      at = index->base.get();
    } else {
      const auto* call = std::get_if<Call>(&at->node);
      if (!call || !call->base) return call;
      at = call->base.get();
    }
  }
}

bool is_place(std::string_view name) {
  return name == "database" || name == "cluster" || name == "workspace" || name == "app" || name == "adx" ||
         name == "arg" || name == "resource";
}

// The member of `a.b` or `a["b"]`.
std::optional<std::string> member_of(const Expr& expr) {
  if (const auto* path = std::get_if<Path>(&expr.node)) return path->member.text;
  if (const auto* index = std::get_if<Index>(&expr.node)) {
    const auto* literal = std::get_if<Literal>(&index->index->node);
    if (literal && literal->type == Type::kString) return literal->text;
  }
  return std::nullopt;
}
const Expr* base_of(const Expr& expr) {
  if (const auto* path = std::get_if<Path>(&expr.node)) return path->base.get();
  if (const auto* index = std::get_if<Index>(&expr.node)) return index->base.get();
  return nullptr;
}

// Whether a restriction lets a name through: of a let, or (`stored`) of the database.
bool lets_through(const RestrictStatement& restriction, std::string_view name, bool stored) {
  return std::any_of(restriction.entities.begin(), restriction.entities.end(), [&](const auto& entity) {
    if (const auto* ref = std::get_if<NameRef>(&entity->node))
      return ref->pattern ? !stored && matches_pattern(name, ref->name) : ref->name == name;
    if (std::holds_alternative<Star>(entity->node)) return !stored;
    const auto member = member_of(*entity);
    return stored && member && matches_pattern(name, *member);
  });
}

}  // namespace

// The nearest binding of a name. Tables, functions and patterns may be hidden by `restrict access`.
const Env* Binder::find(const EnvPtr& env, std::string_view name) const {
  std::vector<const RestrictStatement*> restrictions;
  for (const Env* at = env.get(); at; at = at->parent.get()) {
    if (at->restricted) restrictions.push_back(at->restricted);
    if (at->restricted || at->name != name) continue;
    const bool entity =
        at->table || at->pattern ||
        (at->function && !restrictions.empty() && is_tabular(*at->function->body, at->parent));
    const bool hidden = entity && std::any_of(restrictions.begin(), restrictions.end(),
                                              [&](auto* r) { return !lets_through(*r, name, false); });
    return hidden ? nullptr : at;
  }
  return nullptr;
}

bool Binder::is_visible(const EnvPtr& env, std::string_view name) const {
  for (const Env* at = env.get(); at; at = at->parent.get()) {
    if (at->restricted && !lets_through(*at->restricted, name, true)) return false;
  }
  return true;
}

const TableInfo* Binder::find_table(const EnvPtr& env, std::string_view name) const {
  const TableInfo* info = catalog_.find_table(name);
  return info && is_visible(env, name) ? info : nullptr;
}

const StoredFunction* Binder::find_stored(const EnvPtr& env, std::string_view name) const {
  const StoredFunction* function = catalog_.find_function(name);
  return function && is_visible(env, name) ? function : nullptr;
}

// Whether an expression names a table by its place (database("d").T) or by a pattern (P("a").b).
bool Binder::is_qualified(const Expr& expr, const EnvPtr& env) const {
  const Call* root = base_of(expr) ? outermost(expr) : nullptr;
  if (!root) return false;
  const Env* bound = find(env, root->name.text);
  return bound ? bound->pattern != nullptr : is_place(root->name.text);
}

// The evidence is the only database, whatever it is called; clusters and workspaces are other places.
bool Binder::is_here(const Call& place, const EnvPtr& env) {
  const Call* root = place.base ? outermost(*place.base) : &place;
  if (root && root->name.text == "database") {
    const auto* name = root->args.empty() ? nullptr : std::get_if<Literal>(&root->args[0]->node);
    const Env* alias = name ? find(env, "database:" + name->text) : nullptr;
    if (!alias) return true;
    const auto* target = std::get_if<Call>(&alias->alias->target->node);
    root = target ? (target->base ? outermost(*target->base) : target) : nullptr;
    if (root && root->name.text == "database") return true;
  }
  fail(unsupported(fmt::format("a table or function of `{}(...)`", root ? root->name.text : place.name.text),
                   place.name.span));
  return false;
}

std::optional<BoundTable> Binder::bind_qualified(const Expr& expr, const EnvPtr& env) {
  const Call* root = outermost(expr);
  const Expr* base = base_of(expr);
  const auto member = member_of(expr);
  if (!root || !base || !member)
    return fail(diagnose(Error::kExpected, expr.span, "a table", "a value")), std::nullopt;
  if (const Env* bound = find(env, root->name.text); bound && bound->pattern) {
    if (std::get_if<Call>(&base->node) != root)
      return fail(diagnose(Error::kExpected, expr.span, "a table", "a value")), std::nullopt;
    return bind_pattern(expr, *root, member, *bound);
  }
  if (catalog_.open) return assumed_table(*member);
  if (const auto remote = remote_place(expr, env)) {
    size_t taken = 0;
    return bind_remote(*remote, {}, taken, Scope{.env = env});
  }
  const auto* place = std::get_if<Call>(&base->node);
  if (!place || !is_place(place->name.text))
    return fail(diagnose(Error::kExpected, expr.span, "a table", "a value")), std::nullopt;
  if (!is_here(*place, env)) return std::nullopt;
  NameRef name;
  name.name = *member;
  name.pattern = *member == "*";
  return bind_stored_name(expr, name, env);
}

// P("a").b: the query of the case with these texts.
std::optional<BoundTable> Binder::bind_pattern(const Expr& expr, const Call& call,
                                               const std::optional<std::string>& path, const Env& binding) {
  const PatternStatement& pattern = *binding.pattern;
  std::vector<std::string> texts;
  Scope scope;
  scope.env = binding.parent;
  std::string shown;
  for (const auto& arg : call.args) {
    auto text = constant_text(*arg, scope);
    if (!text) return std::nullopt;
    shown += (shown.empty() ? "\"" : ", \"") + *text + "\"";
    texts.push_back(std::move(*text));
  }
  for (const auto& one : pattern.cases) {
    if (one.args.size() != texts.size() || one.path != path) continue;
    bool same = true;
    for (size_t i = 0; same && i < texts.size(); ++i) {
      auto text = constant_text(*one.args[i], scope);
      if (!text) return std::nullopt;
      same = *text == texts[i];
    }
    if (!same) continue;
    if (expanding_.size() > 64)
      return fail(diagnose(Error::kRecursion, expr.span, call.name.text)), std::nullopt;
    EnvPtr env = binding.parent;
    const auto give = [&](const std::string& name, const std::string& value) {
      auto made = std::make_shared<Env>();
      made->parent = env;
      made->name = name;
      made->scalar = make_text(value);
      env = made;
    };
    for (size_t i = 0; i < texts.size() && i < pattern.params.size(); ++i)
      give(pattern.params[i].name.text, texts[i]);
    if (path && pattern.path) give(pattern.path->name.text, *path);
    expanding_.push_back(call.name.text);
    for (const auto& statement : one.body->statements) {
      if (const auto* let = std::get_if<LetStatement>(&statement.node)) bind_let(*let, env);
    }
    Scope body;
    body.env = env;
    Table table = bind_query(*one.body->body, body);
    expanding_.pop_back();
    if (table) table->label.clear();
    return table;
  }
  if (catalog_.open) return assumed_table(call.name.text);
  return fail(diagnose(Error::kNoCase, expr.span, call.name.text,
                       "(" + shown + ")" + (path ? ".[\"" + *path + "\"]" : std::string()))),
         std::nullopt;
}

void Binder::bind_parameters(const QueryParametersStatement& declared, EnvPtr& env) {
  for (const auto& param : declared.params) {
    auto made = std::make_shared<Env>();
    made->parent = env;
    made->name = param.name.text;
    Scope scope;
    scope.env = env;
    for (const auto& [name, text] : catalog_.parameters) {
      if (name != param.name.text) continue;
      given_.insert(name);
      if (param.type == Type::kString) {
        made->scalar = make_text(text);
      } else if (auto literal = make_typed_literal(param.type, text)) {
        made->scalar = make_constant(std::move(*literal));
      } else {
        fail(diagnose(Error::kBadValue, param.name.span, text,
                      fmt::format("a {} for `{}`", type_name(param.type), name)));
        made->scalar = make_null(param.type);
      }
    }
    if (!made->scalar && param.default_value) {
      made->scalar = convert(bind_expr(*param.default_value, scope), param.type, param.name.span);
    }
    if (!made->scalar) {
      if (!catalog_.open) {
        fail(
            diagnose(Error::kMissingParameter, param.name.span, param.name.text, "declare query_parameters"));
      }
      made->scalar = make_null(param.type);
    }
    env = made;
  }
}

// Options of a request. Most tell a cluster how to work and change no answer; those that do are obeyed or
// refused.
void Binder::bind_set(const SetStatement& set, const EnvPtr& env) {
  const std::string& name = set.name.text;
  Scope scope;
  scope.env = env;
  if (name == "query_now") {
    auto value =
        set.value ? convert(bind_expr(*set.value, scope), Type::kDatetime, set.value->span) : nullptr;
    const Literal* literal = constant_of(value);
    if (literal && !literal->null) now_ = literal->integer;
    else if (!set.value || value)
      fail(diagnose(Error::kNotConstant, set.name.span, "the value of `query_now`"));
  } else if (name == "query_take_max_records") {
    if (!set.value)
      fail(diagnose(Error::kNotConstant, set.name.span, "the value of `query_take_max_records`"));
    else if (auto count = constant_long(*set.value, scope)) take_ = *count;
  } else if (name.starts_with("query_datetimescope_")) {
    fail(unsupported(fmt::format("option `{}`", name), set.name.span));
  }
}

}  // namespace huntbook::kql

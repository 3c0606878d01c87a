// union: tables one below the other.
#include <algorithm>

#include "kql/bind.h"

namespace huntbook::kql {
namespace {

// Whether a diagnostic says that a name is not there, which isfuzzy=true forgives.
bool is_unresolved(const Diagnostic& diagnostic) {
  return diagnostic.code == error_code(Error::kTableNotFound) ||
         diagnostic.code == error_code(Error::kColumnNotFound) ||
         diagnostic.code == error_code(Error::kFunctionNotFound);
}

bool has_column(const BoundTable& table, const std::string& name, Type type) {
  const auto* column = table.find(name);
  return column && column->type == type;
}

}  // namespace

// Columns go by name. A name with several types becomes one column per type, called x_long and x_string; a
// name that is written so elsewhere keeps it. Where columns are assumed, an assumed type steps aside for a
// known one.
std::optional<BoundTable> Binder::unite(std::vector<BoundTable> tables, bool inner,
                                        const std::string& source_column, Span span) {
  struct Seen {
    std::string name;
    std::vector<Type> types;
  };
  std::vector<Seen> seen;
  bool open = false;
  for (const auto& table : tables) {
    open = open || table.open;
    for (const auto& column : table.columns) {
      auto it = std::find_if(seen.begin(), seen.end(), [&](auto& s) { return s.name == column.name; });
      if (it == seen.end()) seen.push_back({column.name, {column.type}});
      else if (std::find(it->types.begin(), it->types.end(), column.type) == it->types.end())
        it->types.push_back(column.type);
    }
  }
  std::set<std::string> taken;
  for (auto& entry : seen) {
    if (catalog_.open && entry.types.size() > 1) {
      std::erase(entry.types, Type::kDynamic);
      open = open || entry.types.size() > 1;
    }
    if (entry.types.size() == 1) taken.insert(entry.name);
  }
  std::vector<plan::ColumnDef> columns;
  std::vector<std::string> from_names;  // the column's name in the inputs
  if (!source_column.empty()) {
    columns.push_back(new_column(unique_name(source_column, taken), Type::kString));
    from_names.push_back("");
  }
  for (const auto& entry : seen) {
    const auto& name = entry.name;
    const auto& types = entry.types;
    for (Type type : types) {
      if (inner &&
          !std::all_of(tables.begin(), tables.end(), [&](auto& t) { return has_column(t, name, type); }))
        continue;
      columns.push_back(new_column(
          types.size() > 1 ? unique_name(name + "_" + std::string(type_name(type)), taken) : name, type));
      from_names.push_back(name);
    }
  }
  // Inside mv-apply the parts stay apart.
  const plan::ColumnDef group = tables.empty() ? plan::ColumnDef{} : tables[0].group;
  plan::Union set;
  for (size_t t = 0; t < tables.size(); ++t) {
    std::vector<plan::ExprPtr> sources;
    for (size_t i = 0; i < columns.size(); ++i) {
      const auto* column = tables[t].find(from_names[i]);
      if (from_names[i].empty()) {
        sources.push_back(
            make_text(tables[t].label.empty() ? "union_arg" + std::to_string(t) : tables[t].label));
      } else if (column && column->type == columns[i].type) {
        sources.push_back(make_column(*column));
      } else {
        sources.push_back(make_null(columns[i].type));
      }
    }
    if (group.id) sources.push_back(make_column(tables[t].group));
    set.inputs.push_back(tables[t].rel);
    set.sources.push_back(std::move(sources));
  }
  if (columns.empty()) {
    if (open) return assumed_table("");
    return fail(diagnose(Error::kExpected, span, "a common column", "none")), std::nullopt;
  }
  BoundTable made;
  made.columns = columns;
  made.open = open;
  if (group.id) {
    made.group = new_column("", group.type);
    made.groups = tables[0].groups;
    columns.push_back(made.group);
  }
  made.rel = make_rel(columns, std::move(set));
  return made;
}

// The tables that union, search and find name, with wildcards. Fuzzily, those that cannot be resolved are
// left out as long as one is there.
bool Binder::gather(const std::vector<kql::ExprPtr>& sources, bool fuzzy, const EnvPtr& env,
                    std::vector<BoundTable>& tables) {
  bool good = true;
  Diagnostics forgiven;
  for (const auto& source : sources) {
    const auto* name = std::get_if<NameRef>(&source->node);
    const bool star = std::holds_alternative<Star>(source->node);
    const auto* path = std::get_if<Path>(&source->node);
    const auto* place = path && path->member.text == "*" ? std::get_if<Call>(&path->base->node) : nullptr;
    if (place && !catalog_.open) {  // database("d").*
      good = is_here(*place, env) && good;
      for (auto& [label, found] : tables_matching("*", env)) tables.push_back(std::move(found));
      continue;
    }
    if ((name && name->pattern) || star) {
      auto matching = tables_matching(star ? "*" : name->name, env);
      for (auto& [label, found] : matching) tables.push_back(std::move(found));
      if (!matching.empty()) continue;
      if (catalog_.open) {
        tables.push_back(*assumed_table("assumed"));
      } else if (!star) {
        Diagnostic missing = diagnose(Error::kTableNotFound, source->span, name->name);
        if (fuzzy) forgiven.push_back(std::move(missing));
        else good = fail(std::move(missing)) != nullptr;
      }
      continue;
    }
    const size_t before = diagnostics_.size();
    Scope scope;
    scope.env = env;
    auto found = bind_source(*source, scope);
    if (found) {
      if (const Env* bound = name ? find(env, name->name) : nullptr; bound && !bound->view)
        found->label.clear();
      tables.push_back(std::move(*found));
      continue;
    }
    const auto failures =
        diagnostics_.begin() + static_cast<std::ptrdiff_t>(std::min(before, diagnostics_.size()));
    if (fuzzy && failures != diagnostics_.end() && std::all_of(failures, diagnostics_.end(), is_unresolved)) {
      forgiven.insert(forgiven.end(), failures, diagnostics_.end());
      diagnostics_.erase(failures, diagnostics_.end());
      if (catalog_.open) tables.push_back(*assumed_table("assumed"));
    } else {
      good = false;
    }
  }
  if (good && tables.empty()) {
    for (auto& diagnostic : forgiven) fail(std::move(diagnostic));
    good = forgiven.empty();
  }
  return good;
}

std::optional<BoundTable> Binder::bind_union(const Operator& op, const UnionOp& set, const BoundTable* table,
                                             const EnvPtr& env) {
  const std::string kind = property_word(set.properties, "kind");
  if (!kind.empty() && kind != "outer" && kind != "inner") {
    return fail(diagnose(Error::kBadValue, op.span, kind, "a kind of union: inner or outer")), std::nullopt;
  }
  std::vector<BoundTable> tables;
  if (table) tables.push_back(*table);
  if (!gather(set.tables, property_word(set.properties, "isfuzzy") == "true", env, tables))
    return std::nullopt;
  if (tables.empty()) {
    Diagnostic failure = diagnose(Error::kExpected, op.span, "at least one table", "none");
    failure.hint = "point -d at evidence";
    return fail(std::move(failure)), std::nullopt;
  }
  if (table && table->group.id) {
    for (auto& other : tables) {
      if (!other.group.id) other = in_every_group(other, *table);
    }
  }
  std::string source_column = property_word(set.properties, "withsource");
  if (source_column.empty()) source_column = property_word(set.properties, "with_source");
  return unite(std::move(tables), kind == "inner", source_column, op.span);
}

}  // namespace huntbook::kql

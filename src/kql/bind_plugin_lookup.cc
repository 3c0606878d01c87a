// ipv4_lookup, ipv6_lookup, geo_polygon_lookup, geo_line_lookup: rows joined to what another table says about
// them.
#include <algorithm>

#include "kql/bind_plugin.h"

namespace huntbook::kql {

// The same rows, computed once however often they are used.
BoundTable PluginBinder::shared(const BoundTable& table) {
  BoundTable made = table;
  if (!std::holds_alternative<plan::Shared>(table.rel->node))
    made.rel = make_rel(table.rel->columns, plan::Shared{++binder_.last_shared_, table.rel});
  return made;
}

// The source's columns and those of `right`, but for `left_out`, by `keys` over source and matches.
std::optional<BoundTable> PluginBinder::lookup(const BoundTable& source, const BoundTable& matches,
                                               const BoundTable& right,
                                               const std::vector<std::pair<ExprPtr, ExprPtr>>& keys,
                                               const std::set<int>& left_out, bool outer) {
  std::set<std::string> taken;
  std::vector<plan::ColumnDef> joined;
  std::vector<plan::Item> items;
  for (const auto& one : input_.columns) {
    taken.insert(one.name);
    joined.push_back(one);
    items.push_back({one, make_column(one)});
  }
  for (const auto& one : right.columns) {
    if (left_out.contains(one.id)) continue;
    joined.push_back(one);
    items.push_back({binder_.new_column(unique_name(one.name, taken), one.type), make_column(one)});
  }
  if (joined.empty()) return binder_.assumed_table("");
  BoundTable made;
  made.open = input_.open || right.open;
  made.rel = make_rel(joined, plan::Join{outer ? plan::JoinKind::kLeftOuter : plan::JoinKind::kInner,
                                         source.rel, matches.rel, keys});
  return binder_.project(made, std::move(items));
}

std::optional<BoundTable> PluginBinder::ip_lookup() {
  const bool v4 = call_.name.text == "ipv4_lookup";
  const std::string family = v4 ? "ipv4" : "ipv6";
  auto right = table(0);
  if (!right) return std::nullopt;
  right->number = 0;
  auto source_key = column(*given_[1]);
  auto lookup_key = column(*given_[2], &*right);
  if (!source_key || !lookup_key) return std::nullopt;
  for (const auto& [key, place] : {std::pair{&*source_key, 1}, std::pair{&*lookup_key, 2}}) {
    if (key->value->type != Type::kString && key->value->type != Type::kDynamic)
      return wrong_type(static_cast<size_t>(place), "string", key->value->type);
    key->value = binder_.convert(key->value, Type::kString, span_of(static_cast<size_t>(place)));
    if (!key->value) return std::nullopt;
  }
  // By place, extra keys stand before return_unmatched.
  std::vector<const Expr*> extra_exprs;
  bool outer = false;
  std::vector<const Expr*> rest = rest_;
  if (given(3)) rest.insert(rest.begin(), given_[3]);
  for (const Expr* expr : rest) {
    if (std::holds_alternative<NameRef>(expr->node) && input_.find(std::get<NameRef>(expr->node).name)) {
      extra_exprs.push_back(expr);
      continue;
    }
    auto bound = binder_.bind_expr(*expr, constants_);
    if (!bound) return std::nullopt;
    const Literal* literal = constant_of(bound);
    if (!literal || literal->null || literal->type != Type::kBool)
      return fail(diagnose(Error::kNotConstant, expr->span, "`return_unmatched`"));
    outer = literal->integer != 0;
  }
  std::vector<std::pair<ColumnArg, ColumnArg>> extra;
  for (const Expr* expr : extra_exprs) {
    auto mine = column(*expr), other = column(*expr, &*right);
    if (!mine || !other) return std::nullopt;
    if (mine->value->type != other->value->type)
      return fail(diagnose(Error::kJoinKeyTypes, expr->span, mine->name, type_name(mine->value->type),
                           type_name(other->value->type)));
    extra.emplace_back(std::move(*mine), std::move(*other));
  }

  // The distinct addresses of the source, each with the keys of the networks that it can match.
  const plan::ColumnDef source_ip = binder_.new_column("", Type::kString);
  const BoundTable source = shared(with(input_, {{source_ip, source_key->value}}));
  BoundTable again = binder_.reuse(source);
  plan::ColumnDef ip = again.columns.back();
  plan::RelPtr ips = make_rel({ip}, plan::Project{again.rel, {{ip, make_column(ip)}}});
  ips = make_rel({ip}, plan::Distinct{ips});
  plan::ColumnDef net = binder_.new_column("", Type::kString);
  BoundTable nets = shared(with(*right, {{net, lookup_key->value}}));
  // The prefix lengths that there are on a side.
  const auto lengths = [&](const plan::RelPtr& rel, const plan::ColumnDef& address) {
    plan::ColumnDef length = binder_.new_column("", Type::kLong),
                    list = binder_.new_column("", Type::kString);
    auto made = make_rel(
        {length},
        plan::Project{rel, {{length, make_body(Type::kLong, family + "_prefix", {make_column(address)})}}});
    made = make_rel({length}, plan::Distinct{made});
    made = make_rel({list},
                    plan::Aggregate{made,
                                    {},
                                    {{list, make_sql(Type::kString, "string_agg(CAST({0} AS VARCHAR), ',')",
                                                     {make_column(length)})}}});
    return make_scalar_query(Type::kString, made);
  };
  BoundTable nets_again = binder_.reuse(nets), again_ips = binder_.reuse(source);
  const auto net_lengths = lengths(nets_again.rel, nets_again.columns.back());
  const auto ip_lengths = lengths(again_ips.rel, again_ips.columns.back());
  // A key is made per address and length, and both sides meet by it.
  const auto expanded = [&](const plan::RelPtr& rel, const plan::ColumnDef& address, const ExprPtr& others,
                            const std::string& body, plan::ColumnDef& key) {
    plan::ColumnDef list = binder_.new_column("", Type::kDynamic);
    key = binder_.new_column("", Type::kDynamic);
    std::vector<plan::Item> items;
    for (const auto& one : rel->columns) items.push_back({one, make_column(one)});
    items.push_back({list, make_body(Type::kDynamic, body, {make_column(address), others})});
    std::vector<plan::ColumnDef> all = rel->columns, out = rel->columns;
    all.push_back(list);
    out.push_back(key);
    auto made = make_rel(all, plan::Project{rel, std::move(items)});
    return make_rel(out, plan::Expand{made, {{make_column(list), key}}, {}, {}, false});
  };
  plan::ColumnDef left_meet, right_meet;
  const auto left_rel = expanded(ips, ip, net_lengths, family + "_source_keys", left_meet);
  const auto right_rel = expanded(nets.rel, net, ip_lengths, family + "_lookup_keys", right_meet);
  std::vector<plan::ColumnDef> matched = right->columns;
  matched.push_back(ip);
  BoundTable matches;
  matches.columns = matched;
  matches.rel = make_rel(
      matched,
      plan::Join{
          plan::JoinKind::kInner, left_rel, right_rel, {{make_column(left_meet), make_column(right_meet)}}});
  std::vector<std::pair<ExprPtr, ExprPtr>> keys{{make_column(source_ip), make_column(ip)}};
  std::set<int> left_out;
  for (const auto& [mine, other] : extra) {
    keys.emplace_back(mine.value, other.value);
    if (const auto* use = std::get_if<plan::ColumnUse>(&other.value->node)) left_out.insert(use->id);
  }
  return lookup(source, matches, *right, keys, left_out, outer);
}

// geo_polygon_lookup, geo_line_lookup. The key of the lookup table stands before the coordinates or after
// them.
std::optional<BoundTable> PluginBinder::geo_lookup() {
  const bool polygon = call_.name.text == "geo_polygon_lookup";
  auto right = table(0);
  if (!right) return std::nullopt;
  right->number = 0;
  const auto* second = std::get_if<NameRef>(&given_[1]->node);
  const auto* fourth = std::get_if<NameRef>(&given_[3]->node);
  const bool key_last = second && fourth && input_.find(second->name) && right->find(fourth->name) &&
                        !(right->find(second->name) && input_.find(fourth->name));
  const size_t key_param = key_last ? 3 : 1, longitude_param = key_last ? 1 : 2;
  auto shape = column(*given_[key_param], &*right);
  auto longitude = column(*given_[longitude_param]), latitude = column(*given_[longitude_param + 1]);
  if (!shape || !longitude || !latitude) return std::nullopt;
  if (shape->value->type != Type::kDynamic) return wrong_type(key_param, "dynamic", shape->value->type);
  size_t param = longitude_param;
  for (auto* one : {&*longitude, &*latitude}) {
    const Type type = one->value->type;
    if (type != Type::kReal && type != Type::kLong && type != Type::kInt && type != Type::kDynamic)
      return wrong_type(param, "real", type);
    one->value = binder_.convert(one->value, Type::kReal, span_of(param++));
    if (!one->value) return std::nullopt;
  }
  // Without a radius a polygon has to hold the point.
  const size_t next = polygon && given(4) && !is_flag(4) ? 5 : polygon ? 4 : 5;
  ExprPtr radius;
  if (!polygon || next == 5) {
    const auto metres = number(4, 0);
    if (!metres) return std::nullopt;
    if (!(*metres >= 0))
      return fail(diagnose(Error::kBadValue, span_of(4), fmt::format("{}", *metres), "a distance in metres"));
    Literal literal;
    literal.type = Type::kReal;
    literal.real = *metres;
    radius = make_constant(std::move(literal));
  }
  if (polygon && next == 4 && !given(5) && given(4)) std::swap(given_[4], given_[5]);
  const auto outer = flag(5, false), with_key = flag(7, key_last);
  if (!outer || !with_key) return std::nullopt;

  const auto source_longitude = binder_.new_column("", Type::kReal),
             source_latitude = binder_.new_column("", Type::kReal);
  const BoundTable source =
      shared(with(input_, {{source_longitude, longitude->value}, {source_latitude, latitude->value}}));
  const BoundTable again = binder_.reuse(source);
  const plan::ColumnDef x = again.columns[again.columns.size() - 2], y = again.columns.back();
  plan::RelPtr points = select(again.rel, same({x, y}));
  points = where(points, make_sql(Type::kBool, "({0} IS NOT NULL AND {1} IS NOT NULL)",
                                  {make_column(x), make_column(y)}));
  points = make_rel(points->columns, plan::Distinct{points});
  std::vector<plan::ColumnDef> all{x, y};
  all.insert(all.end(), right->columns.begin(), right->columns.end());
  BoundTable matches;
  matches.columns = all;
  matches.rel = make_rel(all, plan::Join{plan::JoinKind::kCross, points, right->rel, {}});
  const std::vector<ExprPtr> args{make_column(x), make_column(y), shape->value};
  matches.rel = where(
      matches.rel,
      radius ? make_sql(
                   Type::kBool, "coalesce({0} <= {1}, false)",
                   {make_body(Type::kReal,
                              polygon ? "geo_distance_point_to_polygon" : "geo_distance_point_to_line", args),
                    radius})
             : make_sql(Type::kBool, "coalesce({0}, false)",
                        {make_body(Type::kBool, "geo_point_in_polygon", args)}));
  std::set<int> left_out;
  if (const auto* use = std::get_if<plan::ColumnUse>(&shape->value->node); use && !*with_key)
    left_out.insert(use->id);
  return lookup(
      source, matches, *right,
      {{make_column(source_longitude), make_column(x)}, {make_column(source_latitude), make_column(y)}},
      left_out, *outer);
}

bool PluginBinder::is_flag(size_t param) const {
  const auto* literal = given(param) ? std::get_if<Literal>(&given_[param]->node) : nullptr;
  return literal && literal->type == Type::kBool;
}

}  // namespace huntbook::kql

#include "random_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <vector>

#include "kql/function_table.h"

namespace huntbook {
namespace {

using kql::Accepts;
using kql::Function;
using kql::FunctionKind;
using kql::Param;
using kql::Returns;
using kql::Signature;

constexpr std::array kTypes = {Type::kBool,     Type::kInt,      Type::kLong,    Type::kReal, Type::kString,
                               Type::kDatetime, Type::kTimespan, Type::kDynamic, Type::kGuid, Type::kDecimal};

// Functions whose answer changes from call to call, or grows with its arguments.
const std::set<std::string_view> kLeftOut = {"now",
                                             "ago",
                                             "rand",
                                             "new_guid",
                                             "range",
                                             "repeat",
                                             "strrep",
                                             "ingestion_time",
                                             "toscalar",
                                             "materialize",
                                             "geo_polygon_to_s2cells",
                                             "geo_line_to_s2cells",
                                             "geo_polygon_to_h3cells",
                                             "geo_polygon_densify",
                                             "geo_line_densify",
                                             "geo_polygon_buffer",
                                             "geo_line_buffer",
                                             "geo_point_buffer",
                                             "geo_h3cell_children",
                                             "geo_h3cell_rings"};
// Aggregates whose answer depends on the order of the rows, or is no more than an estimate.
const std::set<std::string_view> kOrdered = {"make_list",
                                             "make_list_if",
                                             "make_list_with_nulls",
                                             "makelist",
                                             "make_set",
                                             "make_set_if",
                                             "makeset",
                                             "take_any",
                                             "take_anyif",
                                             "any",
                                             "anyif",
                                             "make_bag",
                                             "make_bag_if",
                                             "make_dictionary",
                                             "arg_max",
                                             "arg_min",
                                             "argmax",
                                             "argmin",
                                             "buildschema",
                                             "hll",
                                             "hll_if",
                                             "hll_merge",
                                             "tdigest",
                                             "tdigest_merge",
                                             "merge_tdigest"};

struct Column {
  std::string name;
  Type type;
};

struct Made {  // what a function can make
  const Function* function;
  const Signature* signature;
};

bool accepts(Accepts accepts, Type type) {
  switch (accepts) {
    case Accepts::kNumber:
      return type == Type::kInt || type == Type::kLong || type == Type::kReal || type == Type::kDecimal;
    case Accepts::kInteger: return type == Type::kInt || type == Type::kLong;
    case Accepts::kSummable: return type == Type::kLong || type == Type::kReal || type == Type::kTimespan;
    case Accepts::kOrderable: return type != Type::kDynamic;
    case Accepts::kTime: return type == Type::kDatetime || type == Type::kTimespan;
    case Accepts::kAny:
    case Accepts::kText:
    case Accepts::kJson: return true;
    case Accepts::kTypeLiteral: return false;
    default: return static_cast<Type>(accepts) == type;
  }
}

std::map<Type, std::vector<Made>> makers(FunctionKind kind) {
  std::map<Type, std::vector<Made>> found;
  for (const auto& function : kql::functions()) {
    if (function.kind != kind || kLeftOut.contains(function.name)) continue;
    if (function.name.starts_with("current_") || function.name.starts_with("cursor_")) continue;
    for (const auto& signature : function.signatures) {
      for (Type type : kTypes) {
        bool can = signature.returns == Returns::kType && signature.type == type;
        if (signature.returns == Returns::kSame && signature.argument < signature.params.size())
          can = accepts(signature.params[signature.argument].accepts, type);
        if (signature.returns == Returns::kCommon) {
          can = std::all_of(signature.params.begin(), signature.params.end(), [&](const Param& p) {
            return p.accepts < Accepts::kAny || accepts(p.accepts, type);
          });
        }
        if (can) found[type].push_back({&function, &signature});
      }
    }
  }
  return found;
}

const std::map<Type, std::vector<Made>>& scalars() {
  static const auto found = makers(FunctionKind::kScalar);
  return found;
}
const std::map<Type, std::vector<Made>>& aggregates() {
  static const auto found = makers(FunctionKind::kAggregate);
  return found;
}

class Writer {
 public:
  explicit Writer(uint64_t seed) : random_(seed) {}

  RandomQuery query() {
    columns_ = all_columns();
    std::string text;
    if (random_.chance(30)) {  // a named table, read once or twice
      text = "let U = T" + pipe(1 + random_.below(3)) + ";\n";
      text += random_.chance(50) ? "U" : "union U, (U" + pipe_kept() + ")";
    } else {
      text = "T";
    }
    text += pipe(2 + random_.below(4));
    return {std::move(text), comparable_};
  }

 private:
  static std::vector<Column> all_columns() {
    std::vector<Column> columns;
    for (const auto& field : random_schema().fields) columns.push_back({field.name, field.type});
    return columns;
  }

  std::string literal(Type type) {
    switch (type) {
      case Type::kBool: return random_.chance(50) ? "true" : "false";
      case Type::kInt: return fmt::format("int({})", static_cast<int64_t>(random_.below(40)) - 10);
      case Type::kLong: {
        static constexpr std::array kLongs = {
            "0", "1", "2", "3", "7", "-1", "100", "4611686018427387904", "long(null)"};
        return random_.pick(kLongs);
      }
      case Type::kReal: {
        static constexpr std::array kReals = {"0.0",  "1.0",       "-2.5",       "0.1",
                                              "1e10", "real(nan)", "real(+inf)", "real(null)"};
        return random_.pick(kReals);
      }
      case Type::kString: return "\"" + random_word(random_) + "\"";
      case Type::kDatetime: {
        static constexpr std::array kTimes = {"datetime(2024-01-01)", "datetime(2023-12-31 23:59:59.9999999)",
                                              "datetime(null)", "datetime(2024-02-29 12:30)"};
        return random_.pick(kTimes);
      }
      case Type::kTimespan: {
        static constexpr std::array kSpans = {
            "1d", "2h", "30s", "1tick", "timespan(null)", "timespan(-1.02:03:04.5)"};
        return random_.pick(kSpans);
      }
      case Type::kDynamic: return "dynamic(" + random_json(random_) + ")";
      case Type::kGuid: return "guid(00000001-0000-4000-8000-000000000002)";
      case Type::kDecimal: return random_.chance(80) ? "decimal(12.5)" : "decimal(null)";
    }
    return "0";
  }

  std::string leaf(Type type) {
    std::vector<const Column*> fitting;
    for (const auto& column : columns_) {
      if (column.type == type) fitting.push_back(&column);
    }
    return !fitting.empty() && random_.chance(75) ? random_.pick(fitting)->name : literal(type);
  }

  Type type_for(Accepts wanted) {
    if (wanted < Accepts::kAny) return static_cast<Type>(wanted);
    if (wanted == Accepts::kText) return random_.chance(70) ? Type::kString : random_.pick(kTypes);
    while (true) {
      const Type type = random_.pick(kTypes);
      if (accepts(wanted, type)) return type;
    }
  }

  std::string call(const Made& made, Type type, int depth) {
    std::string text = std::string(made.function->name) + "(";
    const Signature& signature = *made.signature;
    bool first = true;
    const auto add = [&](const Param& param, size_t place) {
      text += first ? "" : ", ";
      first = false;
      if (param.accepts == Accepts::kTypeLiteral) {
        text += "typeof(long)";
        return;
      }
      Type wanted = type_for(param.accepts);
      if (signature.returns == Returns::kSame && place == signature.argument) wanted = type;
      if (signature.returns == Returns::kCommon && param.accepts >= Accepts::kAny) wanted = type;
      text += param.constant ? literal(wanted) : expr(wanted, depth - 1);
    };
    for (size_t i = 0; i < signature.params.size(); ++i) {
      const Param& param = signature.params[i];
      if (param.optional && random_.chance(50)) break;
      const size_t times = param.repeated ? 1 + random_.below(3) : 1;
      for (size_t n = 0; n < times; ++n) add(param, i);
    }
    return text + ")";
  }

  std::string boolean(int depth) {
    static constexpr std::array kCompare = {"==", "!=", "<", "<=", ">", ">="};
    static constexpr std::array kText = {"==",         "!=",          "=~",           "!~",
                                         "has",        "!has",        "contains",     "!contains",
                                         "startswith", "endswith",    "hasprefix",    "hassuffix",
                                         "has_cs",     "contains_cs", "startswith_cs"};
    switch (random_.below(8)) {
      case 0: return "(" + expr(Type::kBool, depth - 1) + " and " + expr(Type::kBool, depth - 1) + ")";
      case 1: return "(" + expr(Type::kBool, depth - 1) + " or " + expr(Type::kBool, depth - 1) + ")";
      case 2:
        return "(" + expr(Type::kString, depth - 1) + " " + random_.pick(kText) + " " + leaf(Type::kString) +
               ")";
      case 3: {
        const Type type = random_.pick(std::array{Type::kString, Type::kLong, Type::kInt, Type::kReal});
        return "(" + expr(type, depth - 1) + (random_.chance(50) ? " in (" : " !in (") + literal(type) +
               ", " + literal(type) + "))";
      }
      case 4: {
        const Type type = random_.pick(std::array{Type::kLong, Type::kReal, Type::kDatetime});
        return "(" + expr(type, depth - 1) + " between (" + leaf(type) + " .. " + leaf(type) + "))";
      }
      case 5: return "isnull(" + expr(random_.pick(kTypes), depth - 1) + ")";
      case 6: {
        const Type type = random_.pick(kTypes);
        if (type == Type::kDynamic) return "isempty(" + expr(type, depth - 1) + ")";
        const bool ordered = type != Type::kBool && type != Type::kGuid;
        return "(" + expr(type, depth - 1) + " " + (ordered ? random_.pick(kCompare) : "==") + " " +
               expr(type, depth - 1) + ")";
      }
      default: return "not(" + expr(Type::kBool, depth - 1) + ")";
    }
  }

  std::string expr(Type type, int depth) {
    if (depth <= 0 || random_.chance(25)) return leaf(type);
    if (type == Type::kBool && random_.chance(70)) return boolean(depth);
    if (random_.chance(15)) {
      return "iff(" + expr(Type::kBool, depth - 1) + ", " + expr(type, depth - 1) + ", " +
             expr(type, depth - 1) + ")";
    }
    if ((type == Type::kLong || type == Type::kReal) && random_.chance(30)) {
      static constexpr std::array kArithmetic = {"+", "-", "*", "/", "%"};
      return "(" + expr(type, depth - 1) + " " + random_.pick(kArithmetic) + " " + expr(type, depth - 1) +
             ")";
    }
    if (type == Type::kDynamic && random_.chance(20)) return leaf(type) + (random_.chance(50) ? ".a" : "[0]");
    const auto found = scalars().find(type);
    if (found == scalars().end()) return leaf(type);
    return call(random_.pick(found->second), type, depth);
  }

  std::string new_name() { return "x" + std::to_string(++names_); }

  std::string where() { return "\n| where " + expr(Type::kBool, 3); }

  std::string extend() {
    const Type type = random_.pick(kTypes);
    const bool replace = !columns_.empty() && random_.chance(30);
    const std::string name = replace ? random_.pick(columns_).name : new_name();
    std::string text = "\n| extend " + name + " = " + expr(type, 3);
    std::erase_if(columns_, [&](const Column& column) { return column.name == name; });
    columns_.push_back({name, type});
    return text;
  }

  std::string project() {
    std::vector<Column> kept;
    std::string text;
    for (const auto& column : columns_) {
      if (!random_.chance(60)) continue;
      kept.push_back(column);
      text += (text.empty() ? "" : ", ") + column.name;
    }
    for (size_t n = random_.below(2) + (kept.empty() ? 1 : 0); n > 0; --n) {
      const Type type = random_.pick(kTypes);
      const std::string name = new_name();
      text += (text.empty() ? "" : ", ") + name + " = " + expr(type, 3);
      kept.push_back({name, type});
    }
    columns_ = std::move(kept);
    return "\n| project " + text;
  }

  std::string summarize() {
    std::vector<Column> made;
    std::string by, text;
    for (const auto& column : columns_) {
      if (column.type == Type::kDynamic || !random_.chance(20)) continue;
      by += (by.empty() ? "" : ", ") + column.name;
      made.push_back(column);
    }
    for (size_t n = 1 + random_.below(3); n > 0; --n) {
      const Type type = random_.pick(kTypes);
      const auto found = aggregates().find(type);
      if (found == aggregates().end()) continue;
      const Made& pick = random_.pick(found->second);
      if (kOrdered.contains(pick.function->name) || pick.function->name.starts_with("percentile"))
        comparable_ = false;
      const std::string name = new_name();
      text += (text.empty() ? "" : ", ") + name + " = " + call(pick, type, 2);
      made.push_back({name, type});
    }
    if (text.empty()) {
      text = "n = count()";
      made.push_back({"n", Type::kLong});
    }
    columns_ = std::move(made);
    return "\n| summarize " + text + (by.empty() ? "" : " by " + by);
  }

  std::string distinct() {
    std::vector<Column> kept;
    std::string text;
    for (const auto& column : columns_) {
      if (column.type == Type::kDynamic || !random_.chance(40)) continue;
      text += (text.empty() ? "" : ", ") + column.name;
      kept.push_back(column);
    }
    if (kept.empty()) return where();
    columns_ = std::move(kept);
    return "\n| distinct " + text;
  }

  std::string join() {
    static constexpr std::array kKinds = {"inner",    "leftouter", "rightouter", "fullouter",
                                          "leftsemi", "leftanti",  "innerunique"};
    std::vector<std::string> keys;
    for (const auto& column : columns_) {
      if (column.type == Type::kInt || column.type == Type::kString || column.type == Type::kGuid) {
        const auto all = all_columns();
        if (std::any_of(all.begin(), all.end(),
                        [&](const Column& c) { return c.name == column.name && c.type == column.type; }))
          keys.push_back(column.name);
      }
    }
    if (keys.empty()) return where();
    const std::string kind = random_.pick(kKinds), key = random_.pick(keys);
    if (kind == "innerunique") comparable_ = false;
    const std::string side = "T | where l > 700 | project " + key + ", right_l = l, right_s = s";
    std::string text = "\n| join kind=" + kind + " (" + side + ") on " + key;
    if (kind == "leftsemi" || kind == "leftanti") return text;
    if (kind == "rightouter" || kind == "fullouter" || kind == "inner" || kind == "leftouter" ||
        kind == "innerunique") {
      std::erase_if(columns_, [](const Column& c) { return c.name.starts_with("right_"); });
      text += "\n| project-away " + key + "1";
      std::string shown;
      for (const auto& column : columns_) shown += column.name + ", ";
      columns_.push_back({"right_l", Type::kLong});
      columns_.push_back({"right_s", Type::kString});
      text += "\n| project " + shown + "right_l, right_s";
    }
    return text;
  }

  std::string expand() {
    std::vector<std::string> dynamics;
    for (const auto& column : columns_) {
      if (column.type == Type::kDynamic) dynamics.push_back(column.name);
    }
    if (dynamics.empty()) return extend();
    return "\n| mv-expand " + random_.pick(dynamics);
  }

  std::string in_query() {
    std::vector<std::string> names;
    for (const auto& column : columns_) {
      if (column.type == Type::kString) names.push_back(column.name);
    }
    if (names.empty()) return where();
    return "\n| where " + random_.pick(names) + (random_.chance(50) ? " in" : " !in") +
           " (T | where l < 50 | project s)";
  }

  std::string sort() {
    std::vector<std::string> names;
    for (const auto& column : columns_) {
      if (column.type != Type::kDynamic) names.push_back(column.name);
    }
    if (names.empty()) return where();
    return "\n| sort by " + random_.pick(names) + (random_.chance(50) ? " asc" : " desc");
  }

  std::string pipe(size_t length) {
    std::string text;
    for (size_t i = 0; i < length; ++i) {
      switch (random_.below(12)) {
        case 0:
        case 1:
        case 2: text += where(); break;
        case 3:
        case 4:
        case 5: text += extend(); break;
        case 6: text += project(); break;
        case 7: text += summarize(); break;
        case 8: text += distinct(); break;
        case 9: text += random_.chance(60) ? join() : sort(); break;
        case 10: text += expand(); break;
        default: text += in_query();
      }
    }
    return text;
  }

  // Operators that leave the columns as they are.
  std::string pipe_kept() { return where() + (random_.chance(50) ? in_query() : ""); }

  Random random_;
  std::vector<Column> columns_;
  bool comparable_ = true;
  int names_ = 0;
};

}  // namespace

Schema random_schema() {
  return Schema{{{"b", Type::kBool, ""},
                 {"i", Type::kInt, ""},
                 {"l", Type::kLong, ""},
                 {"r", Type::kReal, ""},
                 {"s", Type::kString, ""},
                 {"t", Type::kDatetime, ""},
                 {"ts", Type::kTimespan, ""},
                 {"d", Type::kDynamic, ""},
                 {"g", Type::kGuid, ""},
                 {"dec", Type::kDecimal, ""}}};
}

std::string random_word(Random& random) {
  static constexpr std::array kWords = {
      "",   "a",         "cmd.exe", "PowerShell -enc",   "10.0.0.1",   "fe80::1",
      "é",  "key=value", "a,b,c",   "https://x.y/z?q=1", "2024-01-01", "[1,2]",
      "{}", "0",         "true",    "C:/Windows",        "ABC",        "%41"};
  return random.pick(kWords);
}

std::string random_json(Random& random) {
  static constexpr std::array kJson = {R"({"a":1,"b":[1,2,3]})",
                                       R"([1,2,3])",
                                       R"(["x","y"])",
                                       R"({"a":{"b":"c"}})",
                                       R"([])",
                                       R"({})",
                                       R"("text")",
                                       "1.5",
                                       "true",
                                       R"([null,1])",
                                       R"([[1],[2,3]])"};
  return random.pick(kJson);
}

RandomQuery random_query(uint64_t seed) { return Writer(seed).query(); }

}  // namespace huntbook

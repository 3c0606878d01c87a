// schema_merge: one schema of several, as getschema gives them.
#include <algorithm>
#include <optional>
#include <vector>

#include "kql/net_type.h"
#include "kql/procedures/runs.h"

namespace huntbook::kql {
namespace {

// The type that holds both: numbers become the wider one.
std::optional<Type> wider(Type a, Type b) {
  if (a == b) return a;
  const auto rank = [](Type type) {
    switch (type) {
      case Type::kInt: return 1;
      case Type::kLong: return 2;
      case Type::kReal: return 3;
      case Type::kDecimal: return 4;
      default: return 0;
    }
  };
  if (!rank(a) || !rank(b)) return std::nullopt;
  return rank(a) > rank(b) ? a : b;
}

// Input: name, ordinal, type. With the option `true`, a column must stand where the first schema that has it
// has it.
Result<Table> schema_merge(const ProcedureCall& call) {
  struct Merged {
    std::string name;
    int64_t first = 0, last = 0;
    std::optional<Type> type;
    std::string error;
  };
  std::vector<Merged> merged;
  const Status status = for_each_group(
      call.inputs[0], 0, call.cancel, [](const std::vector<Cell>&) {},
      [&](const std::vector<Cell>& row) -> Status {
        const auto type = type_from_name(row[2].text);
        auto it = std::find_if(merged.begin(), merged.end(),
                               [&](const Merged& one) { return one.name == row[0].text; });
        if (it == merged.end()) {
          merged.push_back(
              {row[0].text, row[1].integer, row[1].integer, type, type ? "" : "unknown type " + row[2].text});
          return {};
        }
        it->last = std::max(it->last, row[1].integer);
        if (!it->error.empty()) return {};
        if (call.options == "true" && row[1].integer != it->first) {
          it->error = "columns are out of order";
        } else if (const auto common = type && it->type ? wider(*it->type, *type) : std::nullopt) {
          it->type = common;
        } else {
          it->error = "types " + std::string(it->type ? type_name(*it->type) : "") + " and " + row[2].text +
                      " have no common one";
        }
        return {};
      },
      []() -> Status { return {}; });
  if (!status.ok()) return status.error();
  std::stable_sort(merged.begin(), merged.end(),
                   [](const Merged& a, const Merged& b) { return a.last < b.last; });
  auto out = builders_of(call);
  int64_t ordinal = 0;
  for (const auto& one : merged) {
    const std::string error = "ERROR(" + one.error + ")";
    const bool good = one.error.empty();
    out[0].append_text(one.name);
    out[1].append_long(good ? ordinal : -1);
    out[2].append_text(good ? std::string(net_type(*one.type)) : "ERROR(unknown CSL type:" + error + ")");
    out[3].append_text(good ? std::string(type_name(*one.type)) : error);
    ++ordinal;
  }
  return make_table(call.output, std::move(out));
}

constexpr ProcedureEntry kEntries[] = {{"schema_merge", schema_merge}};

}  // namespace

std::span<const ProcedureEntry> schema_procedures() { return kEntries; }

}  // namespace huntbook::kql

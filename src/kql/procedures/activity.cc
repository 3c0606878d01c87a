// Plugins that count ids over windows of time. Time comes as the number of a step from the analysis' start.
#include <cmath>
#include <map>

#include "kql/procedures/runs.h"

namespace huntbook::kql {
namespace {

// Each row covers the steps `low` to `high`; gives, for each step that any row covers, the rows' count, the
// distinct ids, and the distinct ids whose row begins at the step.
// Input: keys, id, low, high, count; sorted by keys, id, low. Output: keys, step, count, ids, beginning ids.
Result<Table> cover_steps(const ProcedureCall& call) {
  struct Change {
    int64_t count = 0, ids = 0, begins = 0;
  };
  auto out = builders_of(call);
  std::vector<Cell> group;
  std::map<int64_t, Change> changes;
  std::string id;
  bool open = false;  // the current id covers the steps low to high
  int64_t low = 0, high = 0;
  size_t made = 0;
  const auto close = [&] {
    if (!open) return;
    ++changes[low].ids;
    --changes[high + 1].ids;
    open = false;
  };
  const Status status = for_each_group(
      call.inputs[0], keys_of(call), call.cancel,
      [&](const std::vector<Cell>& cells) {
        group = cells;
        changes.clear();
        id.clear();
      },
      [&](const std::vector<Cell>& row) -> Status {
        if (row[1].null || row[2].null || row[2].integer < row[1].integer) return {};
        const int64_t from = row[1].integer, to = row[2].integer;
        if (!open || row[0].text != id || from > high + 1) {
          close();
          id = row[0].text;
          open = true;
          low = from;
          high = to;
        }
        high = std::max(high, to);
        changes[from].count += row[3].integer;
        changes[to + 1].count -= row[3].integer;
        ++changes[from].begins;
        return {};
      },
      [&]() -> Status {
        close();
        Change sum;
        for (auto it = changes.begin(); it != changes.end(); ++it) {
          sum.count += it->second.count;
          sum.ids += it->second.ids;
          sum.begins = it->second.begins;
          const auto next = std::next(it);
          if (next == changes.end()) break;
          for (int64_t step = it->first; sum.ids > 0 && step < next->first; ++step) {
            if (++made > kMaxMadeRows) return too_many_rows("evaluate");
            if ((made & 4095) == 0 && call.cancel && call.cancel->cancelled()) return interrupted();
            for (size_t c = 0; c < group.size(); ++c) append_cell(out[c], group[c]);
            out[group.size()].append_long(step);
            out[group.size() + 1].append_long(sum.count);
            out[group.size() + 2].append_long(sum.ids);
            out[group.size() + 3].append_long(sum.begins);
            sum.begins = 0;
          }
        }
        return {};
      });
  if (!status.ok()) return status.error();
  return make_table(call.output, std::move(out));
}

// Ids that were there in at least so many periods of the window that ends with a row, by the row's step.
// Input: keys, id, time, period, step; sorted by keys, id, time; and a row with the window's length and the
// least number of periods. Output: keys, step, ids.
Result<Table> active_ids(const ProcedureCall& call) {
  struct Seen {
    double real = 0;
    int64_t time = 0;
    int64_t periods = 0;  ///< distinct ones of this id up to this row
  };
  const auto constants = constant_row(call, 1);
  const bool real = call.inputs[0].schema.fields[keys_of(call) + 1].type == Type::kReal;
  auto out = builders_of(call);
  std::vector<Cell> group;
  std::map<int64_t, int64_t> active;
  std::vector<Seen> seen;
  size_t first = 0;
  std::string id;
  int64_t last_period = 0, last_step = -1;
  const Status status = for_each_group(
      call.inputs[0], keys_of(call), call.cancel,
      [&](const std::vector<Cell>& cells) {
        group = cells;
        active.clear();
        seen.clear();
        first = 0;
        last_step = -1;
      },
      [&](const std::vector<Cell>& row) -> Status {
        if (row[1].null || row[2].null || row[3].null) return {};
        if (seen.empty() || row[0].text != id) {
          seen.clear();
          first = 0;
          last_step = -1;
          id = row[0].text;
        }
        Seen now{row[1].real, row[1].integer, 1};
        if (!seen.empty()) now.periods = seen.back().periods + (row[2].integer != last_period);
        last_period = row[2].integer;
        seen.push_back(now);
        // Times within the window: later than its beginning.
        const auto gone = [&](const Seen& old) {
          if (real) return !(now.real - old.real < constants[0].real);
          return static_cast<uint64_t>(now.time) - static_cast<uint64_t>(old.time) >=
                 static_cast<uint64_t>(constants[0].integer);
        };
        while (first + 1 < seen.size() && gone(seen[first])) ++first;
        const int64_t periods = now.periods - seen[first].periods + 1;
        if (row[3].integer >= 0 && row[3].integer != last_step && periods >= constants[1].integer) {
          last_step = row[3].integer;
          ++active[last_step];
        }
        return {};
      },
      [&]() -> Status {
        for (const auto& [step, count] : active) {
          for (size_t c = 0; c < group.size(); ++c) append_cell(out[c], group[c]);
          out[group.size()].append_long(step);
          out[group.size() + 1].append_long(count);
        }
        return {};
      });
  if (!status.ok()) return status.error();
  return make_table(call.output, std::move(out));
}

// What becomes of the ids first seen in a step, in that step and all later ones.
// Input: keys, id, step; distinct and sorted; and a row with the last step and the one step that is asked
// for, if any. Output: keys, from, to, new ids, retained ids, the cohort's size.
Result<Table> cohorts(const ProcedureCall& call) {
  const auto constants = constant_row(call, 1);
  const int64_t last = constants[0].null ? -1 : constants[0].integer;
  auto out = builders_of(call);
  std::vector<Cell> group;
  std::map<int64_t, std::map<int64_t, int64_t>> retained;  // of the cohort, in the step
  std::string id;
  bool any = false;
  int64_t first = 0;
  size_t made = 0;
  const Status status = for_each_group(
      call.inputs[0], keys_of(call), call.cancel,
      [&](const std::vector<Cell>& cells) {
        group = cells;
        retained.clear();
        any = false;
      },
      [&](const std::vector<Cell>& row) -> Status {
        if (row[1].null) return {};
        if (!any || row[0].text != id) {
          any = true;
          id = row[0].text;
          first = row[1].integer;
        }
        ++retained[first][row[1].integer];
        return {};
      },
      [&]() -> Status {
        // Ids that are there in a step and were not up to the cohort's: of all later cohorts.
        std::map<int64_t, std::vector<std::pair<int64_t, int64_t>>> columns;  // step → (cohort, ids)
        for (const auto& [cohort, steps] : retained) {
          for (const auto& [step, count] : steps) columns[step].emplace_back(cohort, count);
        }
        for (auto& [step, parts] : columns) {
          for (size_t i = parts.size(); i-- > 1;) parts[i - 1].second += parts[i].second;
        }
        for (const auto& [cohort, steps] : retained) {
          if (!constants[1].null && constants[1].integer != cohort) continue;
          const int64_t size = steps.begin()->second;
          for (int64_t to = cohort; to <= last; ++to) {
            if (++made > kMaxMadeRows) return too_many_rows("new_activity_metrics");
            if ((made & 4095) == 0 && call.cancel && call.cancel->cancelled()) return interrupted();
            int64_t fresh = size;
            if (to > cohort) {
              fresh = 0;
              if (const auto column = columns.find(to); column != columns.end()) {
                const auto later =
                    std::upper_bound(column->second.begin(), column->second.end(), cohort,
                                     [](int64_t value, const auto& part) { return value < part.first; });
                if (later != column->second.end()) fresh = later->second;
              }
            }
            const auto kept = steps.find(to);
            for (size_t c = 0; c < group.size(); ++c) append_cell(out[c], group[c]);
            out[group.size()].append_long(cohort);
            out[group.size() + 1].append_long(to);
            out[group.size() + 2].append_long(fresh);
            out[group.size() + 3].append_long(kept == steps.end() ? 0 : kept->second);
            out[group.size() + 4].append_long(size);
          }
        }
        return {};
      });
  if (!status.ok()) return status.error();
  return make_table(call.output, std::move(out));
}

// A percentile of the values of the last steps, for each step that has any.
// Input: keys, value, step; sorted by keys and value; and a row with the percentile and the number of steps.
// Output: keys, step, value.
Result<Table> rolling_percentile(const ProcedureCall& call) {
  const auto constants = constant_row(call, 1);
  const double share = std::clamp(constants[0].real, 0.0, 100.0) / 100;
  auto out = builders_of(call);
  std::vector<Cell> group, values;
  std::map<int64_t, std::vector<size_t>> steps;  // the places of their values
  const Status status = for_each_group(
      call.inputs[0], keys_of(call), call.cancel,
      [&](const std::vector<Cell>& cells) {
        group = cells;
        values.clear();
        steps.clear();
      },
      [&](const std::vector<Cell>& row) -> Status {
        if (row[0].null || row[1].null) return {};
        steps[row[1].integer].push_back(values.size());
        values.push_back(row[0]);
        return {};
      },
      [&]() -> Status {
        // A binary indexed tree counts the values of the window by their place.
        std::vector<size_t> tree(values.size() + 1);
        size_t inside = 0;
        const auto add = [&](size_t place, bool in) {
          for (size_t i = place + 1; i < tree.size(); i += i & (~i + 1)) in ? ++tree[i] : --tree[i];
          in ? ++inside : --inside;
        };
        const auto at = [&](size_t rank) {  // the place of the rank-th value, from 1 on
          size_t place = 0, bit = 1;
          while (bit * 2 < tree.size()) bit *= 2;
          for (; bit; bit /= 2) {
            if (place + bit < tree.size() && tree[place + bit] < rank) {
              place += bit;
              rank -= tree[place];
            }
          }
          return place;
        };
        auto oldest = steps.begin();
        for (const auto& [step, places] : steps) {
          if (call.cancel && call.cancel->cancelled()) return interrupted();
          for (const size_t place : places) add(place, true);
          while (static_cast<uint64_t>(step) - static_cast<uint64_t>(oldest->first) >=
                 static_cast<uint64_t>(constants[1].integer)) {
            for (const size_t place : oldest->second) add(place, false);
            ++oldest;
          }
          const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(inside)));
          for (size_t c = 0; c < group.size(); ++c) append_cell(out[c], group[c]);
          out[group.size()].append_long(step);
          append_cell(out[group.size() + 1], values[at(std::max<size_t>(rank, 1))]);
        }
        return {};
      });
  if (!status.ok()) return status.error();
  return make_table(call.output, std::move(out));
}

constexpr ProcedureEntry kEntries[] = {{"cover_steps", cover_steps},
                                       {"active_ids", active_ids},
                                       {"cohorts", cohorts},
                                       {"rolling_percentile", rolling_percentile}};

}  // namespace

std::span<const ProcedureEntry> activity_procedures() { return kEntries; }

}  // namespace huntbook::kql

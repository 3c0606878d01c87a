// Steps that follow one another: sequence_detect and the funnels.
#include <algorithm>
#include <functional>
#include <vector>

#include "base/json.h"
#include "kql/procedures/runs.h"

namespace huntbook::kql {
namespace {

// A time of whichever kind the timeline has: ticks and whole numbers exactly, else real.
struct Time {
  int64_t whole = 0;
  double real = 0;
};

class Clock {
 public:
  explicit Clock(Type type) : real_(type == Type::kReal) {}
  static Time of(const Cell& cell) { return {cell.integer, cell.real}; }
  bool before(const Time& a, const Time& b) const { return real_ ? a.real < b.real : a.whole < b.whole; }
  /// Whether `later` is at most `span` after `first`, which is not later.
  bool within(const Time& first, const Time& later, const Time& span) const {
    if (real_) return later.real - first.real <= span.real;
    return static_cast<uint64_t>(later.whole) - static_cast<uint64_t>(first.whole) <=
           static_cast<uint64_t>(std::max<int64_t>(span.whole, 0));
  }
  Cell cell(const Time& time) const { return real_ ? Cell::of_real(time.real) : Cell::of_long(time.whole); }
  Cell between(const Time& first, const Time& later) const {
    if (real_) return Cell::of_real(later.real - first.real);
    return Cell::of_long(
        static_cast<int64_t>(static_cast<uint64_t>(later.whole) - static_cast<uint64_t>(first.whole)));
  }

 private:
  bool real_;
};

// Every way to choose a time for each step, each later than the one before, within the windows.
// Input: keys, time, mask of the steps that the row can be; sorted by keys and time; and a row with the
// windows of a step and of the whole, and the number of steps. Output: keys, a time per step, the time
// between first and last.
Result<Table> sequences(const ProcedureCall& call) {
  const size_t keys = keys_of(call);
  const auto constants = constant_row(call, 1);
  const Clock clock(call.inputs[0].schema.fields[keys].type);
  const Time step_window = Clock::of(constants[0]), window = Clock::of(constants[1]);
  const auto count = static_cast<size_t>(constants[2].integer);
  auto out = builders_of(call);
  std::vector<Cell> group;
  std::vector<std::vector<Time>> steps(count);
  std::vector<Time> chosen(count);
  size_t made = 0, looked = 0;
  const std::function<Status(size_t)> choose = [&](size_t k) -> Status {
    if (k == count) {
      if (++made > kMaxMadeRows) return too_many_rows("sequence_detect");
      for (size_t c = 0; c < keys; ++c) append_cell(out[c], group[c]);
      for (size_t i = 0; i < count; ++i) append_cell(out[keys + i], clock.cell(chosen[i]));
      append_cell(out[keys + count], clock.between(chosen.front(), chosen.back()));
      return {};
    }
    auto at = std::upper_bound(steps[k].begin(), steps[k].end(), chosen[k - 1],
                               [&](const Time& a, const Time& b) { return clock.before(a, b); });
    for (; at != steps[k].end() && clock.within(chosen[k - 1], *at, step_window) &&
           clock.within(chosen[0], *at, window);
         ++at) {
      if ((++looked & 4095) == 0 && call.cancel && call.cancel->cancelled()) return interrupted();
      chosen[k] = *at;
      if (Status inner = choose(k + 1); !inner.ok()) return inner;
    }
    return {};
  };
  const Status status = for_each_group(
      call.inputs[0], keys, call.cancel,
      [&](const std::vector<Cell>& cells) {
        group = cells;
        for (auto& step : steps) step.clear();
      },
      [&](const std::vector<Cell>& row) -> Status {
        const Time time = Clock::of(row[0]);
        for (size_t k = 0; k < count; ++k) {
          if (!(row[1].integer >> k & 1)) continue;
          if (steps[k].empty() || clock.before(steps[k].back(), time)) steps[k].push_back(time);
        }
        return {};
      },
      [&]() -> Status {
        for (const Time& first : steps[0]) {
          chosen[0] = first;
          if (Status inner = choose(1); !inner.ok()) return inner;
        }
        return {};
      });
  if (!status.ok()) return status.error();
  return make_table(call.output, std::move(out));
}

std::vector<std::string> texts_of(const Cell& json) {
  std::vector<std::string> texts;
  const auto list = parse_json(json.text);
  if (!list || list->kind() != Json::Kind::kArray) return texts;
  for (const auto& one : list->as_array()) texts.push_back(one.as_string());
  return texts;
}

struct Visit {
  Time time;
  std::string state;
};

// Where the states of the sequence follow one another directly (a state that repeats itself counts once),
// each within the window of the one before: the state before and the one after, when they are within the
// window, too. Input: id, time, state; sorted; and a row with the window and the sequence. Output: id, time,
// prev, next.
Result<Table> funnel_around(const ProcedureCall& call) {
  const auto constants = constant_row(call, 1);
  const Clock clock(call.inputs[0].schema.fields[1].type);
  const Time window = Clock::of(constants[0]);
  const auto wanted = texts_of(constants[1]);
  auto out = builders_of(call);
  std::vector<Cell> group;
  std::vector<Visit> visits;
  const Status status = for_each_group(
      call.inputs[0], 1, call.cancel,
      [&](const std::vector<Cell>& cells) {
        group = cells;
        visits.clear();
      },
      [&](const std::vector<Cell>& row) -> Status {
        if (visits.empty() || visits.back().state != row[1].text)
          visits.push_back({Clock::of(row[0]), row[1].text});
        return {};
      },
      [&]() -> Status {
        for (size_t i = 0; i + wanted.size() <= visits.size(); ++i) {
          bool all = true;
          for (size_t k = 0; all && k < wanted.size(); ++k) {
            all = visits[i + k].state == wanted[k] &&
                  (k == 0 || clock.within(visits[i + k - 1].time, visits[i + k].time, window));
          }
          if (!all) continue;
          const size_t last = i + wanted.size() - 1;
          append_cell(out[0], group[0]);
          append_cell(out[1], clock.cell(visits[i].time));
          out[2].append_text(
              i > 0 && clock.within(visits[i - 1].time, visits[i].time, window) ? visits[i - 1].state : "");
          out[3].append_text(last + 1 < visits.size() &&
                                     clock.within(visits[last].time, visits[last + 1].time, window)
                                 ? visits[last + 1].state
                                 : "");
        }
        return {};
      });
  if (!status.ok()) return status.error();
  return make_table(call.output, std::move(out));
}

// How far ids come in the sequence within each window from its first state on, whatever is between.
// Input: id, time, state; sorted; and a row with the sequence and the windows. Output: id, time, window,
// place.
Result<Table> funnel_completion(const ProcedureCall& call) {
  const auto constants = constant_row(call, 1);
  const Clock clock(call.inputs[0].schema.fields[1].type);
  const auto wanted = texts_of(constants[0]);
  auto out = builders_of(call);
  std::vector<Cell> group;
  std::vector<std::vector<Time>> times(wanted.size());
  const Status status = for_each_group(
      call.inputs[0], 1, call.cancel,
      [&](const std::vector<Cell>& cells) {
        group = cells;
        for (auto& one : times) one.clear();
      },
      [&](const std::vector<Cell>& row) -> Status {
        for (size_t k = 0; k < wanted.size(); ++k) {
          if (wanted[k] == row[1].text) times[k].push_back(Clock::of(row[0]));
        }
        return {};
      },
      [&]() -> Status {
        for (const Time& first : times[0]) {
          Time at = first;
          for (size_t k = 0; k < wanted.size(); ++k) {
            if (k > 0) {
              const auto next =
                  std::upper_bound(times[k].begin(), times[k].end(), at,
                                   [&](const Time& a, const Time& b) { return clock.before(a, b); });
              if (next == times[k].end()) break;
              at = *next;
            }
            for (size_t p = 1; p < constants.size(); ++p) {
              if (constants[p].null || !clock.within(first, at, Clock::of(constants[p]))) continue;
              append_cell(out[0], group[0]);
              append_cell(out[1], clock.cell(first));
              out[2].append_long(static_cast<int64_t>(p - 1));
              out[3].append_long(static_cast<int64_t>(k));
            }
          }
        }
        return {};
      });
  if (!status.ok()) return status.error();
  return make_table(call.output, std::move(out));
}

constexpr ProcedureEntry kEntries[] = {
    {"sequences", sequences}, {"funnel_around", funnel_around}, {"funnel_completion", funnel_completion}};

}  // namespace

std::span<const ProcedureEntry> sequence_procedures() { return kEntries; }

}  // namespace huntbook::kql

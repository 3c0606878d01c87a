// The scan operator's state machine.
#include <map>
#include <optional>

#include "base/json.h"
#include "kql/procedures/procedure.h"

namespace huntbook::kql {
namespace {

using Row = std::vector<Cell>;

// Where a value comes from.
struct Source {
  bool computed = false;  ///< by the row's expressions; else a column of the input
  size_t place = 0;
};

struct StepInfo {
  enum class Output : uint8_t { kAll, kLast, kNone } output = Output::kAll;
  Source condition;
  std::vector<std::pair<size_t, Source>> set;
};

struct Info {
  size_t width = 0;          ///< columns of a row: the input's and the declared ones
  size_t declared_from = 0;  ///< the first declared column
  bool match_id = false;
  std::vector<size_t> partition;
  std::vector<std::pair<int, size_t>> parameters;  ///< step (-1: the row) and column
  std::vector<StepInfo> steps;
};

size_t size_at(const Json& json, std::string_view name) {
  const Json* found = json.find(name);
  return found ? static_cast<size_t>(found->as_long()) : 0;
}

Source source_of(const Json& json) {
  if (json.find("value")) return {true, size_at(json, "value")};
  return {false, size_at(json, "column")};
}

Info read_info(const Json& json) {
  Info info;
  info.width = size_at(json, "width");
  info.declared_from = size_at(json, "declared_from");
  info.match_id = json.find("match_id")->as_bool();
  for (const auto& place : json.find("partition")->as_array())
    info.partition.push_back(static_cast<size_t>(place.as_long()));
  for (const auto& pair : json.find("parameters")->as_array())
    info.parameters.emplace_back(static_cast<int>(pair.as_array()[0].as_long()),
                                 static_cast<size_t>(pair.as_array()[1].as_long()));
  for (const auto& one : json.find("steps")->as_array()) {
    StepInfo step;
    const std::string_view output = one.find("output")->as_string();
    step.output = output == "last"   ? StepInfo::Output::kLast
                  : output == "none" ? StepInfo::Output::kNone
                                     : StepInfo::Output::kAll;
    step.condition = source_of(*one.find("condition"));
    for (const auto& set : one.find("set")->as_array())
      step.set.emplace_back(size_at(set, "to"), source_of(*set.find("from")));
    info.steps.push_back(std::move(step));
  }
  return info;
}

// A sequence that has come as far as some step: the rows that stand for the steps so far.
struct State {
  int64_t match_id = 0;
  std::vector<std::optional<Row>> rows;
  std::optional<Row> last;  ///< of a step with output=last: what to give when the step is left
};

class Machine {
 public:
  Machine(const ProcedureCall& call, Info info)
      : call_(call), info_(std::move(info)), builders_(builders_of(call)) {}

  Status run() {
    for (const auto& batch : call_.inputs[0].batches) {
      for (size_t r = 0; r < batch->rows; ++r) {
        if (call_.cancel && call_.cancel->cancelled()) return interrupted();
        input_.clear();
        for (const auto& column : batch->columns) input_.push_back(cell_at(column, r));
        std::string key;
        for (size_t place : info_.partition) append_key(key, input_[place]);
        auto& states = partitions_[key];
        states.resize(info_.steps.size());
        if (auto status = take_row(states); !status.ok()) return status;
      }
    }
    for (auto& [key, states] : partitions_) {
      for (size_t k = 0; k < states.size(); ++k) leave(states[k], k);
    }
    return {};
  }

  Table finish() { return make_table(call_.output, std::move(builders_)); }

 private:
  using States = std::vector<std::optional<State>>;

  // From the last step to the first: the step goes on from the one before, or repeats itself.
  Status take_row(States& states) {
    for (size_t k = info_.steps.size(); k-- > 0;) {
      if (k > 0 && states[k - 1]) {
        Row row;
        auto matched = match(k, &*states[k - 1], row);
        if (!matched.ok()) return matched.error();
        if (*matched) {
          leave(states[k], k);
          leave(states[k - 1], k - 1);
          states[k] = std::move(states[k - 1]);
          states[k - 1].reset();
          enter(*states[k], k, std::move(row));
          continue;
        }
      }
      if (k > 0 && !states[k]) continue;
      Row row;
      auto matched = match(k, states[k] ? &*states[k] : nullptr, row);
      if (!matched.ok()) return matched.error();
      if (!*matched) continue;
      if (!states[k]) {
        states[k] = State{matches_++, std::vector<std::optional<Row>>(info_.steps.size()), {}};
      }
      enter(*states[k], k, std::move(row));
    }
    return {};
  }

  // Whether the row meets the step's condition in this state; then `row` is the row with its assignments.
  Result<bool> match(size_t k, const State* state, Row& row) {
    const StepInfo& step = info_.steps[k];
    bool evaluated = false;
    const auto value = [&](const Source& source) -> Result<Cell> {
      if (!source.computed) return input_[source.place];
      if (!evaluated) {
        if (auto status = evaluate(state); !status.ok()) return status.error();
        evaluated = true;
      }
      return values_[source.place];
    };
    auto condition = value(step.condition);
    if (!condition.ok()) return condition.error();
    if (condition->null || !condition->integer) return false;
    row.assign(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(info_.width));
    for (const auto& [to, from] : step.set) {
      auto assigned = value(from);
      if (!assigned.ok()) return assigned.error();
      row[to] = std::move(*assigned);
    }
    return true;
  }

  Status evaluate(const State* state) {
    std::vector<Cell> in;
    for (const auto& [step, column] : info_.parameters) {
      const auto place = static_cast<size_t>(step);
      if (step >= 0 && state && state->rows[place]) {
        in.push_back((*state->rows[place])[column]);
      } else if (step >= 0 && column < info_.declared_from) {
        in.emplace_back();  // nothing yet
      } else {
        in.push_back(input_[column]);  // the row itself, or a declared column's default
      }
    }
    return call_.rows->evaluate(in, values_);
  }

  void enter(State& state, size_t k, Row row) {
    const auto output = info_.steps[k].output;
    if (output == StepInfo::Output::kAll) give(row, state.match_id);
    if (output == StepInfo::Output::kLast) state.last = row;
    state.rows[k] = std::move(row);
  }

  void leave(std::optional<State>& state, size_t k) {
    if (state && state->last && info_.steps[k].output == StepInfo::Output::kLast) {
      give(*state->last, state->match_id);
      state->last.reset();
    }
  }

  void give(const Row& row, int64_t match_id) {
    for (size_t i = 0; i < info_.width; ++i) append_cell(builders_[i], row[i]);
    if (info_.match_id) builders_[info_.width].append_long(match_id);
  }

  const ProcedureCall& call_;
  Info info_;
  std::vector<ColumnBuilder> builders_;
  std::map<std::string, States> partitions_;
  Row input_, values_;
  int64_t matches_ = 0;
};

Result<Table> scan(const ProcedureCall& call) {
  auto options = parse_json(call.options);
  if (!options) return Diagnostic{"HB-E001", "scan got options that are no JSON", {}, "", "", ""};
  Machine machine(call, read_info(*options));
  if (auto status = machine.run(); !status.ok()) return status.error();
  return machine.finish();
}

constexpr ProcedureEntry kEntries[] = {{"scan", scan}};

}  // namespace

std::span<const ProcedureEntry> scan_procedures() { return kEntries; }

}  // namespace huntbook::kql

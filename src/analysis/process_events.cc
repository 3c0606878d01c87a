// Which columns hold a process start, schema by schema, as data; and the reading of them.
#include "analysis/process_events.h"

#include <array>
#include <charconv>
#include <initializer_list>

#include "base/text.h"
#include "base/time.h"
#include "table/write.h"

namespace huntbook {
namespace {

using Names = std::vector<std::string_view>;

/// A schema: for each part the columns that may hold it, the first non-empty one counts.
struct Shape {
  std::string_view event_id;  ///< what EventID must say where there is such a column; empty: no matter
  Names own_id;               ///< one of these must be non-empty, and one of parent_any must exist
  Names parent_any;
  Names process_id;
  Names guid;
  Names parent_process_id;
  Names parent_guid;
  Names name;
  Names parent_name;
  Names command_line;
  Names account;
  Names account_domain;
  Names created;
  Names parent_created;
};

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> kShapes = {
      {.event_id = "4688",
       .own_id = {"NewProcessId"},
       .parent_any = {"ProcessId", "CreatorProcessId", "ParentProcessName"},
       .process_id = {"NewProcessId"},
       .parent_process_id = {"ProcessId", "CreatorProcessId"},
       .name = {"NewProcessName", "Process"},
       .parent_name = {"ParentProcessName", "CreatorProcessName"},
       .command_line = {"CommandLine", "ProcessCommandLine"},
       .account = {"SubjectUserName", "SubjectAccount", "Account"},
       .account_domain = {"SubjectDomainName"}},
      {.event_id = "1",
       .own_id = {"ProcessGuid", "Image"},
       .parent_any = {"ParentProcessGuid", "ParentProcessId", "ParentImage"},
       .process_id = {"ProcessId"},
       .guid = {"ProcessGuid"},
       .parent_process_id = {"ParentProcessId"},
       .parent_guid = {"ParentProcessGuid"},
       .name = {"Image"},
       .parent_name = {"ParentImage"},
       .command_line = {"CommandLine"},
       .account = {"User"}},
      {.own_id = {"ProcessId"},
       .parent_any = {"InitiatingProcessId"},
       .process_id = {"ProcessId"},
       .guid = {"ProcessUniqueId"},
       .parent_process_id = {"InitiatingProcessId"},
       .parent_guid = {"InitiatingProcessUniqueId"},
       .name = {"FolderPath", "FileName"},
       .parent_name = {"InitiatingProcessFolderPath", "InitiatingProcessFileName"},
       .command_line = {"ProcessCommandLine"},
       .account = {"AccountName"},
       .account_domain = {"AccountDomain"},
       .created = {"ProcessCreationTime"},
       .parent_created = {"InitiatingProcessCreationTime"}},
      {.own_id = {"TargetProcessId"},
       .parent_any = {"ActingProcessId", "ParentProcessId"},
       .process_id = {"TargetProcessId"},
       .guid = {"TargetProcessGuid"},
       .parent_process_id = {"ActingProcessId", "ParentProcessId"},
       .parent_guid = {"ActingProcessGuid", "ParentProcessGuid"},
       .name = {"TargetProcessName", "Process"},
       .parent_name = {"ActingProcessName", "ParentProcessName"},
       .command_line = {"TargetProcessCommandLine", "CommandLine"},
       .account = {"TargetUsername", "ActorUsername", "User"},
       .created = {"TargetProcessCreationTime"},
       .parent_created = {"ActingProcessCreationTime"}},
  };
  return kShapes;
}

const Names kTimes = {"TimeGenerated", "Timestamp", "TimeCreated", "EventStartTime", "UtcTime"};
const Names kHosts = {"Computer", "DeviceName", "DvcHostname", "Dvc", "Hostname"};
const Names kEventIds = {"EventID", "EventId"};
const Names kActions = {"ActionType"};

using Columns = std::vector<size_t>;

Columns find_columns(const Schema& schema, const Names& names) {
  Columns out;
  for (std::string_view name : names) {
    if (auto column = schema.find(name)) out.push_back(*column);
  }
  return out;
}

bool has_any(const Schema& schema, const Names& names) { return !find_columns(schema, names).empty(); }

/// A Shape with column numbers in place of names.
struct BoundShape {
  size_t index = 0;
  std::string_view event_id;
  Columns own_id, process_id, guid, parent_process_id, parent_guid, name, parent_name, command_line, account,
      account_domain, created, parent_created;
};

std::vector<BoundShape> bind_shapes(const Schema& schema) {
  std::vector<BoundShape> out;
  for (size_t i = 0; i < shapes().size(); ++i) {
    const Shape& shape = shapes()[i];
    if (!has_any(schema, shape.own_id) || !has_any(schema, shape.parent_any)) continue;
    BoundShape bound;
    bound.index = i;
    bound.event_id = shape.event_id;
    bound.own_id = find_columns(schema, shape.own_id);
    bound.process_id = find_columns(schema, shape.process_id);
    bound.guid = find_columns(schema, shape.guid);
    bound.parent_process_id = find_columns(schema, shape.parent_process_id);
    bound.parent_guid = find_columns(schema, shape.parent_guid);
    bound.name = find_columns(schema, shape.name);
    bound.parent_name = find_columns(schema, shape.parent_name);
    bound.command_line = find_columns(schema, shape.command_line);
    bound.account = find_columns(schema, shape.account);
    bound.account_domain = find_columns(schema, shape.account_domain);
    bound.created = find_columns(schema, shape.created);
    bound.parent_created = find_columns(schema, shape.parent_created);
    out.push_back(std::move(bound));
  }
  return out;
}

/// One row of a batch.
struct Row {
  const Batch& batch;
  size_t index;

  /// The first non-empty cell; "-" is how Windows writes an empty one.
  std::string text(const Columns& columns) const {
    for (size_t column : columns) {
      std::string value = cell_text(batch.columns[column], index);
      if (!value.empty() && value != "-") return value;
    }
    return {};
  }
  std::optional<int64_t> time(const Columns& columns) const {
    for (size_t column : columns) {
      const Column& cells = batch.columns[column];
      if (cells.is_null(index)) continue;
      if (cells.type == Type::kDatetime) return cells.long_at(index);
      if (auto ticks = parse_datetime(cell_text(cells, index))) return ticks;
    }
    return {};
  }
};

/// A process id in a form that compares: decimal when it is a number, else folded text.
std::string normal_id(std::string_view text) {
  text = trim(text);
  const bool hex = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  const std::string_view digits = hex ? text.substr(2) : text;
  uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
  if (error == std::errc() && end == digits.data() + digits.size()) return std::to_string(value);
  return fold_case(text);
}

/// Which schema a row follows, or nullptr when it is no process start.
const BoundShape* shape_of(const Row& row, const std::vector<BoundShape>& bound, const Columns& event_ids,
                           const Columns& actions) {
  const std::string event_id = row.text(event_ids);
  for (const BoundShape& shape : bound) {
    if (!event_id.empty() && !shape.event_id.empty() && event_id != shape.event_id) continue;
    if (row.text(shape.own_id).empty()) continue;
    if (shape.event_id.empty()) {
      const std::string action = row.text(actions);
      if (!action.empty() && action != "ProcessCreated") continue;
    }
    return &shape;
  }
  return nullptr;
}

ProcessEvent read_row(const Row& row, const BoundShape& shape, const Columns& times, const Columns& hosts) {
  ProcessEvent event;
  event.shape = shape.index;
  event.time = row.time(shape.created);
  if (!event.time) event.time = row.time(times);
  event.parent_time = row.time(shape.parent_created);
  event.host = row.text(hosts);
  event.name = row.text(shape.name);
  event.process_id = row.text(shape.process_id);
  event.command_line = row.text(shape.command_line);
  event.account = row.text(shape.account);
  const std::string domain = row.text(shape.account_domain);
  if (!domain.empty() && !event.account.empty()) event.account = domain + "\\" + event.account;
  event.id = normal_id(event.process_id);
  event.guid = fold_case(row.text(shape.guid));
  event.parent_process_id = row.text(shape.parent_process_id);
  event.parent_id = normal_id(event.parent_process_id);
  event.parent_guid = fold_case(row.text(shape.parent_guid));
  event.parent_name = row.text(shape.parent_name);
  return event;
}

}  // namespace

Result<std::vector<ProcessEvent>> read_process_events(const Table& table) {
  const std::vector<BoundShape> bound = bind_shapes(table.schema);
  if (bound.empty()) {
    return Diagnostic{
        .code = "HB-D010",
        .message = "the table has no columns of process starts",
        .hint =
            "a process tree needs `NewProcessId` and `ProcessId` (Windows event 4688), `ProcessGuid` "
            "and `ParentProcessGuid` (Sysmon event 1), or `ProcessId` and `InitiatingProcessId`"};
  }
  const Columns times = find_columns(table.schema, kTimes);
  const Columns hosts = find_columns(table.schema, kHosts);
  const Columns event_ids = find_columns(table.schema, kEventIds);
  const Columns actions = find_columns(table.schema, kActions);
  std::vector<ProcessEvent> out;
  int64_t base = 0;
  for (const auto& batch : table.batches) {
    for (size_t i = 0; i < batch->rows; ++i) {
      const Row row{*batch, i};
      const BoundShape* shape = shape_of(row, bound, event_ids, actions);
      if (shape == nullptr) continue;
      out.push_back(read_row(row, *shape, times, hosts));
      out.back().row = base + static_cast<int64_t>(i);
    }
    base += static_cast<int64_t>(batch->rows);
  }
  return out;
}

}  // namespace huntbook

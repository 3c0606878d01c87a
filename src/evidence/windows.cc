#include "evidence/windows.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "base/time.h"

namespace huntbook::evidence {
namespace {

enum Slot : uint8_t {
  kEventId,
  kChannel,
  kProvider,
  kComputer,
  kRecordId,
  kMessage,
  kTimeGenerated,
  kSystemTime,
  kTimeCreated,
  kEventTime,
  kAtTimestamp,
  kUtcTime,
  kTimestamp,
  kWinlog,
  kEventData,
  kSlots
};

struct Name {
  std::string_view key;
  Slot slot;
  uint8_t rank;  // the lowest that a row has becomes the common column
};

// By the length of the key, then any order.
constexpr Name kNames[] = {{"winlog", kWinlog, 0},
                           {"EventID", kEventId, 0},
                           {"EventId", kEventId, 2},
                           {"Channel", kChannel, 0},
                           {"channel", kChannel, 1},
                           {"LogName", kChannel, 3},
                           {"Message", kMessage, 0},
                           {"message", kMessage, 1},
                           {"UtcTime", kUtcTime, 0},
                           {"event_id", kEventId, 1},
                           {"Computer", kComputer, 0},
                           {"Hostname", kComputer, 1},
                           {"HostName", kComputer, 2},
                           {"Provider", kProvider, 0},
                           {"log_name", kChannel, 2},
                           {"RecordId", kRecordId, 3},
                           {"EventTime", kEventTime, 0},
                           {"Timestamp", kTimestamp, 0},
                           {"record_id", kRecordId, 2},
                           {"EventData", kEventData, 0},
                           {"SourceName", kProvider, 1},
                           {"SystemTime", kSystemTime, 0},
                           {"@timestamp", kAtTimestamp, 0},
                           {"event_data", kEventData, 1},
                           {"TimeCreated", kTimeCreated, 0},
                           {"source_name", kProvider, 4},
                           {"ProviderName", kProvider, 2},
                           {"RecordNumber", kRecordId, 1},
                           {"TimeGenerated", kTimeGenerated, 0},
                           {"computer_name", kComputer, 3},
                           {"provider_name", kProvider, 3},
                           {"EventRecordID", kRecordId, 0},
                           {"EventRecordId", kRecordId, 4},
                           {"record_number", kRecordId, 5}};
constexpr size_t kLongestName = 13;

constexpr std::array<uint8_t, kLongestName + 2> kFirstOfLength = [] {
  std::array<uint8_t, kLongestName + 2> first{};
  for (size_t length = 0; length < first.size(); ++length) {
    uint8_t at = 0;
    while (at < std::size(kNames) && kNames[at].key.size() < length) ++at;
    first[length] = at;
  }
  return first;
}();

const Name* find_name(std::string_view key) {
  if (key.size() > kLongestName) return nullptr;
  for (uint8_t i = kFirstOfLength[key.size()]; i < kFirstOfLength[key.size() + 1]; ++i) {
    if (kNames[i].key == key) return &kNames[i];
  }
  return nullptr;
}

bool is_long(const Field& field) {
  if (field.kind != FieldKind::kNumber && field.kind != FieldKind::kString) return false;
  int64_t value = 0;
  auto [end, error] = std::from_chars(field.text.data(), field.text.data() + field.text.size(), value);
  return error == std::errc() && end == field.text.data() + field.text.size();
}

std::optional<int64_t> to_time(const Field& field) {
  if (field.kind == FieldKind::kTime) return field.ticks;
  if (field.kind != FieldKind::kString) return std::nullopt;
  return parse_iso_datetime(field.text);
}

void append_decoded(std::string& out, std::string_view xml) {
  for (size_t at = 0; at < xml.size();) {
    const size_t mark = std::min(xml.find('&', at), xml.size());
    out += xml.substr(at, mark - at);
    if (mark == xml.size()) return;
    const size_t end = xml.find(';', mark);
    const std::string_view name = end == std::string_view::npos || end - mark > 10
                                      ? std::string_view()
                                      : xml.substr(mark + 1, end - mark - 1);
    at = mark + name.size() + 2;
    uint32_t code = 0;
    if (name == "lt") out += '<';
    else if (name == "gt") out += '>';
    else if (name == "amp") out += '&';
    else if (name == "quot") out += '"';
    else if (name == "apos") out += '\'';
    else if (name.starts_with("#x") &&
             std::from_chars(name.data() + 2, name.data() + name.size(), code, 16).ptr ==
                 name.data() + name.size() &&
             code < 0x110000)
      append_utf8(out, code);
    else if (name.starts_with('#') &&
             std::from_chars(name.data() + 1, name.data() + name.size(), code).ptr ==
                 name.data() + name.size() &&
             code < 0x110000)
      append_utf8(out, code);
    else {  // no entity: as it stands
      out += '&';
      at = mark + 1;
    }
  }
}

// A cell that its common column's type cannot hold keeps its place under a name of its own.
void step_aside(Field& field) {
  if (field.kind == FieldKind::kNull) return;
  if (field.key == "EventRecordID" && !is_long(field)) field.key = "_EventRecordID";
  else if (field.key == "EventRecordID") field.kind = FieldKind::kNumber;
  else if (field.key == "TimeGenerated" && !to_time(field)) field.key = "_TimeGenerated";
}

}  // namespace

// The best field for each slot, or -1.
struct WindowsShaper::Places {
  std::array<int, kSlots> at;
  std::array<uint8_t, kSlots> rank;
  bool repeated = false;  ///< a row has one of the keys twice
};

WindowsShaper::Places WindowsShaper::find_places(const std::vector<Field>& fields) {
  Places places;
  places.at.fill(-1);
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].kind == FieldKind::kNull) continue;
    const Name* name = find_name(fields[i].key);
    if (!name) continue;
    if (places.at[name->slot] >= 0) {
      if (places.rank[name->slot] < name->rank) continue;
      if (places.rank[name->slot] == name->rank) places.repeated = true;
    }
    places.at[name->slot] = static_cast<int>(i);
    places.rank[name->slot] = name->rank;
  }
  return places;
}

const Schema& windows_columns() {
  static const Schema kSchema{{{"TimeGenerated", Type::kDatetime, "When the event happened, UTC"},
                               {"Computer", Type::kString, "The host that logged the event"},
                               {"Channel", Type::kString, "The event log"},
                               {"Provider", Type::kString, "The event's source"},
                               {"EventID", Type::kLong, "The event's number"},
                               {"EventRecordID", Type::kLong, "The record's number in its log"},
                               {"Message", Type::kString, "The rendered text"}}};
  return kSchema;
}

void add_windows_keys(WantedKeys& keys, bool table_is_windows) {
  // A common column's cells come from any key of its slot.
  std::array<bool, kSlots> needed{};
  const auto is_wanted = [&](std::string_view key) {
    const uint32_t place = keys.index.find(key);
    return place != KeyIndex::kNone && keys.wanted[place];
  };
  for (const auto& name : kNames)
    needed[name.slot] = needed[name.slot] || (table_is_windows && is_wanted(name.key));
  for (Slot slot : {kEventId, kChannel, kProvider, kWinlog})
    needed[slot] = true;  // they tell what the row is
  needed[kEventData] = table_is_windows;
  needed[kRecordId] = needed[kRecordId] || is_wanted("_EventRecordID");
  if (table_is_windows && (is_wanted("TimeGenerated") || is_wanted("_TimeGenerated"))) {
    for (uint8_t slot = kTimeGenerated; slot <= kTimestamp; ++slot) needed[slot] = true;
  }
  for (const auto& name : kNames) keys.add(name.key, needed[name.slot]);
}

bool has_zone(std::string_view time) {
  return time.size() > 19 && (time.back() == 'Z' || time.find_first_of("+-", 19) != std::string_view::npos);
}

bool WindowsShaper::shape(std::vector<Field>& fields, const FormatContext& context) {
  time_.reset();
  readers_used_ = kept_used_ = 0;
  Places places = find_places(fields);
  if (places.at[kEventId] < 0 && places.at[kWinlog] >= 0) {
    const size_t own = fields.size();
    spread(fields, fields[static_cast<size_t>(places.at[kWinlog])]);
    places = find_places(fields);
    if (places.at[kEventId] < 0) fields.resize(own);
  }
  const auto get = [&](Slot slot) {
    return places.at[slot] < 0 ? nullptr : &fields[static_cast<size_t>(places.at[slot])];
  };
  Field* id = get(kEventId);
  if (!id || !is_long(*id) || (!get(kChannel) && !get(kProvider))) return false;
  // Renames keep the cell; a second key of the same meaning stays under its own name.
  id->key = "EventID";
  id->kind = FieldKind::kNumber;
  if (Field* field = get(kChannel)) field->key = "Channel";
  if (Field* field = get(kProvider)) field->key = "Provider";
  if (Field* field = get(kComputer)) field->key = "Computer";
  if (Field* field = get(kMessage)) field->key = "Message";
  if (Field* field = get(kRecordId)) {
    if (is_long(*field)) {
      field->key = "EventRecordID";
      field->kind = FieldKind::kNumber;
    } else if (field->key == "EventRecordID") {
      field->key = "_EventRecordID";
    }
  }
  if (places.repeated) {
    for (size_t i = 0; i < fields.size(); ++i) {
      if (static_cast<int>(i) != places.at[kTimeGenerated]) step_aside(fields[i]);
    }
  }
  const auto time_at = [&](Slot slot, bool shifted) -> std::optional<int64_t> {
    const Field* field = get(slot);
    auto ticks = field ? to_time(*field) : std::nullopt;
    if (ticks && shifted && field->kind == FieldKind::kString && !has_zone(field->text))
      *ticks += context.local_offset.value_or(0);
    return ticks;
  };
  Field* generated = get(kTimeGenerated);
  time_ = time_at(kTimeGenerated, false);
  if (!time_) time_ = time_at(kSystemTime, false);
  if (!time_) time_ = time_at(kTimeCreated, true);
  if (!time_ && get(kEventTime) && (context.local_offset || has_zone(get(kEventTime)->text))) {
    time_ = time_at(kEventTime, true);
    // EventTime has whole seconds; Sysmon knows it better.
    const auto exact = time_at(kUtcTime, false);
    if (time_ && exact && std::abs(*exact - *time_) < 2 * kTicksPerSecond) time_ = exact;
  }
  for (Slot slot : {kAtTimestamp, kUtcTime, kEventTime, kTimestamp}) {
    if (!time_) time_ = time_at(slot, false);
  }
  if (generated && !to_time(*generated)) {
    generated->key = "_TimeGenerated";
    generated = nullptr;
  }
  if (generated) {
    generated->kind = FieldKind::kTime;
    generated->ticks = *time_;
  }
  const Field data = get(kEventData) ? *get(kEventData) : Field{};
  if (!generated && time_) {
    Field time;
    time.key = "TimeGenerated";
    time.kind = FieldKind::kTime;
    time.ticks = *time_;
    fields.push_back(time);
  }
  if (!data.key.empty()) spread(fields, data);
  return true;
}

std::string& WindowsShaper::kept() {
  if (kept_used_ == kept_.size()) kept_.emplace_back();
  std::string& text = kept_[kept_used_++];
  text.clear();
  return text;
}

// A row's own field is kept when nested data has one of the same name, which its raw field still holds.
void WindowsShaper::add_unless_there(std::vector<Field>& fields, size_t own, Field field) {
  if (field.kind == FieldKind::kNull) return;
  for (size_t i = 0; i < own; ++i) {
    if (fields[i].key == field.key) return;
  }
  step_aside(field);
  fields.push_back(field);
}

void WindowsShaper::spread(std::vector<Field>& fields, const Field& nested) {
  if (nested.kind != FieldKind::kNested && nested.kind != FieldKind::kString) return;
  const std::string_view text = trim(nested.text);
  if (text.starts_with('<')) return spread_xml(fields, text);
  if (!text.starts_with('{')) return;
  if (readers_used_ == readers_.size()) readers_.emplace_back();
  const size_t own = fields.size();
  if (const auto* members = readers_[readers_used_++].read(text)) {
    for (const auto& member : *members) add_unless_there(fields, own, member);
  }
}

// <Data Name="Image">C:\Windows\...</Data>
void WindowsShaper::spread_xml(std::vector<Field>& fields, std::string_view xml) {
  const size_t own = fields.size();
  for (size_t at = xml.find("<Data "); at != std::string_view::npos; at = xml.find("<Data ", at)) {
    const size_t close = xml.find('>', at);
    if (close == std::string_view::npos) return;
    const std::string_view tag = xml.substr(at, close - at);
    at = close + 1;
    const size_t name = tag.find("Name=");
    if (name == std::string_view::npos || name + 6 >= tag.size()) continue;
    const size_t name_end = tag.find(tag[name + 5], name + 6);
    if (name_end == std::string_view::npos) continue;
    Field field;
    field.kind = FieldKind::kString;
    std::string& key = kept();
    append_decoded(key, tag.substr(name + 6, name_end - name - 6));
    field.key = key;
    if (!tag.ends_with('/')) {
      const size_t end = xml.find("</Data>", at);
      if (end == std::string_view::npos) return;
      std::string& text = kept();
      append_decoded(text, xml.substr(at, end - at));
      field.text = text;
      at = end + 7;
    }
    add_unless_there(fields, own, field);
  }
}

}  // namespace huntbook::evidence

#include "vis/columns.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/escape.h"
#include "base/text.h"
#include "base/time.h"

namespace huntbook {

Result<size_t> find_column(const Table& table, std::string_view name) {
  if (auto column = table.schema.find(name)) return *column;
  std::vector<std::string> names;
  for (const Field& field : table.schema.fields) names.push_back(field.name);
  Diagnostic failure{.code = "HB-D003",
                     .message = fmt::format("column `{}` not found in the picture's table", name)};
  if (auto nearest = nearest_name(name, names)) {
    failure.hint = fmt::format("did you mean `{}`?", *nearest);
  } else {
    failure.hint = fmt::format(
        "it has {}", names.empty() ? "no columns" : "`" + fmt::format("{}", fmt::join(names, "`, `")) + "`");
  }
  return failure;
}

Result<std::vector<size_t>> find_columns(const Table& table, std::string_view names) {
  if (auto whole = table.schema.find(names)) return std::vector<size_t>{*whole};
  std::vector<size_t> out;
  for (std::string_view name : split(names, ',')) {
    if (trim(name).empty()) continue;
    auto column = find_column(table, trim(name));
    if (!column.ok()) return column.error();
    out.push_back(*column);
  }
  return out;
}

Result<size_t> time_column(const Picture& picture, std::string_view property) {
  const Schema& schema = picture.table.schema;
  if (const std::string_view name = picture.property(property); !name.empty()) {
    auto column = find_column(picture.table, name);
    if (!column.ok()) return column;
    const Type type = schema.fields[*column].type;
    if (type == Type::kDatetime) return column;
    return Diagnostic{
        .code = "HB-D004",
        .message = fmt::format("`{}` must be a datetime column, `{}` is {}", property, name, type_name(type)),
        .hint = fmt::format("convert it with `extend {0} = todatetime({0})`", name)};
  }
  for (size_t i = 0; i < schema.size(); ++i) {
    if (schema.fields[i].type == Type::kDatetime) return i;
  }
  return Diagnostic{
      .code = "HB-D005",
      .message = fmt::format("`{}` needs a datetime column and the table has none", picture.kind),
      .hint = "keep the time column in the query, or convert one with `todatetime()`"};
}

RowIndex::RowIndex(const Table& table) : table_(table), starts_{0} {
  for (const auto& batch : table.batches) starts_.push_back(starts_.back() + batch->rows);
}

std::pair<const Batch*, size_t> RowIndex::at(size_t row) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), row);
  const size_t batch = static_cast<size_t>(after - starts_.begin()) - 1;
  return {table_.batches[batch].get(), row - starts_[batch]};
}

std::string visible_text(std::string_view text, size_t most) {
  std::string_view part = text;
  if (most != 0 && text.size() > most) {
    size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    part = text.substr(0, end);
  }
  std::string out = is_valid_utf8(part) ? escape_terminal(part) : escape_terminal(repair_utf8(part));
  for (std::string_view forbidden : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {  // not characters in XML
    for (size_t at = out.find(forbidden); at != std::string::npos; at = out.find(forbidden, at)) {
      out.replace(at, 3, "\xEF\xBF\xBD");
    }
  }
  if (part.size() < text.size()) out += fmt::format(" … (+{} bytes)", text.size() - part.size());
  return out;
}

std::string title_of(const Picture& picture) {
  const std::string_view title = picture.property("title");
  return visible_text(title.empty() ? std::string_view(picture.title) : title, 300);
}

std::vector<std::string> notes_of(const Table& table) {
  std::vector<std::string> out;
  if (table.completeness != Completeness::kComplete) {
    std::string note = fmt::format("The answer is {}", completeness_name(table.completeness));
    for (size_t i = 0; i < table.reasons.size(); ++i)
      note += (i == 0 ? ": " : "; ") + visible_text(table.reasons[i], 300);
    out.push_back(std::move(note));
  }
  if (table.rejected != 0) {
    out.push_back(plural(table.rejected, "row of the source", "rows of the source") +
                  " could not be read (see rejects)");
  }
  return out;
}

std::string group_thousands(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string plural(uint64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", group_thousands(number), number == 1 ? one : many);
}

std::string short_time(int64_t ticks) {
  std::string text = format_datetime(ticks);
  if (text.size() < 20) return text;
  text.pop_back();
  text[10] = ' ';
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text.size() < 19 ? text + std::string(19 - text.size(), '0') : text;
}

}  // namespace huntbook

#include "evidence/draft.h"

#include <charconv>
#include <cmath>

#include "base/time.h"
#include "evidence/route.h"

namespace huntbook::evidence {

uint16_t kinds_of(const Field& field) {
  switch (field.kind) {
    case FieldKind::kNull: return 0;
    case FieldKind::kBool: return kHasBool;
    case FieldKind::kTime: return kHasTime;
    case FieldKind::kNested: return kHasNested;
    case FieldKind::kString: return parse_iso_datetime(field.text) ? kHasTime : kHasText;
    case FieldKind::kNumber: break;
  }
  const std::string_view text = field.text;
  if (text.find_first_of(".eE") == std::string_view::npos) {
    int64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    (void)end;
    if (error != std::errc() || text == "-0") return kHasHuge;
    return value > (int64_t{1} << 53) || value < -(int64_t{1} << 53) ? kHasLong | kHasLargeLong : kHasLong;
  }
  size_t digits = 0;
  for (char c : text.substr(0, text.find_first_of("eE"))) digits += c >= '0' && c <= '9';
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  (void)end;
  return digits > 17 || error != std::errc() || !std::isfinite(value) ? kHasHuge : kHasReal;
}

Type type_for(uint16_t kinds) {
  if (kinds & kHasNested) return Type::kDynamic;
  if (kinds == kHasBool) return Type::kBool;
  if (kinds == kHasTime) return Type::kDatetime;
  if ((kinds & ~(kHasLong | kHasLargeLong)) == 0 && kinds != 0) return Type::kLong;
  if ((kinds & ~(kHasLong | kHasReal)) == 0 && kinds != 0) return Type::kReal;
  return Type::kString;
}

size_t TableDraft::column(std::string_view key) {
  if (auto it = index.find(key); it != index.end()) return it->second;
  columns.push_back({std::string(key), 0, 0, 0});
  index.emplace(std::string(key), columns.size() - 1);
  return columns.size() - 1;
}

size_t TableDraft::add(const std::vector<Field>& fields) {
  if (columns.empty() && name == kWindowsTable) {
    for (const auto& field : windows_columns().fields) column(field.name);
  }
  ++rows;
  size_t repeated = 0;
  for (size_t i = 0; i < fields.size(); ++i) {
    ColumnDraft& draft = columns[column(fields[i].key)];
    const uint16_t kinds = kinds_of(fields[i]);
    draft.kinds |= kinds;
    if (kinds == 0) continue;
    if (draft.last_row == rows) {
      ++repeated;
    } else {
      ++draft.cells;
    }
    draft.last_row = rows;
  }
  return repeated;
}

void TableDraft::merge(const TableDraft& other) {
  rows += other.rows;
  for (const auto& theirs : other.columns) {
    ColumnDraft& mine = columns[column(theirs.name)];
    mine.kinds |= theirs.kinds;
    mine.cells += theirs.cells;
  }
}

Schema TableDraft::schema() const {
  Schema schema;
  const Schema& fixed = windows_columns();
  for (size_t i = 0; i < columns.size() && i < kMaxColumns; ++i) {
    const bool common = name == kWindowsTable && i < fixed.size();
    if (common) schema.fields.push_back(fixed.fields[i]);
    else schema.fields.push_back({columns[i].name, type_for(columns[i].kinds), ""});
  }
  if (columns.size() > kMaxColumns) {
    std::string extra(kExtraColumn);
    while (index.contains(extra)) extra.insert(0, "_");
    schema.fields.push_back({extra, Type::kDynamic, "An object of the fields beyond the first " + std::to_string(kMaxColumns)});
  }
  return schema;
}

}  // namespace huntbook::evidence

#include "evidence/draft.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/time.h"
#include "evidence/route.h"

namespace huntbook::evidence {
namespace {

// Ticks hold seven digits of a fraction.
bool is_exact_time(std::string_view text) {
  if (!parse_iso_datetime(text)) return false;
  if (text.size() <= 27 || text[19] != '.') return true;
  for (size_t i = 27; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
    if (text[i] != '0') return false;
  }
  return true;
}

uint16_t kinds_of_number(std::string_view text) {
  if (text.find_first_of(".eE") == std::string_view::npos) {
    int64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    (void)end;
    if (error != std::errc() || text == "-0") return kHasHuge;
    constexpr int64_t kExact = int64_t{1} << 53;
    return value > kExact || value < -kExact ? kHasLong | kHasLargeLong : kHasLong;
  }
  size_t digits = 0;
  for (char c : text.substr(0, text.find_first_of("eE"))) digits += c >= '0' && c <= '9';
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  (void)end;
  return digits > 17 || error != std::errc() || !std::isfinite(value) ? kHasHuge : kHasReal;
}

size_t decimals_of(std::string_view number) {
  const size_t point = number.find('.');
  return point == std::string_view::npos ? 0 : number.size() - point - 1;
}

}  // namespace

uint16_t kinds_of(const Field& field) {
  switch (field.kind) {
    case FieldKind::kNull: return 0;
    case FieldKind::kBool: return kHasBool;
    case FieldKind::kTime: return kHasTime;
    case FieldKind::kNested: return kHasNested;
    case FieldKind::kString: return is_exact_time(field.text) ? kHasTime : kHasText;
    case FieldKind::kNumber: return kinds_of_number(field.text);
  }
  return 0;
}

Type type_for(uint16_t kinds) {
  kinds &= static_cast<uint16_t>(~kHasPadded);
  if (kinds & kHasNested) return Type::kDynamic;
  if (kinds == kHasBool) return Type::kBool;
  if (kinds == kHasTime) return Type::kDatetime;
  if ((kinds & ~(kHasLong | kHasLargeLong)) == 0 && kinds != 0) return Type::kLong;
  if ((kinds & ~(kHasLong | kHasReal)) == 0 && kinds != 0) return Type::kReal;
  return Type::kString;
}

TableDraft::TableDraft(std::string table_name, size_t max_columns)
    : name_(std::move(table_name)), max_columns_(max_columns) {
  if (name_ != kWindowsTable) return;
  for (const auto& field : windows_columns().fields) declare(field.name, 0);
}

uint64_t TableDraft::cells() const {
  uint64_t count = 0;
  for (const auto& column : columns_) count += column.cells;
  return count;
}

void TableDraft::declare(std::string_view key, uint16_t kinds) {
  if (ColumnDraft* draft = column(key)) draft->kinds |= kinds;
}

// The column of a key, made when it is new; nullptr beyond the last.
ColumnDraft* TableDraft::column(std::string_view key) {
  const uint32_t found = guess_.find(index_, key);
  if (found != KeyIndex::kNone) return &columns_[found];
  if (columns_.size() >= max_columns_) {
    more_columns_ = true;
    return nullptr;
  }
  index_.add(key);
  return &columns_.emplace_back();
}

size_t TableDraft::add(const std::vector<Field>& fields, bool from_text) {
  ++rows_;
  guess_.start_row();
  size_t repeated = 0;
  for (const auto& field : fields) {
    ColumnDraft* draft = column(field.key);
    if (!draft || field.kind == FieldKind::kNull) continue;
    if (field.kind != FieldKind::kString || !(draft->kinds & kHasText)) draft->kinds |= kinds_of(field);
    if (from_text && field.kind == FieldKind::kNumber) {
      const size_t decimals = std::min<size_t>(decimals_of(field.text), UINT8_MAX);
      draft->least_decimals = std::min(draft->least_decimals, static_cast<uint8_t>(decimals));
      draft->most_decimals = std::max(draft->most_decimals, static_cast<uint8_t>(decimals));
      if (decimals > 1 && field.text.back() == '0') draft->kinds |= kHasPadded;
    }
    if (draft->last_row == rows_) ++repeated;
    else ++draft->cells;
    draft->last_row = rows_;
  }
  return repeated;
}

void TableDraft::merge(const TableDraft& other) {
  rows_ += other.rows_;
  more_columns_ = more_columns_ || other.more_columns_;
  for (uint32_t i = 0; i < other.columns_.size(); ++i) {
    ColumnDraft* mine = column(other.index_.name(i));
    if (!mine) continue;
    const ColumnDraft& theirs = other.columns_[i];
    mine->kinds |= theirs.kinds;
    mine->cells += theirs.cells;
    mine->least_decimals = std::min(mine->least_decimals, theirs.least_decimals);
    mine->most_decimals = std::max(mine->most_decimals, theirs.most_decimals);
  }
  if (!other.more_columns_) return;
  // What the other has of the columns that it could not count is unknown: text holds all of it.
  for (uint32_t i = 0; i < columns_.size(); ++i) {
    if (other.index_.find(index_.name(i)) == KeyIndex::kNone) columns_[i].kinds |= kHasText;
  }
}

Schema TableDraft::schema() const {
  Schema schema;
  const Schema& fixed = windows_columns();
  for (uint32_t i = 0; i < columns_.size(); ++i) {
    if (name_ == kWindowsTable && i < fixed.size()) {
      schema.fields.push_back(fixed.fields[i]);
      continue;
    }
    // "1.10" and "1.9" may be versions; with as many decimals everywhere they are numbers.
    const ColumnDraft& draft = columns_[i];
    const bool versions = (draft.kinds & kHasPadded) && draft.least_decimals != draft.most_decimals;
    const Type type = versions && !(draft.kinds & kHasNested) ? Type::kString : type_for(draft.kinds);
    schema.fields.push_back({index_.name(i), type, ""});
  }
  if (more_columns_) {
    std::string extra(kExtraColumn);
    while (index_.find(extra) != KeyIndex::kNone) extra.insert(0, "_");
    schema.fields.push_back(
        {extra, Type::kDynamic, "An object of the fields beyond the first " + std::to_string(kMaxColumns)});
  }
  return schema;
}

}  // namespace huntbook::evidence

#include "providers/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "base/time.h"

namespace huntbook {
namespace {

// A batch ends here: far below what 32-bit offsets carry.
constexpr uint64_t kBatchRows = 64 * 1024;
constexpr uint64_t kBatchBytes = 256ull << 20;
constexpr size_t kMaxColumns = 4096;

std::optional<int64_t> as_whole(const Json& cell) {
  if (cell.kind() == Json::Kind::kLong) return cell.as_long();
  if (cell.kind() == Json::Kind::kReal) {
    const double value = cell.as_real();
    if (std::floor(value) == value && std::abs(value) < 9.0e15) return static_cast<int64_t>(value);
  }
  if (cell.kind() == Json::Kind::kString) {
    const std::string& text = cell.as_string();
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size() && !text.empty()) return value;
  }
  return std::nullopt;
}

std::optional<double> as_number(const Json& cell) {
  if (cell.kind() == Json::Kind::kLong || cell.kind() == Json::Kind::kReal) return cell.as_real();
  if (cell.kind() != Json::Kind::kString) return std::nullopt;
  const std::string text = to_lower(cell.as_string());
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (text == "infinity" || text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-infinity" || text == "-inf") return -std::numeric_limits<double>::infinity();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && !text.empty()) return value;
  return std::nullopt;
}

std::optional<bool> as_truth(const Json& cell) {
  if (cell.kind() == Json::Kind::kBool) return cell.as_bool();
  if (cell.kind() == Json::Kind::kLong && (cell.as_long() == 0 || cell.as_long() == 1))
    return cell.as_long() == 1;
  if (cell.kind() == Json::Kind::kString) {
    const std::string text = to_lower(cell.as_string());
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
  }
  return std::nullopt;
}

bool is_guid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < 36; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

bool is_decimal(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  bool digits = false, point = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] >= '0' && text[i] <= '9') digits = true;
    else if (text[i] == '.' && !point) point = true;
    else if ((text[i] == 'e' || text[i] == 'E') && digits && i + 1 < text.size()) {
      int exponent = 0;
      const char* begin = text.data() + i + 1 + (text[i + 1] == '+');
      const auto [end, error] = std::from_chars(begin, text.data() + text.size(), exponent);
      return error == std::errc() && end == text.data() + text.size();
    } else return false;
  }
  return digits;
}

// kLong or kReal for a text that is exactly what that number is printed as, else nothing: "007" and "1e3"
// stay texts.
std::optional<Type> written_as(const std::string& text) {
  if (text.empty() || text.size() > 24) return std::nullopt;
  int64_t whole = 0;
  const char* const last = text.data() + text.size();
  if (std::from_chars(text.data(), last, whole).ptr == last && std::to_string(whole) == text)
    return Type::kLong;
  double real = 0;
  if (std::from_chars(text.data(), last, real).ptr != last || !std::isfinite(real)) return std::nullopt;
  std::string printed;
  append_real(printed, real);
  if (printed == text) return Type::kReal;
  return std::nullopt;
}

// The text of a cell for a text column: a text as it is, everything else as JSON.
std::string plain_text(const Json& cell) {
  return cell.kind() == Json::Kind::kString ? cell.as_string() : cell.text();
}

}  // namespace

std::optional<Type> service_type(std::string_view name) {
  std::string word = to_lower(name);
  for (const std::string_view prefix : {"system.", "edm.", "sqldecimal"}) {
    if (word.starts_with(prefix) && word != prefix) word.erase(0, prefix.size());
  }
  if (word == "system.data.sqltypes.sqldecimal" || word == "data.sqltypes.sqldecimal" || word == "sqldecimal")
    return Type::kDecimal;
  if (word == "sbyte" || word == "boolean" || word == "bool") return Type::kBool;
  if (word == "int32" || word == "int" || word == "int16" || word == "uint16" || word == "byte")
    return Type::kInt;
  if (word == "int64" || word == "long" || word == "uint32" || word == "uint64") return Type::kLong;
  if (word == "double" || word == "real" || word == "single" || word == "float") return Type::kReal;
  if (word == "datetimeoffset") return Type::kDatetime;
  if (word == "integer") return Type::kLong;
  if (word == "number") return Type::kReal;
  if (word == "object" || word == "array" || word == "map") return Type::kDynamic;
  return type_from_name(word);
}

TypedRows::TypedRows(Schema schema) : schema_(std::move(schema)), misfits_(schema_.size()) {
  for (const auto& field : schema_.fields) builders_.emplace_back(field.type);
}

void TypedRows::append_cell(size_t column, const Json& cell) {
  ColumnBuilder& builder = builders_[column];
  const Type type = builder.type();
  if (cell.is_null()) return builder.append_null();
  const auto misfit = [&] {
    ++misfits_[column];
    builder.append_null();
  };
  // An empty text is no value in a column that holds no texts.
  if (type != Type::kString && type != Type::kDynamic && cell.kind() == Json::Kind::kString &&
      cell.as_string().empty())
    return builder.append_null();
  switch (type) {
    case Type::kBool:
      if (auto value = as_truth(cell)) return builder.append_bool(*value);
      return misfit();
    case Type::kInt: {
      auto value = as_whole(cell);
      if (!value || *value < std::numeric_limits<int32_t>::min() ||
          *value > std::numeric_limits<int32_t>::max())
        return misfit();
      return builder.append_int(static_cast<int32_t>(*value));
    }
    case Type::kLong:
      if (auto value = as_whole(cell)) return builder.append_long(*value);
      return misfit();
    case Type::kReal:
      if (auto value = as_number(cell)) return builder.append_real(*value);
      return misfit();
    case Type::kDatetime: {
      if (cell.kind() != Json::Kind::kString) return misfit();
      auto ticks = parse_iso_datetime(cell.as_string());
      if (!ticks) ticks = parse_datetime(cell.as_string());
      if (!ticks) return misfit();
      return builder.append_long(*ticks);
    }
    case Type::kTimespan: {
      if (cell.kind() != Json::Kind::kString) return misfit();
      const auto ticks = parse_timespan(cell.as_string());
      if (!ticks) return misfit();
      return builder.append_long(*ticks);
    }
    case Type::kGuid: {
      const std::string text = to_lower(plain_text(cell));
      if (!is_guid(text)) return misfit();
      batch_bytes_ += text.size();
      return builder.append_text(text);
    }
    case Type::kDecimal: {
      const std::string text = plain_text(cell);
      if (!is_decimal(text)) return misfit();
      batch_bytes_ += text.size();
      return builder.append_text(text);
    }
    case Type::kDynamic: {
      // Services write dynamic values as JSON, or as a text that holds JSON.
      std::string text;
      if (cell.kind() == Json::Kind::kString) {
        auto inner = parse_json(cell.as_string());
        text = inner.ok() ? inner->text() : cell.text();
      } else {
        text = cell.text();
      }
      if (text == "null") return builder.append_null();
      batch_bytes_ += text.size();
      return builder.append_text(text);
    }
    case Type::kString: {
      const std::string text = plain_text(cell);
      batch_bytes_ += text.size();
      return builder.append_text(text);
    }
  }
}

void TypedRows::end_row() {
  ++rows_;
  ++batch_rows_;
  batch_bytes_ += 8 * schema_.size();
  if (batch_rows_ >= kBatchRows || batch_bytes_ >= kBatchBytes) cut();
}

void TypedRows::append(const Json::Array& cells) {
  for (size_t i = 0; i < schema_.size(); ++i) {
    if (i < cells.size()) append_cell(i, cells[i]);
    else builders_[i].append_null();
  }
  if (cells.size() > schema_.size()) unnamed_ += cells.size() - schema_.size();
  end_row();
}

void TypedRows::append(const Json::Object& members) {
  size_t used = 0;
  for (size_t i = 0; i < schema_.size(); ++i) {
    const Json* cell = nullptr;
    // Mostly the members come in the order of the columns.
    if (i < members.size() && members[i].first == schema_.fields[i].name) cell = &members[i].second;
    for (size_t m = 0; !cell && m < members.size(); ++m) {
      if (members[m].first == schema_.fields[i].name) cell = &members[m].second;
    }
    used += cell != nullptr;
    if (cell) append_cell(i, *cell);
    else builders_[i].append_null();
  }
  if (used < members.size()) {
    for (const auto& [name, value] : members) {
      if (!schema_.find(name) && !name.starts_with('@') && name.find("@odata.") == std::string::npos)
        ++unnamed_;
    }
  }
  end_row();
}

void TypedRows::cut() {
  if (batch_rows_ == 0) return;
  auto batch = std::make_shared<Batch>();
  batch->rows = batch_rows_;
  for (auto& builder : builders_) batch->columns.push_back(builder.finish());
  batches_.push_back(std::move(batch));
  bytes_ += batch_bytes_;
  batch_rows_ = batch_bytes_ = 0;
}

Table TypedRows::finish() {
  cut();
  Table table;
  table.schema = schema_;
  table.batches = std::move(batches_);
  batches_.clear();
  for (size_t i = 0; i < misfits_.size(); ++i) {
    if (misfits_[i] == 0) continue;
    table.completeness = Completeness::kPartial;
    table.reasons.push_back(fmt::format("{} value{} of column `{}` could not be read as {}", misfits_[i],
                                        misfits_[i] == 1 ? "" : "s", schema_.fields[i].name,
                                        type_name(schema_.fields[i].type)));
  }
  if (unnamed_ > 0) {
    table.completeness = Completeness::kPartial;
    table.reasons.push_back(fmt::format("{} values belong to no column that the service named", unnamed_));
  }
  std::fill(misfits_.begin(), misfits_.end(), 0);
  rows_ = bytes_ = unnamed_ = 0;
  return table;
}

InferredRows::InferredRows(std::vector<std::string> datetimes, bool numbers)
    : datetimes_(std::move(datetimes)), numbers_(numbers) {}

size_t InferredRows::column(const std::string& name) {
  const auto at = places_.find(name);
  if (at != places_.end()) return at->second;
  const size_t place = facts_.size();
  places_.emplace(name, place);
  Facts facts;
  facts.name = name;
  facts.time = std::any_of(datetimes_.begin(), datetimes_.end(), [&](const std::string& known) {
    return known == name || (known.starts_with('*') && name.ends_with(std::string_view(known).substr(1)));
  });
  facts_.push_back(std::move(facts));
  builders_.emplace_back(Type::kDynamic);
  builders_.back().append_nulls(batch_rows_);
  return place;
}

void InferredRows::append(const Json::Object& members) {
  for (const auto& [name, value] : members) {
    if (value.is_null()) {
      if (facts_.size() < kMaxColumns) column(name);
      continue;
    }
    // Beyond any sensible width the members go into one column as they are.
    const bool wide = facts_.size() >= kMaxColumns && !places_.count(name);
    const size_t place = column(wide ? std::string("_further") : name);
    Facts& facts = facts_[place];
    if (builders_[place].rows() > batch_rows_) continue;  // a repeated name: the first value stands
    const Json::Kind kind = value.kind();
    facts.any = true;
    facts.boolean &= kind == Json::Kind::kBool;
    facts.whole &= kind == Json::Kind::kLong;
    facts.number &= kind == Json::Kind::kLong || kind == Json::Kind::kReal;
    facts.nested |= kind == Json::Kind::kArray || kind == Json::Kind::kObject;
    if (numbers_ && facts.written_number) {
      const auto form = kind == Json::Kind::kString ? written_as(value.as_string()) : std::nullopt;
      facts.written_whole &= form == Type::kLong;
      facts.written_number = form.has_value();
    }
    facts.time = facts.time && kind == Json::Kind::kString && parse_datetime(value.as_string()).has_value();
    const std::string text = wide ? Json::object({{name, value}}).text() : value.text();
    batch_bytes_ += text.size();
    builders_[place].append_text(text);
  }
  ++rows_;
  ++batch_rows_;
  batch_bytes_ += 5 * builders_.size();
  for (auto& builder : builders_) {
    if (builder.rows() < batch_rows_) builder.append_nulls(batch_rows_ - builder.rows());
  }
  if (batch_rows_ >= kBatchRows || batch_bytes_ >= kBatchBytes) cut();
}

void InferredRows::cut() {
  if (batch_rows_ == 0) return;
  Block block;
  block.rows = batch_rows_;
  for (auto& builder : builders_) block.columns.push_back(builder.finish());
  blocks_.push_back(std::move(block));
  bytes_ += batch_bytes_;
  batch_rows_ = batch_bytes_ = 0;
}

Table InferredRows::finish(const std::vector<std::string>& first, const Types& types) {
  cut();
  std::vector<size_t> order;
  for (const auto& name : first) {
    if (const auto at = places_.find(name); at != places_.end()) order.push_back(at->second);
  }
  for (size_t i = 0; i < facts_.size(); ++i) {
    if (std::find(order.begin(), order.end(), i) == order.end()) order.push_back(i);
  }
  Schema schema;
  for (const size_t place : order) {
    const Facts& facts = facts_[place];
    Type type = Type::kString;
    const auto said = types.find(facts.name);
    if (facts.nested) type = Type::kDynamic;
    else if (said != types.end()) type = said->second;
    else if (!facts.any) type = Type::kString;
    else if (facts.time) type = Type::kDatetime;
    else if (facts.boolean) type = Type::kBool;
    else if (facts.whole) type = Type::kLong;
    else if (facts.number) type = Type::kReal;
    else if (numbers_ && facts.written_whole && facts.written_number) type = Type::kLong;
    else if (numbers_ && facts.written_number) type = Type::kReal;
    schema.fields.push_back({facts.name, type, ""});
  }
  TypedRows typed(schema);
  for (auto& block : blocks_) {
    Json::Array cells(order.size());
    for (size_t row = 0; row < block.rows; ++row) {
      for (size_t i = 0; i < order.size(); ++i) {
        const bool there = order[i] < block.columns.size() && !block.columns[order[i]].is_null(row);
        cells[i] = Json();
        if (!there) continue;
        if (auto value = parse_json(block.columns[order[i]].text_at(row)); value.ok())
          cells[i] = std::move(*value);
        // A text in a dynamic column stays a text, even where it looks like JSON.
        if (schema.fields[i].type == Type::kDynamic && cells[i].kind() == Json::Kind::kString)
          cells[i] = Json::string(cells[i].text());
      }
      typed.append(cells);
    }
    block.columns.clear();
  }
  blocks_.clear();
  facts_.clear();
  places_.clear();
  builders_.clear();
  rows_ = bytes_ = 0;
  return typed.finish();
}

Json::Object flatten(const Json::Object& members, size_t depth, char separator) {
  Json::Object out;
  for (const auto& [name, value] : members) {
    if (depth == 0 || value.kind() != Json::Kind::kObject || value.as_object().empty()) {
      out.emplace_back(name, value);
      continue;
    }
    for (auto& [inner, cell] : flatten(value.as_object(), depth - 1, separator))
      out.emplace_back(name + separator + inner, std::move(cell));
  }
  return out;
}

}  // namespace huntbook

#include "table/builder.h"

#include <cstring>

namespace huntbook {
namespace {

template <typename T>
void append_raw(std::vector<uint8_t>& data, T value) {
  const size_t at = data.size();
  data.resize(at + sizeof(T));
  std::memcpy(data.data() + at, &value, sizeof(T));
}

bool is_text(Type type) {
  return type == Type::kString || type == Type::kDynamic || type == Type::kGuid || type == Type::kDecimal;
}

}  // namespace

ColumnBuilder::ColumnBuilder(Type type) {
  column_.type = type;
  if (is_text(type)) column_.offsets.push_back(0);
}

void ColumnBuilder::mark(bool valid) {
  if (!valid && column_.validity.empty()) {
    column_.validity.assign(rows_ / 8 + 1, 0xff);
  }
  if (!column_.validity.empty()) {
    if (column_.validity.size() <= rows_ / 8) column_.validity.push_back(0xff);
    if (!valid) column_.validity[rows_ / 8] &= static_cast<uint8_t>(~(1u << (rows_ % 8)));
  }
  ++rows_;
}

void ColumnBuilder::append_null() {
  if (column_.type == Type::kString) return append_text({});
  if (column_.type == Type::kBool) {
    if (rows_ % 8 == 0) column_.data.push_back(0);
  } else if (is_text(column_.type)) {
    column_.offsets.push_back(column_.offsets.back());
  } else {
    column_.data.resize(column_.data.size() + (column_.type == Type::kInt ? 4 : 8));
  }
  mark(false);
}

void ColumnBuilder::append_nulls(size_t count) {
  if (count < 4 || column_.type == Type::kBool) {
    for (; count > 0; --count) append_null();
    return;
  }
  if (is_text(column_.type)) column_.offsets.resize(column_.offsets.size() + count, column_.offsets.back());
  else column_.data.resize(column_.data.size() + count * (column_.type == Type::kInt ? 4 : 8));
  const size_t end = rows_ + count;
  if (column_.type != Type::kString) {
    if (column_.validity.empty()) column_.validity.assign(rows_ / 8 + 1, 0xff);
    column_.validity.resize((end + 7) / 8, 0xff);
    for (size_t row = rows_; row < end;) {
      if (row % 8 == 0 && end - row >= 8) {
        column_.validity[row / 8] = 0;
        row += 8;
      } else {
        column_.validity[row / 8] &= static_cast<uint8_t>(~(1u << (row % 8)));
        ++row;
      }
    }
  }
  rows_ = end;
}

void ColumnBuilder::append_bool(bool value) {
  if (rows_ % 8 == 0) column_.data.push_back(0);
  if (value) column_.data[rows_ / 8] |= static_cast<uint8_t>(1u << (rows_ % 8));
  mark(true);
}

void ColumnBuilder::append_int(int32_t value) {
  append_raw(column_.data, value);
  mark(true);
}

void ColumnBuilder::append_long(int64_t value) {
  append_raw(column_.data, value);
  mark(true);
}

void ColumnBuilder::append_real(double value) {
  append_raw(column_.data, value);
  mark(true);
}

void ColumnBuilder::append_text(std::string_view value) {
  column_.data.insert(column_.data.end(), value.begin(), value.end());
  column_.offsets.push_back(static_cast<int32_t>(column_.data.size()));
  mark(true);
}

Column ColumnBuilder::finish() {
  Column done = std::move(column_);
  *this = ColumnBuilder(done.type);
  return done;
}

Table make_table(Schema schema, std::vector<ColumnBuilder> builders) {
  auto batch = std::make_shared<Batch>();
  batch->rows = builders.empty() ? 0 : builders.front().rows();
  for (auto& builder : builders) batch->columns.push_back(builder.finish());
  Table table;
  table.schema = std::move(schema);
  table.batches.push_back(std::move(batch));
  return table;
}

Table text_table(const std::vector<std::string>& columns, const std::vector<std::vector<std::string>>& rows) {
  Schema schema;
  std::vector<ColumnBuilder> builders;
  for (const auto& name : columns) {
    schema.fields.push_back({name, Type::kString, ""});
    builders.emplace_back(Type::kString);
  }
  for (const auto& row : rows) {
    for (size_t i = 0; i < columns.size(); ++i) builders[i].append_text(row[i]);
  }
  return make_table(std::move(schema), std::move(builders));
}

}  // namespace huntbook

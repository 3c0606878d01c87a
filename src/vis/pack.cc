#include "vis/pack.h"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>

#include <fmt/format.h>

#include "base/escape.h"
#include "base/time.h"
#include "table/write.h"

namespace huntbook {
namespace {

constexpr size_t kMostCellBytes = 4096;
/// A browser's strings end at half a gigabyte, in base64.
constexpr uint64_t kMostColumnBytes = 360'000'000;
constexpr size_t kMostPageRows = 40'000'000;
constexpr int64_t kNullTime = std::numeric_limits<int64_t>::min();

template <typename Integer, typename Source>
void append_integers(std::string& out, std::span<const Source> values) {
  std::vector<uint8_t> bytes(values.size() * sizeof(Integer));
  for (size_t i = 0; i < values.size(); ++i) {
    const auto value = static_cast<Integer>(values[i]);
    for (size_t k = 0; k < sizeof(Integer); ++k)
      bytes[i * sizeof(Integer) + k] = static_cast<uint8_t>(value >> (8 * k));
  }
  append_base64(out, bytes);
}

bool is_text(Type type) {
  return type == Type::kString || type == Type::kDynamic || type == Type::kGuid || type == Type::kDecimal;
}

/// The cells' numbers in a dictionary of the texts as they are in the table.
std::vector<uint32_t> code_cells(const RowIndex& index, size_t column, std::span<const uint32_t> rows,
                                 Dictionary& dictionary) {
  std::vector<uint32_t> codes(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto [batch, row] = index.at(rows[i]);
    const Column& cells = batch->columns[column];
    if (cells.is_null(row)) {
      codes[i] = dictionary.add("");
    } else if (is_text(cells.type)) {
      codes[i] = dictionary.add(cells.text_at(row));
    } else {
      codes[i] = dictionary.add(cell_text(cells, row));
    }
  }
  return codes;
}

}  // namespace

void append_base64(std::string& out, std::span<const uint8_t> bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t at = out.size();
  out.resize(at + (bytes.size() + 2) / 3 * 4, '=');
  size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const uint32_t group = static_cast<uint32_t>(bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2]);
    out[at++] = kDigits[group >> 18];
    out[at++] = kDigits[group >> 12 & 63];
    out[at++] = kDigits[group >> 6 & 63];
    out[at++] = kDigits[group & 63];
  }
  if (i == bytes.size()) return;
  const uint32_t group =
      static_cast<uint32_t>(bytes[i] << 16 | (i + 1 < bytes.size() ? bytes[i + 1] << 8 : 0));
  out[at++] = kDigits[group >> 18];
  out[at++] = kDigits[group >> 12 & 63];
  if (i + 1 < bytes.size()) out[at] = kDigits[group >> 6 & 63];
}

Dictionary::Dictionary() : slots_(1024, 0) {}

uint32_t Dictionary::add(std::string_view text) {
  const size_t hash = std::hash<std::string_view>{}(text);
  const size_t mask = slots_.size() - 1;
  for (size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    const uint32_t code = slots_[slot];
    if (code == 0) {
      hashes_.push_back(hash);
      bytes_ += text;
      offsets_.push_back(static_cast<uint32_t>(bytes_.size()));
      slots_[slot] = static_cast<uint32_t>(size());
      if (size() * 2 > slots_.size()) grow();
      return static_cast<uint32_t>(size() - 1);
    }
    if (hashes_[code - 1] == hash && this->text(code - 1) == text) return code - 1;
  }
}

void Dictionary::grow() {
  slots_.assign(slots_.size() * 4, 0);
  const size_t mask = slots_.size() - 1;
  for (size_t code = 0; code < hashes_.size(); ++code) {
    size_t slot = hashes_[code] & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = static_cast<uint32_t>(code + 1);
  }
}

size_t append_codes(std::string& out, std::span<const uint32_t> codes, size_t limit) {
  const size_t width = limit <= 0x100 ? 1 : limit <= 0x10000 ? 2 : 4;
  out += '"';
  if (width == 1) {
    append_integers<uint8_t>(out, codes);
  } else if (width == 2) {
    append_integers<uint16_t>(out, codes);
  } else {
    append_integers<uint32_t>(out, codes);
  }
  out += '"';
  return width;
}

void append_packed_texts(std::string& out, std::string_view name, std::string_view type,
                         const Dictionary& dictionary, std::span<const uint32_t> codes) {
  out += "{\"name\":";
  append_json_string(out, visible_text(name, 200), true);
  out += ",\"type\":\"";
  out += type;
  out += "\",\"codes\":";
  const size_t width = append_codes(out, codes, dictionary.size());
  out += ",\"width\":" + std::to_string(width) + ",\"offsets\":\"";
  append_integers<uint32_t>(out, std::span<const uint32_t>(dictionary.offsets()));
  out += "\",\"bytes\":\"";
  const std::string& bytes = dictionary.bytes();
  append_base64(out, {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  out += "\"}";
}

void append_packed_column(std::string& out, const Table& table, const RowIndex& index, size_t column,
                          std::span<const uint32_t> rows) {
  const Field& field = table.schema.fields[column];
  if (field.type == Type::kDatetime) {
    std::vector<int64_t> times(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto [batch, row] = index.at(rows[i]);
      times[i] = batch->columns[column].is_null(row) ? kNullTime : batch->columns[column].long_at(row);
    }
    out += "{\"name\":";
    append_json_string(out, visible_text(field.name, 200), true);
    out += ",\"type\":\"datetime\",\"times\":";
    append_packed_times(out, times, time_base(times, kNullTime), kNullTime);
    out += '}';
    return;
  }
  Dictionary raw;
  std::vector<uint32_t> codes = code_cells(index, column, rows, raw);
  Dictionary shown;
  std::vector<uint32_t> shown_code(raw.size());
  for (size_t code = 0; code < raw.size(); ++code)
    shown_code[code] = shown.add(visible_text(raw.text(code), kMostCellBytes));
  for (uint32_t& code : codes) code = shown_code[code];
  append_packed_texts(out, field.name, type_name(field.type), shown, codes);
}

Status check_page_size(const Table& table, std::span<const size_t> columns) {
  if (table.rows() > kMostPageRows) {
    return Diagnostic{
        .code = "HB-D007",
        .message = fmt::format("the table has {} rows, a page can hold {}", table.rows(), kMostPageRows),
        .hint = "filter the rows before drawing them"};
  }
  for (size_t column : columns) {
    uint64_t bytes = 0;
    for (const auto& batch : table.batches) bytes += batch->columns[column].data.size();
    if (bytes <= kMostColumnBytes) continue;
    return Diagnostic{.code = "HB-D007",
                      .message = fmt::format("column `{}` has {} bytes, a page can hold {}",
                                             table.schema.fields[column].name, bytes, kMostColumnBytes),
                      .hint = "filter the rows, or shorten the text with `substring()`"};
  }
  return {};
}

void append_column_heads(std::string& out, const Table& table, std::span<const size_t> columns) {
  out += '[';
  for (size_t i = 0; i < columns.size(); ++i) {
    const Field& field = table.schema.fields[columns[i]];
    out += i != 0 ? ",{\"name\":" : "{\"name\":";
    append_json_string(out, visible_text(field.name, 200), true);
    out += ",\"type\":\"";
    out += type_name(field.type);
    out += "\"}";
  }
  out += ']';
}

int64_t time_base(std::span<const int64_t> times, int64_t null_value) {
  int64_t least = std::numeric_limits<int64_t>::max();
  for (int64_t time : times) {
    if (time != null_value) least = std::min(least, time);
  }
  if (least == std::numeric_limits<int64_t>::max()) return 0;
  const int64_t day = least / kTicksPerDay - (least % kTicksPerDay < 0 ? 1 : 0);
  return day * kTicksPerDay;
}

void append_packed_times(std::string& out, std::span<const int64_t> times, int64_t base, int64_t null_value) {
  int64_t unit = kTicksPerSecond;
  uint64_t most = 0;
  for (int64_t time : times) {
    if (time == null_value) continue;
    const uint64_t offset = static_cast<uint64_t>(time) - static_cast<uint64_t>(base);
    most = std::max(most, offset);
    while (offset % static_cast<uint64_t>(unit) != 0) {
      unit = unit == kTicksPerSecond        ? kTicksPerMillisecond
             : unit == kTicksPerMillisecond ? kTicksPerMicrosecond
                                            : 1;
    }
  }
  const bool wide = most / static_cast<uint64_t>(unit) >= 0xFFFFFFFFu;
  std::vector<uint64_t> packed(times.size());
  for (size_t i = 0; i < times.size(); ++i) {
    packed[i] = times[i] == null_value ? std::numeric_limits<uint64_t>::max()
                                       : (static_cast<uint64_t>(times[i]) - static_cast<uint64_t>(base)) /
                                             static_cast<uint64_t>(unit);
  }
  out += "{\"base\":\"" + std::to_string(base) + "\",\"unit\":" + std::to_string(unit) +
         ",\"width\":" + (wide ? "8" : "4") + ",\"data\":\"";
  if (wide) {
    append_integers<uint64_t>(out, std::span<const uint64_t>(packed));
  } else {
    append_integers<uint32_t>(out, std::span<const uint64_t>(packed));
  }
  out += "\"}";
}

}  // namespace huntbook

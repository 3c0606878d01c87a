// What the fuzzers of evidence share: a member in memory, and a sink that checks what it is given.
#pragma once
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "evidence/cut.h"
#include "evidence/draft.h"
#include "evidence/open.h"
#include "evidence/route.h"
#include "evidence/rows.h"

namespace huntbook::evidence {

inline void require(bool condition) {
  if (!condition) std::abort();
}

class MemoryMember : public Member {
 public:
  MemoryMember(std::string_view bytes, std::string_view file_name) : rest_(bytes) { path = name = file_name; }
  size_t read(char* buffer, size_t size) override {
    const size_t count = std::min(size, rest_.size());
    if (count > 0) std::memcpy(buffer, rest_.data(), count);
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
};

/// What the rows of each table were found to hold.
class Drafts {
 public:
  /// The place of a table's draft, made when it is new.
  size_t place(std::string_view table) {
    size_t at = 0;
    while (at < drafts_.size() && drafts_[at].name() != table) ++at;
    if (at == drafts_.size()) drafts_.emplace_back(std::string(table));
    return at;
  }
  TableDraft& operator[](size_t at) { return drafts_[at]; }
  size_t size() const { return drafts_.size(); }
  uint64_t rows() const {
    uint64_t count = 0;
    for (const auto& draft : drafts_) count += draft.rows();
    return count;
  }

 private:
  std::vector<TableDraft> drafts_;
};

class CheckedRows : public RowSink {
 public:
  CheckedRows(std::string_view bytes, const FormatContext& context, Router& router, Drafts& drafts)
      : bytes_(bytes), from_text_(context.format == Format::kCsv), router_(router), drafts_(drafts) {}
  void row(std::vector<Field>& fields) override {
    ++rows;
    for (const auto& field : fields) {
      check(field);
      if (field.kind == FieldKind::kNumber) require(parse_json(field.text).ok());
    }
    const size_t table = drafts_.place(router_.route(fields));
    for (const auto& field : fields) check(field);
    drafts_[table].add(fields, from_text_);
  }
  void reject(uint64_t offset, std::string reason, std::string_view) override {
    ++rejects;
    require(offset < bytes_.size() && !reason.empty());
  }
  void remark(std::string_view what) override { require(!what.empty()); }
  uint64_t rows = 0, rejects = 0;

 private:
  static void check(const Field& field) {
    require(is_valid_utf8(field.key) && is_valid_utf8(field.text));
    if (field.kind == FieldKind::kBool) require(field.text == "true" || field.text == "false");
    if (field.kind == FieldKind::kNested) require(parse_json(field.text).ok());
    if (field.kind == FieldKind::kNumber) require(!field.text.empty());  // an EventID may have been "0010"
  }
  std::string_view bytes_;
  bool from_text_;
  Router& router_;
  Drafts& drafts_;
};

/// The second pass: the same rows again, and every cell is of the type that its column got from the first.
class FittingRows : public RowSink {
 public:
  FittingRows(Router& router, Drafts& drafts) : router_(router), drafts_(drafts) {
    for (size_t i = 0; i < drafts.size(); ++i) schemas_.push_back(drafts[i].schema());
  }
  void row(std::vector<Field>& fields) override {
    ++rows;
    const size_t table = drafts_.place(router_.route(fields));
    require(table < schemas_.size());
    for (const auto& field : fields) {
      const auto column = schemas_[table].find(field.key);
      require(column || schemas_[table].size() > kMaxColumns);
      if (column && field.kind != FieldKind::kNull)
        require(fits(schemas_[table].fields[*column].type, field));
    }
  }
  void reject(uint64_t, std::string, std::string_view) override {}
  void remark(std::string_view) override {}
  uint64_t rows = 0;

 private:
  static bool fits(Type type, const Field& field) {
    const char* end = field.text.data() + field.text.size();
    int64_t whole = 0;
    double real = 0;
    switch (type) {
      case Type::kBool: return field.kind == FieldKind::kBool;
      case Type::kLong:
        return field.kind == FieldKind::kNumber && std::from_chars(field.text.data(), end, whole).ptr == end;
      case Type::kReal:
        return field.kind == FieldKind::kNumber &&
               std::from_chars(field.text.data(), end, real).ec == std::errc();
      case Type::kDatetime:
        return field.kind == FieldKind::kTime ||
               (field.kind == FieldKind::kString && parse_iso_datetime(field.text));
      default: return true;
    }
  }
  Router& router_;
  Drafts& drafts_;
  std::vector<Schema> schemas_;
};

/// Through recogniser, cutter and reader, as the scan and then the load do it.
inline void read_member(std::string_view bytes, std::string_view name) {
  MemoryMember member(bytes, name);
  Cutter cutter(member);
  const OpenedMember opened = open_member(member, cutter);
  if (opened.context->format == Format::kUnknown || opened.context->format == Format::kParquet) return;
  Router router(*opened.context, opened.table);
  Drafts drafts;
  CheckedRows rows(bytes, *opened.context, router, drafts);
  uint64_t end = 0;
  while (auto chunk = cutter.next()) {
    require(chunk->size > 0 && chunk->offset >= end && chunk->offset + chunk->size <= bytes.size());
    require(std::string_view(chunk->bytes).substr(0, chunk->size) ==
            bytes.substr(chunk->offset, chunk->size));
    for (const auto& [from, to] : chunk->records) require(from < to && to <= chunk->size);
    end = chunk->offset + chunk->size;
    read_rows(*chunk, *opened.context, rows);
  }
  require(cutter.size() == bytes.size());
  require(drafts.rows() == rows.rows);
  MemoryMember again(bytes, name);
  Cutter second(again, false);
  const OpenedMember reopened = open_member(again, second);
  Router second_router(*reopened.context, reopened.table);
  FittingRows fitting(second_router, drafts);
  while (auto chunk = second.next()) read_rows(*chunk, *reopened.context, fitting);
  require(fitting.rows == rows.rows);
}

/// Straight to a reader of lines: every line that is not blank is a row or a reject.
inline void read_lines(std::string_view bytes, Format format) {
  Chunk chunk;
  chunk.bytes = bytes;
  chunk.size = bytes.size();
  chunk.bytes.resize(chunk.size + kPadding);
  FormatContext context;
  context.format = format;
  context.file_time = int64_t{637'345'152'000'000'000};
  Router router(context, "t");
  Drafts drafts;
  CheckedRows rows(bytes, context, router, drafts);
  read_rows(chunk, context, rows);
  uint64_t lines = 0;
  for (const auto line : split(bytes, '\n')) lines += !trim(line).empty();
  require(rows.rows + rows.rejects == lines);
}

}  // namespace huntbook::evidence

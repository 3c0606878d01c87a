// What the fuzzers of evidence share: a member in memory, and a sink that checks what it is given.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/text.h"
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

class CheckedRows : public RowSink {
 public:
  CheckedRows(std::string_view bytes, Router& router, TableDraft& draft)
      : bytes_(bytes), router_(router), draft_(draft) {}
  void row(std::vector<Field>& fields) override {
    ++rows;
    for (const auto& field : fields) {
      check(field);
      if (field.kind == FieldKind::kNumber) require(parse_json(field.text).ok());
    }
    router_.route(fields);
    for (const auto& field : fields) check(field);
    draft_.add(fields, false);
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
  Router& router_;
  TableDraft& draft_;
};

/// Through recogniser, cutter and reader, as the scan does it.
inline void read_member(std::string_view bytes, std::string_view name) {
  MemoryMember member(bytes, name);
  Cutter cutter(member);
  const OpenedMember opened = open_member(member, cutter);
  if (opened.context->format == Format::kUnknown || opened.context->format == Format::kParquet) return;
  Router router(*opened.context, opened.table);
  TableDraft draft("t");
  CheckedRows rows(bytes, router, draft);
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
  require(draft.rows() == rows.rows);
  draft.schema();
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
  TableDraft draft("t");
  CheckedRows rows(bytes, router, draft);
  read_rows(chunk, context, rows);
  uint64_t lines = 0;
  for (const auto line : split(bytes, '\n')) lines += !trim(line).empty();
  require(rows.rows + rows.rejects == lines);
}

}  // namespace huntbook::evidence

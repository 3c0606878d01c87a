// A table as a picture: rows with a search box on a page, aligned text in a terminal.
#include <numeric>

#include "base/escape.h"
#include "table/write.h"
#include "vis/columns.h"
#include "vis/kind.h"
#include "vis/pack.h"

namespace huntbook {
namespace {

Result<PageData> draw_data(const Picture& picture) {
  const Table& table = picture.table;
  std::vector<size_t> columns(table.schema.size());
  std::iota(columns.begin(), columns.end(), 0);
  if (const std::string_view names = picture.property("ycolumns"); !names.empty()) {
    auto chosen = find_columns(table, names);
    if (!chosen.ok()) return chosen.error();
    columns = std::move(*chosen);
  }
  std::vector<uint32_t> rows(table.rows());
  std::iota(rows.begin(), rows.end(), 0);
  if (Status fits = check_page_size(table, columns); !fits.ok()) return fits.error();
  PageData page;
  std::string& out = page.head;
  out = "{\"kind\":\"table\",\"title\":";
  append_json_string(out, title_of(picture), true);
  out += ",\"total\":" + std::to_string(rows.size()) + ",\"notes\":[";
  const std::vector<std::string> notes = notes_of(table);
  for (size_t i = 0; i < notes.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(out, notes[i], true);
  }
  out += "],\"columns\":";
  append_column_heads(out, table, columns);
  out += '}';
  const RowIndex index(table);
  for (size_t column : columns) append_packed_column(page.columns.emplace_back(), table, index, column, rows);
  return page;
}

Result<std::string> draw_text_form(const Picture& picture, size_t width) {
  std::string out = title_of(picture);
  if (!out.empty()) out += '\n';
  return out + to_text(picture.table, {.width = width});
}

}  // namespace

KindDrawer table_kind() {
  return {.kind = {.name = "table",
                   .doc = "the rows as they are, with a search box",
                   .properties = {{"title", "heading"}, {"ycolumns", "columns to show (default: all)"}},
                   .svg = false},
          .data = draw_data,
          .svg = nullptr,
          .text = draw_text_form};
}

}  // namespace huntbook

// The values of tests: into tables, and compared with answers.
#include "packs/cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "table/builder.h"
#include "table/write.h"

namespace huntbook {
namespace {

Diagnostic bad_value(Type type, const CaseCell& cell) {
  return {"HB-P006", fmt::format("`{}` is no {}", cell.text, type_name(type)), {}, "", "", ""};
}

template <typename T>
std::optional<T> number(std::string_view text) {
  T value{};
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A scalar as a dynamic value: what is plain and JSON is that, all else is a string.
std::string dynamic_text(const CaseCell& cell) {
  if (cell.kind == CaseCell::Kind::kJson) return cell.text;
  if (cell.kind == CaseCell::Kind::kPlain) {
    if (auto parsed = parse_json(cell.text); parsed.ok()) return parsed->text();
  }
  return Json::string(cell.text).text();
}

Status append(ColumnBuilder& column, const CaseCell& cell) {
  const Type type = column.type();
  if (cell.kind == CaseCell::Kind::kNull) {
    column.append_null();
    return {};
  }
  const std::string_view text = trim(cell.text);
  switch (type) {
    case Type::kString: column.append_text(cell.text); return {};
    case Type::kDynamic: column.append_text(dynamic_text(cell)); return {};
    case Type::kGuid:
    case Type::kDecimal: column.append_text(text); return {};
    case Type::kBool: {
      const std::string lower = to_lower(text);
      if (lower != "true" && lower != "false") return bad_value(type, cell);
      column.append_bool(lower == "true");
      return {};
    }
    case Type::kInt:
      if (const auto value = number<int32_t>(text)) return column.append_int(*value), Status();
      return bad_value(type, cell);
    case Type::kLong:
      if (const auto value = number<int64_t>(text)) return column.append_long(*value), Status();
      return bad_value(type, cell);
    case Type::kReal:
      if (const auto value = number<double>(text)) return column.append_real(*value), Status();
      return bad_value(type, cell);
    case Type::kDatetime:
      if (const auto ticks = parse_datetime(text)) return column.append_long(*ticks), Status();
      return bad_value(type, cell);
    case Type::kTimespan:
      if (const auto ticks = parse_timespan(text)) return column.append_long(*ticks), Status();
      return bad_value(type, cell);
  }
  return {};
}

std::string cell_json(const Column& column, size_t row) {
  std::string out;
  append_json_cell(out, column, row);
  return out;
}

bool equal(const Column& a, size_t row, const Column& b) {
  if (a.is_null(row) != b.is_null(0)) return false;
  if (a.is_null(row)) return true;
  if (a.type == Type::kReal) {
    const double x = a.real_at(row), y = b.real_at(0);
    return x == y || (std::isnan(x) && std::isnan(y)) || std::abs(x - y) <= 1e-9 * std::abs(y);
  }
  if (a.type == Type::kDynamic) {
    const auto x = parse_json(a.text_at(row)), y = parse_json(b.text_at(0));
    return x.ok() && y.ok() && *x == *y;
  }
  return cell_json(a, row) == cell_json(b, 0);
}

struct Place {
  const Batch* batch;
  size_t row;
};

// One expected row with its values in the types of the answer.
struct Wanted {
  const CaseRow* row;
  std::vector<std::pair<size_t, Column>> cells;  // column of the answer, value

  bool fits(const Place& at) const {
    return std::all_of(cells.begin(), cells.end(),
                       [&](auto& cell) { return equal(at.batch->columns[cell.first], at.row, cell.second); });
  }
};

std::string print_row(const Schema& schema, const std::vector<size_t>& columns, const Place& at) {
  std::string out = "{";
  for (size_t c : columns) {
    if (out.size() > 1) out += ", ";
    out += schema.fields[c].name + ": " + cell_json(at.batch->columns[c], at.row);
  }
  return out + "}";
}

std::string print_row(const Schema& schema, const Wanted& wanted) {
  std::string out = "{";
  for (const auto& [c, column] : wanted.cells) {
    if (out.size() > 1) out += ", ";
    out += schema.fields[c].name + ": " + cell_json(column, 0);
  }
  return out + "}";
}

// Gives each wanted row a row of its own that fits, moving others where that helps.
bool assign(const std::vector<std::vector<size_t>>& fits, size_t wanted, std::vector<char>& seen,
            std::vector<size_t>& taken) {
  for (size_t row : fits[wanted]) {
    if (seen[row]) continue;
    seen[row] = 1;
    if (taken[row] == SIZE_MAX || assign(fits, taken[row], seen, taken)) {
      taken[row] = wanted;
      return true;
    }
  }
  return false;
}

}  // namespace

Result<Column> case_column(Type type, const CaseCell& cell) {
  ColumnBuilder column(type);
  if (auto status = append(column, cell); !status.ok()) return status.error();
  return column.finish();
}

Result<Table> case_table(const CaseTable& rows, const Schema& schema, const std::string& file) {
  std::vector<ColumnBuilder> columns;
  std::vector<std::string> names;
  for (const auto& field : schema.fields) {
    columns.emplace_back(field.type);
    names.push_back(field.name);
  }
  for (const auto& row : rows.rows) {
    const std::string place = fmt::format("{}:{}", file, row.line);
    std::vector<const CaseCell*> cells(schema.size(), nullptr);
    for (const auto& [name, cell] : row.cells) {
      const auto at = schema.find(name);
      if (!at) {
        const auto near = nearest_name(name, names);
        return Diagnostic{
            "HB-P006", fmt::format("table `{}` has no column `{}`", rows.name, name),
            {},        near ? "did you mean `" + *near + "`?" : "packs/schemas declares its columns",
            "",        place};
      }
      cells[*at] = &cell;
    }
    for (size_t c = 0; c < columns.size(); ++c) {
      if (!cells[c]) {
        columns[c].append_null();
        continue;
      }
      if (auto status = append(columns[c], *cells[c]); !status.ok()) {
        Diagnostic wrong = status.error();
        wrong.message += fmt::format(" (column `{}` of `{}`)", names[c], rows.name);
        wrong.place = place;
        return wrong;
      }
    }
  }
  return make_table(schema, std::move(columns));
}

std::string compare_rows(const Table& answer, const PackCase& test, bool sorted, const std::string& file) {
  const std::vector<CaseRow>& expected = *test.rows;
  std::vector<Wanted> wanted;
  std::vector<size_t> shown;  // columns that some expected row names
  for (const auto& row : expected) {
    Wanted made{&row, {}};
    for (const auto& [name, cell] : row.cells) {
      const auto at = answer.schema.find(name);
      if (!at) {
        std::vector<std::string> names;
        for (const auto& field : answer.schema.fields) names.push_back(field.name);
        return fmt::format("{}:{}: the answer has no column `{}`; it has {}", file, row.line, name,
                           fmt::join(names, ", "));
      }
      auto column = case_column(answer.schema.fields[*at].type, cell);
      if (!column.ok())
        return fmt::format("{}:{}: {} (column `{}`)", file, row.line, column.error().message, name);
      made.cells.emplace_back(*at, std::move(*column));
      if (std::find(shown.begin(), shown.end(), *at) == shown.end()) shown.push_back(*at);
    }
    wanted.push_back(std::move(made));
  }
  if (shown.empty()) {
    for (size_t c = 0; c < answer.schema.size(); ++c) shown.push_back(c);
  }
  std::vector<Place> rows;
  for (const auto& batch : answer.batches) {
    for (size_t row = 0; row < batch->rows; ++row) rows.push_back({batch.get(), row});
  }
  const auto missing = [&](const Wanted& one, const std::string& came) {
    return fmt::format("{}:{}: expected {}; {}", file, one.row->line, print_row(answer.schema, one), came);
  };
  constexpr size_t kShown = 3;
  const auto print_some = [&](const std::vector<size_t>& some) {
    std::string out;
    for (size_t i = 0; i < some.size() && i < kShown; ++i)
      out += (i ? ", " : "") + print_row(answer.schema, shown, rows[some[i]]);
    if (some.size() > kShown) out += fmt::format(" and {} more", some.size() - kShown);
    return out;
  };
  std::vector<size_t> left;
  if (sorted) {
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (i >= rows.size())
        return missing(wanted[i],
                       fmt::format("only {} {} came", rows.size(), rows.size() == 1 ? "row" : "rows"));
      if (!wanted[i].fits(rows[i])) return missing(wanted[i], "came " + print_some({i}));
    }
    for (size_t i = wanted.size(); i < rows.size(); ++i) left.push_back(i);
  } else {
    std::vector<std::vector<size_t>> fits(wanted.size());
    for (size_t w = 0; w < wanted.size(); ++w) {
      for (size_t r = 0; r < rows.size(); ++r) {
        if (wanted[w].fits(rows[r])) fits[w].push_back(r);
      }
    }
    std::vector<size_t> taken(rows.size(), SIZE_MAX);
    const Wanted* lost = nullptr;
    for (size_t w = 0; w < wanted.size(); ++w) {
      std::vector<char> seen(rows.size(), 0);
      if (!assign(fits, w, seen, taken) && !lost) lost = &wanted[w];
    }
    for (size_t r = 0; r < rows.size(); ++r) {
      if (taken[r] == SIZE_MAX) left.push_back(r);
    }
    if (lost) return missing(*lost, left.empty() ? "no other row came" : "came " + print_some(left));
  }
  if (left.empty()) return {};
  return fmt::format("{}:{}: expected no more rows; came {}", file,
                     expected.empty() ? test.line : expected.back().line, print_some(left));
}

}  // namespace huntbook

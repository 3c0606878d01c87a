// Reading the tests of queries and the tables of schema files.
#include <charconv>

#include "packs/reader.h"

namespace huntbook::packs {
namespace {

const std::set<std::string> kCaseKeys{"tables", "scenario", "parameters", "rows", "at_least", "at_most"};
const std::set<std::string> kTableKeys{"description", "providers", "columns"};

bool quoted(const YAML::Node& node) { return node.Tag() == "!"; }

CaseCell to_cell(const YAML::Node& node) {
  if (!node || node.IsNull()) return {};
  if (!node.IsScalar()) return {CaseCell::Kind::kJson, to_json(node).text()};
  return {quoted(node) ? CaseCell::Kind::kQuoted : CaseCell::Kind::kPlain, node.Scalar()};
}

std::vector<CaseRow> read_rows(Reader& reader, const std::string& where, const YAML::Node& node) {
  std::vector<CaseRow> rows;
  if (!node || node.IsNull()) return rows;
  if (!node.IsSequence()) {
    reader.problem("HB-P006", node.Mark(), where + " is not a list of rows");
    return rows;
  }
  for (const auto& item : node) {
    if (!item.IsMap()) {
      reader.problem("HB-P006", item.Mark(), "a row of " + where + " is not a map of columns");
      continue;
    }
    CaseRow row;
    row.line = reader.line_of(item.Mark());
    for (const auto& entry : item) row.cells.emplace_back(text_of(entry.first), to_cell(entry.second));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::optional<uint64_t> read_count(Reader& reader, const std::string& where, const char* key,
                                   const YAML::Node& node) {
  if (!node || !node.IsDefined()) return std::nullopt;
  uint64_t count = 0;
  const std::string text = text_of(node);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc() && end == text.data() + text.size()) return count;
  reader.problem("HB-P006", node.Mark(), std::string("`") + key + "` of " + where + " is not a count");
  return std::nullopt;
}

void read_case(Reader& reader, const std::string& where, const YAML::Node& node, std::vector<PackCase>& out) {
  if (!node.IsMap()) {
    reader.problem("HB-P006", node.Mark(), where + " is not a map",
                   "tables or scenario, and rows or at_least");
    return;
  }
  reader.check_keys(node, kCaseKeys, where);
  PackCase made;
  made.line = reader.line_of(node.Mark());
  made.scenario = text_of(child(node, "scenario"));
  if (!made.scenario.empty() && made.scenario != "intrusion" && made.scenario != "quiet") {
    reader.problem("HB-P006", child(node, "scenario").Mark(),
                   "`" + made.scenario + "` of " + where + " is no scenario", "intrusion or quiet");
    return;
  }
  if (const auto tables = child(node, "tables"); tables && tables.IsMap()) {
    for (const auto& entry : tables) {
      CaseTable table;
      table.name = text_of(entry.first);
      table.line = reader.line_of(entry.first.Mark());
      table.rows = read_rows(reader, "table `" + table.name + "` of " + where, entry.second);
      made.tables.push_back(std::move(table));
    }
  }
  if (made.tables.empty() == made.scenario.empty()) {
    reader.problem("HB-P006", node.Mark(),
                   where + (made.tables.empty() ? " has neither tables nor a scenario"
                                                : " has both tables and a scenario"));
    return;
  }
  if (const auto parameters = child(node, "parameters"); parameters && parameters.IsMap()) {
    for (const auto& entry : parameters) {
      made.parameters.emplace_back(text_of(entry.first), entry.second.IsSequence()
                                                             ? to_json(entry.second).text()
                                                             : text_of(entry.second));
    }
  }
  if (const auto rows = child(node, "rows"); rows && rows.IsDefined())
    made.rows = read_rows(reader, "`rows` of " + where, rows);
  made.at_least = read_count(reader, where, "at_least", child(node, "at_least"));
  made.at_most = read_count(reader, where, "at_most", child(node, "at_most"));
  if (!made.rows && !made.at_least && !made.at_most) {
    reader.problem("HB-P006", node.Mark(), where + " expects nothing", "give rows, at_least or at_most");
    return;
  }
  out.push_back(std::move(made));
}

}  // namespace

// Values nest no deeper than the YAML reader itself allows.
Json to_json(const YAML::Node& node) {
  if (!node || node.IsNull()) return {};
  if (node.IsSequence()) {
    Json::Array items;
    for (const auto& item : node) items.push_back(to_json(item));
    return Json::array(std::move(items));
  }
  if (node.IsMap()) {
    Json::Object members;
    for (const auto& entry : node) members.emplace_back(text_of(entry.first), to_json(entry.second));
    return Json::object(std::move(members));
  }
  if (!quoted(node)) {
    auto parsed = parse_json(node.Scalar());
    if (parsed.ok()) return std::move(*parsed);
  }
  return Json::string(node.Scalar());
}

void read_cases(Reader& reader, const std::string& query, const YAML::Node& node,
                std::vector<PackCase>& out) {
  if (!node || node.IsNull()) return;
  const std::string where = "the test of query `" + query + "`";
  if (!node.IsSequence()) return read_case(reader, where, node, out);
  for (size_t i = 0; i < node.size(); ++i) {
    read_case(reader,
              node.size() == 1 ? where : "test " + std::to_string(i + 1) + " of query `" + query + "`",
              node[i], out);
  }
}

void read_schemas(Reader& reader, const YAML::Node& tables) {
  if (!tables.IsMap()) {
    reader.problem("HB-P007", tables.Mark(), "`tables` is not a map of tables");
    return;
  }
  for (const auto& entry : tables) {
    TableSchema made;
    made.name = text_of(entry.first);
    made.file = reader.file;
    made.line = reader.line_of(entry.first.Mark());
    reader.check_keys(entry.second, kTableKeys, "table `" + made.name + "`");
    made.doc = text_of(child(entry.second, "description"));
    made.providers = list_of(child(entry.second, "providers"));
    const YAML::Node columns = child(entry.second, "columns");
    if (!columns || !columns.IsMap() || columns.size() == 0) {
      reader.problem("HB-P007", entry.first.Mark(), "table `" + made.name + "` has no columns");
      continue;
    }
    for (const auto& column : columns) {
      const std::string name = text_of(column.first), type = text_of(column.second);
      const auto known = type_from_name(type);
      if (!known) {
        reader.problem(
            "HB-P007", column.first.Mark(),
            "column `" + name + "` of table `" + made.name + "` has the unknown type `" + type + "`",
            "string, int, long, real, bool, datetime, timespan, dynamic, guid or decimal");
      } else if (made.schema.find(name)) {
        reader.problem("HB-P007", column.first.Mark(),
                       "column `" + name + "` of table `" + made.name + "` is declared twice");
      } else {
        made.schema.fields.push_back({name, *known, ""});
      }
    }
    reader.library.schemas.push_back(std::move(made));
  }
}

}  // namespace huntbook::packs

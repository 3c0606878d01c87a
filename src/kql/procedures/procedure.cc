#include "kql/procedures/procedure.h"

namespace huntbook::kql {

Cell cell_at(const Column& column, size_t row) {
  Cell cell;
  if (column.is_null(row)) return cell;
  cell.null = false;
  switch (column.type) {
    case Type::kBool: cell.integer = column.bool_at(row); break;
    case Type::kInt: cell.integer = column.int_at(row); break;
    case Type::kLong:
    case Type::kDatetime:
    case Type::kTimespan: cell.integer = column.long_at(row); break;
    case Type::kReal: cell.real = column.real_at(row); break;
    default: cell.text = column.text_at(row);
  }
  return cell;
}

void append_cell(ColumnBuilder& builder, const Cell& cell) {
  if (cell.null) return builder.append_null();
  switch (builder.type()) {
    case Type::kBool: return builder.append_bool(cell.integer != 0);
    case Type::kInt: return builder.append_int(static_cast<int32_t>(cell.integer));
    case Type::kLong:
    case Type::kDatetime:
    case Type::kTimespan: return builder.append_long(cell.integer);
    case Type::kReal: return builder.append_real(cell.real);
    default: return builder.append_text(cell.text);
  }
}

std::vector<ColumnBuilder> builders_of(const ProcedureCall& call) {
  std::vector<ColumnBuilder> builders;
  for (const auto& field : call.output.fields) builders.emplace_back(field.type);
  return builders;
}

Diagnostic interrupted() { return {"HB-E130", "interrupted", {}, "", "", ""}; }

void append_key(std::string& key, const Cell& cell) {
  key += cell.null ? 'n' : 'v';
  if (cell.null) return;
  const auto append = [&](const auto& number) {
    key.append(reinterpret_cast<const char*>(&number), sizeof number);
  };
  append(cell.integer);
  append(cell.real);
  append(cell.text.size());
  key += cell.text;
}

ProcedureBody find_procedure(std::string_view name) {
  for (const auto& list :
       {activity_procedures(), pattern_procedures(), schema_procedures(), sequence_procedures(),
        scan_procedures(), reduce_procedures(), graph_match_procedures(), graph_shortest_procedures(),
        graph_components_procedures()}) {
    for (const auto& entry : list) {
      if (entry.name == name) return entry.body;
    }
  }
  return nullptr;
}

}  // namespace huntbook::kql

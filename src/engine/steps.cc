// Work between two statements: pivots and procedures.
#include "engine/steps.h"

#include "kql/procedures/procedure.h"

namespace huntbook::duck {
namespace {

// A procedure's expressions as one prepared SELECT without tables.
class PreparedRow final : public kql::RowEvaluator {
 public:
  PreparedRow(duckdb_connection connection, const kql::Step& step) : connection_(connection), step_(step) {}

  Status evaluate(std::span<const kql::Cell> in, std::vector<kql::Cell>& out) override {
    if (!prepared_.get() &&
        duckdb_prepare(connection_, step_.row_sql.c_str(), prepared_.out()) == DuckDBError)
      return failure(duckdb_prepare_error(prepared_.get()));
    for (size_t i = 0; i < in.size(); ++i) {
      if (bind(i + 1, step_.row_input.fields[i].type, in[i]) == DuckDBError)
        return failure(duckdb_prepare_error(prepared_.get()));
    }
    Result result;
    if (duckdb_execute_prepared(prepared_.get(), &result.value) == DuckDBError)
      return failure(duckdb_result_error(&result.value));
    out.clear();
    return read_result(result, step_.row_output, [&](Batch batch) -> Status {
      for (const auto& column : batch.columns) out.push_back(kql::cell_at(column, 0));
      return {};
    });
  }

 private:
  duckdb_state bind(idx_t place, Type type, const kql::Cell& cell) {
    if (cell.null && type != Type::kString) return duckdb_bind_null(prepared_.get(), place);
    switch (engine_type(type)) {
      case DUCKDB_TYPE_BOOLEAN: return duckdb_bind_boolean(prepared_.get(), place, cell.integer != 0);
      case DUCKDB_TYPE_INTEGER:
        return duckdb_bind_int32(prepared_.get(), place, static_cast<int32_t>(cell.integer));
      case DUCKDB_TYPE_BIGINT: return duckdb_bind_int64(prepared_.get(), place, cell.integer);
      case DUCKDB_TYPE_DOUBLE: return duckdb_bind_double(prepared_.get(), place, cell.real);
      default: return duckdb_bind_varchar_length(prepared_.get(), place, cell.text.data(), cell.text.size());
    }
  }

  duckdb_connection connection_;
  const kql::Step& step_;
  Prepared prepared_;
};

huntbook::Result<Table> ask(duckdb_connection connection, const std::string& sql, const Schema& schema,
                            const CancelToken* cancel) {
  Result result;
  if (auto status = execute(connection, sql, cancel, &result); !status.ok()) return status.error();
  Table table;
  table.schema = schema;
  const Status read = read_result(result, schema, [&](Batch batch) -> Status {
    table.batches.push_back(std::make_shared<const Batch>(std::move(batch)));
    return {};
  });
  if (!read.ok()) return read.error();
  return table;
}

// The pivot's rows, each behind its value.
huntbook::Result<Table> run_pivot(const kql::Step& step, const Table& values, const PivotRunner& pivots) {
  std::vector<std::string> texts;
  for (const auto& batch : values.batches) {
    for (size_t i = 0; i < batch->rows; ++i) texts.emplace_back(batch->columns[0].text_at(i));
  }
  auto found = pivots(step.name, texts);
  if (!found.ok()) return found.error();
  if (found->rows() != texts.size())
    return Diagnostic{
        "HB-E001", "pivot `" + step.name + "` gave another number of rows than of values", {}, "", "", ""};
  Table table;
  table.schema = step.output;
  size_t row = 0;
  for (const auto& batch : found->batches) {
    ColumnBuilder key(Type::kString);
    for (size_t i = 0; i < batch->rows; ++i) key.append_text(texts[row++]);
    auto joined = std::make_shared<Batch>();
    joined->rows = batch->rows;
    joined->columns.push_back(key.finish());
    joined->columns.insert(joined->columns.end(), batch->columns.begin(), batch->columns.end());
    table.batches.push_back(std::move(joined));
  }
  return table;
}

}  // namespace

huntbook::Result<Table> run_step(duckdb_connection connection, const kql::Step& step,
                                 const PivotRunner& pivots, const CancelToken* cancel) {
  std::vector<Table> inputs;
  for (const auto& input : step.inputs) {
    auto table = ask(connection, input.sql, input.schema, cancel);
    if (!table.ok()) return table;
    inputs.push_back(std::move(*table));
  }
  if (step.kind == kql::Step::Kind::kPivot) return run_pivot(step, inputs[0], pivots);
  const kql::ProcedureBody body = kql::find_procedure(step.name);
  if (!body) return Diagnostic{"HB-E001", "procedure `" + step.name + "` has no body", {}, "", "", ""};
  PreparedRow rows(connection, step);
  auto made = body({inputs, step.options, step.output, step.row_sql.empty() ? nullptr : &rows, cancel});
  if (made.ok()) return made;
  Diagnostic failure = made.error();
  if (failure.span == Span{}) failure.span = step.span;
  return failure;
}

}  // namespace huntbook::duck

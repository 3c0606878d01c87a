// Runs the steps of a compiled query: pivots and procedures. Private to src/engine.
#pragma once
#include "engine/duck.h"
#include "engine/engine.h"

namespace huntbook::duck {

/// The rows of a step, computed from its inputs.
huntbook::Result<Table> run_step(duckdb_connection connection, const kql::Step& step,
                                 const PivotRunner& pivots, const CancelToken* cancel);

}  // namespace huntbook::duck

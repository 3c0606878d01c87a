#include <gtest/gtest.h>

#include "kql/bind.h"
#include "kql/compile.h"

namespace huntbook::kql {
namespace {

using plan::ColumnDef;
using plan::ExprPtr;
using plan::RelPtr;

ExprPtr real_literal(double value) {
  Literal literal;
  literal.type = Type::kReal;
  literal.real = value;
  return make_constant(std::move(literal));
}

std::string sql_of(RelPtr root) {
  plan::Plan plan;
  plan.root = std::move(root);
  return write_duckdb(plan).text;
}

const ColumnDef kA{1, "a", Type::kLong};
const ColumnDef kS{2, "s", Type::kString};

RelPtr scan() { return make_rel({kA, kS}, plan::Scan{"Table", {4, 0}}); }

TEST(DialectTest, ScansTheColumnsThatAreRead) {
  plan::Plan plan;
  plan.root = scan();
  const Sql sql = write_duckdb(plan);
  EXPECT_EQ(
      sql.text,
      R"(SELECT CAST(c1 AS BIGINT), CAST(c2 AS VARCHAR) FROM (SELECT k4 AS c1, k0 AS c2 FROM "t_^table"))");
  ASSERT_EQ(sql.tables.size(), 1u);
  EXPECT_EQ(sql.tables[0].table, "Table");
  EXPECT_EQ(sql.tables[0].columns, (std::vector<size_t>{0, 4}));
}

TEST(DialectTest, NamesTablesWithTheirCase) {
  EXPECT_EQ(duckdb_table("logs"), R"("t_logs")");
  EXPECT_EQ(duckdb_table("Logs"), R"("t_^logs")");
  EXPECT_EQ(duckdb_table("^L\"x"), R"("t_^^^l""x")");
}

TEST(DialectTest, WritesLiteralsExactly) {
  EXPECT_EQ(
      sql_of(make_rel(
          {kA, kS, {3, "r", Type::kReal}, {4, "n", Type::kReal}},
          plan::Values{{{make_long(-5), make_text("it's"), real_literal(0.1), real_literal(-1.0 / 0.0)}}})),
      "SELECT CAST(c1 AS BIGINT), CAST(c2 AS VARCHAR), CAST(c3 AS DOUBLE), CAST(c4 AS DOUBLE) FROM "
      "(SELECT * FROM (VALUES (CAST(-5 AS BIGINT), 'it''s', CAST('0.1' AS DOUBLE), CAST('-inf' AS DOUBLE))) "
      "v(c1, c2, c3, c4))");
  EXPECT_EQ(sql_of(make_rel({kA, kS}, plan::Values{})),
            "SELECT CAST(c1 AS BIGINT), CAST(c2 AS VARCHAR) FROM (SELECT * FROM (VALUES (CAST(NULL AS "
            "BIGINT), CAST(NULL AS VARCHAR))) v(c1, c2) WHERE false)");
}

TEST(DialectTest, FillsTemplates) {
  const ExprPtr call = make_sql(Type::kLong, "f({1}, {0}, [{*}], {7}, {x})", {make_column(kA), make_long(2)});
  EXPECT_EQ(
      sql_of(make_rel({kA}, plan::Project{scan(), {{kA, call}}})),
      R"(SELECT CAST(c1 AS BIGINT) FROM (SELECT f(CAST(2 AS BIGINT), c1, [c1, CAST(2 AS BIGINT)], {7}, {x}) AS c1 FROM (SELECT k4 AS c1, k0 AS c2 FROM "t_^table")))");
}

TEST(DialectTest, NamesBodiesByTheirTypes) {
  plan::Plan plan;
  const ColumnDef made{3, "h", Type::kBool};
  const ExprPtr call = make_body(Type::kBool, "has", {make_column(kS), make_text("x")});
  plan.root = make_rel({made}, plan::Project{scan(), {{made, call}}});
  const Sql sql = write_duckdb(plan);
  ASSERT_EQ(sql.bodies.size(), 1u);
  EXPECT_EQ(sql.bodies[0].sql_name, "hb_has__string_string__bool");
  EXPECT_FALSE(sql.bodies[0].list);
}

TEST(DialectTest, KeepsASortBelowALimitInItsSelect) {
  const RelPtr sort = make_rel({kA, kS}, plan::Sort{scan(), {{make_column(kA), true, true}}});
  EXPECT_EQ(
      sql_of(make_rel({kA, kS}, plan::Limit{sort, make_long(3)})),
      R"(SELECT CAST(c1 AS BIGINT), CAST(c2 AS VARCHAR) FROM (SELECT c1, c2 FROM (SELECT k4 AS c1, k0 AS c2 FROM "t_^table") )"
      R"(ORDER BY c1 ASC NULLS FIRST LIMIT CAST(3 AS BIGINT)))");
}

TEST(DialectTest, OrdersListsOnlyWhereRowsAreOrdered) {
  const ColumnDef made{3, "l", Type::kDynamic};
  const ExprPtr list = make_sql(Type::kDynamic, "list({0}{order})", {make_column(kA)});
  EXPECT_EQ(
      sql_of(make_rel({made}, plan::Aggregate{scan(), {}, {{made, list}}})),
      R"(SELECT CAST(c3 AS VARCHAR) FROM (SELECT list(c1) AS c3 FROM (SELECT k4 AS c1, k0 AS c2 FROM "t_^table")))");
  const RelPtr sort = make_rel({kA, kS}, plan::Sort{scan(), {{make_column(kA), false, false}}});
  EXPECT_EQ(
      sql_of(make_rel({made}, plan::Aggregate{sort, {}, {{made, list}}})),
      "SELECT CAST(c3 AS VARCHAR) FROM (SELECT list(c1 ORDER BY hb_o) AS c3 FROM (SELECT *, row_number() "
      "OVER () AS hb_o FROM "
      R"((SELECT c1, c2 FROM (SELECT k4 AS c1, k0 AS c2 FROM "t_^table") ORDER BY c1 DESC NULLS LAST))))");
}

TEST(DialectTest, ComputesSharedRelationsOnce) {
  const RelPtr shared = make_rel({kA, kS}, plan::Shared{7, scan()});
  const ColumnDef out{3, "a", Type::kLong};
  EXPECT_EQ(
      sql_of(make_rel({out}, plan::Union{{shared, shared}, {{make_column(kA)}, {make_column(kA)}}})),
      R"(WITH s7 AS MATERIALIZED (SELECT k4 AS c1, k0 AS c2 FROM "t_^table") SELECT CAST(c3 AS BIGINT) FROM )"
      "(SELECT c1 AS c3 FROM (SELECT c1, c2 FROM s7) UNION ALL SELECT c1 AS c3 FROM (SELECT c1, c2 FROM "
      "s7))");
}

TEST(DialectTest, ReducesTheLeftSideOnlyWhereItMayRepeatKeys) {
  const ColumnDef key{3, "k", Type::kLong};
  const RelPtr right = make_rel({key}, plan::Scan{"r", {0}});
  const auto join = [&](RelPtr left) {
    return sql_of(make_rel(
        {kA, key},
        plan::Join{
            plan::JoinKind::kInnerUnique, std::move(left), right, {{make_column(kA), make_column(key)}}}));
  };
  EXPECT_NE(join(scan()).find("QUALIFY"), std::string::npos);
  EXPECT_EQ(join(make_rel({kA}, plan::Aggregate{scan(), {kA.id}, {}})),
            "SELECT CAST(c1 AS BIGINT), CAST(c3 AS BIGINT) FROM (SELECT c1, c3 FROM (SELECT c1 FROM (SELECT "
            "k4 AS c1, k0 AS c2 FROM \"t_^table\") GROUP BY c1) l "
            "JOIN (SELECT k0 AS c3 FROM \"t_r\") r ON (c1 IS NOT DISTINCT FROM c3))");
}

TEST(DialectTest, CutsDeepQueries) {
  RelPtr root = scan();
  for (int i = 0; i < 100; ++i)
    root = make_rel({kA, kS}, plan::Filter{root, make_sql(Type::kBool, "{0} > 0", {make_column(kA)})});
  const std::string sql = sql_of(root);
  EXPECT_EQ(sql.rfind("WITH q0 AS NOT MATERIALIZED (", 0), 0u);
  EXPECT_NE(sql.find("), q1 AS NOT MATERIALIZED ("), std::string::npos);
  EXPECT_EQ(sql.find("q2 AS"), std::string::npos);
}

TEST(DialectTest, HoldsConditionsThatWouldExplode) {
  const auto filtered = [](int steps) {
    RelPtr root = scan();
    for (int i = 0; i < steps; ++i) {
      root = make_rel({kA},
                      plan::Project{root, {{kA, make_sql(Type::kLong, "f({0}, {0})", {make_column(kA)})}}});
    }
    return sql_of(make_rel({kA}, plan::Filter{root, make_sql(Type::kBool, "{0} > 0", {make_column(kA)})}));
  };
  EXPECT_EQ(filtered(5).find("OFFSET"), std::string::npos);
  EXPECT_NE(filtered(20).find(" OFFSET 0) WHERE c1 > 0"), std::string::npos);
}

}  // namespace
}  // namespace huntbook::kql

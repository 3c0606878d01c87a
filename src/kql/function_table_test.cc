#include "kql/function_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "kql/runtime/value.h"

namespace huntbook::kql {
namespace {

TEST(FunctionTable, IsSorted) {
  const auto all = functions();
  EXPECT_GT(all.size(), 200u);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const Function& a, const Function& b) {
    return std::tie(a.name, a.kind) < std::tie(b.name, b.kind);
  }));
}

TEST(FunctionTable, EveryBodyIsThere) {
  for (const Function& function : functions()) {
    for (const Signature& signature : function.signatures) {
      for (const auto body : {signature.body, signature.post}) {
        EXPECT_TRUE(body.empty() || runtime::find_body(body)) << function.name << ": " << body;
      }
    }
  }
}

TEST(FunctionTable, EveryEntryIsDocumented) {
  for (const Function& function : functions()) {
    EXPECT_FALSE(function.doc.empty()) << function.name;
    EXPECT_FALSE(function.example.empty()) << function.name;
    EXPECT_EQ(function.doc.back(), '.') << function.name;
  }
}

TEST(FunctionTable, FindsByNameAndKind) {
  const Function* pack = find_function("pack", FunctionKind::kScalar);
  ASSERT_TRUE(pack);
  EXPECT_EQ(pack->name, "bag_pack");
  EXPECT_FALSE(find_function("Pack", FunctionKind::kScalar));
  EXPECT_FALSE(find_function("pack", FunctionKind::kAggregate));
  ASSERT_TRUE(find_function("<>", FunctionKind::kOperator));
  EXPECT_EQ(find_function("<>", FunctionKind::kOperator)->name, "!=");
}

}  // namespace
}  // namespace huntbook::kql

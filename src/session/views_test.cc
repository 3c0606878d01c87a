// Each view has the columns that packs/schemas declares under its name, whether or not there is evidence.
#include <gtest/gtest.h>

#include <algorithm>

#include "huntbook/session.h"
#include "packs/builtin.h"

namespace huntbook {
namespace {

std::string columns_of(const Schema& schema) {
  std::string text;
  for (const auto& field : schema.fields)
    text += field.name + ": " + std::string(type_name(field.type)) + "\n";
  return text;
}

TEST(Views, HaveTheColumnsThatAreDeclared) {
  PackLibrary library;
  load_builtin_packs(library);
  auto session = Session::open({});
  ASSERT_TRUE(session.ok());
  for (const auto& view : builtin_views()) {
    SCOPED_TRACE(view.name);
    auto declared = std::find_if(library.schemas.begin(), library.schemas.end(),
                                 [&](const TableSchema& schema) { return schema.name == view.name; });
    ASSERT_NE(declared, library.schemas.end());
    auto answer = (*session)->query(view.name + " | take 0");
    ASSERT_TRUE(answer.table) << answer.diagnostics.front().message;
    EXPECT_EQ(columns_of(answer.table->schema), columns_of(declared->schema));
  }
}

}  // namespace
}  // namespace huntbook

#include "enrich/pivots.h"

#include <gtest/gtest.h>

#include "table/write.h"

namespace huntbook {
namespace {

TEST(Pivots, IpTypeGivesARowPerValueInOrder) {
  const std::vector<std::string> values{"8.8.8.8", "no address", "10.0.0.1", "8.8.8.8", "::1"};
  auto table = ip_type(values);
  ASSERT_TRUE(table.ok());
  std::string rows;
  append_rows_json(rows, *table);
  EXPECT_EQ(rows, R"([["Public",4],["",null],["Private",4],["Public",4],["Loopback",6]])");
}

TEST(Pivots, AreFoundByPluginAndByEntity) {
  ASSERT_NE(find_pivot("ip_type"), nullptr);
  EXPECT_EQ(find_pivot("ip", "type"), find_pivot("ip_type"));
  EXPECT_EQ(find_pivot("IpAddress", "ip_type"), find_pivot("ip_type"));
  EXPECT_EQ(find_pivot("host", "type"), nullptr);
  EXPECT_EQ(find_pivot("ip_nothing"), nullptr);
}

}  // namespace
}  // namespace huntbook

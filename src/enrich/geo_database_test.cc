#include "enrich/geo_database.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace huntbook {
namespace {

// The database that tests/data/make_places.py writes.
std::shared_ptr<const GeoDatabase> places() {
  auto database = GeoDatabase::find();
  EXPECT_TRUE(database.ok());
  return *database;
}

TEST(GeoDatabase, TellsWhatItKnows) {
  const auto database = places();
  ASSERT_TRUE(database);
  EXPECT_EQ(
      database->place("8.8.8.8"),
      R"({"country":"United States","state":"California","city":"Mountain View","latitude":37.4223,"longitude":-122.085})");
  EXPECT_EQ(database->place("2001:4860:4860::8888"),
            R"({"country":"United States","latitude":37.751,"longitude":-97.822})");
  EXPECT_EQ(database->place("203.0.113.255"),
            R"({"country":"Testland","city":"Quote\"ville","latitude":10.5,"longitude":20.25})");
}

TEST(GeoDatabase, KnowsNothingOfOthers) {
  const auto database = places();
  ASSERT_TRUE(database);
  for (const std::string text : {"10.0.0.1", "", "localhost", "8.8.8", "8.8.8.8/24", "8.8.8.8 "})
    EXPECT_EQ(database->place(text), std::nullopt) << text;
  EXPECT_EQ(database->place(std::string("8.8.8.8\0x", 9)), std::nullopt);
  EXPECT_EQ(database->place(std::string(1 << 20, '1')), std::nullopt);
}

TEST(GeoDatabase, SaysWhatIsWrongWithAFile) {
  auto missing = GeoDatabase::open("/nowhere/city.mmdb");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, "HB-N003");
  EXPECT_EQ(missing.error().message,
            "the database of addresses `/nowhere/city.mmdb` cannot be used: Error opening the specified "
            "MaxMind DB file");
  const std::string path = testing::TempDir() + "garbage.mmdb";
  std::ofstream(path) << std::string(10000, 'x');
  EXPECT_FALSE(GeoDatabase::open(path).ok());
}

}  // namespace
}  // namespace huntbook

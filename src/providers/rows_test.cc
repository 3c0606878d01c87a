#include "providers/rows.h"

#include <gtest/gtest.h>

#include "table/write.h"

namespace huntbook {
namespace {

Json json(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value.ok()) << text;
  return value.ok() ? *value : Json();
}

TEST(TypedRows, ReadsCellsByTheServicesTypes) {
  TypedRows rows(Schema{{{"b", Type::kBool},
                         {"i", Type::kInt},
                         {"l", Type::kLong},
                         {"r", Type::kReal},
                         {"s", Type::kString},
                         {"d", Type::kDatetime},
                         {"t", Type::kTimespan},
                         {"y", Type::kDynamic},
                         {"g", Type::kGuid},
                         {"m", Type::kDecimal}}});
  rows.append(json(R"([true, 1, 2, 0.5, "x", "2024-05-01T10:00:00Z", "1.02:03:04.5", {"a": [1]},
                       "74BE27DE-1E4E-49D9-B579-FE0B331D3642", "1.5"])")
                  .as_array());
  rows.append(json(R"([1, "7", "-8", "NaN", null, "", "00:00:01", "{\"a\":2}", "", 2])").as_array());
  rows.append(json(R"([null, null, null, null, {"z": 1}, null, null, "plain", null, null])").as_array());
  const Table table = rows.finish();
  EXPECT_EQ(table.completeness, Completeness::kComplete);
  EXPECT_EQ(
      to_json_lines(table),
      R"({"b":true,"i":1,"l":2,"r":0.5,"s":"x","d":"2024-05-01T10:00:00.0000000Z","t":"1.02:03:04.5000000","y":{"a":[1]},"g":"74be27de-1e4e-49d9-b579-fe0b331d3642","m":"1.5"}
{"b":true,"i":7,"l":-8,"r":"NaN","s":"","d":null,"t":"00:00:01","y":{"a":2},"g":null,"m":"2"}
{"b":null,"i":null,"l":null,"r":null,"s":"{\"z\":1}","d":null,"t":null,"y":"plain","g":null,"m":null}
)");
}

TEST(TypedRows, SaysWhatDoesNotFit) {
  TypedRows rows(Schema{{{"l", Type::kLong}, {"d", Type::kDatetime}}});
  rows.append(json(R"(["x", "yesterday"])").as_array());
  rows.append(json(R"([1.5, "2024-01-01", 3])").as_array());
  rows.append(json(R"({"d": "2024-01-02", "other": 1, "@odata.type": "x"})").as_object());
  const Table table = rows.finish();
  EXPECT_EQ(table.completeness, Completeness::kPartial);
  EXPECT_EQ(table.reasons, (std::vector<std::string>{"2 values of column `l` could not be read as long",
                                                     "1 value of column `d` could not be read as datetime",
                                                     "2 values belong to no column that the service named"}));
  EXPECT_EQ(table.rows(), 3u);
}

TEST(TypedRows, CutsBatches) {
  TypedRows rows(Schema{{{"l", Type::kLong}}});
  for (int64_t i = 0; i < 200'000; ++i) rows.append(Json::Array{Json::number(i)});
  EXPECT_EQ(rows.rows(), 200'000u);
  const Table table = rows.finish();
  EXPECT_EQ(table.rows(), 200'000u);
  EXPECT_EQ(table.batches.size(), 4u);
  EXPECT_EQ(table.batches[3]->columns[0].long_at(table.batches[3]->rows - 1), 199'999);
}

TEST(InferredRows, TypesByAllValues) {
  InferredRows rows({"time"});
  rows.append(
      json(R"({"b": true, "l": 1, "r": 1, "s": "x", "n": 1, "mix": 1, "time": "2024-05-01T00:00:00Z"})")
          .as_object());
  rows.append(
      json(R"({"b": false, "l": null, "r": 0.5, "n": {"a": "{}"}, "mix": "1", "late": "z", "empty": null})")
          .as_object());
  rows.append(json(R"({"n": "{}"})").as_object());
  EXPECT_EQ(
      to_json(rows.finish({"s", "nowhere"})),
      R"({"columns":[{"name":"s","type":"string"},{"name":"b","type":"bool"},{"name":"l","type":"long"},{"name":"r","type":"real"},{"name":"n","type":"dynamic"},{"name":"mix","type":"string"},{"name":"time","type":"datetime"},{"name":"late","type":"string"},{"name":"empty","type":"string"}],"rows":[["x",true,1,1.0,1,"1","2024-05-01T00:00:00.0000000Z","",""],["",false,null,0.5,{"a":"{}"},"1",null,"z",""],["",null,null,null,"{}","",null,"",""]],"completeness":"complete","rejected":0}
)");
}

TEST(InferredRows, KeepsRowsWhereColumnsComeLate) {
  InferredRows rows;
  for (int i = 0; i < 70'000; ++i) rows.append(json(R"({"a": 1})").as_object());
  rows.append(json(R"({"b": 2})").as_object());
  const Table table = rows.finish();
  EXPECT_EQ(table.rows(), 70'001u);
  EXPECT_TRUE(table.batches[0]->columns[1].is_null(0));
  EXPECT_EQ(table.batches[1]->columns[1].long_at(table.batches[1]->rows - 1), 2);
}

TEST(InferredRows, IsBoundedInWidth) {
  InferredRows rows;
  Json::Object wide;
  for (int i = 0; i < 5000; ++i) wide.emplace_back("c" + std::to_string(i), Json::number(int64_t{1}));
  rows.append(wide);
  EXPECT_EQ(rows.finish().schema.size(), 4097u);
}

TEST(Rows, FlattensToADepth) {
  EXPECT_EQ(Json::object(flatten(json(R"({"a": {"b": {"c": 1}, "d": []}, "e": {}})").as_object(), 1)).text(),
            R"({"a_b":{"c":1},"a_d":[],"e":{}})");
  EXPECT_EQ(Json::object(flatten(json(R"({"a": {"b": {"c": 1}}})").as_object(), 5, '.')).text(),
            R"({"a.b.c":1})");
}

TEST(Rows, KnowsTheNamesOfTypes) {
  const std::pair<const char*, Type> cases[] = {{"SByte", Type::kBool},
                                                {"System.Int64", Type::kLong},
                                                {"Edm.DateTimeOffset", Type::kDatetime},
                                                {"SqlDecimal", Type::kDecimal},
                                                {"System.Data.SqlTypes.SqlDecimal", Type::kDecimal},
                                                {"Object", Type::kDynamic},
                                                {"System.TimeSpan", Type::kTimespan},
                                                {"dateTime", Type::kDatetime},
                                                {"Double", Type::kReal},
                                                {"uniqueid", Type::kGuid}};
  for (const auto& [name, type] : cases) EXPECT_EQ(service_type(name), type) << name;
  EXPECT_EQ(service_type("nonsense"), std::nullopt);
}

}  // namespace
}  // namespace huntbook

// evidence() and rejects() as tables.
#include <fmt/format.h>

#include "base/text.h"
#include "evidence/evidence.h"
#include "table/builder.h"

namespace huntbook::evidence {

Table evidence_table(const Catalog& catalog) {
  Schema schema{{{"Path", Type::kString, "File, or archive.zip!member"},
                 {"Size", Type::kLong, "Bytes, decompressed"},
                 {"Sha256", Type::kString, "Of its own bytes"},
                 {"Reader", Type::kString, "Empty: not read"},
                 {"Tables", Type::kString, "Where its rows are"},
                 {"Rows", Type::kLong, ""},
                 {"Rejected", Type::kLong, "Records that are no row"},
                 {"FirstTime", Type::kDatetime, ""},
                 {"LastTime", Type::kDatetime, ""},
                 {"Note", Type::kString, ""}}};
  std::vector<ColumnBuilder> builders;
  for (const auto& field : schema.fields) builders.emplace_back(field.type);
  for (const auto& file : catalog.files) {
    builders[0].append_text(repair_utf8(file.path));
    builders[1].append_long(static_cast<int64_t>(file.size));
    builders[2].append_text(file.sha256);
    builders[3].append_text(file.reader);
    builders[4].append_text(fmt::format("{}", fmt::join(file.tables, ", ")));
    builders[5].append_long(static_cast<int64_t>(file.rows));
    builders[6].append_long(static_cast<int64_t>(file.rejected));
    for (size_t i : {7, 8}) {
      const auto& time = i == 7 ? file.first_time : file.last_time;
      if (time) builders[i].append_long(*time);
      else builders[i].append_null();
    }
    builders[9].append_text(repair_utf8(file.note));
  }
  return make_table(std::move(schema), std::move(builders));
}

Table rejects_table(const Catalog& catalog) {
  Schema schema{{{"Path", Type::kString, ""},
                 {"Offset", Type::kLong, "Byte in the decompressed member"},
                 {"Reason", Type::kString, ""},
                 {"Bytes", Type::kString, "The first 200"}}};
  std::vector<ColumnBuilder> builders;
  for (const auto& field : schema.fields) builders.emplace_back(field.type);
  for (const auto& reject : catalog.rejects) {
    builders[0].append_text(repair_utf8(reject.path));
    builders[1].append_long(static_cast<int64_t>(reject.offset));
    builders[2].append_text(repair_utf8(reject.reason));
    builders[3].append_text(repair_utf8(reject.bytes));
  }
  return make_table(std::move(schema), std::move(builders));
}

}  // namespace huntbook::evidence

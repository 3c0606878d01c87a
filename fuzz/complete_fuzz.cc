// Completion and inspection at any offset of any text: they end, and say nothing about places outside of it.
#include <cstdint>
#include <string_view>

#include "kql/complete.h"

using namespace huntbook;

namespace {

kql::Catalog catalog() {
  kql::Catalog made;
  kql::TableInfo table;
  table.name = "T";
  table.schema.fields = {{"a", Type::kLong, ""}, {"b c", Type::kString, ""}, {"d", Type::kDynamic, ""}};
  made.tables = {table};
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  static const kql::Catalog kCatalog = catalog();
  const std::string_view text(reinterpret_cast<const char*>(data + 2), size - 2);
  const size_t offset = (data[0] | (size_t{data[1]} << 8)) % (text.size() + 2);
  const size_t end = std::min(offset, text.size());
  for (const auto& each : kql::complete(text, offset, kCatalog)) {
    if (each.replace.begin > each.replace.end || each.replace.end != end) __builtin_trap();
    if (each.text.empty() || each.kind.empty()) __builtin_trap();
  }
  if (const auto found = kql::inspect(text, offset, kCatalog)) {
    if (found->span.begin > offset || found->span.end > text.size()) __builtin_trap();
  }
  return 0;
}

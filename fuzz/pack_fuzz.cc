// The pack loader on any bytes, and rendering of what it accepts.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "packs/pack.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  huntbook::PackLibrary library;
  library.load_text({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  for (const auto& query : library.queries) {
    (void)huntbook::render_query(query, {}, {}).ok();
    (void)huntbook::query_help_text(query);
  }
  return 0;
}

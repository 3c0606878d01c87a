// Any bytes as a member that calls itself JSON: recognised, cut and read. Every row has valid UTF-8 and no
// field that its kind does not allow; every record is a row or a reject; the bytes of a reject are where it
// says.
#include "evidence_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  huntbook::evidence::read_member(bytes, "input.json");
  huntbook::evidence::read_lines(bytes, huntbook::evidence::Format::kNdjson);
  return 0;
}

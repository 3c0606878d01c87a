// Any bytes as CSV, Zeek, syslog and auditd. The first byte chooses which.
#include "evidence_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace huntbook::evidence;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0: read_member(bytes, "input.csv"); break;
    case 1: read_member(bytes, "conn.log"); break;
    case 2: read_lines(bytes, Format::kSyslog); break;
    case 3: read_lines(bytes, Format::kAuditd); break;
  }
  return 0;
}

// A member made ready for reading: what it is, its table, its chunks.
#pragma once
#include <memory>
#include <string>

#include "evidence/cut.h"

namespace huntbook::evidence {

struct OpenedMember {
  std::shared_ptr<const FormatContext> context;
  std::string table;  ///< of the rows that have none of their own
  std::string note;
};

/// Recognises the member and sets the cutter on its first row. Both passes come through here, so they agree.
OpenedMember open_member(const Member& member, Cutter& cutter);

}  // namespace huntbook::evidence

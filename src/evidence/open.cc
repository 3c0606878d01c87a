#include "evidence/open.h"

#include <fmt/format.h>

#include <cstdlib>

#include "base/time.h"
#include "evidence/route.h"

namespace huntbook::evidence {

OpenedMember open_member(const Member& member, Cutter& cutter) {
  constexpr size_t kFrontBytes = 1 << 20;
  const std::string_view head = cutter.head();
  Recognised recognised = recognise(head, member.name, head.size() < kHeadBytes);
  OpenedMember opened;
  opened.note = recognised.note;
  FormatContext& context = recognised.context;
  context.file_time = member.modified;
  if (context.format == Format::kNdjson || context.format == Format::kJson)
    context.unix_times = is_zeek_json(head, member.name);
  context.local_offset = local_offset(cutter.head(kFrontBytes), context);
  if (context.local_offset && *context.local_offset != 0) {
    const int64_t minutes = -*context.local_offset / kTicksPerMinute;
    opened.note = fmt::format(
        "times without a zone are read as {}:{:02} h {} UTC, as other times of the same events show",
        std::abs(minutes) / 60, std::abs(minutes) % 60, minutes < 0 ? "behind" : "ahead of");
  }
  opened.table = table_name(member.name, context);
  cutter.start(recognised);
  opened.context = std::make_shared<const FormatContext>(std::move(context));
  return opened;
}

}  // namespace huntbook::evidence

#include "base/time_zone.h"

#include <unicode/timezone.h>

#include "base/time.h"

namespace huntbook {

struct TimeZone::Zone {
  std::unique_ptr<icu::TimeZone> icu;
};

TimeZone::TimeZone(std::string_view name) {
  const auto wanted = icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<int32_t>(name.size())));
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString id;
  icu::TimeZone::getIDForWindowsID(wanted, nullptr, id, status);
  if (U_FAILURE(status) || id.isEmpty()) id = wanted;
  std::unique_ptr<icu::TimeZone> zone(icu::TimeZone::createTimeZone(id));
  if (zone && *zone != icu::TimeZone::getUnknown()) zone_ = std::make_unique<Zone>(Zone{std::move(zone)});
}

TimeZone::~TimeZone() = default;

std::optional<int64_t> TimeZone::shifted(int64_t ticks, bool local) const {
  if (!zone_) return std::nullopt;
  const int64_t milliseconds = (ticks - kUnixEpochTicks) / kTicksPerMillisecond;
  int32_t raw = 0, dst = 0;
  UErrorCode status = U_ZERO_ERROR;
  zone_->icu->getOffset(static_cast<UDate>(milliseconds), local, raw, dst, status);
  if (U_FAILURE(status)) return std::nullopt;
  const int64_t offset = (static_cast<int64_t>(raw) + dst) * kTicksPerMillisecond;
  const int64_t made = local ? ticks - offset : ticks + offset;
  if (made < 0 || made > kMaxDatetimeTicks) return std::nullopt;
  return made;
}

std::optional<int64_t> TimeZone::to_local(int64_t utc_ticks) const { return shifted(utc_ticks, false); }
std::optional<int64_t> TimeZone::to_utc(int64_t local_ticks) const { return shifted(local_ticks, true); }

}  // namespace huntbook

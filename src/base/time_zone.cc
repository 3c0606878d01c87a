#include "base/time_zone.h"

#include <unicode/basictz.h>
#include <unicode/strenum.h>
#include <unicode/timezone.h>

#include <algorithm>

#include "base/time.h"

namespace huntbook {
namespace {

// Names that ICU adds to those of the IANA database.
bool is_library_name(std::string_view name) {
  static constexpr std::string_view kNames[] = {"ACT", "AET", "AGT",
                                                "ART", "AST", "BET",
                                                "BST", "CAT", "CNT",
                                                "CST", "CTT", "Canada/East-Saskatchewan",
                                                "EAT", "ECT", "Factory",
                                                "IET", "IST", "JST",
                                                "MIT", "NET", "NST",
                                                "PLT", "PNT", "PRT",
                                                "PST", "SST", "US/Pacific-New",
                                                "VST"};
  return name.starts_with("SystemV/") || std::binary_search(std::begin(kNames), std::end(kNames), name);
}

}  // namespace

struct TimeZone::Zone {
  std::unique_ptr<icu::TimeZone> icu;
};

TimeZone::TimeZone(std::string_view name) {
  const auto wanted =
      icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<int32_t>(name.size())));
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
  const auto* basic = dynamic_cast<const icu::BasicTimeZone*>(zone_->icu.get());
  if (local && basic) {  // a time that the clock skips is read by the offset behind the gap
    basic->getOffsetFromLocal(static_cast<UDate>(milliseconds), UCAL_TZ_LOCAL_LATTER, UCAL_TZ_LOCAL_LATTER,
                              raw, dst, status);
  } else {
    zone_->icu->getOffset(static_cast<UDate>(milliseconds), local, raw, dst, status);
  }
  if (U_FAILURE(status)) return std::nullopt;
  const int64_t offset = (static_cast<int64_t>(raw) + dst) * kTicksPerMillisecond;
  const int64_t made = local ? ticks - offset : ticks + offset;
  if (made < 0 || made > kMaxDatetimeTicks) return std::nullopt;
  return made;
}

std::optional<int64_t> TimeZone::to_local(int64_t utc_ticks) const { return shifted(utc_ticks, false); }
std::optional<int64_t> TimeZone::to_utc(int64_t local_ticks) const { return shifted(local_ticks, true); }

std::vector<std::string> time_zone_names() {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::StringEnumeration> zones(
      icu::TimeZone::createTimeZoneIDEnumeration(UCAL_ZONE_TYPE_ANY, nullptr, nullptr, status));
  std::vector<std::string> names;
  while (zones && U_SUCCESS(status)) {
    const icu::UnicodeString* name = zones->snext(status);
    if (!name) break;
    std::string text;
    name->toUTF8String(text);
    if (!is_library_name(text)) names.push_back(std::move(text));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace huntbook

// Time zones by IANA or Windows name.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace huntbook {

/// A time zone; an unknown name gives one that is not ok().
class TimeZone {
 public:
  explicit TimeZone(std::string_view name);
  ~TimeZone();
  TimeZone(const TimeZone&) = delete;
  TimeZone& operator=(const TimeZone&) = delete;
  bool ok() const { return zone_ != nullptr; }
  /// The same instant, and the instant that a clock on the wall shows. Nothing outside of years 1 to 9999.
  std::optional<int64_t> to_local(int64_t utc_ticks) const;
  std::optional<int64_t> to_utc(int64_t local_ticks) const;

 private:
  struct Zone;
  std::optional<int64_t> shifted(int64_t ticks, bool local) const;
  std::unique_ptr<Zone> zone_;
};

/// The IANA names, sorted.
std::vector<std::string> time_zone_names();

}  // namespace huntbook

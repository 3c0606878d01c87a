#include "scenario/benign.h"

#include <algorithm>
#include <array>
#include <vector>

namespace huntbook::scenario {
namespace {

constexpr std::array<uint16_t, 24> kOfficeHours = {
    4, 3, 3, 3, 4, 8, 60, 340, 800, 1000, 1000, 950, 600, 850, 1000, 950, 750, 400, 150, 70, 50, 40, 20, 8};
constexpr std::array<uint16_t, 24> kNightHours = {700, 1000, 1000, 800, 400, 120, 30, 10, 10,  10,  10,  10,
                                                  10,  10,   10,   10,  10,  20,  40, 80, 120, 250, 400, 600};
/// Machines work all day, a little more while people do.
constexpr std::array<uint16_t, 24> kAllHours = {620, 600,  600,  600,  610, 640, 700,  800,
                                                950, 1000, 1000, 1000, 950, 980, 1000, 1000,
                                                950, 850,  760,  700,  680, 660, 640,  630};

struct Happening {
  Micros time;
  uint32_t order;
  const Activity* activity;
};

void plan(World& world, std::span<const Activity> activities, Micros begin, Micros length, uint64_t scale,
          std::vector<Happening>& out) {
  for (const Activity& activity : activities) {
    // Expected number in this window, in units of 1/1000, with a swing of a quarter so that no two hours are
    // alike.
    auto wanted = static_cast<unsigned __int128>(activity.per_fortnight) * scale *
                  rhythm_weight(activity.rhythm, begin);
    wanted = wanted * static_cast<uint64_t>(length / kSecond) * 1'000 / rhythm_sum(activity.rhythm) /
             (10'000 * 3'600);
    auto expected =
        static_cast<uint64_t>(wanted) * static_cast<uint64_t>(world.rng.between(750, 1'250)) / 1'000;
    uint64_t count = expected / 1'000 + (world.rng.below(1'000) < expected % 1'000 ? 1 : 0);
    for (uint64_t i = 0; i < count; ++i)
      out.push_back(
          Happening{.time = begin + static_cast<Micros>(world.rng.below(static_cast<uint64_t>(length))),
                    .order = static_cast<uint32_t>(out.size()),
                    .activity = &activity});
  }
}

}  // namespace

uint64_t rhythm_weight(Rhythm rhythm, Micros t) {
  auto hour = static_cast<size_t>(hour_of_day(t));
  switch (rhythm) {
    case Rhythm::kOffice:
      return is_weekend(t) ? std::max<uint64_t>(kOfficeHours[hour] / 14, 1) : kOfficeHours[hour];
    case Rhythm::kNight: return kNightHours[hour];
    case Rhythm::kAlways: return is_weekend(t) ? 600 : kAllHours[hour];
  }
  return 1;
}

uint64_t rhythm_sum(Rhythm rhythm) {
  uint64_t sum = 0;
  for (Micros t = kStart; t < kEnd; t += kHour) sum += rhythm_weight(rhythm, t);
  return sum;
}

void run_benign_window(World& world, Micros begin, Micros length, uint64_t scale) {
  std::vector<Happening> happenings;
  for (auto activities : {office_activities(), machine_activities(), admin_activities(), linux_activities(),
                          cloud_activities()})
    plan(world, activities, begin, length, scale, happenings);
  std::sort(happenings.begin(), happenings.end(), [](const Happening& a, const Happening& b) {
    return a.time != b.time ? a.time < b.time : a.order < b.order;
  });
  for (const Happening& happening : happenings) happening.activity->run(world, happening.time);
}

}  // namespace huntbook::scenario

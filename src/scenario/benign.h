// The ordinary two weeks: a table of activities with how often each happens and when.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "scenario/world.h"

namespace huntbook::scenario {

enum class Rhythm : uint8_t { kOffice, kAlways, kNight };

struct Activity {
  std::string_view name;
  uint32_t per_fortnight;  ///< at scale 1
  Rhythm rhythm;
  void (*run)(World& world, Micros t);
};

std::span<const Activity> office_activities();
std::span<const Activity> machine_activities();
std::span<const Activity> admin_activities();
std::span<const Activity> linux_activities();
std::span<const Activity> cloud_activities();

/// An administrator works on `target` by remote desktop from the own workstation.
void admin_remote_desktop(World& world, Micros t, User& admin, uint32_t target);

/// How busy the hour of `t` is, against the sum over the two weeks.
uint64_t rhythm_weight(Rhythm rhythm, Micros t);
uint64_t rhythm_sum(Rhythm rhythm);

/// All benign activity that begins in the window. `scale` is in units of 1/10000.
void run_benign_window(World& world, Micros begin, Micros length, uint64_t scale);

}  // namespace huntbook::scenario

// The events of a timeline in time order, each in its lane: what every form of the picture is drawn from.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "huntbook/picture.h"
#include "huntbook/result.h"

namespace huntbook {

/// More series than this, and the rarest go together into one lane.
constexpr size_t kMostLanes = 40;

struct Lane {
  std::string label;  ///< safe to show
  uint64_t count = 0;
};

struct ReferenceTime {
  int64_t ticks = 0;
  std::string label;  ///< safe to show
};

struct TimelineData {
  std::string title;
  std::string time_name;
  size_t total = 0;               ///< rows of the table
  std::vector<uint32_t> rows;     ///< rows that have a time, by time
  std::vector<int64_t> times;     ///< their times
  std::vector<uint32_t> lane_of;  ///< their lanes
  std::vector<Lane> lanes;
  bool has_other = false;       ///< the last lane holds several series
  std::vector<size_t> columns;  ///< shown with each event
  std::vector<ReferenceTime> references;
  std::vector<std::string> notes;  ///< safe to show
};

Result<TimelineData> timeline_data(const Picture& picture);

}  // namespace huntbook

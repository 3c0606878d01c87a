// Exporters write local times without a zone; the events themselves tell which zone it was.
#include <cstdlib>
#include <map>

#include "base/time.h"
#include "evidence/windows.h"

namespace huntbook::evidence {
namespace {

constexpr int64_t kQuarter = 15 * kTicksPerMinute;  // zones differ by quarters of an hour

// Counts the offsets that rows speak for.
class Votes : public RowSink {
 public:
  void row(std::vector<Field>& fields) override {
    std::string_view local, utc, received, shipped;
    for (const auto& field : fields) {
      if (field.kind != FieldKind::kString) continue;
      if (field.key == "TimeCreated" || (field.key == "EventTime" && local.empty())) local = field.text;
      else if (field.key == "UtcTime") utc = field.text;
      else if (field.key == "EventReceivedTime") received = field.text;
      else if (field.key == "@timestamp") shipped = field.text;
    }
    if (local.empty() || has_zone(local)) return;
    zoneless_ = true;
    if (!utc.empty()) vote(local, utc, 3);
    else if (has_zone(shipped) && !has_zone(received)) vote(received, shipped, 1);
  }
  void reject(uint64_t, std::string, std::string_view) override {}
  void remark(std::string_view) override {}

  bool zoneless() const { return zoneless_; }
  std::optional<int64_t> winner() const {
    std::optional<int64_t> best;
    uint64_t most = 0, all = 0;
    for (const auto& [offset, count] : counts_) {
      all += count;
      if (count > most) {
        most = count;
        best = offset;
      }
    }
    return most * 2 > all ? best : std::nullopt;
  }

 private:
  void vote(std::string_view local, std::string_view utc, uint64_t weight) {
    const auto from = parse_iso_datetime(local), to = parse_iso_datetime(utc);
    if (!from || !to) return;
    const int64_t difference = *to - *from;
    const int64_t offset = (difference + (difference < 0 ? -kQuarter : kQuarter) / 2) / kQuarter * kQuarter;
    if (std::abs(difference - offset) > kTicksPerMinute || std::abs(offset) > 24 * kTicksPerHour) return;
    counts_[offset] += weight;
  }

  bool zoneless_ = false;
  std::map<int64_t, uint64_t> counts_;
};

void read_front(std::string_view text, size_t size, const FormatContext& context, Votes& votes) {
  text = text.substr(0, size);
  const size_t end = text.rfind('\n');
  if (end == std::string_view::npos) return;
  Chunk chunk;
  chunk.bytes.assign(text.substr(0, end));
  chunk.size = end;
  chunk.bytes.resize(end + kPadding);
  read_json_rows(chunk, context, votes);
}

}  // namespace

std::optional<int64_t> local_offset(std::string_view text, const FormatContext& context) {
  if (context.format != Format::kNdjson) return std::nullopt;
  Votes first;
  read_front(text, 1 << 16, context, first);
  if (!first.zoneless()) return std::nullopt;
  Votes votes;
  read_front(text, 1 << 20, context, votes);
  return votes.winner();
}

}  // namespace huntbook::evidence

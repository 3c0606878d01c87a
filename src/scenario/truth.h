// The answer key: what is malicious, where it is written, and what it means.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenario/output.h"
#include "scenario/stamp.h"

namespace huntbook::scenario {

/// Name and value of one fact; the order of facts is kept.
using Facts = std::vector<std::pair<std::string, std::string>>;

enum class Stage : uint8_t {
  kInitialAccess,
  kExecution,
  kCommandAndControl,
  kDiscovery,
  kPrivilegeEscalation,
  kCredentialAccess,
  kLateralMovement,
  kPersistence,
  kCollection,
  kExfiltration,
  kDefenseEvasion,
  kCloudPersistence
};
constexpr size_t kStages = 12;

/// What the events being written now show; set by Malice in world.h.
struct Note {
  Stage stage;
  std::vector<std::string> techniques;  ///< ATT&CK ids
  std::string what;
};

struct TruthEvent {
  LogFile file = LogFile::kSecurity;
  uint64_t line = 0;    ///< 1-based, headers counted; 0 until it is written
  uint64_t record = 0;  ///< the event's RecordNumber, 0 where the log has none
  Micros time = 0;
  int event_id = 0;
  std::string host;
  uint32_t note = 0;
  Facts fields;  ///< values as JSON
};

/// A list of like things (hosts, processes ...): rows of facts, each listed once.
struct TruthList {
  std::string name;
  std::vector<Facts> rows;
};

class Truth : public PlacedEvents {
 public:
  Truth();
  void begin(Note note);
  void stop();
  bool active() const { return active_; }
  /// The mark for an event of the active note, or kUnmarked.
  uint32_t mark(LogFile file, Micros t, std::string_view host, int event_id);
  void placed(uint32_t mark, uint64_t line, uint64_t record, std::string_view text) override;

  /// Adds a row to the list "hosts", "accounts", "processes" ... unless an equal row is there. Values are
  /// JSON text already when they start with a digit and are plain integers; all else becomes a string.
  void add(std::string_view list, Facts row);

  const std::vector<Note>& notes() const { return notes_; }
  const std::vector<TruthEvent>& events() const { return events_; }
  const std::vector<TruthList>& lists() const { return lists_; }

 private:
  bool active_ = false;
  std::vector<Note> notes_;
  std::vector<TruthEvent> events_;
  std::vector<TruthList> lists_;
};

struct TruthHeader {
  uint64_t seed = 0;
  std::string scale;
  std::string company;
  std::string domain;
  int hosts = 0;
  int users = 0;
};

/// The whole of ground_truth.json; the keys are described in README.md.
std::string ground_truth_json(const Truth& truth, const TruthHeader& header);

}  // namespace huntbook::scenario

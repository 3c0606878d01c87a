// What every event writer gets: the company, the files, the answer key and the random numbers; and how a line
// is written.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/escape.h"
#include "scenario/company.h"
#include "scenario/output.h"
#include "scenario/prng.h"
#include "scenario/stamp.h"
#include "scenario/truth.h"

namespace huntbook::scenario {

struct World {
  explicit World(uint64_t seed_, Company company_)
      : seed(seed_), company(std::move(company_)), rng(mix(seed_, 1)) {}
  uint64_t seed;
  Company company;
  Output out;
  Truth truth;
  Prng rng;
  Micros now = kStart;  ///< start of the window being made

  Host& host(uint32_t index) { return company.hosts[index]; }
  const Host& controller() { return company.hosts[rng.pick(company.controllers)]; }
};

/// While it lives, every event written is malicious and shows `techniques`.
class Malice {
 public:
  Malice(World& world, Stage stage, std::vector<std::string> techniques, std::string what)
      : truth_(world.truth) {
    truth_.begin(Note{.stage = stage, .techniques = std::move(techniques), .what = std::move(what)});
  }
  ~Malice() { truth_.stop(); }
  Malice(const Malice&) = delete;
  Malice& operator=(const Malice&) = delete;

 private:
  Truth& truth_;
};

/// One event of one file; append to `out` while it lives.
class LogLine {
 public:
  LogLine(World& world, LogFile file, Micros t, const Host& host, int event_id = 0)
      : LogLine(world, file, t, host.index, host.fqdn, event_id) {}
  LogLine(World& world, LogFile file, Micros t, uint32_t host_index, std::string_view host_name,
          int event_id = 0)
      : stream_(world.out.stream(file)),
        out(stream_.begin(t, host_index, world.truth.mark(file, t, host_name, event_id))) {}
  ~LogLine() { stream_.end(); }
  LogLine(const LogLine&) = delete;
  LogLine& operator=(const LogLine&) = delete;

 private:
  LogStream& stream_;

 public:
  std::string& out;
};

/// Appends the members of one JSON object (the stream closes it). Keys are literals that need no escaping.
class JsonMembers {
 public:
  explicit JsonMembers(std::string& out) : out_(out) {}
  JsonMembers& text(std::string_view key, std::string_view value) {
    append_json_string(start(key), value);
    return *this;
  }
  JsonMembers& number(std::string_view key, int64_t value) {
    append_number(start(key), value);
    return *this;
  }
  /// A number in quotes, as Windows event data has it.
  JsonMembers& digits(std::string_view key, int64_t value) {
    std::string& out = start(key) += '"';
    append_number(out, value);
    out += '"';
    return *this;
  }
  JsonMembers& hex(std::string_view key, uint64_t value) {
    std::string& out = start(key) += "\"0x";
    append_hex(out, value);
    out += '"';
    return *this;
  }
  /// JSON text as it is.
  JsonMembers& raw(std::string_view key, std::string_view json) {
    start(key) += json;
    return *this;
  }
  JsonMembers& boolean(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
  /// The text to append the value to.
  std::string& start(std::string_view key) {
    out_ += first_ ? "{\"" : ",\"";
    first_ = false;
    out_ += key;
    out_ += "\":";
    return out_;
  }

 private:
  std::string& out_;
  bool first_ = true;
};

/// What all events of one channel share.
struct Channel {
  LogFile file;
  std::string_view source, guid, channel;
};
extern const Channel kSecurityChannel, kSysmonChannel, kPowershellChannel, kClassicPowershellChannel,
    kSystemChannel;

/// A Windows event in the flat shape of a log forwarder: header, event data, then a message.
class WindowsLine : public LogLine, public JsonMembers {
 public:
  WindowsLine(World& world, const Channel& channel, Micros t, const Host& host, int event_id, int task,
              std::string_view category);
  void user(const Identity& who,
            std::string_view prefix);  ///< <prefix>UserSid, <prefix>UserName, <prefix>DomainName
};

}  // namespace huntbook::scenario

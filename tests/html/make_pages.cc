// Draws the pages that pages_test.mjs drives: make_pages OUT [NAME...]. All tables are made up, the same
// every time.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "table/builder.h"
#include "vis/draw.h"

namespace huntbook {
namespace {

/// A small repeatable generator of numbers.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  size_t below(size_t n) { return next() % n; }
  double share() { return static_cast<double>(next() >> 11) / 9007199254740992.0; }

 private:
  uint64_t state_;
};

const std::vector<std::string> kUsers = {"CORP\\a.schmidt",      "CORP\\j.doe",      "CORP\\m.rossi",
                                         "NT AUTHORITY\\SYSTEM", "CORP\\svc-backup", "CORP\\k.nowak",
                                         "CORP\\l.martin"};
const std::vector<std::string> kImages = {"C:\\Windows\\System32\\svchost.exe",
                                          "C:\\Windows\\System32\\cmd.exe",
                                          "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
                                          "C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE",
                                          "C:\\Windows\\explorer.exe",
                                          "C:\\Program Files\\Mozilla Firefox\\firefox.exe",
                                          "C:\\Windows\\System32\\conhost.exe",
                                          "C:\\Windows\\System32\\whoami.exe"};
constexpr int64_t kDays = 14;

/// A time in two weeks from 2024-03-04, busy on working days from 8 to 18.
int64_t office_time(Dice& dice) {
  const int64_t start = parse_iso_datetime("2024-03-04 00:00:00").value();
  for (;;) {
    const double day = dice.share() * kDays;
    const double hour = (day - std::floor(day)) * 24;
    const bool weekend = static_cast<int>(day) % 7 >= 5;
    const double busy = (weekend ? 0.08 : 1.0) * (0.06 + std::exp(-std::pow((hour - 13) / 4.2, 2)));
    if (dice.share() < busy) return start + static_cast<int64_t>(day * static_cast<double>(kTicksPerDay));
  }
}

/// Windows security events; the first and the last stand alone at the very ends.
Picture security_timeline(size_t count, std::string title) {
  Dice dice(88172645463325252ull + count);
  const std::vector<std::pair<int, double>> ids = {{4624, 0.42},  {4688, 0.30},   {4634, 0.2},   {4625, 0.05},
                                                   {4672, 0.029}, {7045, 0.0009}, {1102, 0.0001}};
  Schema schema{{{"TimeGenerated", Type::kDatetime},
                 {"EventID", Type::kInt},
                 {"Computer", Type::kString},
                 {"Account", Type::kString},
                 {"Process", Type::kString},
                 {"CommandLine", Type::kString},
                 {"LogonType", Type::kInt},
                 {"IpAddress", Type::kString}}};
  std::vector<ColumnBuilder> out;
  for (const Field& field : schema.fields) out.emplace_back(field.type);
  const int64_t start = parse_iso_datetime("2024-03-04 00:00:00").value();
  for (size_t i = 0; i < count; ++i) {
    int64_t time = office_time(dice);
    if (i == 0) time = start + kDays * kTicksPerDay;
    if (i + 1 == count && count > 1) time = start - 7;
    double share = dice.share();
    int id = 4624;
    for (const auto& [candidate, weight] : ids) {
      id = candidate;
      if ((share -= weight) < 0) break;
    }
    if (id == 1102)
      time = start + 9 * kTicksPerDay + 14 * kTicksPerHour +
             static_cast<int64_t>(dice.below(60)) * kTicksPerMinute;
    out[0].append_long(time);
    out[1].append_int(id);
    out[2].append_text("WS-" + std::to_string(100 + dice.below(300)) + ".corp.example");
    out[3].append_text(kUsers[dice.below(kUsers.size())]);
    const std::string& image = kImages[dice.below(kImages.size())];
    out[4].append_text(id == 4688 ? image : "");
    out[5].append_text(id == 4688 ? "\"" + image + "\" -k " + std::to_string(dice.below(900)) : "");
    if (id == 4624) {
      out[6].append_int(static_cast<int32_t>(2 + dice.below(9)));
    } else {
      out[6].append_null();
    }
    out[7].append_text("10.1." + std::to_string(dice.below(4)) + "." + std::to_string(dice.below(250)));
  }
  return {.kind = "timeline",
          .title = std::move(title),
          .table = make_table(std::move(schema), std::move(out)),
          .properties = {{"reference", "2024-03-13T14:20:00Z=audit log cleared"}}};
}

/// `lanes` series with names from `label`, a few events each.
Picture many_lanes(size_t lanes, size_t each, std::string title,
                   const std::function<std::string(size_t)>& label) {
  Dice dice(lanes * 7919 + each);
  Schema schema{
      {{"TimeGenerated", Type::kDatetime}, {"Computer", Type::kString}, {"Message", Type::kString}}};
  std::vector<ColumnBuilder> out;
  for (const Field& field : schema.fields) out.emplace_back(field.type);
  for (size_t lane = 0; lane < lanes; ++lane) {
    for (size_t i = 0; i < each + lane; ++i) {
      out[0].append_long(office_time(dice));
      out[1].append_text(label(lane));
      out[2].append_text("message " + std::to_string(i));
    }
  }
  return {.kind = "timeline",
          .title = std::move(title),
          .table = make_table(std::move(schema), std::move(out)),
          .properties = {{"series", "Computer"}}};
}

Picture few_events(const std::vector<std::string>& times, std::string title) {
  Schema schema{{{"TimeGenerated", Type::kDatetime}, {"Activity", Type::kString}}};
  std::vector<ColumnBuilder> out;
  for (const Field& field : schema.fields) out.emplace_back(field.type);
  for (size_t i = 0; i < times.size(); ++i) {
    out[0].append_long(parse_datetime(times[i]).value());
    out[1].append_text(i % 3 == 0 ? "logon" : "process");
  }
  return {.kind = "timeline",
          .title = std::move(title),
          .table = make_table(std::move(schema), std::move(out)),
          .properties = {{"series", "Activity"}}};
}

/// Process starts: each process picks a living parent; one attack among them.
Picture processes(size_t count, std::string title, bool chain = false) {
  Dice dice(count * 31 + 5);
  Schema schema{{{"TimeGenerated", Type::kDatetime},
                 {"Computer", Type::kString},
                 {"EventID", Type::kInt},
                 {"NewProcessId", Type::kString},
                 {"ProcessId", Type::kString},
                 {"NewProcessName", Type::kString},
                 {"ParentProcessName", Type::kString},
                 {"CommandLine", Type::kString},
                 {"SubjectUserName", Type::kString},
                 {"SubjectDomainName", Type::kString},
                 {"Malicious", Type::kBool}}};
  std::vector<ColumnBuilder> out;
  for (const Field& field : schema.fields) out.emplace_back(field.type);
  const int64_t start = parse_iso_datetime("2024-03-13 07:58:12").value();
  const auto hex = [](size_t id) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%zx", id);
    return std::string(text);
  };
  std::vector<size_t> image_of(count);
  for (size_t i = 0; i < count; ++i) {
    const size_t host = i % 3;
    const bool orphan = i < 3 || dice.below(200) == 0;
    // The parent is one of the host's earlier processes: a chain, or a tree that is broad near its roots.
    const size_t before = i / 3;
    const size_t back =
        chain || before == 0
            ? std::min<size_t>(before, 1)
            : std::min(before, dice.below(4) == 0 ? 1 + dice.below(8) : before - before % 40 / 2);
    const size_t parent = i - 3 * back;
    image_of[i] = dice.below(kImages.size());
    const bool bad = dice.below(150) == 0;
    out[0].append_long(start + static_cast<int64_t>(i) * 9 * kTicksPerSecond / 4 +
                       static_cast<int64_t>(dice.below(9'000'000)));
    out[1].append_text("WS-10" + std::to_string(host) + ".corp.example");
    out[2].append_int(4688);
    out[3].append_text(hex(1000 + 4 * i));
    out[4].append_text(orphan ? hex(500 + host) : hex(1000 + 4 * parent));
    out[5].append_text(bad ? kImages[2] : kImages[image_of[i]]);
    if (bad) image_of[i] = 2;
    out[6].append_text(orphan ? "C:\\Windows\\System32\\services.exe" : kImages[image_of[parent]]);
    out[7].append_text(
        bad ? "powershell.exe -NoP -W Hidden -Enc "
              "SQBFAFgAKABOAGUAdwAtAE8AYgBqAGUAYwB0ACAATgBlAHQALgBXAGUAYgBDAGwAaQBlAG4AdAApAA=="
            : "\"" + kImages[image_of[i]] + "\" /n " + std::to_string(dice.below(10000)));
    const std::string& user = kUsers[dice.below(kUsers.size())];
    const size_t slash = user.find('\\');
    out[8].append_text(user.substr(slash + 1));
    out[9].append_text(user.substr(0, slash));
    out[10].append_bool(bad);
  }
  return {.kind = "processtree",
          .title = std::move(title),
          .table = make_table(std::move(schema), std::move(out)),
          .properties = {{"highlight", "Malicious"}}};
}

const std::vector<std::string> kHostile = {"<script>alert(1)</script>",
                                           "</script><script>alert(2)</script>",
                                           "\"><img src=x onerror=alert(3)>",
                                           "'><svg onload=alert(4)>",
                                           "<!--<script>",
                                           "javascript:alert(5)",
                                           "\x1b[31mred\x1b]0;title\x07",
                                           "\xE2\x80\xAEtxt.exe",
                                           "bad\xFF\xFEutf8",
                                           "<iframe src=http://127.0.0.1:9/x>",
                                           "{{7*7}}${7*7}",
                                           std::string("nul\0in", 6),
                                           "@import url(http://127.0.0.1:9/y)",
                                           "\xE2\x80\xA8line\xE2\x80\xA9sep"};

/// Hostile texts in every place that text has: titles, names of columns, cells, labels, reasons.
std::vector<Picture> hostile_pictures() {
  const std::string& script = kHostile[1];
  Schema schema{{{"TimeGenerated", Type::kDatetime},
                 {"<img src=x onerror=alert(6)>", Type::kString},
                 {script, Type::kString},
                 {"NewProcessId", Type::kString},
                 {"ProcessId", Type::kString},
                 {"NewProcessName", Type::kString},
                 {"ParentProcessName", Type::kString},
                 {"CommandLine", Type::kString},
                 {"SubjectUserName", Type::kString},
                 {"Computer", Type::kString}}};
  std::vector<ColumnBuilder> out;
  for (const Field& field : schema.fields) out.emplace_back(field.type);
  const int64_t start = parse_iso_datetime("2024-03-13 08:00:00").value();
  for (size_t i = 0; i < kHostile.size(); ++i) {
    out[0].append_long(start + static_cast<int64_t>(i) * kTicksPerMinute);
    for (size_t column = 1; column < schema.size(); ++column)
      out[column].append_text(kHostile[(i + column) % kHostile.size()]);
  }
  Table table = make_table(std::move(schema), std::move(out));
  table.completeness = Completeness::kPartial;
  table.reasons = {script};
  return {
      {.kind = "timeline",
       .title = script,
       .table = table,
       .properties = {{"series", script}, {"reference", "2024-03-13T08:05:00Z=" + kHostile[2]}}},
      {.kind = "processtree", .title = kHostile[2], .table = table, .properties = {{"highlight", script}}},
      {.kind = "table", .title = kHostile[0], .table = table}};
}

std::string host_label(size_t lane) { return "WS-" + std::to_string(100 + lane) + ".corp.example"; }

std::string long_label(size_t lane) {
  static const std::vector<std::string> kLong = {
      "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational-and-some-more-words-to-be-sure",
      "An account was successfully logged on with explicit credentials from a remote workstation",
      "短いラベルではない日本語の長いラベルがここに入りますので切り詰められるはずです",
      "C:\\Users\\a.schmidt\\AppData\\Local\\Temp\\7zO41B2\\invoice_2024-03-13_final_version.docm", "short"};
  return kLong[lane % kLong.size()];
}

using Maker = std::function<std::vector<Picture>()>;

std::map<std::string, Maker> pages() {
  return {
      {"timeline_10k", [] { return std::vector{security_timeline(10'000, "Security events, 10,000")}; }},
      {"timeline_1m",
       [] { return std::vector{security_timeline(1'000'000, "Security events, one million")}; }},
      {"empty", [] { return std::vector{few_events({}, "No events at all")}; }},
      {"one", [] { return std::vector{few_events({"2024-03-13T14:20:00.1234567Z"}, "A single event")}; }},
      {"instant",
       [] {
         return std::vector{
             few_events(std::vector<std::string>(25, "2024-03-13T14:20:00Z"), "All at the same instant")};
       }},
      {"ages",
       [] {
         return std::vector{
             few_events({"0001-01-01", "1601-01-01", "2024-03-13", "9999-12-31T23:59:59.9999999Z"},
                        "From the first tick to the last")};
       }},
      {"lanes60", [] { return std::vector{many_lanes(60, 40, "Sixty hosts", host_label)}; }},
      {"long_labels", [] { return std::vector{many_lanes(5, 60, "Labels that are too long", long_label)}; }},
      {"tree_2k", [] { return std::vector{processes(2'000, "Processes on three workstations")}; }},
      {"tree_50k", [] { return std::vector{processes(50'000, "Fifty thousand processes")}; }},
      {"tree_deep", [] { return std::vector{processes(900, "Each the child of the one before", true)}; }},
      {"table",
       [] {
         Picture picture = security_timeline(3'000, "Rows as they are");
         picture.kind = "table";
         picture.properties.clear();
         return std::vector{picture};
       }},
      {"hostile", [] { return hostile_pictures(); }},
      {"report", [] {
         return std::vector{security_timeline(60'000, "Security events"), processes(900, "Processes")};
       }}};
}

int write(const std::filesystem::path& path, const Result<std::string>& text) {
  if (!text.ok()) {
    std::fprintf(stderr, "%s: %s\n", path.c_str(), text.error().message.c_str());
    return 1;
  }
  std::ofstream(path, std::ios::binary) << *text;
  return 0;
}

int run(const std::filesystem::path& folder, const std::vector<std::string>& wanted) {
  int failures = 0;
  for (const auto& [name, maker] : pages()) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), name) == wanted.end()) continue;
    const std::vector<Picture> pictures = maker();
    failures += write(folder / (name + ".html"),
                      pictures.size() == 1 ? draw_html(pictures[0]) : report_html("Hunt report", pictures));
    if (pictures[0].kind == "table") continue;
    failures += write(folder / (name + ".svg"), draw_svg(pictures[0]));
    failures += write(folder / (name + ".txt"), draw_text(pictures[0], 110));
    if (pictures.size() > 1) failures += write(folder / (name + "_tree.svg"), draw_svg(pictures[1]));
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace huntbook

int main(int count, char** words) {
  if (count < 2) {
    std::fprintf(stderr, "usage: make_pages OUT [NAME...]\n");
    return 2;
  }
  return huntbook::run(words[1], std::vector<std::string>(words + 2, words + count));
}

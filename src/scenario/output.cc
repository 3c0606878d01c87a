#include "scenario/output.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "scenario/prng.h"

namespace huntbook::scenario {
namespace {

constexpr std::array<std::string_view, kLogFiles> kPaths = {"evidence/windows/security.ndjson",
                                                            "evidence/windows/sysmon.ndjson",
                                                            "evidence/windows/powershell.ndjson",
                                                            "evidence/windows/system.ndjson",
                                                            "evidence/linux/syslog.log",
                                                            "evidence/linux/audit.log",
                                                            "evidence/zeek/conn.log",
                                                            "evidence/zeek/dns.log",
                                                            "evidence/zeek/http.log",
                                                            "evidence/cloud/SigninLogs.ndjson",
                                                            "evidence/cloud/AuditLogs.ndjson"};

constexpr std::string_view kZeekHead =
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t";
constexpr std::string_view kConnFields =
    "conn\n#open\t2026-03-02-00-00-00\n"
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_"
    "bytes\tresp_bytes\t"
    "conn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_"
    "bytes\t"
    "tunnel_parents\n"
    "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\tbool\tbool\t"
    "count\t"
    "string\tcount\tcount\tcount\tcount\tset[string]\n";
constexpr std::string_view kDnsFields =
    "dns\n#open\t2026-03-02-00-00-00\n"
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttrans_"
    "id\trtt\tquery\tqclass\tqclass_name\t"
    "qtype\tqtype_name\trcode\trcode_name\tAA\tTC\tRD\tRA\tZ\tanswers\tTTLs\trejected\n"
    "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tcount\tinterval\tstring\tcount\tstring\tcount\tstrin"
    "g\tcount\t"
    "string\tbool\tbool\tbool\tbool\tcount\tvector[string]\tvector[interval]\tbool\n";
constexpr std::string_view kHttpFields =
    "http\n#open\t2026-03-02-00-00-00\n"
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\ttrans_"
    "depth\tmethod\thost\turi\treferrer\tversion\t"
    "user_agent\torigin\trequest_body_len\tresponse_body_len\tstatus_code\tstatus_msg\tinfo_code\tinfo_"
    "msg\ttags\t"
    "username\tpassword\tproxied\torig_fuids\torig_filenames\torig_mime_types\tresp_fuids\tresp_"
    "filenames\tresp_mime_types\n"
    "#types\ttime\tstring\taddr\tport\taddr\tport\tcount\tstring\tstring\tstring\tstring\tstring\tstring\tstr"
    "ing\tcount\t"
    "count\tcount\tstring\tcount\tstring\tset[enum]\tstring\tstring\tset[string]\tvector[string]\tvector["
    "string]\t"
    "vector[string]\tvector[string]\tvector[string]\tvector[string]\n";

std::string_view zeek_fields(LogFile file) {
  switch (file) {
    case LogFile::kConn: return kConnFields;
    case LogFile::kDns: return kDnsFields;
    case LogFile::kHttp: return kHttpFields;
    default: return {};
  }
}

bool has_records(LogFile file) { return file <= LogFile::kSystem; }

Diagnostic cannot_write(const std::filesystem::path& path, int error) {
  return Diagnostic{
      .code = "HB-G002",
      .message = "cannot write `" + path.string() + "`: " + std::generic_category().message(error),
      .hint = "choose a folder that can be written and has room"};
}

constexpr size_t kBufferSize = size_t{1} << 20;

}  // namespace

std::string_view log_path(LogFile file) { return kPaths[static_cast<size_t>(file)]; }

bool is_json(LogFile file) { return file <= LogFile::kSystem || file >= LogFile::kSignin; }

Status LogStream::open(const std::filesystem::path& folder, LogFile file, Micros window) {
  kind_ = file;
  window_ = window;
  first_open_ = kStart / window;
  path_ = folder / log_path(file);
  std::error_code error;
  std::filesystem::create_directories(path_.parent_path(), error);
  if (error) return cannot_write(path_.parent_path(), error.value());
  file_.reset(std::fopen(path_.c_str(), "wb"));
  if (!file_) return cannot_write(path_, errno);
  std::string_view fields = zeek_fields(file);
  if (fields.empty()) return {};
  std::string head(kZeekHead);
  head += fields;
  lines_ = static_cast<uint64_t>(std::count(head.begin(), head.end(), '\n'));
  return write(head);
}

std::string& LogStream::begin(Micros t, uint32_t host, uint32_t mark) {
  int64_t index = t / window_;
  if (index < first_open_ || t >= kEnd) {
    dropped_.text.clear();
    current_ = &dropped_;
    return dropped_.text;
  }
  current_ = &windows_[index];
  current_->entries.push_back(
      Entry{.time = t, .offset = current_->text.size(), .length = 0, .host = host, .mark = mark});
  return current_->text;
}

void LogStream::end() {
  if (current_ == &dropped_) return;
  Entry& entry = current_->entries.back();
  entry.length = static_cast<uint32_t>(current_->text.size() - entry.offset);
}

Status LogStream::flush(Micros until, PlacedEvents& placed) {
  int64_t stop = until / window_;
  while (!windows_.empty() && windows_.begin()->first < stop) {
    write_window(windows_.begin()->second, placed);
    windows_.erase(windows_.begin());
  }
  first_open_ = std::max(first_open_, stop);
  if (buffer_.size() < kBufferSize) return {};
  Status status = write(buffer_);
  buffer_.clear();
  return status;
}

void LogStream::write_window(Window& window, PlacedEvents& placed) {
  // Stable, so that the records of one audit event stay together.
  std::stable_sort(window.entries.begin(), window.entries.end(),
                   [](const Entry& a, const Entry& b) { return a.time < b.time; });
  for (const Entry& entry : window.entries) {
    std::string_view text = std::string_view(window.text).substr(entry.offset, entry.length);
    buffer_ += text;
    uint64_t record = 0;
    if (has_records(kind_)) {
      record = next_record(entry.host);
      buffer_ += ",\"RecordNumber\":";
      append_number(buffer_, static_cast<int64_t>(record));
    }
    if (is_json(kind_)) buffer_ += '}';
    buffer_ += '\n';
    ++lines_;
    ++events_;
    if (entry.mark != kUnmarked) placed.placed(entry.mark, lines_, record, text);
  }
}

uint64_t LogStream::next_record(uint32_t host) {
  if (host >= records_.size()) records_.resize(host + 1, 0);
  uint64_t& record = records_[host];
  if (record == 0) record = 10'000 + mix(host, static_cast<uint64_t>(kind_)) % 900'000;
  return ++record;
}

Status LogStream::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) return cannot_write(path_, errno);
  bytes_ += text.size();
  return {};
}

Status LogStream::close(Micros end) {
  if (!zeek_fields(kind_).empty()) {
    buffer_ += "#close\t";
    std::string day;
    append_plain(day, end, 0);
    for (char c : day) buffer_ += c == ' ' || c == ':' ? '-' : c;
    buffer_ += '\n';
  }
  if (Status status = write(buffer_); !status.ok()) return status;
  buffer_.clear();
  if (std::fclose(file_.release()) != 0) return cannot_write(path_, errno);
  return {};
}

Status Output::open(const std::filesystem::path& folder, Micros window) {
  for (size_t i = 0; i < kLogFiles; ++i)
    if (Status status = streams_[i].open(folder, static_cast<LogFile>(i), window); !status.ok())
      return status;
  return {};
}

uint64_t Output::bytes() const {
  uint64_t sum = 0;
  for (const auto& stream : streams_) sum += stream.bytes();
  return sum;
}

uint64_t Output::events() const {
  uint64_t sum = 0;
  for (const auto& stream : streams_) sum += stream.events();
  return sum;
}

}  // namespace huntbook::scenario

// Replies of services: any bytes through the stream of JSON and the reader of the Kusto family; cut in two
// anywhere they read the same.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/json.h"
#include "base/json_stream.h"
#include "net/retry.h"
#include "net/url.h"
#include "providers/kusto_reply.h"
#include "table/write.h"

using namespace huntbook;

namespace {

std::string read(std::string_view text, size_t cut) {
  KustoReply reply({.max_rows = 100}, [](std::string_view said) { return std::string(said.substr(0, 100)); });
  for (const auto piece : {text.substr(0, cut), text.substr(cut)}) {
    if (auto status = reply.stream().push(piece); !status.ok()) return status.error().code;
  }
  std::optional<Diagnostic> lost;
  if (auto status = reply.stream().finish(); !status.ok()) lost = status.error();
  auto table = reply.finish(lost);
  return table.ok() ? to_json(*table) : table.error().code + table.error().message;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t cut = std::min<size_t>(text.size(), data[0]);
  if (read(text, cut) != read(text, text.size())) std::abort();
  // What the stream gives as the whole text is what the parser takes.
  bool whole = false;
  JsonStream stream([](const JsonPath& path) { return path.empty(); },
                    [&](const JsonPath&, std::string_view value) -> Status {
                      whole = true;
                      auto json = parse_json(value);
                      if (!json.ok()) return json.error();
                      return {};
                    });
  const bool good = stream.push(text).ok() && stream.finish().ok();
  if (good && whole && !parse_json(text).ok()) std::abort();
  if (auto url = net::parse_url(text); url.ok() && !net::parse_url(url->text()).ok()) std::abort();
  (void)net::parse_retry_after(text, 0);
  return 0;
}

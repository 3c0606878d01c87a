// Feeds any bytes to the bodies that take foreign text apart.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.h"
#include "kql/runtime/value.h"

namespace {

using huntbook::Type;
using huntbook::kql::runtime::Context;
using huntbook::kql::runtime::find_body;
using huntbook::kql::runtime::Value;

void run(std::string_view name, std::initializer_list<Value> args) {
  const auto body = find_body(name);
  if (!body) return;
  Context context;
  Value out = Value::null_of(Type::kDynamic);
  body({args.begin(), args.size()}, out, context);
}

Value text(std::string_view s) { return Value::of_text(s); }
Value dynamic(std::string_view s) { return Value::of_text(s, Type::kDynamic); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > 65536) return 0;
  const std::string input = huntbook::repair_utf8({reinterpret_cast<const char*>(data + 1), size - 1});
  const size_t half = input.size() / 2;
  const std::string first = huntbook::repair_utf8(input.substr(0, half)),
                    second = huntbook::repair_utf8(input.substr(half));
  switch (data[0] % 16) {
    case 0: run("parse_json", {text(input)}); break;
    case 1: run("parse_xml", {text(input)}); break;
    case 2:
      run("parse_url", {text(input)});
      run("parse_urlquery", {text(input)});
      break;
    case 3:
      run("parse_path", {text(input)});
      run("parse_csv", {text(input)});
      break;
    case 4: run("parse_command_line", {text(input), text("windows")}); break;
    case 5: run("matches_regex", {text(first), text(second)}); break;
    case 6: run("extract", {text(second), Value::of_long(1), text(first)}); break;
    case 7: run("parse_pattern", {text(first), text("regex"), dynamic(second)}); break;
    case 8: run("parse_pattern", {text(first), text("simple"), dynamic(second)}); break;
    case 9: run("parse_kv", {text(first), dynamic(second)}); break;
    case 10:
      run("path", {dynamic(first), dynamic(second)});
      run("equal_dynamic", {dynamic(first), dynamic(second)});
      break;
    case 11:
      run("treepath", {dynamic(input)});
      run("array_sort_asc", {dynamic(input)});
      run("dynamic_to_json", {dynamic(input)});
      run("expand_elements", {dynamic(input)});
      run("buildschema", {text(input)});
      run("make_flat_set", {text(input)});
      break;
    case 12:
      run("parse_ipv6", {text(input)});
      run("has_ipv4", {text(first), text(second)});
      break;
    case 13:
      run("base64_decode_tostring", {text(input)});
      run("url_decode", {text(input)});
      run("punycode_to_string", {text(input)});
      run("punycode_from_string", {text(input)});
      break;
    case 14:
      run("gzip_decompress_from_base64_string", {text(input)});
      run("parse_version", {text(input)});
      break;
    case 15:
      run("bag_set_key", {dynamic(first), text(second), dynamic("1")});
      run("bag_merge", {dynamic(first), dynamic(second)});
      run("extract_json", {text(second), text(first)});
      break;
  }
  return 0;
}

// Bodies that take texts apart: URLs, paths, command lines, CSV, versions.
#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "base/escape.h"
#include "base/text.h"
#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

void add_member(std::string& bag, std::string_view key, std::string_view text) {
  if (bag.size() > 1) bag += ',';
  append_json_string(bag, key);
  bag += ':';
  append_json_string(bag, text);
}

// "k1=v1&k2=v2" as a bag; of a repeated key the first value stays.
std::string query_bag(std::string_view query) {
  if (query.starts_with('?')) query.remove_prefix(1);
  std::string bag = "{";
  std::vector<std::string_view> seen;
  for (const auto pair : split(query, '&')) {
    if (pair.empty() || seen.size() > 1000) continue;
    const size_t equal = std::min(pair.find('='), pair.size());
    const std::string_view key = pair.substr(0, equal);
    if (std::find(seen.begin(), seen.end(), key) != seen.end()) continue;
    seen.push_back(key);
    add_member(bag, key, equal < pair.size() ? pair.substr(equal + 1) : "");
  }
  return bag + "}";
}

void parse_url(Args args, Value& out, Context& context) {
  std::string_view rest = trim(args[0].text);
  std::string_view scheme, host, port, user, password, fragment, query;
  if (const size_t hash = rest.find('#'); hash != std::string_view::npos) {
    fragment = rest.substr(hash + 1);
    rest = rest.substr(0, hash);
  }
  if (const size_t mark = rest.find('?'); mark != std::string_view::npos) {
    query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  std::string_view path = rest;
  if (const size_t colon = rest.find("://"); colon != std::string_view::npos) {
    scheme = rest.substr(0, colon);
    rest = rest.substr(colon + 3);
    const size_t slash = std::min(rest.find('/'), rest.size());
    std::string_view authority = rest.substr(0, slash);
    path = slash < rest.size() ? rest.substr(slash + 1) : "";
    if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
      const std::string_view login = authority.substr(0, at);
      const size_t between = std::min(login.find(':'), login.size());
      user = login.substr(0, between);
      password = between < login.size() ? login.substr(between + 1) : "";
      authority = authority.substr(at + 1);
    }
    size_t port_colon = authority.rfind(':');
    if (const size_t bracket = authority.rfind(']');
        bracket != std::string_view::npos && port_colon != std::string_view::npos && port_colon < bracket) {
      port_colon = std::string_view::npos;  // an IPv6 address
    }
    host = authority.substr(0, std::min(port_colon, authority.size()));
    if (port_colon != std::string_view::npos) port = authority.substr(port_colon + 1);
  }
  std::string bag = "{";
  add_member(bag, "Scheme", scheme);
  add_member(bag, "Host", host);
  add_member(bag, "Port", port);
  add_member(bag, "Path", path);
  add_member(bag, "Username", user);
  add_member(bag, "Password", password);
  bag += ",\"Query Parameters\":" + query_bag(query);
  add_member(bag, "Fragment", fragment);
  set_dynamic(out, bag + "}", context);
}

void parse_urlquery(Args args, Value& out, Context& context) {
  set_dynamic(out, "{\"Query Parameters\":" + query_bag(args[0].text) + "}", context);
}

void parse_path(Args args, Value& out, Context& context) {
  std::string_view rest = args[0].text, scheme, root, stream;
  if (const size_t colon = rest.find("://"); colon != std::string_view::npos) {
    scheme = rest.substr(0, colon);
    rest = rest.substr(colon + 3);
  }
  std::string_view drive = rest.starts_with("\\\\?\\") ? rest.substr(4) : rest;
  if (drive.size() >= 2 && drive[1] == ':' && std::isalpha(static_cast<unsigned char>(drive[0]))) {
    root = drive.substr(0, drive.size() > 2 && (drive[2] == '/' || drive[2] == '\\') ? 3 : 2);
  }
  const size_t slash = rest.find_last_of("/\\");
  std::string_view directory = slash == std::string_view::npos ? "" : rest.substr(0, slash);
  std::string_view file = slash == std::string_view::npos ? rest : rest.substr(slash + 1);
  if (slash == std::string_view::npos) file = rest.substr(root.size());
  if (const size_t colon = file.find(':'); colon != std::string_view::npos) {
    stream = file.substr(colon + 1);
    file = file.substr(0, colon);
  }
  const size_t last = directory.find_last_of("/\\");
  std::string_view name = last == std::string_view::npos ? directory : directory.substr(last + 1);
  if (!root.empty() && name == root.substr(0, 2)) name = "";
  const size_t dot = file.rfind('.');
  std::string bag = "{";
  add_member(bag, "Scheme", scheme);
  add_member(bag, "RootPath", root);
  add_member(bag, "DirectoryPath", directory);
  add_member(bag, "DirectoryName", name);
  add_member(bag, "Filename", file);
  add_member(bag, "Extension", dot == std::string_view::npos ? "" : file.substr(dot + 1));
  add_member(bag, "AlternateDataStreamName", stream);
  set_dynamic(out, bag + "}", context);
}

// The first record only.
void parse_csv(Args args, Value& out, Context& context) {
  const std::string_view text = args[0].text;
  std::string array = "[", cell;
  size_t at = 0;
  for (bool more = true; more;) {
    cell.clear();
    more = false;
    if (at < text.size() && text[at] == '"') {
      for (++at; at < text.size(); ++at) {
        if (text[at] != '"') {
          cell += text[at];
        } else if (at + 1 < text.size() && text[at + 1] == '"') {
          cell += text[at++];
        } else {
          ++at;
          break;
        }
      }
    }
    for (; at < text.size() && text[at] != ',' && text[at] != '\n' && text[at] != '\r'; ++at)
      cell += text[at];
    if (at < text.size() && text[at] == ',') {
      more = true;
      ++at;
    }
    if (array.size() > 1) array += ',';
    append_json_string(array, cell);
  }
  set_dynamic(out, array + "]", context);
}

// One to four parts of at most eight digits, as one number that compares like the version.
void parse_version(Args args, Value& out, Context& context) {
  std::string digits;
  const auto parts = split(trim(args[0].text), '.');
  if (parts.empty() || parts.size() > 4) return;
  for (size_t i = 0; i < 4; ++i) {
    const std::string_view part = i < parts.size() ? parts[i] : "0";
    if (part.empty() || part.size() > 8) return;
    for (const char c : part) {
      if (c < '0' || c > '9') return;
    }
    digits += std::string(8 - part.size(), '0');
    digits += part;
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  out = Value::of_text(context.keep(std::move(digits)), Type::kDecimal);
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// The rules of CommandLineToArgvW: the first word has quotes but no escapes; in the others 2n backslashes
// before a quote are n backslashes, 2n+1 are n and a plain quote, and a quote doubled inside quotes is a
// plain one.
void parse_command_line(Args args, Value& out, Context& context) {
  const std::string_view text = args[0].text;
  if (text.empty() || to_lower(args[1].text) != "windows") return;
  std::vector<std::string> words(1);
  size_t at = 0;
  if (text[0] == '"') {
    const size_t end = std::min(text.find('"', 1), text.size());
    words[0] = text.substr(1, end - 1);
    at = std::min(end + 1, text.size());
  } else {
    while (at < text.size() && !is_blank(text[at])) words[0] += text[at++];
  }
  while (at < text.size()) {
    while (at < text.size() && is_blank(text[at])) ++at;
    if (at >= text.size()) break;
    std::string word;
    bool quoted = false;
    while (at < text.size() && (quoted || !is_blank(text[at]))) {
      size_t slashes = 0;
      while (at < text.size() && text[at] == '\\') {
        ++slashes;
        ++at;
      }
      if (at >= text.size() || text[at] != '"') {
        word.append(slashes, '\\');
        if (slashes == 0) word += text[at++];
        continue;
      }
      word.append(slashes / 2, '\\');
      if (slashes % 2 == 1) {
        word += '"';
      } else if (quoted && at + 1 < text.size() && text[at + 1] == '"') {
        word += '"';
        quoted = false;
        ++at;
      } else {
        quoted = !quoted;
      }
      ++at;
    }
    words.push_back(std::move(word));
  }
  std::string array = "[";
  for (const auto& word : words) {
    if (array.size() > 1) array += ',';
    append_json_string(array, word);
  }
  set_dynamic(out, array + "]", context);
}

constexpr BodyEntry kBodies[] = {
    {"parse_url", parse_url}, {"parse_urlquery", parse_urlquery}, {"parse_path", parse_path},
    {"parse_csv", parse_csv}, {"parse_version", parse_version},   {"parse_command_line", parse_command_line},
};

}  // namespace

std::span<const BodyEntry> parsing_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime

#include "net/url.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <charconv>
#include <memory>

#include "base/text.h"

namespace huntbook::net {
namespace {

using Handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

constexpr size_t kMaxLength = 64 * 1024;

Diagnostic no_url(std::string_view why) {
  return {"HB-W001", fmt::format("the address is no web address: {}", why), {}, "https://HOST/PATH", "", ""};
}

std::string part(CURLU* handle, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(handle, which, &text, flags) != CURLUE_OK || !text) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

Result<Url> read_parts(CURLU* handle) {
  Url url;
  url.scheme = part(handle, CURLUPART_SCHEME);
  if (url.scheme != "https" && url.scheme != "http")
    return no_url(fmt::format("scheme `{}` is neither https nor http", url.scheme.substr(0, 20)));
  if (!part(handle, CURLUPART_USER).empty() || !part(handle, CURLUPART_PASSWORD).empty())
    return no_url("it holds a user or a password, which belong into settings of their own");
  url.host = to_lower(part(handle, CURLUPART_HOST));
  if (url.host.starts_with('[') && url.host.ends_with(']'))
    url.host = url.host.substr(1, url.host.size() - 2);
  if (url.host.empty()) return no_url("it names no host");
  if (url.host.find('%') != std::string::npos) return no_url("its host holds a per cent sign");
  const std::string port = part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), url.port);
  url.path = part(handle, CURLUPART_PATH);
  if (url.path.empty()) url.path = "/";
  url.query = part(handle, CURLUPART_QUERY);
  return url;
}

}  // namespace

std::string Url::origin() const {
  const bool six = host.find(':') != std::string::npos;
  const bool usual = port == (scheme == "https" ? 443 : 80);
  return fmt::format("{}://{}{}{}{}", scheme, six ? "[" : "", host, six ? "]" : "",
                     usual ? std::string() : fmt::format(":{}", port));
}

std::string Url::text() const { return origin() + path + (query.empty() ? "" : "?" + query); }

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kMaxLength) return no_url("it is too long");
  for (const unsigned char c : text) {
    if (c <= 0x20 || c >= 0x7f) return no_url("it holds blanks, control characters or letters beyond ASCII");
  }
  const Handle handle(curl_url(), &curl_url_cleanup);
  if (!handle) return no_url("no memory");
  const CURLUcode code = curl_url_set(handle.get(), CURLUPART_URL, std::string(text).c_str(), 0);
  if (code != CURLUE_OK) return no_url(curl_url_strerror(code));
  return read_parts(handle.get());
}

Result<Url> resolve_url(const Url& base, std::string_view reference) {
  if (reference.size() > kMaxLength) return no_url("it is too long");
  for (const unsigned char c : reference) {
    if (c <= 0x20 || c >= 0x7f) return no_url("it holds blanks, control characters or letters beyond ASCII");
  }
  const Handle handle(curl_url(), &curl_url_cleanup);
  if (!handle) return no_url("no memory");
  CURLUcode code = curl_url_set(handle.get(), CURLUPART_URL, base.text().c_str(), 0);
  if (code == CURLUE_OK) code = curl_url_set(handle.get(), CURLUPART_URL, std::string(reference).c_str(), 0);
  if (code != CURLUE_OK) return no_url(curl_url_strerror(code));
  return read_parts(handle.get());
}

std::string percent_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const unsigned char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) out += static_cast<char>(c);
    else out += fmt::format("%{:02X}", c);
  }
  return out;
}

std::string form_encode(const Pairs& pairs) {
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    out += percent_encode(name) + "=" + percent_encode(value);
  }
  return out;
}

Secret secret_form(const Pairs& pairs, std::string_view name, const Secret& value) {
  std::string encoded = percent_encode(value.reveal());
  std::string form = form_encode(pairs);
  form.reserve(form.size() + name.size() + encoded.size() + 8);
  if (!form.empty()) form += '&';
  form += percent_encode(name);
  form += '=';
  form += encoded;
  wipe(encoded);
  return Secret::take(std::move(form));
}

}  // namespace huntbook::net

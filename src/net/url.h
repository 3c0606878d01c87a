// URLs: their parts, as libcurl reads them, and the encoding of what goes into them.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "huntbook/result.h"

namespace huntbook::net {

/// An absolute http or https URL without user and fragment.
struct Url {
  std::string scheme;  ///< "http" or "https"
  std::string host;    ///< lower case; an IPv6 address without brackets
  int port = 443;
  std::string path;   ///< begins with a slash, encoded
  std::string query;  ///< without the question mark, encoded

  std::string text() const;
  /// Scheme, host and port: who answers.
  std::string origin() const;
  bool same_origin(const Url& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
};

/// Failure "HB-W001" repeats no user, password or query of the URL.
Result<Url> parse_url(std::string_view text);
/// What `reference` (a Location header, a next link) means at `base`.
Result<Url> resolve_url(const Url& base, std::string_view reference);

/// Everything but letters, digits and -._~ as %XX.
std::string percent_encode(std::string_view text);

using Pairs = std::vector<std::pair<std::string, std::string>>;
/// "a=1&b=2", encoded: the query of a URL, or a form.
std::string form_encode(const Pairs& pairs);
/// The same with one secret field at its end.
Secret secret_form(const Pairs& pairs, std::string_view name, const Secret& value);

}  // namespace huntbook::net

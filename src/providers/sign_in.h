// Signing in: where the bearer tokens of a connection come from. One file per way, `sign_in.cc` has the list
// of them.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "huntbook/result.h"

namespace huntbook {

/// One way to sign in, for one connection. Not for several threads at once.
class TokenSource {
 public:
  virtual ~TokenSource() = default;
  /// A bearer token for a scope such as "https://api.loganalytics.io/.default", from memory while it holds
  /// for another five minutes. `force_new`: the service refused the last one. Failures say which setting to
  /// mend
  /// ("HB-R1xx") and hold no secret, even where the service repeats one.
  virtual Result<Secret> token(std::string_view scope, bool force_new) = 0;
  /// Who signs in and how, without any secret: "client secret of application 1b2c...".
  virtual std::string description() const = 0;
};

}  // namespace huntbook

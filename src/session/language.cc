// What helps to write KQL: the formatter.
#include "huntbook/session.h"
#include "kql/format.h"

namespace huntbook {

Result<std::string> Session::format(std::string_view text) { return kql::format(text); }

}  // namespace huntbook

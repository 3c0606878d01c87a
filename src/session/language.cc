// What helps to write KQL: the formatter, completion, inspection.
#include "base/time.h"
#include "kql/complete.h"
#include "kql/format.h"
#include "session/state.h"

namespace huntbook {

Result<std::string> Session::format(std::string_view text) { return kql::format(text); }

std::vector<Completion> Session::complete(std::string_view text, size_t offset) {
  state_->need_packs();
  state_->catalog.now = now_ticks();
  return kql::complete(text, offset, state_->catalog);
}

std::optional<Inspection> Session::inspect(std::string_view text, size_t offset) {
  state_->need_packs();
  state_->catalog.now = now_ticks();
  return kql::inspect(text, offset, state_->catalog);
}

}  // namespace huntbook

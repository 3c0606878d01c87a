// What plugins ask of single values.
#include <string>

#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

char slot_mark(std::string_view raw) {
  switch (json_kind(raw)) {
    case JsonKind::kNull: return 'n';
    case JsonKind::kBool: return 'b';
    case JsonKind::kNumber: {
      const auto number = json_number(raw);
      return number && number->whole ? 'l' : 'r';
    }
    case JsonKind::kString: return 's';
    default: return 'd';
  }
}

// The slots of a bag as texts: a mark for the value's type, then the key.
void bag_slots(Args args, Value& out, Context& context) {
  if (json_kind(args[0].text) != JsonKind::kObject) return;
  std::string slots = "[";
  for (JsonMembers it(args[0].text); it.next();) {
    if (slots.size() > 1) slots += ',';
    slots += '"';
    slots += slot_mark(it.value);
    slots += it.key.substr(1);
  }
  if (slots.size() == 1) return;
  set_dynamic(out, slots + "]", context);
}

constexpr BodyEntry kBodies[] = {
    {"bag_slots", bag_slots},
};

}  // namespace

std::span<const BodyEntry> plugin_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime

// The pivot ip_type: what kind of address is this.
#include "enrich/pivots.h"
#include "entities/ip_address.h"
#include "table/builder.h"

namespace huntbook {

Schema ip_type_output() {
  return {{{"IpType", Type::kString,
            "Public, Private, Loopback, Link Local, Multicast, ...; empty when it is no address"},
           {"IpVersion", Type::kInt, "4 or 6; null when it is no address"}}};
}

Result<Table> ip_type(std::span<const std::string> values) {
  std::vector<ColumnBuilder> builders;
  builders.emplace_back(Type::kString);
  builders.emplace_back(Type::kInt);
  for (const auto& value : values) {
    const IpKind kind = classify_ip(value);
    builders[0].append_text(kind.type);
    if (kind.version) builders[1].append_int(kind.version);
    else builders[1].append_null();
  }
  return make_table(ip_type_output(), std::move(builders));
}

}  // namespace huntbook

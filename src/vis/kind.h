// What a kind of picture gives; the list of kinds in draw.cc is the only registration.
#pragma once
#include <string>

#include "vis/draw.h"

namespace huntbook {

struct KindDrawer {
  PictureKind kind;
  /// The JSON object that the page's script draws.
  Result<std::string> (*data)(const Picture&);
  Result<std::string> (*svg)(const Picture&);
  Result<std::string> (*text)(const Picture&, size_t width);
};

KindDrawer timeline_kind();
KindDrawer process_tree_kind();
KindDrawer table_kind();

}  // namespace huntbook

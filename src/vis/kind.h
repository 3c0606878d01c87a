// What a kind of picture gives; the list of kinds in draw.cc is the only registration.
#pragma once
#include <string>
#include <vector>

#include "vis/draw.h"

namespace huntbook {

/// A picture for the page, as JSON: what the script needs to draw, and packed columns, which stand after the
/// script so that a large page shows its picture before they are read.
struct PageData {
  std::string head;                  ///< an object
  std::vector<std::string> columns;  ///< an object each, in the order that the head lists them
};

struct KindDrawer {
  PictureKind kind;
  Result<PageData> (*data)(const Picture&);
  Result<std::string> (*svg)(const Picture&);
  Result<std::string> (*text)(const Picture&, size_t width);
};

KindDrawer timeline_kind();
KindDrawer process_tree_kind();
KindDrawer table_kind();

}  // namespace huntbook

// The event timeline as an SVG document.
#pragma once
#include <string>

#include "huntbook/picture.h"
#include "huntbook/result.h"

namespace huntbook {

Result<std::string> timeline_svg(const Picture& picture);

}  // namespace huntbook

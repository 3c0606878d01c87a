// Pictures drawn: live HTML, SVG without a browser, text for a terminal.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "huntbook/picture.h"
#include "huntbook/result.h"

namespace huntbook {

/// A property that a kind of picture takes.
struct PictureProperty {
  std::string_view name;
  std::string_view doc;
};

/// A kind of picture, for help and completion.
struct PictureKind {
  std::string_view name;
  std::string_view doc;
  std::vector<PictureProperty> properties;
  bool svg = true;  ///< draw_svg knows it
};

/// All kinds that can be drawn.
std::vector<PictureKind> picture_kinds();

/// One self-contained page: no network, a content security policy, the data as packed arrays.
Result<std::string> draw_html(const Picture& picture);
/// A standalone SVG document.
Result<std::string> draw_svg(const Picture& picture);
/// Plain text at most `width` columns wide (0: 100), safe for a terminal.
Result<std::string> draw_text(const Picture& picture, size_t width);
/// Several pictures, one below the other, in one self-contained page.
Result<std::string> report_html(std::string_view title, std::span<const Picture> pictures);

}  // namespace huntbook

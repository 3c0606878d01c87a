// Helpers for SVG without a browser: text that fits, time axes.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace huntbook {

/// How wide a text is at most, in pixels, in a common sans-serif face of `size` pixels.
double text_width(std::string_view text, double size);
/// The longest beginning that is no wider than `width`, with an ellipsis when it was cut.
std::string elide(std::string_view text, double size, double width);

/// `<text>` of safe text; when it had to be cut to `width` the whole text is its title.
struct SvgText {
  double x = 0;
  double y = 0;
  double size = 12;
  double width = 1e9;
  std::string_view css_class = "t";
  bool monospace = false;
};
void append_svg_text(std::string& out, std::string_view text, const SvgText& place);
/// The opening tag, colours and background of a document.
void append_svg_start(std::string& out, double width, double height, std::string_view title);
/// A number with at most one decimal.
void append_number(std::string& out, double value);

/// One tick of a time axis.
struct AxisTick {
  int64_t ticks = 0;
  std::string label;
  std::string context;  ///< the day or year that it stands in; may be empty
};
/// Ticks at round times within [from, to], spaced so that their labels fit into `width` pixels.
std::vector<AxisTick> time_axis(int64_t from, int64_t to, double width, double size);

/// Colours of lanes on white, safe for colour-blind readers; they repeat.
std::string_view lane_color(size_t lane);

}  // namespace huntbook

// Well-known text turned to GeoJSON.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

constexpr int kMaxDepth = 64;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct WktKind {
  std::string_view word;  ///< in the text
  std::string_view type;  ///< in GeoJSON
  int depth;              ///< of lists around its positions
};

constexpr WktKind kKinds[] = {
    {"POINT", "Point", 0},
    {"LINESTRING", "LineString", 1},
    {"POLYGON", "Polygon", 2},
    {"MULTIPOINT", "MultiPoint", 1},
    {"MULTILINESTRING", "MultiLineString", 2},
    {"MULTIPOLYGON", "MultiPolygon", 3},
};

// Writes while it reads; what was written is of no use once a step has failed.
class WktReader {
 public:
  explicit WktReader(std::string_view text) : text_(text) {}

  std::optional<std::string> read() {
    if (!geometry(0) || !at_end()) return std::nullopt;
    return std::move(out_);
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }
  bool at_end() {
    skip_blanks();
    return at_ == text_.size();
  }
  bool take(char c) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // The next word in upper case.
  std::string word() {
    skip_blanks();
    std::string out;
    for (; at_ < text_.size() && is_letter(text_[at_]) && out.size() < 20; ++at_)
      out += static_cast<char>(text_[at_] & ~0x20);
    return out;
  }
  bool take_word(std::string_view wanted) {
    const size_t start = at_;
    if (word() == wanted) return true;
    at_ = start;
    return false;
  }

  bool number(bool write) {
    skip_blanks();
    if (at_ + 1 < text_.size() && text_[at_] == '+' && text_[at_ + 1] != '-') ++at_;
    double value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc() || !std::isfinite(value)) return false;
    at_ = static_cast<size_t>(end - text_.data());
    if (write) append_json_real(out_, value);
    return true;
  }

  // Longitude, latitude, and the height if the shape has one; a measure is left out, GeoJSON has none.
  bool position() {
    out_ += '[';
    if (!number(true)) return false;
    out_ += ',';
    if (!number(true)) return false;
    if (height_) {
      out_ += ',';
      if (!number(true)) return false;
    }
    if (measure_ && !number(false)) return false;
    out_ += ']';
    return true;
  }

  template <typename Item>
  bool list(Item item) {
    out_ += '[';
    if (!take_word("EMPTY")) {
      if (!take('(')) return false;
      for (bool first = true; first || take(','); first = false) {
        if (!first) out_ += ',';
        if (!item()) return false;
      }
      if (!take(')')) return false;
    }
    out_ += ']';
    return true;
  }

  // Positions within `depth` lists.
  bool nested(int depth) {
    if (depth == 0) return position();
    return list([&] { return nested(depth - 1); });
  }

  // A position, in parentheses or not.
  bool point_of_many() {
    const bool enclosed = take('(');
    return position() && (!enclosed || take(')'));
  }

  bool coordinates(const WktKind& shape) {
    if (shape.word == "MULTIPOINT") return list([&] { return point_of_many(); });
    if (shape.depth > 0) return nested(shape.depth);
    if (take_word("EMPTY")) {
      out_ += "[]";
      return true;
    }
    return take('(') && position() && take(')');
  }

  bool geometry(int depth) {
    if (depth > kMaxDepth) return false;
    const std::string name = word();
    height_ = measure_ = false;
    if (take_word("ZM")) {
      height_ = measure_ = true;
    } else if (take_word("Z")) {
      height_ = true;
    } else if (take_word("M")) {
      measure_ = true;
    }
    if (name == "GEOMETRYCOLLECTION") {
      out_ += R"({"type":"GeometryCollection","geometries":)";
      if (!list([&] { return geometry(depth + 1); })) return false;
      out_ += '}';
      return true;
    }
    const auto* shape = std::find_if(std::begin(kKinds), std::end(kKinds),
                                     [&](const WktKind& known) { return known.word == name; });
    if (shape == std::end(kKinds)) return false;
    out_ += R"({"type":")";
    out_ += shape->type;
    out_ += R"(","coordinates":)";
    if (!coordinates(*shape)) return false;
    out_ += '}';
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string out_;
  bool height_ = false;
  bool measure_ = false;
};

void from_wkt(std::span<const Value> args, Value& out, Context& context) {
  if (auto json = WktReader(args[0].text).read()) set_dynamic(out, std::move(*json), context);
}

constexpr BodyEntry kBodies[] = {{"geo_from_wkt", from_wkt}};

}  // namespace

std::span<const BodyEntry> geo_wkt_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime

// Where in a YAML file a text stands, so that a mistake in it has a line and a column.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace huntbook {

/// A line and a column, both from 1, counted in characters.
struct FilePosition {
  uint32_t line = 1;
  uint32_t column = 1;
};

class TextPlace {
 public:
  /// A text that begins a line, and whose lines are the lines of the file.
  static TextPlace lines_from(uint32_t line, std::string_view text);
  /// The place of a scalar that begins at this line and column (from 0) of the file.
  static TextPlace find(std::string_view file, size_t line, size_t column, std::string_view text);

  /// Where a byte of the text stands.
  FilePosition position(std::string_view text, size_t offset) const;
  bool exact() const { return exact_; }    ///< else only the beginning of the text is known
  bool folded() const { return folded_; }  ///< lines of the file are one line of the text
  void forget_places();                    ///< the text was changed

 private:
  struct Anchor {  // from this byte of the text on, up to the next anchor, the file goes on as the text does
    uint32_t offset = 0;
    FilePosition at;
  };
  void add(size_t offset, size_t line, size_t column);
  bool follow_block(const std::vector<std::string_view>& lines, size_t line, std::string_view text);
  bool follow_flow(const std::vector<std::string_view>& lines, size_t line, size_t column,
                   std::string_view text);

  std::vector<Anchor> anchors_;
  bool exact_ = true;
  bool folded_ = false;
};

}  // namespace huntbook

// Laying out text in lines: pieces, places where a line may break, and groups that break as one.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace huntbook::kql {

/// What is to be laid out, written from left to right. A group stays on one line when it fits; else its
/// breaks become new lines. A group with a hard break or with a comment before its end is always broken, the
/// groups around it need not be.
class Layout {
 public:
  void text(std::string_view text);
  void space();
  void line();       ///< a blank, or a new line in a broken group
  void soft_line();  ///< nothing, or a new line in a broken group
  void fill_line();  ///< a blank, or a new line where the next piece does not fit
  void hard_line();
  void blank_line();  ///< leaves one empty line before what follows
  void comment(std::string_view text, bool own_line);
  void open();
  void close();
  /// Lines from here to dedent() stand one step further in than the line that this stands on; keep_indent():
  /// as far.
  void indent() { ops_.push_back({Kind::kIndent, false, 0, {}}); }
  void keep_indent() { ops_.push_back({Kind::kKeepIndent, false, 0, {}}); }
  void dedent() { ops_.push_back({Kind::kDedent, false, 0, {}}); }

  /// The text in lines of at most `width` columns where that is possible.
  std::string print(size_t width) const;

 private:
  enum class Kind : uint8_t {
    kText,
    kSpace,
    kLine,
    kSoftLine,
    kFillLine,
    kHardLine,
    kBlankLine,
    kTrailingComment,
    kOwnComment,
    kOpen,
    kClose,
    kIndent,
    kKeepIndent,
    kDedent
  };
  struct Op {
    Kind kind;
    bool forced = false;  ///< of kOpen: always broken
    uint32_t width = 0;   ///< of kText: columns up to the first line break in it
    std::string_view text;
  };
  struct Group {
    size_t at;
    bool comment;  ///< a comment stands last
  };
  friend class LayoutPrinter;
  void follow();

  std::vector<Op> ops_;
  std::vector<Group> groups_;
};

}  // namespace huntbook::kql

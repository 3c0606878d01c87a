#include "kql/layout.h"

#include <algorithm>

namespace huntbook::kql {
namespace {

constexpr size_t kIndent = 4;

uint32_t columns(std::string_view text) {
  return static_cast<uint32_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

// What follows a comment in its group breaks the group.
void Layout::follow() {
  if (groups_.empty() || !groups_.back().comment) return;
  groups_.back().comment = false;
  ops_[groups_.back().at].forced = true;
}

void Layout::text(std::string_view text) {
  follow();
  ops_.push_back({Kind::kText, false, columns(text.substr(0, text.find('\n'))), text});
}

void Layout::space() {
  follow();
  ops_.push_back({Kind::kSpace, false, 1, {}});
}

void Layout::line() {
  follow();
  ops_.push_back({Kind::kLine, false, 1, {}});
}

void Layout::soft_line() {
  follow();
  ops_.push_back({Kind::kSoftLine, false, 0, {}});
}

void Layout::fill_line() {
  follow();
  ops_.push_back({Kind::kFillLine, false, 1, {}});
}

void Layout::hard_line() {
  follow();
  if (!groups_.empty()) ops_[groups_.back().at].forced = true;
  ops_.push_back({Kind::kHardLine, false, 0, {}});
}

void Layout::blank_line() { ops_.push_back({Kind::kBlankLine, false, 0, {}}); }

void Layout::comment(std::string_view text, bool own_line) {
  if (own_line) follow();
  ops_.push_back({own_line ? Kind::kOwnComment : Kind::kTrailingComment, false, columns(text), text});
  if (!groups_.empty()) groups_.back().comment = true;
}

void Layout::open() {
  follow();
  groups_.push_back({ops_.size(), false});
  ops_.push_back({Kind::kOpen, false, 0, {}});
}

void Layout::close() {
  const bool comment = groups_.back().comment;
  groups_.pop_back();
  if (!groups_.empty()) groups_.back().comment |= comment;
  ops_.push_back({Kind::kClose, false, 0, {}});
}

class LayoutPrinter {
 public:
  LayoutPrinter(const Layout& layout, size_t width) : ops_(layout.ops_), width_(width) {}

  std::string print() {
    broken_.push_back(true);
    for (size_t i = 0; i < ops_.size(); ++i) step(i);
    while (!out_.empty() && (out_.back() == '\n' || out_.back() == ' ')) out_.pop_back();
    if (!out_.empty()) out_ += '\n';
    return std::move(out_);
  }

 private:
  using Kind = Layout::Kind;

  void step(size_t i) {
    const auto& op = ops_[i];
    switch (op.kind) {
      case Kind::kText: write(op.text); break;
      case Kind::kSpace: blank_ = true; break;
      case Kind::kLine:
      case Kind::kSoftLine:
        if (broken_.back()) new_line();
        else blank_ |= op.kind == Kind::kLine;
        break;
      case Kind::kFillLine:
        if (broken_.back() && !fits(i + 1, column_ + 1, true)) new_line();
        else blank_ = true;
        break;
      case Kind::kHardLine: new_line(); break;
      case Kind::kBlankLine: empty_line_ = true; break;
      case Kind::kTrailingComment:
        blank_ = !out_.empty() && !at_start();
        write(op.text);
        new_line();
        break;
      case Kind::kOwnComment:
        new_line();
        write(op.text);
        new_line();
        break;
      case Kind::kOpen: broken_.push_back(op.forced || !fits(i, column() + (blank_ ? 1 : 0), false)); break;
      case Kind::kClose: broken_.pop_back(); break;
      case Kind::kIndent: levels_.push_back(line_level() + 1); break;
      case Kind::kKeepIndent: levels_.push_back(line_level()); break;
      case Kind::kDedent: levels_.pop_back(); break;
    }
  }

  void new_line() {
    line_ = true;
    pending_ = levels_.back();
  }

  bool at_start() const { return out_.empty() || out_.back() == '\n'; }
  size_t column() const { return line_ ? pending_ * kIndent : column_; }
  size_t line_level() const { return line_ ? pending_ : level_; }  ///< of the line that is being written

  void write(std::string_view text) {
    if (line_ && !at_start()) out_ += '\n';
    if (empty_line_ && at_start() && !out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
    if (at_start()) {
      level_ = line_ ? pending_ : levels_.back();
      out_.append(level_ * kIndent, ' ');
      column_ = level_ * kIndent;
    } else if (blank_) {
      out_ += ' ';
      ++column_;
    }
    line_ = blank_ = empty_line_ = false;
    out_ += text;
    const size_t last = text.rfind('\n');
    column_ = (last == std::string_view::npos ? column_ : 0) +
              columns(last == std::string_view::npos ? text : text.substr(last + 1));
  }

  // Whether what begins at `at` stays on the line up to the next place where it may break. `piece`: only up
  // to the next break of the group that it stands in.
  bool fits(size_t at, size_t column, bool piece) const {
    size_t depth = 0, forced = 0;  // groups opened since; the depth of the first that is broken, 0 for none
    for (size_t i = at; i < ops_.size(); ++i) {
      const auto& op = ops_[i];
      switch (op.kind) {
        case Kind::kText:
          column += op.width;
          if (column > width_) return false;
          if (op.text.find('\n') != std::string_view::npos) return true;
          break;
        case Kind::kOpen:
          ++depth;
          if (op.forced && !forced && i != at) forced = depth;
          break;
        case Kind::kClose:
          if (depth == 0) {  // of a group around: it is laid out already
            if (broken_.size() < 2) return true;
            return fits_after(i, column);
          }
          if (forced == depth) forced = 0;
          --depth;
          if (depth == 0 && !piece && i > at) return fits_after(i + 1, column);
          break;
        case Kind::kSpace: ++column; break;
        case Kind::kLine:
        case Kind::kSoftLine:
        case Kind::kFillLine:
          if (forced || (piece && depth == 0)) return true;
          column += op.width;
          break;
        case Kind::kHardLine:
        case Kind::kTrailingComment:
        case Kind::kOwnComment: return true;
        case Kind::kBlankLine:
        case Kind::kIndent:
        case Kind::kKeepIndent:
        case Kind::kDedent: break;
      }
    }
    return true;
  }

  // Text that follows a group up to the next place where a line may break.
  bool fits_after(size_t at, size_t column) const {
    for (size_t i = at; i < ops_.size() && column <= width_; ++i) {
      const auto& op = ops_[i];
      if (op.kind == Kind::kText) {
        column += op.width;
        if (op.text.find('\n') != std::string_view::npos) break;
      } else if (op.kind == Kind::kSpace) {
        ++column;
      } else if (op.kind != Kind::kClose && op.kind != Kind::kDedent && op.kind != Kind::kIndent &&
                 op.kind != Kind::kKeepIndent) {
        break;
      }
    }
    return column <= width_;
  }

  const std::vector<Layout::Op>& ops_;
  size_t width_;
  std::string out_;
  size_t column_ = 0;
  std::vector<size_t> levels_{0};
  size_t level_ = 0;                                        ///< of the line written last
  size_t pending_ = 0;                                      ///< of the line that begins with the next text
  bool line_ = false, blank_ = false, empty_line_ = false;  ///< what to write before the next text
  std::vector<bool> broken_;
};

std::string Layout::print(size_t width) const { return LayoutPrinter(*this, width).print(); }

}  // namespace huntbook::kql

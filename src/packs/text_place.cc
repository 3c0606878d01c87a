#include "packs/text_place.h"

#include <algorithm>

#include "base/text.h"

namespace huntbook {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// The character that begins a block scalar at or after the column, or 0.
char block_style(std::string_view line, size_t column) {
  const size_t bar = line.find_first_of("|>", std::min(column, line.size()));
  if (bar == std::string_view::npos) return 0;
  const size_t comment = line.find(" #", bar);
  const auto rest = trim(line.substr(bar, comment == std::string_view::npos ? comment : comment - bar));
  return rest.find_first_not_of("|>+-0123456789") == std::string_view::npos ? line[bar] : '\0';
}

}  // namespace

void TextPlace::add(size_t offset, size_t line, size_t column) {
  anchors_.push_back(
      {static_cast<uint32_t>(offset), {static_cast<uint32_t>(line + 1), static_cast<uint32_t>(column + 1)}});
}

void TextPlace::forget_places() {
  if (anchors_.size() > 1) anchors_.resize(1);
  exact_ = false;
}

FilePosition TextPlace::position(std::string_view text, size_t offset) const {
  if (anchors_.empty()) return {};
  if (!exact_) return anchors_.front().at;
  offset = std::min(offset, text.size());
  auto after = std::upper_bound(anchors_.begin(), anchors_.end(), offset,
                                [](size_t wanted, const Anchor& each) { return wanted < each.offset; });
  const Anchor& anchor = after == anchors_.begin() ? anchors_.front() : *(after - 1);
  const size_t begin = std::min<size_t>(anchor.offset, offset);
  FilePosition at = anchor.at;
  at.column += static_cast<uint32_t>(count_code_points(text.substr(begin, offset - begin)));
  return at;
}

TextPlace TextPlace::lines_from(uint32_t line, std::string_view text) {
  TextPlace place;
  size_t number = line - 1;
  for (auto each : split(text, '\n')) place.add(static_cast<size_t>(each.data() - text.data()), number++, 0);
  return place;
}

// A literal block: each line of the file, without its indentation, is a line of the text.
bool TextPlace::follow_block(const std::vector<std::string_view>& lines, size_t line, std::string_view text) {
  size_t first = line + 1;
  while (first < lines.size() && trim(lines[first]).empty()) ++first;
  if (first >= lines.size()) return false;
  const size_t indent = std::min(lines[first].find_first_not_of(' '), lines[first].size());
  size_t at = line + 1;
  for (auto wanted : split(text, '\n')) {
    if (wanted.empty() && wanted.data() == text.data() + text.size()) break;  // after the last line end
    const std::string_view found = at < lines.size() ? lines[at] : std::string_view();
    if (trim(wanted) != trim(found.substr(std::min(indent, found.size())))) return false;
    add(static_cast<size_t>(wanted.data() - text.data()), at++, indent);
  }
  return true;
}

// Any other scalar: blanks and line ends of the file and of the text stand for each other, the rest is the
// same.
bool TextPlace::follow_flow(const std::vector<std::string_view>& lines, size_t line, size_t column,
                            std::string_view text) {
  size_t at = 0;  // in the text
  const auto skip = [&] {
    while (at < text.size() && is_blank(text[at])) ++at;
  };
  for (skip(); line < lines.size() && at < text.size(); ++line, column = 0, skip()) {
    const std::string_view now = lines[line];
    while (column < now.size() && is_blank(now[column])) ++column;
    if (column >= now.size()) continue;
    add(at, line, count_code_points(now.substr(0, column)));
    while (column < now.size() && at < text.size()) {
      if (is_blank(now[column]) && trim(now.substr(column)).empty()) break;
      if (now[column] != text[at]) return false;
      const bool doubled = now.substr(column).starts_with("''") && !text.substr(at).starts_with("''");
      column += doubled ? 2 : 1;
      ++at;
      if (doubled) add(at, line, count_code_points(now.substr(0, column)));
    }
  }
  return at >= text.size();
}

TextPlace TextPlace::find(std::string_view file, size_t line, size_t column, std::string_view text) {
  const auto lines = split(file, '\n');
  TextPlace place;
  if (line < lines.size()) {
    const std::string_view head = lines[line];
    const char style = block_style(head, column);
    const bool quoted = column < head.size() && (head[column] == '"' || head[column] == '\'');
    place.folded_ = style != '|' && text.find('\n') == std::string_view::npos;
    if (style == '|' ? place.follow_block(lines, line, text)
                     : place.follow_flow(lines, style ? line + 1 : line, style ? 0 : column + quoted, text))
      return place;
  }
  place.anchors_.clear();
  place.add(0, line, column);
  place.exact_ = false;
  return place;
}

}  // namespace huntbook

// The process tree: data for the page, SVG of the first rows, and the picture in letters.
#include <algorithm>
#include <array>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "analysis/process_tree.h"
#include "base/escape.h"
#include "base/text.h"
#include "table/write.h"
#include "vis/columns.h"
#include "vis/kind.h"
#include "vis/pack.h"
#include "vis/svg.h"

namespace huntbook {
namespace {

constexpr size_t kSvgRows = 200;
constexpr size_t kMostGuides = 20;

/// The tree as plain values; the table that process_tree gives has one batch.
struct Tree {
  Table table;
  const Batch* batch = nullptr;
  std::vector<uint8_t> marked;  ///< per node
  size_t hosts = 0;
  size_t placeholders = 0;

  size_t size() const { return batch == nullptr ? 0 : batch->rows; }
  int64_t parent(size_t node) const {
    return batch->columns[1].is_null(node) ? -1 : batch->columns[1].long_at(node);
  }
  size_t depth(size_t node) const { return static_cast<size_t>(batch->columns[2].int_at(node)); }
  bool placeholder(size_t node) const { return batch->columns[9].is_null(node); }
  std::string_view text(std::string_view column, size_t node) const {
    return batch->columns[*table.schema.find(column)].text_at(node);
  }
  std::string summary() const {
    std::string out = plural(size() - placeholders, "process start", "process starts");
    if (hosts > 1) out += " on " + plural(hosts, "host", "hosts");
    if (placeholders != 0) out += " · " + plural(placeholders, "parent", "parents") + " known only by name";
    return out;
  }
};

/// Whether a cell asks for a highlight: true, a number that is not 0, a text that is not empty, "false" or
/// "0".
bool is_set(const Column& cells, size_t row) {
  if (cells.is_null(row)) return false;
  if (cells.type == Type::kBool) return cells.bool_at(row);
  const std::string text = fold_case(cell_text(cells, row));
  return !text.empty() && text != "0" && text != "0.0" && text != "false";
}

Result<Tree> build_tree(const Picture& picture) {
  std::vector<size_t> highlight;
  if (const std::string_view names = picture.property("highlight"); !names.empty()) {
    auto columns = find_columns(picture.table, names);
    if (!columns.ok()) return columns.error();
    highlight = std::move(*columns);
  }
  auto table = process_tree(picture.table);
  if (!table.ok()) return table.error();
  Tree tree;
  tree.table = std::move(*table);
  if (!tree.table.batches.empty()) tree.batch = tree.table.batches.front().get();
  tree.marked.resize(tree.size(), 0);
  const RowIndex index(picture.table);
  std::set<std::string, std::less<>> hosts;
  for (size_t node = 0; node < tree.size(); ++node) {
    if (const std::string_view host = tree.text("Computer", node); !hosts.contains(host)) hosts.emplace(host);
    if (tree.placeholder(node)) {
      ++tree.placeholders;
      continue;
    }
    const auto [batch, row] = index.at(static_cast<size_t>(tree.batch->columns[9].long_at(node)));
    for (size_t column : highlight) tree.marked[node] |= is_set(batch->columns[column], row) ? 1 : 0;
  }
  tree.hosts = hosts.size();
  return tree;
}

/// The columns of the page's tree, with their headings.
struct Heading {
  std::string_view column;
  std::string_view title;
};
constexpr std::array<Heading, 6> kHeadings = {{{"ProcessName", "Process"},
                                               {"TimeGenerated", "Started (UTC)"},
                                               {"ProcessId", "PID"},
                                               {"Account", "Account"},
                                               {"Computer", "Computer"},
                                               {"CommandLine", "Command line"}}};

void append_json_list(std::string& out, const std::vector<std::string>& texts) {
  out += '[';
  for (size_t i = 0; i < texts.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(out, texts[i], true);
  }
  out += ']';
}

std::string name_of(const Tree& tree, size_t node) {
  const std::string_view path = tree.text("ProcessName", node);
  const size_t slash = path.find_last_of("\\/");
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  if (name.empty()) return path.empty() ? "(no name)" : visible_text(path, 300);
  return visible_text(name, 300);
}

Result<PageData> draw_data(const Picture& picture) {
  auto built = build_tree(picture);
  if (!built.ok()) return built.error();
  const Tree& tree = *built;
  std::vector<uint32_t> depths, parents, flags, rows(tree.size());
  std::iota(rows.begin(), rows.end(), 0);
  for (size_t node = 0; node < tree.size(); ++node) {
    depths.push_back(static_cast<uint32_t>(tree.depth(node)));
    parents.push_back(static_cast<uint32_t>(tree.parent(node)));
    flags.push_back(tree.marked[node] | (tree.placeholder(node) ? 2u : 0u));
  }
  std::vector<size_t> columns;
  for (std::string_view name :
       {"ProcessName", "TimeGenerated", "Computer", "ProcessId", "Account", "CommandLine"}) {
    columns.push_back(*tree.table.schema.find(name));
  }
  if (Status fits = check_page_size(tree.table, columns); !fits.ok()) return fits.error();
  PageData page;
  std::string& out = page.head;
  out = "{\"kind\":\"processtree\",\"title\":";
  append_json_string(out, title_of(picture), true);
  out += ",\"total\":" + std::to_string(tree.size()) + ",\"summary\":";
  append_json_string(out, tree.summary(), true);
  out += ",\"notes\":";
  append_json_list(out, notes_of(picture.table));
  out += ",\"depth\":";
  append_codes(out, depths, SIZE_MAX);
  out += ",\"parent\":";
  append_codes(out, parents, SIZE_MAX);
  out += ",\"flags\":";
  append_codes(out, flags, 4);
  out += ",\"shown\":[";
  bool comma = false;
  for (const Heading& heading : kHeadings) {
    if (heading.column == "Computer" && tree.hosts < 2) continue;
    out += fmt::format("{}{{\"name\":\"{}\",\"title\":\"{}\"}}", comma ? "," : "", heading.column,
                       heading.title);
    comma = true;
  }
  out += "],\"columns\":";
  append_column_heads(out, tree.table, columns);
  out += '}';
  const RowIndex index(tree.table);
  for (size_t column : columns)
    append_packed_column(page.columns.emplace_back(), tree.table, index, column, rows);
  Dictionary names;  // one column more: the names without their folders
  std::vector<uint32_t> name_codes(tree.size());
  for (size_t node = 0; node < tree.size(); ++node) name_codes[node] = names.add(name_of(tree, node));
  append_packed_texts(page.columns.emplace_back(), "Name", "string", names, name_codes);
  return page;
}

std::string time_text(const Tree& tree, size_t node) {
  const Column& times = tree.batch->columns[3];
  return times.is_null(node) ? "" : short_time(times.long_at(node)).substr(0, 19);
}

/// Which nodes are the last child of their parent.
std::vector<uint8_t> find_last(const Tree& tree) {
  std::vector<uint8_t> last(tree.size(), 0);
  std::vector<uint8_t> seen(tree.size(), 0);
  for (size_t node = tree.size(); node-- > 0;) {
    const int64_t parent = tree.parent(node);
    if (parent < 0 || seen[static_cast<size_t>(parent)]) continue;
    seen[static_cast<size_t>(parent)] = last[node] = 1;
  }
  return last;
}

/// The guides left of a node, root first: '|' goes on, '+' branches, 'L' ends, ' ' nothing.
std::string guides_of(const Tree& tree, const std::vector<uint8_t>& last, size_t node) {
  std::string out;
  for (size_t at = node; tree.parent(at) >= 0 && out.size() < kMostGuides;
       at = static_cast<size_t>(tree.parent(at))) {
    out += at == node ? (last[at] ? 'L' : '+') : (last[at] ? ' ' : '|');
  }
  std::reverse(out.begin(), out.end());
  return out;
}

void append_svg_guides(std::string& lines, std::string_view guides, double top, double height) {
  for (size_t level = 0; level < guides.size(); ++level) {
    const double x = 20 + 16 * static_cast<double>(level);
    const double middle = top + height / 2;
    if (guides[level] == '|' || guides[level] == '+')
      lines += fmt::format("M{:.1f} {:.1f}V{:.1f}", x, top, top + height);
    if (guides[level] == 'L') lines += fmt::format("M{:.1f} {:.1f}V{:.1f}", x, top, middle);
    if (guides[level] == 'L' || guides[level] == '+') lines += fmt::format("M{:.1f} {:.1f}h10", x, middle);
  }
}

Result<std::string> draw_svg_form(const Picture& picture) {
  auto built = build_tree(picture);
  if (!built.ok()) return built.error();
  const Tree& tree = *built;
  const size_t count = std::min(tree.size(), kSvgRows);
  const double row_height = 20;
  const double width = 1400;
  const std::vector<std::string> notes = notes_of(picture.table);
  const double top = 78 + 18 * static_cast<double>(notes.size());
  std::string title = title_of(picture);
  if (title.empty()) title = "Process tree";
  std::string out;
  append_svg_start(out, width, top + row_height * static_cast<double>(count) + 16, title);
  append_svg_text(out, title, {.x = 12, .y = 22, .size = 16, .width = width - 24, .css_class = "b"});
  std::string status = tree.summary();
  if (count < tree.size())
    status += fmt::format(" · first {} of {} rows", count, group_thousands(tree.size()));
  append_svg_text(out, status, {.x = 12, .y = 42, .size = 12, .width = width - 24, .css_class = "f"});
  for (size_t i = 0; i < notes.size(); ++i) {
    append_svg_text(
        out, notes[i],
        {.x = 12, .y = 60 + 18 * static_cast<double>(i), .size = 12, .width = width - 24, .css_class = "m"});
  }
  const double time_x = 440, pid_x = 590, account_x = 670, command_x = 850;
  for (const auto& [x, text] : {std::pair<double, std::string_view>{12, "Process"},
                                {time_x, "Started (UTC)"},
                                {pid_x, "PID"},
                                {account_x, "Account"},
                                {command_x, "Command line"}}) {
    append_svg_text(out, text, {.x = x, .y = top - 8, .size = 12, .css_class = "b"});
  }
  out += fmt::format("<path d=\"M12 {0:.1f}H{1:.0f}\" stroke=\"#b9c1cb\"/>\n", top - 2, width - 12);
  const std::vector<uint8_t> last = find_last(tree);
  std::string lines;
  std::string texts;
  for (size_t node = 0; node < count; ++node) {
    const double y = top + static_cast<double>(node) * row_height;
    const std::string guides = guides_of(tree, last, node);
    append_svg_guides(lines, guides, y, row_height);
    if (tree.marked[node]) {
      out += fmt::format(
          "<rect x=\"8\" y=\"{0:.1f}\" width=\"{1:.0f}\" height=\"{2:.0f}\" fill=\"#fff1d6\"/>"
          "<rect x=\"8\" y=\"{0:.1f}\" width=\"3\" height=\"{2:.0f}\" fill=\"#c77700\"/>\n",
          y, width - 20, row_height);
    }
    const double base = y + row_height / 2 + 4;
    const double name_x = guides.empty() ? 14 : 20 + 16 * static_cast<double>(guides.size());
    append_svg_text(texts, name_of(tree, node),
                    {.x = name_x,
                     .y = base,
                     .size = 12,
                     .width = time_x - name_x - 10,
                     .css_class = tree.placeholder(node) ? "i" : "t"});
    append_svg_text(texts, time_text(tree, node), {.x = time_x, .y = base, .size = 12});
    append_svg_text(texts, visible_text(tree.text("ProcessId", node), 100),
                    {.x = pid_x, .y = base, .size = 12, .width = account_x - pid_x - 8});
    append_svg_text(texts, visible_text(tree.text("Account", node), 200),
                    {.x = account_x, .y = base, .size = 12, .width = command_x - account_x - 10});
    append_svg_text(texts, visible_text(tree.text("CommandLine", node), 1000),
                    {.x = command_x,
                     .y = base,
                     .size = 11,
                     .width = width - command_x - 14,
                     .css_class = "f",
                     .monospace = true});
  }
  out += "<path d=\"" + lines + "\" stroke=\"#9aa4b1\" fill=\"none\"/>\n" + texts + "</svg>\n";
  return out;
}

/// A text cut to `width` characters.
std::string cut(std::string_view text, size_t width) {
  if (count_code_points(text) <= width) return std::string(text);
  if (width == 0) return {};
  size_t pos = 0;
  for (size_t i = 0; i + 1 < width; ++i) next_code_point(text, pos);
  return std::string(text.substr(0, pos)) + "…";
}

Result<std::string> draw_text_form(const Picture& picture, size_t width) {
  auto built = build_tree(picture);
  if (!built.ok()) return built.error();
  const Tree& tree = *built;
  std::string out;
  if (const std::string title = title_of(picture); !title.empty()) out += title + "\n";
  out += tree.summary() + "\n";
  const std::vector<uint8_t> last = find_last(tree);
  for (size_t node = 0; node < tree.size(); ++node) {
    std::string line;
    if (tree.hosts > 1 && tree.depth(node) == 0 &&
        (node == 0 || fold_case(tree.text("Computer", node)) != fold_case(tree.text("Computer", node - 1)))) {
      out += cut(visible_text(tree.text("Computer", node), 200), width) + "\n";
    }
    for (char guide : guides_of(tree, last, node)) {
      line += guide == '|' ? "│  " : guide == '+' ? "├─ " : guide == 'L' ? "└─ " : "   ";
    }
    line += name_of(tree, node);
    if (const std::string_view pid = tree.text("ProcessId", node); !pid.empty())
      line += fmt::format(" ({})", visible_text(pid, 100));
    if (tree.placeholder(node)) line += " [not in the data]";
    if (const std::string time = time_text(tree, node); !time.empty()) line += "  " + time;
    if (const std::string_view account = tree.text("Account", node); !account.empty())
      line += "  " + visible_text(account, 200);
    if (const std::string_view command = tree.text("CommandLine", node); !command.empty())
      line += "  " + visible_text(command, 1000);
    out += (tree.marked[node] ? "* " : "  ") + cut(line, width > 2 ? width - 2 : 0) + "\n";
  }
  for (const std::string& note : notes_of(picture.table)) out += note + "\n";
  return out;
}

}  // namespace

KindDrawer process_tree_kind() {
  return {
      .kind = {.name = "processtree",
               .doc = "which process started which, from process creation events (Windows 4688, Sysmon 1, "
                      "DeviceProcessEvents, ASIM); fold, search, hover",
               .properties = {{"title", "heading"},
                              {"highlight",
                               "columns of which a true, non-zero or non-empty cell marks a process"}}},
      .data = draw_data,
      .svg = draw_svg_form,
      .text = draw_text_form};
}

}  // namespace huntbook

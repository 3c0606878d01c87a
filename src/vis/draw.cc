// The kinds of picture, and the page that holds them.
#include "vis/draw.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/escape.h"
#include "base/text.h"
#include "vis/columns.h"
#include "vis/kind.h"
#include "vis_templates.h"

namespace huntbook {
namespace {

constexpr size_t kDefaultTextWidth = 100;

std::array<KindDrawer, 3> drawers() { return {timeline_kind(), process_tree_kind(), table_kind()}; }

/// Properties of Kusto's render operator: taken everywhere, also where a kind has no use for them.
constexpr std::array<std::string_view, 15> kKustoProperties = {
    "accumulate", "anomalycolumns", "kind",     "legend", "series", "title",  "xaxis", "xcolumn",
    "xtitle",     "yaxis",          "ycolumns", "ymax",   "ymin",   "ysplit", "ytitle"};

Result<KindDrawer> find_drawer(const Picture& picture) {
  std::vector<std::string> names;
  for (const KindDrawer& drawer : drawers()) {
    if (drawer.kind.name == picture.kind) return drawer;
    names.emplace_back(drawer.kind.name);
  }
  Diagnostic failure{.code = "unsupported",
                     .message = fmt::format("pictures of kind `{}` are not supported yet", picture.kind),
                     .construct = picture.kind};
  if (auto nearest = nearest_name(picture.kind, names)) {
    failure.hint = fmt::format("did you mean `{}`?", *nearest);
  } else {
    failure.hint = fmt::format("kinds that can be drawn: `{}`", fmt::join(names, "`, `"));
  }
  return failure;
}

Status check_properties(const Picture& picture, const PictureKind& kind) {
  std::vector<std::string> names;
  for (const PictureProperty& property : kind.properties) names.emplace_back(property.name);
  for (const auto& [name, value] : picture.properties) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    if (std::find(kKustoProperties.begin(), kKustoProperties.end(), name) != kKustoProperties.end()) continue;
    Diagnostic failure{.code = "HB-D002",
                       .message = fmt::format("`{}` has no property `{}`", kind.name, name)};
    if (auto nearest = nearest_name(name, names)) {
      failure.hint = fmt::format("did you mean `{}`?", *nearest);
    } else {
      failure.hint = fmt::format("it has `{}`", fmt::join(names, "`, `"));
    }
    return failure;
  }
  return {};
}

Result<KindDrawer> prepare(const Picture& picture) {
  auto drawer = find_drawer(picture);
  if (!drawer.ok()) return drawer;
  if (Status checked = check_properties(picture, drawer->kind); !checked.ok()) return checked.error();
  return drawer;
}

/// A page in parts: what stands before the script and after it.
struct PageParts {
  std::string body;
  std::string columns;
  size_t pictures = 0;
};

/// The template with its markers filled in.
std::string make_page(std::string_view title, const PageParts& parts) {
  std::string_view rest = vis_templates("page.html");
  std::string out;
  out.reserve(rest.size() + parts.body.size() + parts.columns.size() + title.size());
  const auto fill = [&](std::string_view mark, std::string_view text) {
    const size_t at = rest.find(mark);
    assert(at != std::string_view::npos);
    out += rest.substr(0, at);
    out += text;
    rest.remove_prefix(at + mark.size());
  };
  fill("<!--HB-TITLE-->", escape_html(title));
  fill("<!--HB-BODY-->", parts.body);
  fill("<!--HB-COLUMNS-->", parts.columns);
  out += rest;
  return out;
}

/// Appends a picture's data where the script finds it. The data is JSON without `<`, so nothing ends the
/// elements.
Status append_data(PageParts& parts, const Picture& picture) {
  auto drawer = prepare(picture);
  if (!drawer.ok()) return drawer.error();
  auto data = drawer->data(picture);
  if (!data.ok()) return data.error();
  parts.body += "<script type=\"application/json\" class=\"hb-data\">" + data->head + "</script>\n";
  for (size_t i = 0; i < data->columns.size(); ++i) {
    parts.columns += fmt::format("<script type=\"application/json\" id=\"hb-{}-{}\">", parts.pictures, i);
    parts.columns += data->columns[i];
    parts.columns += "</script>\n";
  }
  ++parts.pictures;
  return {};
}

}  // namespace

std::vector<PictureKind> picture_kinds() {
  std::vector<PictureKind> out;
  for (const KindDrawer& drawer : drawers()) out.push_back(drawer.kind);
  return out;
}

Result<std::string> draw_html(const Picture& picture) {
  PageParts parts{.body = "<main>\n", .columns = {}, .pictures = 0};
  if (Status added = append_data(parts, picture); !added.ok()) return added.error();
  parts.body += "</main>";
  const std::string title = title_of(picture);
  return make_page(title.empty() ? std::string_view("Huntbook") : std::string_view(title), parts);
}

Result<std::string> report_html(std::string_view title, std::span<const Picture> pictures) {
  const std::string shown = visible_text(title, 300);
  PageParts parts{.body = "<main class=\"hb-report\">\n<h1>" + escape_html(shown) + "</h1>\n",
                  .columns = {},
                  .pictures = 0};
  for (const Picture& picture : pictures) {
    if (Status added = append_data(parts, picture); !added.ok()) return added.error();
  }
  parts.body += "</main>";
  return make_page(shown, parts);
}

Result<std::string> draw_svg(const Picture& picture) {
  auto drawer = prepare(picture);
  if (!drawer.ok()) return drawer.error();
  if (drawer->svg == nullptr) {
    return Diagnostic{.code = "unsupported",
                      .message = fmt::format("`{}` cannot be drawn as SVG", picture.kind),
                      .hint = "draw it as HTML",
                      .construct = picture.kind + " as svg"};
  }
  return drawer->svg(picture);
}

Result<std::string> draw_text(const Picture& picture, size_t width) {
  auto drawer = prepare(picture);
  if (!drawer.ok()) return drawer.error();
  return drawer->text(picture, width == 0 ? kDefaultTextWidth : width);
}

}  // namespace huntbook

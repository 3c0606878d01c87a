// A picture as data: what to draw of which table. src/vis draws it as HTML, SVG or text.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "huntbook/table.h"

namespace huntbook {

/// Property names are those of Kusto's render operator (xcolumn, ycolumns, series, title ...), in lower case;
/// values are as the user wrote them, several columns separated by commas.
struct Picture {
  std::string kind;   ///< "timeline", "processtree", "table"
  std::string title;  ///< may be empty
  Table table;
  std::vector<std::pair<std::string, std::string>> properties;

  /// A property's value, or an empty string.
  std::string_view property(std::string_view name) const {
    for (const auto& [key, value] : properties) {
      if (key == name) return value;
    }
    return {};
  }
};

}  // namespace huntbook

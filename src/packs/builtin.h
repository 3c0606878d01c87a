// The packs and views that are part of the program.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "packs/pack.h"

namespace huntbook {

/// Loads every built-in pack into the library.
void load_builtin_packs(PackLibrary& library);
/// Whether a text has the name of a built-in query among its words; needs nothing loaded.
bool mentions_builtin_query(std::string_view text);

/// A view: KQL over raw tables under the name of a schema that the field knows.
struct View {
  std::string name;
  std::string doc;     ///< the file's first comment line
  std::string fed_by;  ///< the tables named in its `fed by:` comment
  std::string text;
  bool lambda = false;  ///< the text is a KQL function with parameters
};
std::vector<View> builtin_views();

}  // namespace huntbook

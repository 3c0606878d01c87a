#include "packs/builtin.h"

#include "base/text.h"
#include "pack_files.h"

namespace huntbook {

void load_builtin_packs(PackLibrary& library) {
  for (auto file : pack_files_files()) {
    if (file.ends_with(".yaml")) library.load_text(pack_files(file), "packs/" + std::string(file));
  }
}

std::vector<View> builtin_views() {
  std::vector<View> views;
  for (auto file : pack_files_files()) {
    if (!file.ends_with(".kql")) continue;
    View view;
    view.text = pack_files(file);
    std::string_view name = file.substr(file.rfind('/') + 1);
    view.name = name.substr(0, name.size() - 4);
    for (auto line : split(view.text, '\n')) {
      if (!line.starts_with("//")) {
        view.lambda = line.starts_with("(");
        break;
      }
      line = trim(line.substr(2));
      if (line.starts_with("fed by:")) view.fed_by = trim(line.substr(7));
      else if (view.doc.empty()) view.doc = line;
    }
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace huntbook

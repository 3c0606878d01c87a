#include "packs/builtin.h"

#include <algorithm>

#include "base/text.h"
#include "pack_files.h"

namespace huntbook {
namespace {

#include "pack_names.inc"

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

void load_builtin_packs(PackLibrary& library) {
  for (auto file : pack_files_files()) {
    if (file.ends_with(".yaml")) library.load_text(pack_files(file), "packs/" + std::string(file));
  }
}

bool mentions_builtin_query(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const auto begin = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_word);
    const auto end = std::find_if_not(begin, text.end(), is_word);
    const std::string_view word(text.data() + (begin - text.begin()), static_cast<size_t>(end - begin));
    if (!word.empty() && std::binary_search(std::begin(kQueryNames), std::end(kQueryNames), word))
      return true;
    at = static_cast<size_t>(end - text.begin());
  }
  return false;
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

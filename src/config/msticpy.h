// An msticpyconfig.yaml in our own terms.
#pragma once
#include <string>
#include <vector>

#include "config/yaml.h"
#include "huntbook/result.h"

namespace huntbook {

struct MsticpyImport {
  YamlNode root;     ///< as a huntbook.yaml, with the lines of the original
  Diagnostics left;  ///< what was not taken over ("HB-K010"), with file:line and the reason
};

bool is_msticpy(const YamlNode& root);
MsticpyImport convert_msticpy(const YamlNode& root, const std::string& file);

}  // namespace huntbook

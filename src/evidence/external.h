// Files as `externaldata` reads them: their columns are told, nothing is guessed.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/evidence.h"

namespace huntbook::evidence {

struct ExternalColumn {
  std::string name;
  bool json = false;  ///< the cell is wanted as JSON text, not as a plain text
};

struct ExternalFiles {
  std::vector<std::string> paths;  ///< archives are looked into
  std::string format;              ///< one of is_external_format()
  bool skip_first = false;         ///< the first record of each file is a header
  std::vector<ExternalColumn> columns;
};

/// csv tsv psv ssv scsv sohsv txt raw json multijson singlejson, in any case of letters.
bool is_external_format(std::string_view format);
/// The format that a file's name tells; csv when it tells none.
std::string_view external_format_of(std::string_view path);

/// Gives the rows in order, each column a text: separated values by their place, JSON objects by their names,
/// lines of a text, or a whole raw file, as the first column. Missing cells are empty. Counts the records
/// that are no row. Fails with HB-V002 when a file cannot be read.
Status read_external(const ExternalFiles& files, const std::function<Status(const Batch&)>& sink,
                     const Options& options, uint64_t& rejected);

}  // namespace huntbook::evidence

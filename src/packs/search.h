// Finding queries.
#pragma once
#include <string>
#include <vector>

#include "packs/pack.h"

namespace huntbook {

/// What a query must have; what is empty is not asked for. Case does not matter, and parts of names are
/// enough.
struct QuerySearch {
  std::string
      words;  ///< each must occur in the name, tables, techniques, families, description, parameters or text
  std::string provider;  ///< by any of its names, whole
  std::string table;
  std::string parameter;
  std::string technique;  ///< T1003 finds T1003.001 too
};

/// The queries found: those that fit the words best come first, else in the order they were loaded.
std::vector<const PackQuery*> search_queries(const PackLibrary& library, const QuerySearch& search);

}  // namespace huntbook

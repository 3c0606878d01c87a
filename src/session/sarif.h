// Findings as other tools read them.
#pragma once
#include <string>

#include "huntbook/language.h"

namespace huntbook {

/// A SARIF 2.1.0 log of one run: the tool with its rules, a result with its region for each finding.
std::string to_sarif(const Checked& checked, const std::vector<Rule>& rules, const std::string& version);
/// One object: files, queries, problems with file, line, column, end_line, end_column, query, code, message,
/// hint.
std::string to_json(const Checked& checked);

}  // namespace huntbook

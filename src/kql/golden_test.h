// Golden files: queries and what is printed of them, in blocks `query = answer ---`.
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace huntbook::kql {

/// Compares `print(query)` with every block of src/kql/golden/<file>; with HUNTBOOK_UPDATE set, rewrites it.
template <typename Print>
void check_golden(const std::string& file, Print print) {
  const std::string path = std::string(HB_SOURCE_DIR) + "/src/kql/golden/" + file;
  std::ifstream in(path);
  ASSERT_TRUE(in) << path;
  std::string line, head, query, answer, rewritten;
  bool in_answer = false;
  size_t blocks = 0;
  while (std::getline(in, line)) {
    if (blocks == 0 && query.empty() && !in_answer && line.starts_with("# ")) {
      rewritten += line + "\n";
    } else if (!in_answer && line == "=") {
      in_answer = true;
    } else if (in_answer && line == "---") {
      if (!query.empty()) query.pop_back();
      const std::string now = print(query);
      EXPECT_EQ(now, answer) << query;
      rewritten += query + "\n=\n" + now + "---\n";
      query.clear();
      answer.clear();
      in_answer = false;
      ++blocks;
    } else {
      (in_answer ? answer : query) += line + "\n";
    }
  }
  EXPECT_GT(blocks, 0u);
  if (std::getenv("HUNTBOOK_UPDATE")) std::ofstream(path) << rewritten;
}

}  // namespace huntbook::kql

#include "base/secret.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <sstream>

namespace huntbook {
namespace {

TEST(Secret, PrintsAsStars) {
  const Secret secret("canary-8f1d");
  std::ostringstream out;
  out << secret;
  EXPECT_EQ(out.str(), "***");
  EXPECT_EQ(fmt::format("<{}>", secret), "<***>");
  EXPECT_EQ(fmt::format("<{}>", Secret()), "<>");
  EXPECT_EQ(secret.reveal(), "canary-8f1d");
}

TEST(Secret, TakesAndWipes) {
  std::string text = "a long enough text to be on the heap, canary";
  const char* place = text.data();
  const size_t size = text.size();
  const Secret secret = Secret::take(std::move(text));
  EXPECT_EQ(secret.reveal(), "a long enough text to be on the heap, canary");
  EXPECT_EQ(std::string(place, size), std::string(size, '\0'));
}

TEST(Secret, Compares) {
  EXPECT_EQ(Secret("a"), Secret("a"));
  EXPECT_FALSE(Secret("a") == Secret("b"));
  EXPECT_FALSE(Secret("a") == Secret("aa"));
  EXPECT_EQ(Secret(), Secret(""));
}

TEST(Secret, MemoryIsLeftOutOfDumps) {
  const Secret secret("x");
  const auto address = reinterpret_cast<uintptr_t>(secret.reveal().data());
  std::ifstream maps("/proc/self/smaps");
  bool here = false, found = false;
  for (std::string line; std::getline(maps, line);) {
    uintptr_t begin = 0, end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2) here = begin <= address && address < end;
    if (here && line.starts_with("VmFlags:")) found = line.find(" dd") != std::string::npos;
  }
  EXPECT_TRUE(found);
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_CORE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, 0u);
}

TEST(Secret, RedactsEveryForm) {
  const std::vector<Secret> secrets{Secret("pa\"ss/word"), Secret()};
  EXPECT_EQ(redact(R"(a pa"ss/word b pa\"ss/word c pa%22ss%2Fword d)", secrets), "a *** b *** c *** d");
  EXPECT_EQ(redact("nothing", secrets), "nothing");
}

}  // namespace
}  // namespace huntbook

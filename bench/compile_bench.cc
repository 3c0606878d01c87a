// How long text takes to become SQL: compile_bench [QUERIES.jsonl]. Real queries (JSON lines with a member
// `query`) when there are any, then texts that grow, then texts that nest. Prints milliseconds; fails when
// nesting is not refused.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "base/json.h"
#include "kql/compile.h"
#include "kql/parse.h"

namespace {

using namespace huntbook;

kql::Catalog open_catalog() {
  kql::Catalog catalog;
  catalog.open = true;
  return catalog;
}

double milliseconds(const std::string& text, const kql::Catalog& catalog, bool* compiled = nullptr) {
  const auto start = std::chrono::steady_clock::now();
  const auto result = kql::compile(text, catalog);
  const double taken =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  if (compiled) *compiled = result.compiled.has_value();
  return taken;
}

// The quickest of several: other work on the machine is not ours.
double best_of(int times, const std::string& text, const kql::Catalog& catalog) {
  double best = milliseconds(text, catalog);
  for (int i = 1; i < times; ++i) best = std::min(best, milliseconds(text, catalog));
  return best;
}

void real_queries(const std::string& path, const kql::Catalog& catalog) {
  std::ifstream in(path);
  struct Query {
    std::string text;
    size_t tokens = 0;
    double time = 0;
  };
  std::vector<Query> queries;
  for (std::string line; std::getline(in, line);) {
    auto row = parse_json(line);
    const Json* text = row ? row->find("query") : nullptr;
    if (text && text->kind() == Json::Kind::kString) queries.push_back({text->as_string(), 0, 0});
  }
  if (queries.empty()) return;
  for (auto& query : queries) {
    Diagnostics ignored;
    query.tokens = kql::lex(query.text, ignored).size();
    query.time = best_of(3, query.text, catalog);
  }
  std::sort(queries.begin(), queries.end(), [](auto& a, auto& b) { return a.time < b.time; });
  const auto at = [&](double part) {
    return queries[static_cast<size_t>(part * static_cast<double>(queries.size() - 1))].time;
  };
  const auto longest =
      std::max_element(queries.begin(), queries.end(), [](auto& a, auto& b) { return a.tokens < b.tokens; });
  fmt::print("real queries: {}\n", queries.size());
  fmt::print("median: {:.3f} ms\n99th percentile: {:.3f} ms\nslowest: {:.3f} ms ({} tokens)\n", at(0.5),
             at(0.99), queries.back().time, queries.back().tokens);
  fmt::print("longest: {:.3f} ms ({} tokens)\n", longest->time, longest->tokens);
}

// Texts of any length, each of one kind of part.
struct Growing {
  const char* name;
  std::string head, tail;
  std::function<std::string(size_t)> part;
};

void growing_texts(const kql::Catalog& catalog) {
  const Growing kinds[] = {
      {"list of in", "T | where x in (0", ")", [](size_t i) { return fmt::format(", \"value {}\"", i); }},
      {"or", "T | where x == 0", "",
       [](size_t i) { return fmt::format(" or a{} has \"value {}\"", i % 50, i); }},
      {"extend in a row", "T", "",
       [](size_t i) { return fmt::format("\n| extend c{} = strcat(a, \"{}\")", i % 20, i); }},
      {"lets", "", "T | take 1",
       [](size_t i) { return fmt::format("let v{} = dynamic([\"{}\", 1]);\n", i, i); }},
      {"union", "union T", "", [](size_t i) { return fmt::format(", (T | where x == {})", i); }},
      {"datatable", "datatable(a:long, b:string) [0, \"\"", "]",
       [](size_t i) { return fmt::format(", {}, \"text\"", i); }},
      {"comment", "T // ", "\n| take 1", [](size_t) { return std::string("words that say nothing "); }}};
  for (const auto& kind : kinds) {
    double small = 0;
    for (const size_t size : {size_t{250'000}, size_t{1'000'000}}) {
      std::string text = kind.head;
      for (size_t i = 0; text.size() < size; ++i) text += kind.part(i);
      text += kind.tail;
      bool compiled = false;
      const double time = std::min(milliseconds(text, catalog, &compiled), milliseconds(text, catalog));
      if (size == 250'000) small = time;
      else
        fmt::print("1 MB, {}: {:.0f} ms, {:.1f} times that of a quarter ({})\n", kind.name, time,
                   time / small, compiled ? "compiled" : "refused");
    }
  }
}

bool nested_texts(const kql::Catalog& catalog) {
  bool good = true;
  for (const auto& [open, close] :
       {std::pair{"(", ")"}, {"[", "]"}, {"f(", ")"}, {"-", ""}, {"not(", ")"}, {"T | join (", ") on x"}}) {
    std::string text = "print ", end;
    if (std::string_view(open).starts_with("T")) text.clear();
    for (int i = 0; i < 10'000; ++i) {
      text += open;
      end += close;
    }
    text += "1" + end;
    bool compiled = true;
    const double time = milliseconds(text, catalog, &compiled);
    fmt::print("10,000 times `{}`: {} in {:.1f} ms\n", open, compiled ? "compiled" : "refused", time);
    good = good && !compiled;
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  const kql::Catalog catalog = open_catalog();
  if (argc > 1) real_queries(argv[1], catalog);
  growing_texts(catalog);
  return nested_texts(catalog) ? 0 : 1;
}

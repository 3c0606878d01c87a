// Random well-typed queries: each must run, and must give the same rows whichever rewrites are left out.
//   random_queries SECONDS [SEED]        all kinds of queries, from a seed that it prints
//   random_queries --show SEED           the query of one seed, and its answers
// A finding is printed with its seed; the exit code is 1.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iostream>

#include "engine/engine.h"
#include "kql/compile.h"
#include "kql/rewrite.h"
#include "random_query.h"
#include "table/builder.h"

namespace {

using namespace huntbook;

Table random_table(uint64_t rows) {
  std::vector<ColumnBuilder> builders;
  const Schema schema = random_schema();
  for (const auto& field : schema.fields) builders.emplace_back(field.type);
  Random random(42);
  for (uint64_t i = 0; i < rows; ++i) {
    for (auto& builder : builders) {
      if (random.below(8) == 0) {
        builder.append_null();
        continue;
      }
      switch (builder.type()) {
        case Type::kBool: builder.append_bool(random.below(2)); break;
        case Type::kInt: builder.append_int(static_cast<int32_t>(random.below(20)) - 5); break;
        case Type::kLong: builder.append_long(static_cast<int64_t>(random.below(1000)) - 100); break;
        case Type::kReal: builder.append_real(static_cast<double>(random.below(4000)) / 8 - 100); break;
        case Type::kDatetime:
          builder.append_long(638'400'000'000'000'000 +
                              static_cast<int64_t>(random.below(100'000)) * 100'000'000);
          break;
        case Type::kTimespan:
          builder.append_long(static_cast<int64_t>(random.below(100'000)) * 10'000'000);
          break;
        case Type::kDynamic: builder.append_text(random_json(random)); break;
        case Type::kGuid:
          builder.append_text(fmt::format("{:08x}-0000-4000-8000-{:012x}", random.below(9), random.below(9)));
          break;
        case Type::kDecimal: builder.append_text(std::to_string(random.below(100)) + ".25"); break;
        case Type::kString: builder.append_text(random_word(random)); break;
      }
    }
  }
  return make_table(schema, std::move(builders));
}

std::vector<std::string> rows_of(const Table& table) {
  std::vector<std::string> rows;
  for (const auto& batch : table.batches) {
    for (size_t r = 0; r < batch->rows; ++r) {
      std::string row;
      for (const auto& column : batch->columns) {
        if (column.is_null(r)) {
          row += "null|";
          continue;
        }
        switch (column.type) {
          case Type::kBool: row += column.bool_at(r) ? "true" : "false"; break;
          case Type::kInt: row += std::to_string(column.int_at(r)); break;
          case Type::kReal: row += fmt::format("{:.6g}", column.real_at(r)); break;
          case Type::kLong:
          case Type::kDatetime:
          case Type::kTimespan: row += std::to_string(column.long_at(r)); break;
          default: row += column.text_at(r);
        }
        row += '|';
      }
      rows.push_back(std::move(row));
    }
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

class Tester {
 public:
  Tester() {
    EngineOptions options;
    options.threads = 1;
    options.memory_limit = uint64_t{2} << 30;
    auto engine = Engine::open(options);
    if (!engine.ok()) throw std::runtime_error(engine.error().message);
    engine_ = std::move(*engine);
    Table table = random_table(200);
    catalog_.tables.push_back({"T", table.schema, "", table.rows(), "table", ""});
    catalog_.now = 638'500'000'000'000'000;
    catalog_.run = [&](const kql::plan::Plan& part) { return engine_->run(kql::finish(part, catalog_), {}); };
    engine_->add_table("T", std::move(table));
    skips_.push_back({});
    std::set<std::string, std::less<>> all;
    for (const auto& pass : kql::passes()) {
      skips_.push_back({std::string(pass.name)});
      all.insert(std::string(pass.name));
    }
    skips_.push_back(std::move(all));
  }

  /// Nothing, or what is wrong.
  std::string test(uint64_t seed, bool show) {
    const RandomQuery query = random_query(seed);
    if (show) std::cout << query.text << "\n";
    std::vector<std::string> first;
    for (const auto& skipped : skips_) {
      catalog_.skipped_passes = skipped;
      auto compiled = kql::compile(query.text, catalog_);
      if (!compiled.compiled) {
        ++refused_;
        if (show) std::cout << compiled.diagnostics.front().message << "\n";
        return {};
      }
      const auto broken = kql::check_plan(compiled.compiled->plan.root);
      if (broken) return "plan: " + *broken;
      const auto start = std::chrono::steady_clock::now();
      auto table = engine_->run(*compiled.compiled, {});
      const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      if (took > 20) return fmt::format("took {:.0f} s", took);
      if (!table.ok()) {
        if (is_answer(table.error())) return {};
        return table.error().message;
      }
      auto rows = rows_of(*table);
      if (show) std::cout << rows.size() << " rows" << (rows.empty() ? "" : ", the first " + rows[0]) << "\n";
      if (&skipped == &skips_[0]) {
        first = std::move(rows);
      } else if (query.comparable && rows != first) {
        const auto at = std::mismatch(rows.begin(), rows.end(), first.begin(), first.end());
        return fmt::format("without {}: {} rows in place of {}; {}\n  in place of {}",
                           fmt::join(skipped, ", "), rows.size(), first.size(),
                           at.first == rows.end() ? "nothing" : *at.first,
                           at.second == first.end() ? "nothing" : *at.second);
      }
    }
    ++answered_;
    return {};
  }

  size_t answered() const { return answered_; }
  size_t refused() const { return refused_; }

 private:
  // Failures that a query may have for its data's sake.
  static bool is_answer(const Diagnostic& failure) {
    if (failure.code == "HB-E002") return true;
    for (const char* words : {"make-series", "Out of Range", "array of more"}) {
      if (failure.message.find(words) != std::string::npos) return true;
    }
    return false;
  }

  std::unique_ptr<Engine> engine_;
  kql::Catalog catalog_;
  std::vector<std::set<std::string, std::less<>>> skips_;
  size_t answered_ = 0, refused_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: random_queries SECONDS [SEED] | random_queries --show SEED\n";
    return 2;
  }
  Tester tester;
  if (std::string_view(argv[1]) == "--show" && argc > 2) {
    const std::string wrong = tester.test(std::strtoull(argv[2], nullptr, 10), true);
    std::cout << (wrong.empty() ? "right" : wrong) << "\n";
    return wrong.empty() ? 0 : 1;
  }
  const double seconds = std::atof(argv[1]);
  uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : std::random_device()();
  std::cout << "from seed " << seed << std::endl;
  const auto start = std::chrono::steady_clock::now();
  size_t findings = 0;
  while (std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() < seconds &&
         findings < 20) {
    const std::string wrong = tester.test(seed, false);
    if (!wrong.empty()) {
      ++findings;
      std::cout << "seed " << seed << ": " << wrong << "\n" << random_query(seed).text << "\n" << std::endl;
    }
    ++seed;
  }
  std::cout << tester.answered() << " queries answered, " << tester.refused() << " refused, " << findings
            << " findings\n";
  return findings ? 1 : 0;
}

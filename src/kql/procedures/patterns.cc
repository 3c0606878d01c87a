// basket, autocluster, diffpatterns: values that rows have in common.
//
// A pattern fixes some columns and leaves the others open. Only closed patterns count: those that fix every
// column whose value all of their rows share. A pattern's rank is the least number of columns that have to be
// fixed for it; the rest follows from them.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <unordered_map>

#include "base/json.h"
#include "kql/procedures/runs.h"

namespace huntbook::kql {
namespace {

constexpr size_t kMaxPatterns = 100'000;
constexpr size_t kMaxCandidates = 1000;  // of which a few are picked

using Codes = std::vector<uint32_t>;  // a value per column; 0 is none in particular

struct Weights {
  double a = 0, b = 0;
};

struct Row {
  Codes codes;
  Weights weights;
};

struct Pattern {
  Codes codes;
  Weights weights;
};

std::string key_of(const Cell& cell) {
  std::string key;
  append_key(key, cell);
  return key;
}

std::string key_of(const Codes& codes) {
  return {reinterpret_cast<const char*>(codes.data()), codes.size() * sizeof(uint32_t)};
}

class Miner {
 public:
  /// The input is the columns, then the weight in the first set and in the second. `wildcards` are values
  /// that stand for none in particular.
  Miner(const ProcedureCall& call, std::vector<Cell> wildcards, double threshold)
      : call_(call), width_(wildcards.size()), wildcards_(std::move(wildcards)), threshold_(threshold) {}

  Status read() {
    std::vector<std::unordered_map<std::string, std::pair<uint32_t, Weights>>> seen(width_);
    const auto each_row = [&](auto use) -> Status {
      for (const auto& batch : call_.inputs[0].batches) {
        for (size_t r = 0; r < batch->rows; ++r) {
          if ((r & 1023) == 0 && call_.cancel && call_.cancel->cancelled()) return interrupted();
          const Weights weights{batch->columns[width_].real_at(r), batch->columns[width_ + 1].real_at(r)};
          if (weights.a > 0 || weights.b > 0) use(*batch, r, weights);
        }
      }
      return {};
    };
    Status status = each_row([&](const Batch& batch, size_t r, const Weights& weights) {
      total_.a += weights.a;
      total_.b += weights.b;
      for (size_t c = 0; c < width_; ++c) {
        auto& sum = seen[c][key_of(cell_at(batch.columns[c], r))].second;
        sum.a += weights.a;
        sum.b += weights.b;
      }
    });
    if (!status.ok()) return status;
    // Values that are frequent enough get a code.
    values_.resize(width_);
    shares_.resize(width_);
    for (size_t c = 0; c < width_; ++c) {
      const std::string wildcard = key_of(wildcards_[c]);
      values_[c].emplace_back();
      shares_[c].push_back(1);
      for (auto it = seen[c].begin(); it != seen[c].end();) {
        if (it->first == wildcard || !frequent(it->second.second)) it = seen[c].erase(it);
        else ++it;
      }
    }
    std::unordered_map<std::string, size_t> places;
    status = each_row([&](const Batch& batch, size_t r, const Weights& weights) {
      Codes codes(width_);
      for (size_t c = 0; c < width_; ++c) {
        Cell cell = cell_at(batch.columns[c], r);
        const auto it = seen[c].find(key_of(cell));
        if (it == seen[c].end()) continue;
        auto& [code, sum] = it->second;
        if (!code) {
          code = static_cast<uint32_t>(values_[c].size());
          values_[c].push_back(std::move(cell));
          shares_[c].push_back((sum.a + sum.b) / (total_.a + total_.b));
        }
        codes[c] = code;
      }
      const auto [place, fresh] = places.emplace(key_of(codes), rows_.size());
      if (fresh) rows_.push_back({std::move(codes), {}});
      rows_[place->second].weights.a += weights.a;
      rows_[place->second].weights.b += weights.b;
    });
    return status;
  }

  /// All closed patterns that are frequent enough and of at most this rank.
  Status mine(size_t rank) {
    std::vector<uint32_t> all(rows_.size());
    for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<uint32_t>(i);
    if (all.empty()) return {};
    Pattern root = closed(all);
    found_.emplace(key_of(root.codes), patterns_.size());
    ranks_.push_back(0);
    patterns_.push_back(root);
    return expand(root, all, 0, rank);
  }

  std::vector<Pattern> take() { return std::move(patterns_); }
  const std::vector<Row>& rows() const { return rows_; }
  const Weights& total() const { return total_; }
  double share(size_t column, uint32_t code) const { return shares_[column][code]; }
  const Cell& cell(size_t column, uint32_t code) const {
    return code ? values_[column][code] : wildcards_[column];
  }

 private:
  bool frequent(const Weights& weights) const {
    return (total_.a > 0 && weights.a / total_.a >= threshold_ - 1e-12) ||
           (total_.b > 0 && weights.b / total_.b >= threshold_ - 1e-12);
  }

  // The pattern of all that these rows share.
  Pattern closed(const std::vector<uint32_t>& rows) const {
    Pattern made{rows_[rows[0]].codes, {}};
    for (const uint32_t row : rows) {
      for (size_t c = 0; c < width_; ++c) {
        if (made.codes[c] != rows_[row].codes[c]) made.codes[c] = 0;
      }
      made.weights.a += rows_[row].weights.a;
      made.weights.b += rows_[row].weights.b;
    }
    return made;
  }

  Status expand(const Pattern& pattern, const std::vector<uint32_t>& rows, size_t rank, size_t most) {
    if (rank >= most) return {};
    for (size_t c = 0; c < width_; ++c) {
      if (pattern.codes[c]) continue;
      if (call_.cancel && call_.cancel->cancelled()) return interrupted();
      std::map<uint32_t, std::vector<uint32_t>> by_value;
      for (const uint32_t row : rows) {
        if (rows_[row].codes[c]) by_value[rows_[row].codes[c]].push_back(row);
      }
      for (const auto& [code, members] : by_value) {
        Weights weights;
        for (const uint32_t row : members) {
          weights.a += rows_[row].weights.a;
          weights.b += rows_[row].weights.b;
        }
        if (!frequent(weights)) continue;
        Pattern made = closed(members);
        const auto [it, fresh] = found_.emplace(key_of(made.codes), patterns_.size());
        if (fresh) {
          if (patterns_.size() >= kMaxPatterns) {
            Diagnostic many = diagnose(Error::kTooManyRows, {}, "evaluate", kMaxPatterns);
            many.hint = "project fewer columns, or ask for a higher threshold";
            return many;
          }
          patterns_.push_back(made);
          ranks_.push_back(rank + 1);
        } else if (ranks_[it->second] <= rank + 1) {
          continue;
        } else {
          ranks_[it->second] = rank + 1;
        }
        if (Status status = expand(made, members, rank + 1, most); !status.ok()) return status;
      }
    }
    return {};
  }

  const ProcedureCall& call_;
  size_t width_;
  std::vector<Cell> wildcards_;
  double threshold_;
  Weights total_;
  std::vector<std::vector<Cell>> values_;    // by column and code
  std::vector<std::vector<double>> shares_;  // of the rows
  std::vector<Row> rows_;                    // that differ
  std::unordered_map<std::string, size_t> found_;
  std::vector<Pattern> patterns_;
  std::vector<size_t> ranks_;
};

bool covers(const Pattern& pattern, const Codes& codes) {
  for (size_t c = 0; c < codes.size(); ++c) {
    if (pattern.codes[c] && pattern.codes[c] != codes[c]) return false;
  }
  return true;
}

bool fixes_any(const Pattern& pattern) {
  return std::any_of(pattern.codes.begin(), pattern.codes.end(), [](uint32_t code) { return code != 0; });
}

double percent(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

// Rounded for people: 38.7, 17.03.
double rounded(double value, double scale) { return std::round(value * scale) / scale; }

// Picks one pattern after the other, each time the best by `score`, which is given what the pattern covers of
// the rows that none before it covered; ends with a score of 0.
std::vector<Pattern> pick(const Miner& miner, std::vector<Pattern> candidates, size_t most,
                          const std::function<double(const Pattern&, const Weights&)>& score) {
  std::vector<std::pair<double, size_t>> order;
  for (size_t i = 0; i < candidates.size(); ++i)
    order.emplace_back(-score(candidates[i], candidates[i].weights), i);
  std::stable_sort(order.begin(), order.end());
  if (order.size() > kMaxCandidates) order.resize(kMaxCandidates);
  std::vector<bool> gone(miner.rows().size());
  std::vector<Pattern> picked;
  while (picked.size() < most) {
    double best = 0;
    size_t place = candidates.size();
    for (const auto& [negative, i] : order) {
      if (-negative <= best) break;  // no rows are ever won, so no later score is better
      Weights left;
      for (size_t r = 0; r < gone.size(); ++r) {
        const Row& row = miner.rows()[r];
        if (gone[r] || !covers(candidates[i], row.codes)) continue;
        left.a += row.weights.a;
        left.b += row.weights.b;
      }
      const double now = score(candidates[i], left);
      if (now > best) {
        best = now;
        place = i;
      }
    }
    if (place == candidates.size()) break;
    picked.push_back(candidates[place]);
    for (size_t r = 0; r < gone.size(); ++r) {
      if (covers(candidates[place], miner.rows()[r].codes)) gone[r] = true;
    }
  }
  return picked;
}

struct Options {
  double threshold = 0.05, weight = 0.5;
  size_t dimensions = 5, seeds = 25;
};

Options read_options(std::string_view text) {
  Options options;
  const auto json = parse_json(text);
  if (!json) return options;
  const auto real = [&](std::string_view name, double& out) {
    if (const Json* found = json->find(name)) out = found->as_real();
  };
  double dimensions = 5, seeds = 25;
  real("threshold", options.threshold);
  real("weight", options.weight);
  real("dimensions", dimensions);
  real("seeds", seeds);
  options.dimensions = static_cast<size_t>(dimensions);
  options.seeds = static_cast<size_t>(seeds);
  return options;
}

Table written(const ProcedureCall& call, const Miner& miner, const std::vector<Pattern>& patterns, bool two) {
  auto out = builders_of(call);
  int64_t id = 0;
  for (const auto& pattern : patterns) {
    size_t at = 0;
    out[at++].append_long(id++);
    out[at++].append_long(std::llround(pattern.weights.a));
    if (two) {
      out[at++].append_long(std::llround(pattern.weights.b));
      const double a = percent(pattern.weights.a, miner.total().a),
                   b = percent(pattern.weights.b, miner.total().b);
      out[at++].append_real(rounded(a, 100));
      out[at++].append_real(rounded(b, 100));
      out[at++].append_real(rounded(std::fabs(a - b), 100));
    } else {
      out[at++].append_real(rounded(percent(pattern.weights.a, miner.total().a), 10));
    }
    for (size_t c = 0; c < pattern.codes.size(); ++c) append_cell(out[at++], miner.cell(c, pattern.codes[c]));
  }
  return make_table(call.output, std::move(out));
}

// The patterns of the input that fix at least one column.
Result<std::vector<Pattern>> mine(Miner& miner, const Options& options) {
  if (Status status = miner.read(); !status.ok()) return status.error();
  if (Status status = miner.mine(options.dimensions); !status.ok()) return status.error();
  auto patterns = miner.take();
  std::erase_if(patterns, [](const Pattern& pattern) { return !fixes_any(pattern); });
  return patterns;
}

Result<Table> basket(const ProcedureCall& call) {
  const Options options = read_options(call.options);
  Miner miner(call, constant_row(call, 1), options.threshold);
  auto mined = mine(miner, options);
  if (!mined.ok()) return mined.error();
  std::stable_sort(mined->begin(), mined->end(),
                   [](const Pattern& a, const Pattern& b) { return a.weights.a > b.weights.a; });
  return written(call, miner, *mined, false);
}

// The balance of rows covered and of what the pattern tells about them, in bits.
Result<Table> autocluster(const ProcedureCall& call) {
  const Options options = read_options(call.options);
  Miner miner(call, constant_row(call, 1), options.threshold);
  auto mined = mine(miner, options);
  if (!mined.ok()) return mined.error();
  const auto picked =
      pick(miner, std::move(*mined), options.seeds, [&](const Pattern& pattern, const Weights& left) {
        const double share = miner.total().a > 0 ? left.a / miner.total().a : 0;
        if (share < options.threshold) return 0.0;
        double bits = 1e-9;
        for (size_t c = 0; c < pattern.codes.size(); ++c) {
          if (pattern.codes[c]) bits -= std::log2(miner.share(c, pattern.codes[c]));
        }
        return std::pow(share, options.weight) * std::pow(bits, 1 - options.weight);
      });
  return written(call, miner, picked, false);
}

Result<Table> diffpatterns(const ProcedureCall& call) {
  const Options options = read_options(call.options);
  Miner miner(call, constant_row(call, 1), options.threshold);
  auto mined = mine(miner, options);
  if (!mined.ok()) return mined.error();
  const auto difference = [&](const Weights& weights) {
    const Weights& total = miner.total();
    return (total.a > 0 ? weights.a / total.a : 0) - (total.b > 0 ? weights.b / total.b : 0);
  };
  auto picked =
      pick(miner, std::move(*mined), kMaxCandidates, [&](const Pattern& pattern, const Weights& left) {
        const double whole = difference(pattern.weights), now = difference(left);
        // What is left must speak for the same side.
        if (whole * now <= 0 || std::fabs(now) < options.threshold || std::fabs(whole) < options.threshold)
          return 0.0;
        return std::min(std::fabs(whole), std::fabs(now));
      });
  std::stable_sort(picked.begin(), picked.end(), [&](const Pattern& a, const Pattern& b) {
    return std::fabs(difference(a.weights)) > std::fabs(difference(b.weights));
  });
  return written(call, miner, picked, true);
}

constexpr ProcedureEntry kEntries[] = {
    {"basket", basket}, {"autocluster", autocluster}, {"diffpatterns", diffpatterns}};

}  // namespace

std::span<const ProcedureEntry> pattern_procedures() { return kEntries; }

}  // namespace huntbook::kql

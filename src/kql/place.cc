#include "kql/place.h"

#include <algorithm>
#include <initializer_list>

#include "kql/function_table.h"
#include "kql/parser.h"

namespace huntbook::kql {
namespace {

constexpr size_t kDeepest = 200;  // brackets around the cursor

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// One bracket that is open at the cursor, or the whole text.
struct Level {
  size_t open = 0;       ///< its token; of the whole text, none
  size_t statement = 0;  ///< first token of the statement
  size_t segment = 0;    ///< first token after the last pipe
  bool piped = false;
  bool query = false;  ///< holds statements or a query
};

class Finder {
 public:
  Finder(std::string_view text, size_t offset) : text_(text.substr(0, std::min(offset, text.size()))) {
    Diagnostics ignored;
    tokens_ = lex(text_, ignored);
    tokens_.pop_back();  // the end
  }

  Place run() {
    if (in_comment() || !take_prefix()) return std::move(place_);
    read_levels();
    if (levels_.size() > kDeepest) return std::move(place_);
    mark_queries();
    place_.kind = kind();
    if (place_.kind != PlaceKind::kNothing) gather();
    return std::move(place_);
  }

 private:
  size_t size() const { return tokens_.size(); }
  bool is(size_t i, std::string_view text) const {
    return i < size() && tokens_[i].kind == TokenKind::kPunctuation && tokens_[i].text == text;
  }
  bool is_word(size_t i) const {
    return i < size() &&
           (tokens_[i].kind == TokenKind::kName || tokens_[i].kind == TokenKind::kBracketedName);
  }
  bool is_word(size_t i, std::string_view word) const {
    return i < size() && tokens_[i].kind == TokenKind::kName && tokens_[i].text == word;
  }
  std::string_view word(size_t i) const { return i < size() ? tokens_[i].text : std::string_view(); }
  bool touches(size_t i) const {
    return i > 0 && i < size() && tokens_[i - 1].span.end == tokens_[i].span.begin;
  }
  std::string between(size_t begin, size_t end) const {  // the text of these tokens
    if (begin >= end || end > size()) return "";
    const uint32_t from = tokens_[begin].span.begin;
    return std::string(text_.substr(from, tokens_[end - 1].span.end - from));
  }

  bool in_comment() const {
    const size_t end = tokens_.empty() ? 0 : tokens_.back().span.end;
    const std::string_view gap = text_.substr(end);
    const size_t line = gap.rfind('\n');
    return (line == std::string_view::npos ? gap : gap.substr(line)).find("//") != std::string_view::npos;
  }

  // Takes the word that the cursor touches off the tokens. False where no word can stand.
  bool take_prefix() {
    const auto end = static_cast<uint32_t>(text_.size());
    place_.word = {end, end};
    if (tokens_.empty() || tokens_.back().span.end != end) return true;
    const Token& last = tokens_.back();
    if (last.kind == TokenKind::kLiteral || last.kind == TokenKind::kBad) {
      const bool word = last.kind == TokenKind::kLiteral && last.literal.type == Type::kBool;  // true, false
      if (!word) return false;
    } else if (last.kind == TokenKind::kPunctuation && !(last.text.size() > 1 && last.text[0] == '!')) {
      return true;
    }
    if (last.kind == TokenKind::kBracketedName) return false;
    size_t first = size() - 1;
    // An operator's name may hold hyphens; whether this is one is seen from what stands before it.
    size_t back = first;
    while (back >= 2 && is(back - 1, "-") && touches(back) && touches(back - 1) &&
           tokens_[back - 2].kind == TokenKind::kName)
      back -= 2;
    const bool begins =
        back == 0 || is(back - 1, "|") || is(back - 1, "(") || is(back - 1, "{") || is(back - 1, ";");
    if (begins) first = back;
    place_.word.begin = tokens_[first].span.begin;
    place_.prefix = text_.substr(place_.word.begin);
    tokens_.resize(first);
    return true;
  }

  void read_levels() {
    levels_.push_back({});
    for (size_t i = 0; i < size(); ++i) {
      if (is(i, "(") || is(i, "[") || is(i, "{")) {
        levels_.push_back({i, i + 1, i + 1, false, false});
      } else if (is(i, ")") || is(i, "]") || is(i, "}")) {
        if (levels_.size() > 1) levels_.pop_back();
      } else if (is(i, ";")) {
        levels_.back() = {levels_.back().open, i + 1, i + 1, false, false};
      } else if (is(i, "|")) {
        levels_.back().segment = i + 1;
        levels_.back().piped = true;
      }
    }
    match_.assign(size(), 0);
    std::vector<size_t> open;
    for (size_t i = 0; i < size(); ++i) {
      if (is(i, "(") || is(i, "[") || is(i, "{")) {
        open.push_back(i);
      } else if ((is(i, ")") || is(i, "]") || is(i, "}")) && !open.empty()) {
        match_[open.back()] = i;
        match_[i] = open.back();
        open.pop_back();
      }
    }
  }

  // The operator whose name begins at a token, and where its name ends.
  const OperatorInfo* operator_at(size_t begin, size_t& end) const {
    end = begin;
    if (!is_word(begin)) return nullptr;
    std::string name(word(begin));
    end = begin + 1;
    while (is(end, "-") && touches(end) && touches(end + 1) && is_word(end + 1)) {
      name += "-" + std::string(word(end + 1));
      end += 2;
    }
    const OperatorInfo* found = find_operator(name);
    if (found && found->kind != OperatorKind::kOperator && found->kind != OperatorKind::kSource)
      found = nullptr;
    return found;
  }

  // The first token of the level's query, after `let x =`.
  size_t query_begin(const Level& level) const {
    if (is_word(level.statement, "let") && is(level.statement + 2, "=")) return level.statement + 3;
    return level.statement;
  }

  const OperatorInfo* segment_operator(const Level& level, size_t& end) const {
    const size_t begin = level.piped ? level.segment : query_begin(level);
    const OperatorInfo* op = operator_at(begin, end);
    if (!op || level.piped) return op;
    const bool table = is(end, "(") && touches(end) && op->name != "datatable" && op->name != "externaldata";
    return table || is(end, ".") ? nullptr : op;
  }

  // Which brackets hold queries, from the outermost on.
  void mark_queries() {
    for (size_t k = 0; k < levels_.size(); ++k) {
      Level& level = levels_[k];
      level.query = k == 0 || level.piped || is(level.open, "{");
      if (level.query || !is(level.open, "(")) continue;
      const size_t before = level.open - 1;
      size_t end = 0;
      const OperatorInfo* outer = levels_[k - 1].query ? segment_operator(levels_[k - 1], end) : nullptr;
      const std::string_view last = level.open > 0 ? word(before) : "";
      if (level.open == 0 || one_of(last, {"materialize", "toscalar", "view"})) level.query = true;
      else if (outer && one_of(outer->name, {"union", "join", "lookup"}))
        level.query = !one_of(last, {"hint", "on"}) && !is_call(level.open);
      else if (outer && is_implicit(k)) level.query = true;
      else if (is(before, "(") || is(before, "=")) level.query = operator_at(level.statement, end) != nullptr;
    }
  }

  bool is_call(size_t open) const {
    return open > 0 && tokens_[open - 1].kind == TokenKind::kName && touches(open) &&
           !is_operator_word(word(open - 1));
  }

  // Whether the bracket is a query over the rows that its operator has: mv-apply ... on ( | ... ).
  bool is_implicit(size_t k) const {
    if (k == 0 || is_call(levels_[k].open)) return false;
    size_t end = 0;
    const OperatorInfo* outer = segment_operator(levels_[k - 1], end);
    if (!outer) return false;
    const size_t before = levels_[k].open - 1;
    if (outer->name == "mv-apply") return is_word(before, "on");
    if (outer->name == "facet") return is_word(before, "with");
    return outer->name == "partition" || outer->name == "fork";
  }

  size_t query_level() const {
    size_t k = levels_.size() - 1;
    while (k > 0 && !levels_[k].query) --k;
    return k;
  }

  // ------------------------------------------------------------- what may come

  PlaceKind kind() {
    const Level& inner = levels_.back();
    const size_t next = size();
    const size_t k = query_level();
    const Level& level = levels_[k];
    if (next > 0 && is(next - 1, ".") && !(next == level.statement + 1)) {
      size_t base = next - 1;
      if (base > 0) --base;
      place_.member = is(base - 1, "$") ? "$" + std::string(word(base)) : std::string(word(base));
      size_t end = 0;
      place_.op = segment_operator(level, end);
      if (place_.member == "hint") return PlaceKind::kProperty;
      if (place_.op) read_segment(level, end);
      return PlaceKind::kMember;
    }
    if (level.statement + 1 == next && is(level.statement, ".")) return PlaceKind::kCommand;
    if (is(level.statement, ".") && !level.piped) return PlaceKind::kNothing;
    if (is_type_place(inner, next)) return PlaceKind::kType;
    if (inner.query && next == inner.statement) {
      if (is_implicit(levels_.size() - 1)) return PlaceKind::kOperator;
      return levels_.size() == 1 || is(inner.open, "{") ? PlaceKind::kStatement : PlaceKind::kTable;
    }
    if (is_word(level.statement, "let") && next <= level.statement + 2) return PlaceKind::kNothing;
    if (level.piped && next == level.segment) return PlaceKind::kOperator;
    size_t end = 0;
    const bool implicit = !level.piped && is_implicit(k);
    place_.op = segment_operator(level, end);
    place_.tables =
        next == query_begin(level) || (next > 0 && is(next - 1, "(") && next >= 2 && is_table_call(next - 2));
    if (next == query_begin(level) && !implicit) {
      return PlaceKind::kTable;
    }
    const size_t head = end;
    if (place_.op) read_segment(level, end);
    const bool at_level = levels_.size() - 1 == k;
    if (const PlaceKind found = property_place(inner, head, next); found != PlaceKind::kNothing) return found;
    if (place_.op && at_level) {
      const std::string_view name = place_.op->name;
      place_.after_name = next == end;
      if (name == "evaluate" && next == end) return PlaceKind::kPlugin;
      if (name == "render") return next == end ? PlaceKind::kChoice : PlaceKind::kAfterOperand;
      if (one_of(name, {"as", "consume", "getschema", "graph-to-table"}) || (name == "count" && next > end))
        return name == "graph-to-table" || name == "count" ? PlaceKind::kAfterOperand : PlaceKind::kNothing;
      if (one_of(name, {"join", "lookup", "union"}) && place_.clause != "on" &&
          (next == end || is(next - 1, ",") || is(next - 1, "=")))
        place_.tables = true;
    }
    if (!levels_.back().query && is_call(inner.open)) place_.call = word(inner.open - 1);
    place_.aggregate = aggregates_allowed(k);
    if (is_word(next - 1, "in") || (is(next - 1, "(") && next >= 2 && is_word(next - 2, "in")))
      place_.tables = true;
    return ends_operand(next - 1, end) ? PlaceKind::kAfterOperand : PlaceKind::kOperand;
  }

  bool is_table_call(size_t i) const {
    return one_of(word(i), {"materialize", "toscalar", "union", "join", "lookup", "in"});
  }

  // The words of the operator that were passed; `end` moves behind its properties.
  void read_segment(const Level& level, size_t& end) {
    while (end + 1 < size() && is_word(end)) {
      size_t equal = end + 1;
      std::string name(word(end));
      if (name == "hint" && is(equal, ".")) {
        name += "." + std::string(word(end + 2));
        equal = end + 3;
      }
      const auto known = [&](const OperatorProperty& each) { return each.name == name; };
      const auto& all = place_.op->properties;
      if (place_.op->name == "render" || !is(equal, "=") || std::none_of(all.begin(), all.end(), known))
        break;
      end = std::min(equal + 2, size());
    }
    for (size_t i = std::max(level.segment, end); i < size(); ++i) {
      if ((is(i, "(") || is(i, "[") || is(i, "{")) && match_[i]) {
        i = match_[i];
      } else if (is_word(i) &&
                 one_of(word(i), {"by", "on", "with", "of", "from", "to", "step", "limit", "as"}) &&
                 std::any_of(place_.op->words.begin(), place_.op->words.end(), [&](auto each) {
                   return each == word(i) || each.starts_with(std::string(word(i)) + " ");
                 })) {
        place_.clause = word(i);
      }
    }
    if (one_of(place_.op->name, {"sort", "order"}) && is_word(end, "by")) {
      ++end;
      place_.clause = "by";
    }
    if (place_.clause == "on") place_.right = right_table(end);
  }

  // What stands between the name of a join and its `on`.
  std::string right_table(size_t begin) const {
    size_t end = begin;
    while (end < size() && !is_word(end, "on")) end = (is(end, "(") && match_[end] ? match_[end] : end) + 1;
    return between(begin, end);
  }

  PlaceKind property_place(const Level& inner, size_t head, size_t next) {
    if (!place_.op) return PlaceKind::kNothing;
    const bool in_with = inner.open > 0 && is_word(inner.open - 1, "with") && !inner.query &&
                         one_of(place_.op->name, {"render", "parse-kv", "externaldata", "reduce"});
    if (in_with && (is(next - 1, "(") || is(next - 1, ","))) return PlaceKind::kProperty;
    if (next < 2 || !is(next - 1, "=") || (!in_with && next < head + 2)) return PlaceKind::kNothing;
    std::string name(word(next - 2));
    if (next >= 4 && is(next - 3, ".") && is_word(next - 4, "hint")) name = "hint." + name;
    for (const auto& each : place_.op->properties) {
      if (each.name != name || (!in_with && place_.op->name == "render")) continue;
      place_.property = name;
      return PlaceKind::kChoice;
    }
    return PlaceKind::kNothing;
  }

  bool is_type_place(const Level& inner, size_t next) const {
    if (next == 0) return false;
    if (is(next - 1, "(") && is_word(next - 2, "typeof")) return true;
    if (!is(next - 1, ":") || next < 2 || !is_word(next - 2)) return false;
    size_t end = 0;
    const OperatorInfo* op = segment_operator(levels_[query_level()], end);
    if (op && one_of(op->name, {"parse", "parse-where"})) return true;
    if (op && op->name == "search") return false;
    if (!is(inner.open, "(") || levels_.size() < 2) return false;
    const size_t before = inner.open;
    return before > 0 &&
           (one_of(word(before - 1), {"datatable", "externaldata", "query_parameters", "declare", "as",
                                      "typeof", "view", "=", ":", "assert-schema"}));
  }

  // Whether aggregate functions may be called: before `by` and not within another one.
  bool aggregates_allowed(size_t k) const {
    if (!place_.op || !one_of(place_.op->name, {"summarize", "make-series", "top-nested"})) return false;
    if (place_.op->name == "top-nested" ? place_.clause != "by" : !place_.clause.empty()) return false;
    for (size_t i = k + 1; i < levels_.size(); ++i) {
      if (is_call(levels_[i].open) && find_function(word(levels_[i].open - 1), FunctionKind::kAggregate))
        return false;
    }
    return true;
  }

  bool ends_operand(size_t last, size_t head_end) const {
    const Token& token = tokens_[last];
    if (last < head_end) return false;
    if (token.kind == TokenKind::kLiteral || token.kind == TokenKind::kBracketedName) return true;
    if (token.kind == TokenKind::kPunctuation) return is(last, ")") || is(last, "]") || is(last, "*");
    if (token.kind != TokenKind::kName) return false;
    if (is(last - 1, ".")) return true;
    if (is_operator_word(token.text) || token.text.starts_with("!")) return false;
    return !one_of(token.text, {"by", "on", "with", "of", "from", "to", "step", "limit", "in", "in~",
                                "between", "and", "or", "regex", "where"});
  }

  // ------------------------------------------------------------- what is known

  void gather() {
    for (size_t k = 0; k < levels_.size(); ++k) {
      if (k > 0 && is(levels_[k].open, "{")) parameters(levels_[k].open);
      lets(k == 0 ? 0 : levels_[k].open + 1, levels_[k].statement);
    }
    place_.source = source(query_level());
  }

  // The lets that end before the statement, at the level that begins at `begin`.
  void lets(size_t begin, size_t end) {
    for (size_t i = begin; i < end;) {
      size_t semicolon = i;
      while (semicolon < end && !is(semicolon, ";"))
        semicolon = (match_[semicolon] > semicolon ? match_[semicolon] : semicolon) + 1;
      if (semicolon < end && is_word(i, "let") && is_word(i + 1) && is(i + 2, "=")) {
        const bool function =
            is_word(i + 3, "view") || (is(i + 3, "(") && match_[i + 3] && is(match_[i + 3] + 1, "{"));
        const Token& name = tokens_[i + 1];
        place_.locals.push_back({name.kind == TokenKind::kName ? std::string(name.text) : name.name,
                                 between(i + 3, semicolon), function, false});
      }
      place_.lets += between(i, semicolon) + ";\n";
      i = semicolon + 1;
    }
  }

  // The parameters of the function whose body opens at the token.
  void parameters(size_t body) {
    if (body == 0 || !is(body - 1, ")") || !match_[body - 1]) return;
    for (size_t i = match_[body - 1] + 1; i + 2 < body; ++i) {
      if (!is_word(i) || !is(i + 1, ":")) continue;
      const std::string name(word(i));
      if (is(i + 2, "(") && match_[i + 2]) {
        const size_t end = match_[i + 2] + 1;
        if (!is(i + 3, "*")) place_.lets += "let " + name + " = datatable" + between(i + 2, end) + "[];\n";
        place_.locals.push_back({name, between(i + 2, end), false, true});
        i = end - 1;
      } else if (auto type = type_from_name(word(i + 2))) {
        place_.lets += "let " + name + " = " +
                       (*type == Type::kString ? "''" : std::string(type_name(*type)) + "(null)") + ";\n";
        place_.locals.push_back({name, std::string(word(i + 2)), false, true});
        i += 2;
      }
    }
  }

  // The query whose rows the level's last operator takes.
  std::string source(size_t k) const {
    const Level& level = levels_[k];
    std::string own;
    if (level.piped) own = between(query_begin(level), level.segment - 1);
    if (!is_implicit(k)) return own;
    size_t outer = k - 1;
    while (outer > 0 && !levels_[outer].query) --outer;
    std::string rows = source(outer);
    size_t end = 0;
    const OperatorInfo* op = segment_operator(levels_[k - 1], end);
    if (op && op->name == "mv-apply") rows += "\n| mv-expand " + between(end, level.open - 1);
    if (!own.empty() && own[0] != '|') rows += "\n| ";
    return rows + own;
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::vector<size_t> match_;
  std::vector<Level> levels_;
  Place place_;
};

}  // namespace

Place find_place(std::string_view text, size_t offset) { return Finder(text, offset).run(); }

}  // namespace huntbook::kql

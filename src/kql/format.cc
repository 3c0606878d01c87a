#include "kql/format.h"

#include <algorithm>
#include <initializer_list>

#include "kql/format_tokens.h"
#include "kql/function_table.h"
#include "kql/layout.h"
#include "kql/parser.h"

namespace huntbook::kql {
namespace {

constexpr size_t kWidth = 100;

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Words after which a bracket, or a sign, begins something of its own.
bool is_clause_word(std::string_view word) {
  return is_operator_word(word) || one_of(word, {"by", "on", "with", "of", "from", "to", "step", "as", "in",
                                                 "in~", "between", "where", "and", "or", "view"});
}

bool is_property(std::string_view word) {
  return one_of(word,
                {"kind", "isfuzzy", "withsource", "with_source", "bagexpansion", "with_itemindex", "flags",
                 "datascope", "decodeblocks", "expandoutput", "with_match_id", "with_step_name"});
}

// What holds for the tokens of one level of brackets, or of a part of it.
struct Context {
  size_t begin = 0;         ///< first token of the part
  size_t head_end = 0;      ///< of an operator: the token after its name and properties
  bool as_written = false;  ///< blanks stay where they are
  bool json = false;        ///< within dynamic(...)
  bool patterns = false;    ///< `a*` may be a name
  bool properties = false;  ///< name=value pairs
  bool top = false;         ///< outside of all brackets
};

class Formatter {
 public:
  explicit Formatter(const FormatTokens& tokens) : t_(tokens) {
    for (auto name : operator_names()) operators_.push_back(name);
  }

  std::string run() {
    const size_t end = t_.tokens.size() - 1;
    Context top;
    top.top = true;
    statements(0, end, top);
    comments_before(end);
    return out_.print(kWidth);
  }

 private:
  // ------------------------------------------------------------------ tokens

  void comment(const Comment& each) {
    if (each.own_line && each.after_empty_line) out_.blank_line();
    out_.comment(each.text, each.own_line);
  }

  // Comments on lines of their own before the token.
  void comments_before(size_t i) {
    if (i < next_) return;
    next_ = i + 1;
    for (const Comment& each : t_.comments[i]) {
      if (each.own_line) comment(each);
    }
  }

  void token(size_t i) {
    comments_before(i);
    out_.text(t_.tokens[i].text);
    comment_after(i);
  }

  void comment_after(size_t i) {
    if (i + 1 >= t_.tokens.size()) return;
    const auto& comments = t_.comments[i + 1];
    if (!comments.empty() && !comments.front().own_line) comment(comments.front());
  }

  // A token that begins a line of its own: an empty line before it stays.
  void start(size_t i) {
    comments_before(i);
    if (t_.after_empty_line[i]) out_.blank_line();
  }

  bool is_punctuation(size_t i) const { return t_.tokens[i].kind == TokenKind::kPunctuation; }
  bool is_name(size_t i) const { return t_.tokens[i].kind == TokenKind::kName; }

  // A minus or plus with nothing before it that it could be subtracted from.
  bool is_sign(size_t i, const Context& in) const {
    if (!t_.is(i, "-") && !t_.is(i, "+")) return false;
    if (i == in.begin || i == in.head_end) return true;
    if (is_punctuation(i - 1)) return !t_.is_close(i - 1) && !t_.is(i - 1, "*");
    return is_name(i - 1) && is_clause_word(t_.tokens[i - 1].text);
  }

  // Whether a blank stands between the token and the one before it.
  bool spaced(size_t i, const Context& in) const {
    const bool apart = !t_.touches(i);
    if (in.as_written) return apart;
    const std::string_view now = t_.tokens[i].text, last = t_.tokens[i - 1].text;
    if (is_punctuation(i)) {
      if (one_of(now, {",", ";", ")", "]", "}", "."})) return false;
      if (now == ":") return t_.is(i - 1, ")");
      if (one_of(now, {"@", "#"})) return apart;
    }
    if (is_punctuation(i - 1)) {
      if (one_of(last, {"(", "[", "{", ".", "$"})) return false;
      if (last == ":") return in.json || (i > 1 && t_.is(i - 2, ")")) || (i > 2 && t_.is_word(i - 3, "step"));
      if (one_of(last, {"@", "#"})) return apart;
      if (is_sign(i - 1, in)) return false;
    }
    if (now == "=" || last == "=") return !in.properties && i > in.head_end;
    if (t_.is(i, "[")) return t_.datatable_columns(i) || apart;
    if (t_.is(i, "(") && t_.is_close(i - 1)) return apart;
    if (t_.is(i, "(") && !is_punctuation(i - 1)) return space_before_arguments(i, in);
    if (in.patterns && (t_.is(i, "*") || t_.is(i - 1, "*"))) return apart;
    return true;
  }

  // The bracket at `i` follows a word.
  bool space_before_arguments(size_t i, const Context& in) const {
    const Token& word = t_.tokens[i - 1];
    if (word.kind == TokenKind::kLiteral || i == in.head_end) return true;
    if (one_of(word.text, {"datatable", "externaldata", "query_parameters"})) return false;
    if (is_clause_word(word.text)) return true;
    for (auto kind :
         {FunctionKind::kScalar, FunctionKind::kAggregate, FunctionKind::kWindow, FunctionKind::kPlugin}) {
      if (find_function(word.text, kind)) return false;
    }
    return !t_.touches(i);
  }

  void piece(size_t i, size_t begin, const Context& in) {
    if (i > begin && spaced(i, in)) out_.space();
    if (t_.is_open(i)) bracket(i, in);
    else token(i);
  }

  // ---------------------------------------------------------------- brackets

  void bracket(size_t open, const Context& outer) {
    const size_t close = t_.match[open];
    if (close == open + 1 && t_.comments[close].empty()) {
      token(open);
      token(close);
      return;
    }
    const bool body = t_.is(open, "{") && !outer.json && !outer.as_written;  // of a function
    Context in;
    in.begin = open + 1;
    in.as_written = outer.as_written && !(open > 2 && t_.is_word(open - 2, "by") && t_.is(open - 3, "-"));
    in.json = outer.json || (open > 0 && t_.is_word(open - 1, "dynamic"));
    in.patterns = outer.patterns && t_.is(open, "(");
    in.properties = open > 0 && t_.is_word(open - 1, "with") && t_.is(open + 2, "=");
    const bool split = must_split(open);
    // A bracket that holds nothing but another one: both open on one line.
    const bool hugs = !body && !split && t_.is_open(open + 1) && t_.match[open + 1] + 1 == close &&
                      t_.comments[open + 1].empty() && t_.comments[close].empty();
    comments_before(open);
    out_.keep_indent();
    out_.open();
    token(open);
    if (hugs) {
      bracket(open + 1, in);
    } else {
      out_.indent();
      edge(body, split);
      if (const size_t columns = t_.datatable_columns(open)) rows(open + 1, close, columns, in);
      else if (is_value_list(open + 1, close)) values(open + 1, close, in);
      else if (open > 0 && t_.is_word(open - 1, "case")) branches(open + 1, close, in);
      else statements(open + 1, close, in);
      comments_before(close);
      out_.dedent();
      edge(body, split);
    }
    out_.text(t_.tokens[close].text);
    next_ = close + 1;
    out_.close();
    out_.dedent();
    comment_after(close);
  }

  void edge(bool body, bool split) {
    if (split) out_.hard_line();
    else if (body) out_.line();
    else out_.soft_line();
  }

  // `[ "x" ]` over several lines would become a name on one.
  bool must_split(size_t open) const {
    return t_.is(open, "[") && t_.match[open] == open + 2 &&
           t_.tokens[open + 1].kind == TokenKind::kLiteral &&
           t_.tokens[open + 1].literal.type == Type::kString && !(open > 0 && t_.is_close(open - 1));
  }

  // The values of a datatable, one row on each line.
  void rows(size_t begin, size_t end, size_t columns, const Context& in) {
    size_t total = 1, commas = 0;
    for (size_t i = begin; i + 1 < end; i = t_.next(i)) total += t_.is(i, ",") ? 1 : 0;
    for (size_t i = begin; i < end; i = t_.next(i)) {
      const bool first = i == begin || t_.is(i - 1, ",");
      if (i > begin && first && commas % columns == 0) total > columns ? out_.hard_line() : out_.line();
      else if (i > begin && first) out_.space();
      commas += t_.is(i, ",") ? 1 : 0;
      piece(i, first ? i : begin, in);
    }
  }

  // Numbers and the like between commas: as many on a line as fit.
  bool is_value_list(size_t begin, size_t end) const {
    if (end - begin < 3) return false;
    for (size_t i = begin; i < end; ++i) {
      const Token& each = t_.tokens[i];
      const bool value = each.kind == TokenKind::kLiteral && each.literal.type != Type::kString;
      if ((!value && !t_.is(i, ",") && !t_.is(i, "-")) || !t_.comments[i].empty()) return false;
    }
    return t_.comments[end].empty();
  }

  void values(size_t begin, size_t end, const Context& in) {
    for (size_t i = begin; i < end; ++i) {
      const bool first = i > begin && t_.is(i - 1, ",");
      if (first) out_.fill_line();
      piece(i, first ? i : begin, in);
    }
  }

  // The arguments of case(): a condition and its value on one line.
  void branches(size_t begin, size_t end, const Context& in) {
    size_t commas = 0;
    for (size_t i = begin; i < end; ++commas) {
      const size_t comma = find(i, end, ",");
      if (i > begin) commas % 2 ? out_.fill_line() : out_.line();
      item(i, comma, true, in);
      if (comma < end) token(comma);
      i = comma + 1;
    }
  }

  // -------------------------------------------------------------- statements

  template <typename Wanted>
  size_t find_if(size_t begin, size_t end, Wanted wanted) const {
    while (begin < end && !wanted(begin)) begin = t_.next(begin);
    return std::min(begin, end);
  }
  size_t find(size_t begin, size_t end, std::string_view text) const {
    return find_if(begin, end, [&](size_t i) { return t_.is(i, text); });
  }

  void statements(size_t begin, size_t end, const Context& in) {
    for (size_t i = begin; i < end;) {
      const size_t semicolon = find(i, end, ";");
      if (i > begin) out_.hard_line();
      if (in.top || i > begin) start(i);
      statement(i, semicolon, in);
      if (semicolon < end) token(semicolon);
      i = semicolon + 1;
    }
  }

  void statement(size_t begin, size_t end, Context in) {
    if (begin >= end) return;
    in.begin = begin;
    in.as_written |= in.top && t_.is(begin, ".");
    in.patterns |= in.top && (t_.is_word(begin, "restrict") || t_.is_word(begin, "set"));
    if (!t_.is_word(begin, "let") || end - begin < 4 || !t_.is(begin + 2, "=")) return query(begin, end, in);
    const size_t value = begin + 3;
    const bool piped = find(value, end, "|") < end;
    for (size_t i = begin; i < value; ++i) {
      if (i > begin) out_.space();
      token(i);
    }
    if (!piped) {
      out_.space();
      query(value, end, in);
      return;
    }
    out_.indent();
    out_.hard_line();
    query(value, end, in);
    out_.dedent();
  }

  void query(size_t begin, size_t end, const Context& in) {
    size_t pipes = 0;
    for (size_t i = begin; i < end; i = t_.next(i)) pipes += t_.is(i, "|") ? 1 : 0;
    const bool hard = in.top || pipes > 1;
    for (size_t i = begin; i < end;) {
      const bool piped = t_.is(i, "|");
      if (piped) {
        if (i > begin) hard ? out_.hard_line() : out_.line();
        start(i);
        token(i++);
        if (i < end) out_.space();
      }
      const size_t next = find(i, end, "|");
      segment(i, next, piped, in);
      i = next;
    }
  }

  // ---------------------------------------------------------------- operators

  // The token after the operator's name, or `begin` when none stands there.
  size_t name_end(size_t begin, size_t end, bool piped) const {
    if (begin >= end || !is_name(begin)) return begin;
    size_t at = begin + 1;
    std::string name(t_.tokens[begin].text);
    while (at + 1 < end && t_.is(at, "-") && t_.touches(at) && t_.touches(at + 1) && is_name(at + 1)) {
      name += "-" + std::string(t_.tokens[at + 1].text);
      at += 2;
    }
    if (piped) return at;
    const auto is_known = [&] {
      return std::find(operators_.begin(), operators_.end(), name) != operators_.end();
    };
    for (size_t hyphen = name.rfind('-'); hyphen != std::string::npos && !is_known();
         hyphen = name.rfind('-')) {
      name.resize(hyphen);
      at -= 2;
    }
    const bool known = is_known();
    const bool table =
        at >= end || t_.is(at, ".") || t_.is(at, ",") || t_.is(at, "=") || (t_.is(at, "(") && t_.touches(at));
    return known && !table ? at : begin;
  }

  size_t properties_end(size_t at, size_t end) const {
    while (at + 2 < end && is_name(at)) {
      size_t equal = at + 1;
      if (t_.tokens[at].text == "hint" && t_.is(at + 1, ".")) equal = at + 3;
      else if (!is_property(t_.tokens[at].text)) break;
      if (equal + 1 >= end || !t_.is(equal, "=") || is_punctuation(equal + 1)) break;
      at = equal + 2;
    }
    return at;
  }

  void segment(size_t begin, size_t end, bool piped, Context in) {
    if (begin >= end) return;
    const size_t name = name_end(begin, end, piped);
    size_t head = name == begin ? begin : properties_end(name, end);
    const std::string_view word = t_.tokens[begin].text;
    if (head > begin && (word == "sort" || word == "order") && head < end && t_.is_word(head, "by")) ++head;
    in.begin = begin;
    in.head_end = head;
    const std::string_view last = head > begin ? t_.tokens[name - 1].text : "";
    const bool matches = word == "graph" && one_of(last, {"match", "paths"});
    in.as_written |= head > begin && (matches || (word == "make" && last == "graph"));
    in.patterns |= head > begin && one_of(word, {"project", "union", "find", "search", "macro"});
    const bool group = head > begin || in.top;
    if (group) out_.open();
    for (size_t i = begin; i < head; ++i) {
      if (i > begin && (i < name ? !t_.touches(i) : spaced(i, in))) out_.space();
      token(i);
    }
    if (head == begin) {
      items(begin, end, in);
    } else if (head < end) {
      out_.indent();
      clauses(head, end, word, last, in);
      out_.dedent();
    }
    if (group) out_.close();
  }

  void clauses(size_t begin, size_t end, std::string_view word, std::string_view last, const Context& in) {
    const bool matches = word == "graph" && one_of(last, {"match", "paths"});
    const auto is_clause = [&](size_t i) {
      if (i == begin) return false;
      if (word == "summarize" || last == "series")
        return t_.is_word(i, "by") || (word == "make" && t_.is_word(i, "on"));
      if (matches) return t_.is_word(i, "where") || t_.is_word(i, "project");
      return (word == "join" || word == "lookup") && t_.is_word(i, "on");
    };
    Context part = in;
    for (size_t i = begin; i < end;) {
      const size_t next = find_if(i + 1 < end ? t_.next(i) : end, end, is_clause);
      if (i > begin) {
        if (t_.is_close(i - 1) && t_.is_word(i, "on")) out_.space();
        else out_.line();
        token(i++);
        if (matches) part.as_written = false;
      }
      if (i < next) listed(i, next, part);
      i = next;
    }
  }

  // What follows an operator's name: one thing on its line, or several, one on each line when they are too
  // long.
  void listed(size_t begin, size_t end, const Context& in) {
    if (find(begin, end, ",") >= end) {
      if (spaced(begin, in) || begin == in.head_end) out_.space();
      item(begin, end, true, in);
      return;
    }
    out_.open();
    out_.indent();
    out_.line();
    items(begin, end, in);
    out_.dedent();
    out_.close();
  }

  void items(size_t begin, size_t end, const Context& in) {
    for (size_t i = begin; i < end;) {
      const size_t comma = find(i, end, ",");
      if (i > begin && in.as_written) {
        if (spaced(i, in)) out_.space();
      } else if (i > begin) {
        out_.line();
      }
      item(i, comma, begin != in.begin || comma < end || i > begin, in);
      if (comma < end) token(comma);
      i = comma + 1;
    }
  }

  // An expression; lines break before `and` and `or`.
  void item(size_t begin, size_t end, bool indented, const Context& in) {
    if (begin >= end) return;
    comments_before(begin);
    out_.open();
    if (indented) out_.indent();
    for (size_t i = begin; i < end; i = t_.next(i)) {
      if (i > begin && (t_.is_word(i, "and") || t_.is_word(i, "or")) && !in.as_written) {
        out_.line();
        token(i);
      } else {
        piece(i, begin, in);
      }
    }
    if (indented) out_.dedent();
    out_.close();
  }

  const FormatTokens& t_;
  Layout out_;
  std::vector<std::string_view> operators_;
  size_t next_ = 0;  ///< the first token whose comments are not written yet
};

// Whether the two are the same query: tokens, tree and comments.
bool same_query(const FormatTokens& before, std::string_view after) {
  const FormatTokens now(after);
  if (now.tokens.size() != before.tokens.size()) return false;
  for (size_t i = 0; i < now.tokens.size(); ++i) {
    if (now.tokens[i].kind != before.tokens[i].kind || now.tokens[i].text != before.tokens[i].text)
      return false;
    if (now.comments[i].size() != before.comments[i].size()) return false;
    for (size_t k = 0; k < now.comments[i].size(); ++k) {
      if (now.comments[i][k].text != before.comments[i][k].text) return false;
    }
  }
  return true;
}

}  // namespace

Result<std::string> format(std::string_view text) {
  Diagnostics diagnostics;
  const Script script = parse(text, diagnostics);
  if (!diagnostics.empty()) return diagnostics.front();
  const FormatTokens tokens(text);
  if (!tokens.balanced) return std::string(text);
  std::string laid_out = Formatter(tokens).run();
  // Where a blank means something that the layout does not know of, the text stays as it is.
  Diagnostics after;
  if (!same_query(tokens, laid_out) || print_tree(parse(laid_out, after)) != print_tree(script) ||
      !after.empty())
    return std::string(text);
  return laid_out;
}

}  // namespace huntbook::kql

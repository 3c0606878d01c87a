// Text → tokens: KQL's literals, names and punctuation.
#include <algorithm>
#include <array>
#include <charconv>

#include "base/escape.h"
#include "base/text.h"
#include "base/time.h"
#include "kql/diagnose.h"
#include "kql/lex.h"
#include "kql/parse.h"

namespace huntbook::kql {
namespace {

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_part(char c) { return is_name_start(c) || is_digit(c); }

// Punctuation, longest first. Words such as `!has` are one token.
constexpr std::string_view kPunctuation[] = {"=>", "==", "!=", "<>", "<=", ">=", "=~", "!~", "..", "|", ";", ",", "(", ")", "[", "]",
                                             "{",  "}",  ".",  ":",  "=",  "<",  ">",  "+",  "-", "*", "/", "%", "@", "#", "$"};

struct Lexer {
  std::string_view text;
  Diagnostics& diagnostics;
  std::vector<Token> tokens;
  size_t at = 0;

  char peek(size_t ahead = 0) const { return at + ahead < text.size() ? text[at + ahead] : '\0'; }

  void push(TokenKind kind, size_t begin, Literal literal = {}, std::string name = {}) {
    Token token;
    token.kind = kind;
    token.span = {static_cast<uint32_t>(begin), static_cast<uint32_t>(at)};
    token.text = text.substr(begin, at - begin);
    token.literal = std::move(literal);
    token.name = std::move(name);
    tokens.push_back(std::move(token));
  }

  void fail(Diagnostic diagnostic) {
    if (diagnostics.size() < 50) diagnostics.push_back(std::move(diagnostic));
  }

  bool skip_blanks() {
    while (at < text.size()) {
      const auto c = static_cast<unsigned char>(text[at]);
      if (c <= ' ') {
        ++at;
      } else if (c == '/' && peek(1) == '/') {
        while (at < text.size() && text[at] != '\n') ++at;
      } else if (c >= 0x80) {  // blanks and marks that come with pasted text
        size_t next = at;
        const char32_t code = next_code_point(text, next);
        const bool blank = code == 0xfeff || code == 0xa0 || code == 0x1680 || code == 0x180e || (code >= 0x2000 && code <= 0x200f) || code == 0x2028 ||
                           code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x2060 || code == 0x3000;
        if (!blank) return true;
        at = next;
      } else {
        return true;
      }
    }
    return false;
  }

  // A string literal at `at` (without prefix h, with @ or not); false when there is none.
  bool read_string(std::string& out, size_t begin) {
    for (std::string_view fence : {std::string_view("```"), std::string_view("~~~")}) {
      if (!text.substr(at).starts_with(fence)) continue;
      const size_t end = text.find(fence, at + 3);
      if (end == std::string_view::npos) {
        at = text.size();
        fail(diagnose(Error::kUnterminatedString, {static_cast<uint32_t>(begin), static_cast<uint32_t>(begin + 3)}));
        return true;
      }
      out = text.substr(at + 3, end - at - 3);
      at = end + 3;
      return true;
    }
    const bool verbatim = peek() == '@' && (peek(1) == '"' || peek(1) == '\'');
    if (verbatim) ++at;
    const char quote = peek();
    if (quote != '"' && quote != '\'') return false;
    ++at;
    while (at < text.size()) {
      const char c = text[at];
      if (c == quote) {
        if (verbatim && peek(1) == quote) {
          out += quote;
          at += 2;
          continue;
        }
        ++at;
        return true;
      }
      if (!verbatim && c == '\n') break;
      if (!verbatim && c == '\\') {
        ++at;
        read_escape(out);
        continue;
      }
      out += c;
      ++at;
    }
    fail(diagnose(Error::kUnterminatedString, {static_cast<uint32_t>(begin), static_cast<uint32_t>(at)}));
    return true;
  }

  void read_escape(std::string& out) {
    const char c = peek();
    const auto hex = [&](size_t digits) {
      uint32_t value = 0;
      size_t i = 1;
      for (; i <= digits && std::isxdigit(static_cast<unsigned char>(peek(i))); ++i) {
        const char d = peek(i);
        value = value * 16 + static_cast<uint32_t>(is_digit(d) ? d - '0' : (d | 0x20) - 'a' + 10);
      }
      at += i;
      return value;
    };
    switch (c) {
      case 'n': out += '\n'; break;
      case 't': out += '\t'; break;
      case 'r': out += '\r'; break;
      case 'a': out += '\a'; break;
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case 'v': out += '\v'; break;
      case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': {
        uint32_t value = 0;
        size_t i = 0;
        for (; i < 3 && peek(i) >= '0' && peek(i) <= '7'; ++i) value = value * 8 + static_cast<uint32_t>(peek(i) - '0');
        at += i;
        append_utf8(out, value);
        return;
      }
      case 'x': append_utf8(out, hex(2)); return;
      case 'u': {
        uint32_t value = hex(4);
        if (value >= 0xd800 && value < 0xdc00 && peek() == '\\' && peek(1) == 'u') {
          ++at;
          const uint32_t low = hex(4);
          value = 0x10000 + ((value - 0xd800) << 10) + ((low - 0xdc00) & 0x3ff);
        }
        append_utf8(out, value);
        return;
      }
      case 'U': append_utf8(out, hex(8)); return;
      case '\0': return;
      default: out += c;
    }
    ++at;
  }

  void read_number(size_t begin) {
    Literal literal;
    literal.type = Type::kLong;
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && std::isxdigit(static_cast<unsigned char>(peek(2)))) {
      at += 2;
      uint64_t value = 0;
      size_t digits = 0;
      while (std::isxdigit(static_cast<unsigned char>(peek()))) {
        const char d = peek();
        value = value * 16 + static_cast<uint64_t>(is_digit(d) ? d - '0' : (d | 0x20) - 'a' + 10);
        ++at;
        ++digits;
      }
      literal.integer = static_cast<int64_t>(value);
      if (digits > 16 || is_name_part(peek())) return bad_number(begin);
      return push(TokenKind::kLiteral, begin, std::move(literal));
    }
    while (is_digit(peek())) ++at;
    bool real = false;
    if (peek() == '.' && is_digit(peek(1))) {
      real = true;
      ++at;
      while (is_digit(peek())) ++at;
    } else if (peek() == '.' && peek(1) != '.' && !is_name_start(peek(1))) {
      real = true;
      ++at;
    }
    if ((peek() == 'e' || peek() == 'E') && (is_digit(peek(1)) || ((peek(1) == '+' || peek(1) == '-') && is_digit(peek(2))))) {
      real = true;
      at += 2;
      while (is_digit(peek())) ++at;
    }
    const std::string_view digits = text.substr(begin, at - begin);
    if (is_name_start(peek())) {  // a timespan: 1d, 1.5h
      const size_t unit = at;
      while (is_name_part(peek())) ++at;
      // A guid or a name such as `1abc` is no timespan.
      std::string written(digits);
      auto ticks = parse_timespan(written + " " + std::string(text.substr(unit, at - unit)));
      if (!ticks) return push(TokenKind::kName, begin);  // a name that begins with a digit
      literal.type = Type::kTimespan;
      literal.integer = *ticks;
      return push(TokenKind::kLiteral, begin, std::move(literal));
    }
    if (real) {
      literal.type = Type::kReal;
      std::from_chars(digits.data(), digits.data() + digits.size(), literal.real);
      return push(TokenKind::kLiteral, begin, std::move(literal));
    }
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), literal.integer);
    if (error != std::errc()) {
      // 9223372036854775808 only stands after a minus.
      uint64_t large = 0;
      auto [stop, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), large);
      (void)stop;
      if (failed != std::errc() || large > uint64_t{1} << 63) return bad_number(begin);
      literal.integer = static_cast<int64_t>(large);
    }
    (void)end;
    push(TokenKind::kLiteral, begin, std::move(literal));
  }

  void bad_number(size_t begin) {
    while (is_name_part(peek())) ++at;
    fail(diagnose(Error::kBadLiteral, {static_cast<uint32_t>(begin), static_cast<uint32_t>(at)}, text.substr(begin, at - begin), "number"));
    push(TokenKind::kBad, begin);
  }

  // The raw text of `(...)` after a literal's type name, when it is a literal and no call; moves past it.
  std::optional<std::string_view> literal_body() {
    size_t i = at;
    while (i < text.size() && static_cast<unsigned char>(text[i]) <= ' ') ++i;
    if (i >= text.size() || text[i] != '(') return std::nullopt;
    const size_t start = ++i;
    int depth = 1;
    char quote = 0;
    bool verbatim = false;
    for (; i < text.size(); ++i) {
      const char c = text[i];
      if (quote) {
        if (c == '\\' && !verbatim) ++i;
        else if (c == quote) quote = 0;
      } else if (c == '"' || c == '\'') {
        quote = c;
        verbatim = text[i - 1] == '@';
      } else if (c == '(' || c == '[' || c == '{') {
        ++depth;
      } else if (c == ')' || c == ']' || c == '}') {
        if (--depth == 0) break;
      }
    }
    if (i >= text.size()) return std::nullopt;
    at = i + 1;
    return trim(text.substr(start, i - start));
  }

  void read_name(size_t begin) {
    while (is_name_part(peek())) ++at;
    std::string_view word = text.substr(begin, at - begin);
    // h"secret", H@'secret'
    if ((word == "h" || word == "H") && (peek() == '"' || peek() == '\'' || (peek() == '@' && (peek(1) == '"' || peek(1) == '\'')) ||
                                         text.substr(at).starts_with("```") || text.substr(at).starts_with("~~~"))) {
      Literal literal;
      if (read_string(literal.text, begin)) return push_string(begin, std::move(literal));
    }
    if (read_typed_literal(word, begin)) return;
    if (word == "true" || word == "false" || word == "True" || word == "False" || word == "TRUE" || word == "FALSE") {
      Literal literal;
      literal.type = Type::kBool;
      literal.integer = word[0] == 't' || word[0] == 'T';
      return push(TokenKind::kLiteral, begin, std::move(literal));
    }
    // `in~`, `has_any` and the like: `~` belongs to the word.
    if (word == "in" && peek() == '~') ++at;
    push(TokenKind::kName, begin);
  }

  void push_string(size_t begin, Literal literal) {
    // Adjacent literals are one, across blanks and comments.
    if (!tokens.empty() && tokens.back().kind == TokenKind::kLiteral && tokens.back().literal.type == Type::kString && !tokens.back().literal.null &&
        joinable_) {
      tokens.back().literal.text += literal.text;
      tokens.back().span.end = static_cast<uint32_t>(at);
      tokens.back().text = text.substr(tokens.back().span.begin, at - tokens.back().span.begin);
      return;
    }
    literal.type = Type::kString;
    push(TokenKind::kLiteral, begin, std::move(literal));
    joinable_ = true;
  }

  bool read_typed_literal(std::string_view word, size_t begin) {
    static constexpr std::string_view kTyped[] = {"datetime", "date", "timespan", "time", "long", "int", "real", "double", "bool",
                                                  "boolean", "guid", "decimal", "dynamic"};
    if (std::find(std::begin(kTyped), std::end(kTyped), word) == std::end(kTyped)) return false;
    const size_t after = at;
    auto body = literal_body();
    if (!body) return false;
    auto literal = make_typed_literal(*type_from_name(word), *body);
    if (!literal) {
      // int(x) and the like with an expression inside are no literals here: they are read as calls.
      if (word != "dynamic" && (body->empty() || is_name_start(body->front()) || *body == "now" || body->find('(') != std::string_view::npos)) {
        at = after;
        return false;
      }
      if (word == "dynamic") {
        at = after;
        return false;
      }
      fail(diagnose(Error::kBadLiteral, {static_cast<uint32_t>(begin), static_cast<uint32_t>(at)}, *body, word));
      Literal null;
      null.type = *type_from_name(word);
      null.null = true;
      push(TokenKind::kLiteral, begin, std::move(null));
      return true;
    }
    push(TokenKind::kLiteral, begin, std::move(*literal));
    joinable_ = false;
    return true;
  }

  void run() {
    while (skip_blanks()) {
      const size_t begin = at;
      const char c = peek();
      const bool was_joinable = joinable_;
      if (is_name_start(c)) {
        if (!(c == 'h' || c == 'H')) joinable_ = false;
        read_name(begin);
        if (tokens.back().kind != TokenKind::kLiteral) joinable_ = false;
      } else if (is_digit(c)) {
        joinable_ = false;
        read_number(begin);
      } else if (c == '"' || c == '\'' || (c == '@' && (peek(1) == '"' || peek(1) == '\'')) || text.substr(at).starts_with("```") ||
                 text.substr(at).starts_with("~~~")) {
        joinable_ = was_joinable;
        Literal literal;
        read_string(literal.text, begin);
        push_string(begin, std::move(literal));
      } else if (c == '[' && is_bracketed_name()) {
        joinable_ = false;
        std::string name;
        ++at;
        skip_blanks();
        read_string(name, begin);
        skip_blanks();
        ++at;
        push(TokenKind::kBracketedName, begin, {}, std::move(name));
      } else if (c == '!' && is_name_start(peek(1))) {
        joinable_ = false;
        ++at;
        while (is_name_part(peek())) ++at;
        if (peek() == '~') ++at;
        push(TokenKind::kPunctuation, begin);
      } else {
        joinable_ = false;
        read_punctuation(begin);
      }
    }
    at = text.size();
    push(TokenKind::kEnd, at);
  }

  // `['x']` where a name may stand; after a name, closing bracket or dot-less value it is an index.
  bool is_bracketed_name() const {
    size_t i = at + 1;
    while (i < text.size() && static_cast<unsigned char>(text[i]) <= ' ') ++i;
    if (i < text.size() && text[i] == '@') ++i;
    if (i >= text.size() || (text[i] != '"' && text[i] != '\'')) return false;
    const char quote = text[i];
    for (++i; i < text.size() && text[i] != quote; ++i) {
      if (text[i] == '\\') ++i;
    }
    for (++i; i < text.size() && static_cast<unsigned char>(text[i]) <= ' '; ++i) {}
    if (i >= text.size() || text[i] != ']') return false;
    if (tokens.empty()) return true;
    const Token& last = tokens.back();
    const bool touching = last.span.end == at;
    if (last.kind == TokenKind::kPunctuation) return last.text != ")" && last.text != "]";
    if (last.kind == TokenKind::kName) return !touching;
    if (last.kind == TokenKind::kBracketedName) return false;
    return !touching;
  }

  void read_punctuation(size_t begin) {
    const std::string_view rest = text.substr(at);
    for (auto known : kPunctuation) {
      if (!rest.starts_with(known)) continue;
      at += known.size();
      return push(TokenKind::kPunctuation, begin);
    }
    size_t next = at;
    next_code_point(text, next);
    at = next;
    fail(diagnose(Error::kUnexpectedCharacter, {static_cast<uint32_t>(begin), static_cast<uint32_t>(at)}, text.substr(begin, at - begin)));
    push(TokenKind::kBad, begin);
  }

  bool joinable_ = false;
};

}  // namespace

std::vector<Token> lex(std::string_view text, Diagnostics& diagnostics) {
  Lexer lexer{text.substr(0, UINT32_MAX), diagnostics, {}};
  lexer.tokens.reserve(text.size() / 4 + 8);
  lexer.run();
  return std::move(lexer.tokens);
}

}  // namespace huntbook::kql

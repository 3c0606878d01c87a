// Text → tokens: KQL's literals, names and punctuation.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

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
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Punctuation, longest first. Words such as `!has` are one token.
constexpr std::string_view kPunctuation[] = {"=>", "<|", "==", "!=", "<>", "<=", ">=", "=~", "!~", "..", "|",
                                             ";",  ",",  "(",  ")",  "[",  "]",  "{",  "}",  ".",  ":",  "=",
                                             "<",  ">",  "+",  "-",  "*",  "/",  "%",  "@",  "#",  "$"};

}  // namespace

bool is_blank(char32_t code) {
  return code == ' ' || (code >= '\t' && code <= '\r') || code == 0xfeff || code == 0xa0 || code == 0x1680 ||
         code == 0x180e || (code >= 0x2000 && code <= 0x200f) || code == 0x2028 || code == 0x2029 ||
         code == 0x202f || code == 0x205f || code == 0x2060 || code == 0x3000;
}

namespace {

struct Lexer {
  std::string_view text;
  Diagnostics& diagnostics;
  std::vector<Token> tokens;
  size_t at = 0;

  char peek(size_t ahead = 0) const { return at + ahead < text.size() ? text[at + ahead] : '\0'; }

  void push(TokenKind kind, size_t begin, Literal literal = {}, std::string name = {}) {
    Token token;
    token.kind = kind;
    token.span = {offset(begin), offset(at)};
    token.text = text.substr(begin, at - begin);
    token.literal = std::move(literal);
    token.name = std::move(name);
    tokens.push_back(std::move(token));
  }

  static uint32_t offset(size_t i) { return static_cast<uint32_t>(i); }

  void fail(Diagnostic diagnostic) {
    if (diagnostics.size() < 50) diagnostics.push_back(std::move(diagnostic));
  }

  bool skip_blanks() {
    while (at < text.size()) {
      const auto c = static_cast<unsigned char>(text[at]);
      if (c == ' ' || (c >= '\t' && c <= '\r')) {
        ++at;
      } else if (c == '/' && peek(1) == '/') {
        while (at < text.size() && text[at] != '\n') ++at;
      } else if (c >= 0x80) {  // blanks and marks that come with pasted text
        size_t next = at;
        const char32_t code = next_code_point(text, next);
        if (!is_blank(code)) return true;
        at = next;
      } else {
        return true;
      }
    }
    return false;
  }

  // A string literal at `at` (without prefix h, with @ or not); false when there is none.
  bool read_string(std::string& out, size_t begin) {
    if (is_fence()) {
      const std::string_view fence = text.substr(at, 3);
      const size_t end = text.find(fence, at + 3);
      if (end == std::string_view::npos) {
        at = text.size();
        fail(diagnose(Error::kUnterminatedString, {offset(begin), offset(begin + 3)}));
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
        const size_t escape = at++;
        if (!read_escape(out) && escape_fault_.end == 0) escape_fault_ = {offset(escape), offset(at)};
        continue;
      }
      out += c;
      ++at;
    }
    fail(diagnose(Error::kUnterminatedString, {offset(begin), offset(at)}));
    return true;
  }

  // What stands after a backslash; false when it is no escape sequence.
  bool read_escape(std::string& out) {
    static constexpr std::string_view kSimple = "ntrabfv\\\"'", kMeaning = "\n\t\r\a\b\f\v\\\"'";
    const char c = peek();
    if (const size_t simple = kSimple.find(c); c != '\0' && simple != std::string_view::npos) {
      out += kMeaning[simple];
      ++at;
      return true;
    }
    if (c >= '0' && c <= '7') {
      uint32_t value = 0;
      for (int i = 0; i < 3 && peek() >= '0' && peek() <= '7'; ++i)
        value = value * 8 + static_cast<uint32_t>(text[at++] - '0');
      append_utf8(out, value);
      return true;
    }
    const size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    uint32_t value = 0;
    if (digits == 0 || !hex_digits(digits, value)) {
      if (at < text.size() && c != '\n') out += text[at++];
      return false;
    }
    if (c == 'u' && value >= 0xd800 && value < 0xdc00 && peek() == '\\' && peek(1) == 'u') {
      ++at;
      uint32_t low = 0;
      if (!hex_digits(4, low)) return false;
      value = 0x10000 + ((value - 0xd800) << 10) + ((low - 0xdc00) & 0x3ff);
    }
    append_utf8(out, value);
    return true;
  }

  // `count` hex digits after the letter at `at`.
  bool hex_digits(size_t count, uint32_t& value) {
    for (size_t i = 1; i <= count; ++i) {
      if (!is_hex(peek(i))) return false;
    }
    std::from_chars(text.data() + at + 1, text.data() + at + 1 + count, value, 16);
    at += count + 1;
    return true;
  }

  void read_number(size_t begin) {
    Literal literal;
    literal.type = Type::kLong;
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && is_hex(peek(2))) {
      at += 2;
      while (is_hex(peek())) ++at;
      uint64_t value = 0;
      auto [end, error] = std::from_chars(text.data() + begin + 2, text.data() + at, value, 16);
      (void)end;
      if (error != std::errc() || is_name_part(peek())) return name_from_digit(begin);
      literal.integer = static_cast<int64_t>(value);
      return push(TokenKind::kLiteral, begin, std::move(literal));
    }
    while (is_digit(peek())) ++at;
    bool real = false;
    if (peek() == '.' &&
        (is_digit(peek(1)) || (peek(1) != '.' && (!is_name_start(peek(1)) || is_exponent(at + 1))))) {
      real = true;
      ++at;
      while (is_digit(peek())) ++at;
    }
    const size_t mantissa = at;
    if (is_exponent(at)) {
      real = true;
      at += 2;
      while (is_digit(peek())) ++at;
    }
    const std::string_view digits = text.substr(begin, at - begin);
    if (is_name_start(peek())) {
      const size_t unit = at;
      while (is_name_part(peek())) ++at;
      const double tick = ticks_of_unit(text.substr(unit, at - unit));
      if (tick == 0 || mantissa != unit)
        return push(TokenKind::kName, begin);  // a name that begins with a digit
      return push_timespan(begin, digits, real, tick);
    }
    if (real) {
      literal.type = Type::kReal;
      literal.real = parse_real(digits);
      return push(TokenKind::kLiteral, begin, std::move(literal));
    }
    uint64_t large = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), large);
    (void)end;
    constexpr uint64_t kBeyond = uint64_t{1} << 63;
    const bool negated = !tokens.empty() && tokens.back().text == "-";
    // dynamic(...) takes a number beyond long as a real, nothing else does.
    if (error != std::errc() || large > kBeyond || (large == kBeyond && !negated)) {
      literal.type = Type::kDecimal;
      literal.text = digits;
    }
    literal.integer = static_cast<int64_t>(large);
    push(TokenKind::kLiteral, begin, std::move(literal));
  }

  bool is_exponent(size_t i) const {
    if (i >= text.size() || (text[i] != 'e' && text[i] != 'E')) return false;
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    return is_digit(next) || ((next == '+' || next == '-') && i + 2 < text.size() && is_digit(text[i + 2]));
  }

  static double parse_real(std::string_view digits) {
    double value = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    (void)end;
    if (error != std::errc::result_out_of_range) return value;
    return digits.find("e-") != std::string_view::npos || digits.find("E-") != std::string_view::npos
               ? 0
               : std::numeric_limits<double>::infinity();
  }

  void push_timespan(size_t begin, std::string_view digits, bool real, double tick) {
    Literal literal;
    literal.type = Type::kTimespan;
    const double ticks = parse_real(digits) * tick;
    bool fits = ticks < 9.2e18;
    int64_t whole = 0;
    if (!real && tick >= 1) {  // exact
      fits = fits && std::from_chars(digits.data(), digits.data() + digits.size(), whole).ec == std::errc();
      literal.integer = fits ? whole * static_cast<int64_t>(tick) : 0;
    } else {
      literal.integer = fits ? std::llround(ticks) : 0;
    }
    if (!fits)
      fail(diagnose(Error::kBadLiteral, {offset(begin), offset(at)}, text.substr(begin, at - begin),
                    "timespan"));
    push(TokenKind::kLiteral, begin, std::move(literal));
  }

  void name_from_digit(size_t begin) {
    while (is_name_part(peek())) ++at;
    push(TokenKind::kName, begin);
  }

  // What stands in the brackets after a literal's type name; moves past it. Nothing when an expression does.
  std::optional<std::string_view> literal_body() {
    constexpr size_t kLongest = 256;
    size_t i = at;
    while (i < text.size() && text[i] == ' ') ++i;
    if (i >= text.size() || text[i] != '(') return std::nullopt;
    const size_t start = ++i;
    for (; i < text.size() && i < start + kLongest && text[i] != '('; ++i) {
      if (text[i] != ')') continue;
      const std::string_view body = trim(text.substr(start, i - start));
      if (body.empty() || body == "now") return std::nullopt;
      at = i + 1;
      return body;
    }
    return std::nullopt;
  }

  void read_name(size_t begin) {
    while (is_name_part(peek())) ++at;
    const std::string_view word = text.substr(begin, at - begin);
    if ((word == "h" || word == "H") && is_string_start()) return read_string_token(begin);  // h"secret"
    if (read_typed_literal(word, begin)) return;
    if (word == "true" || word == "false" || word == "True" || word == "False" || word == "TRUE" ||
        word == "FALSE") {
      Literal literal;
      literal.type = Type::kBool;
      literal.integer = word[0] == 't' || word[0] == 'T';
      return push(TokenKind::kLiteral, begin, std::move(literal));
    }
    if (word == "in" && peek() == '~') ++at;
    push(TokenKind::kName, begin);
  }

  bool is_fence() const { return (peek() == '`' || peek() == '~') && peek(1) == peek() && peek(2) == peek(); }
  bool is_string_start() const {
    const char c = peek() == '@' ? peek(1) : peek();
    return c == '"' || c == '\'' || is_fence();
  }

  // Adjacent literals are one, across blanks and comments.
  void read_string_token(size_t begin) {
    Literal literal;
    escape_fault_ = {};
    read_string(literal.text, begin);
    if (escape_fault_.end) {
      Diagnostic failure =
          diagnose(Error::kBadEscape, escape_fault_,
                   text.substr(escape_fault_.begin, escape_fault_.end - escape_fault_.begin));
      failure.hint = "write the backslash twice, or the string verbatim: @\"...\"";
      fail(std::move(failure));
    }
    if (!tokens.empty() && tokens.back().kind == TokenKind::kLiteral &&
        tokens.back().literal.type == Type::kString) {
      Token& last = tokens.back();
      last.literal.text += literal.text;
      last.span.end = offset(at);
      last.text = text.substr(last.span.begin, at - last.span.begin);
      return;
    }
    push(TokenKind::kLiteral, begin, std::move(literal));
  }

  bool read_typed_literal(std::string_view word, size_t begin) {
    if (!is_literal_type(word)) return false;
    auto body = literal_body();
    if (!body) return false;
    const Type type = *type_from_name(word);
    auto literal = make_typed_literal(type, *body);
    if (!literal) {
      Diagnostic failure = diagnose(Error::kBadLiteral, {offset(begin), offset(at)}, *body, word);
      failure.hint = literal_hint(word);
      fail(std::move(failure));
      literal.emplace();
      literal->type = type;
      literal->null = true;
    }
    push(TokenKind::kLiteral, begin, std::move(*literal));
    return true;
  }

  void run() {
    while (skip_blanks()) {
      const size_t begin = at;
      const char c = peek();
      if (is_name_start(c)) {
        read_name(begin);
      } else if (is_digit(c)) {
        read_number(begin);
      } else if (is_string_start()) {
        read_string_token(begin);
      } else if (c == '[' && is_bracketed_name()) {
        std::string name;
        ++at;
        skip_blanks();
        read_string(name, begin);
        skip_blanks();
        ++at;
        push(TokenKind::kBracketedName, begin, {}, std::move(name));
      } else if (c == '!' && is_name_start(peek(1))) {  // !has, !in~
        ++at;
        while (is_name_part(peek())) ++at;
        if (peek() == '~') ++at;
        push(TokenKind::kPunctuation, begin);
      } else {
        read_punctuation(begin);
      }
    }
    at = text.size();
    push(TokenKind::kEnd, at);
  }

  // `['x']`, unless a closing bracket before it makes it an index; after a name the parser decides.
  bool is_bracketed_name() const {
    size_t i = at + 1;
    const auto blanks = [&] {
      while (i < text.size() && (text[i] == ' ' || text[i] == '\t')) ++i;
    };
    blanks();
    const bool verbatim = i < text.size() && text[i] == '@';
    if (verbatim) ++i;
    if (i >= text.size() || (text[i] != '"' && text[i] != '\'')) return false;
    const char quote = text[i++];
    for (; i < text.size(); ++i) {
      if (text[i] == '\\' && !verbatim) ++i;
      else if (text[i] == '\n') return false;
      else if (text[i] == quote && verbatim && i + 1 < text.size() && text[i + 1] == quote) ++i;
      else if (text[i] == quote) break;
    }
    ++i;
    blanks();
    if (i >= text.size() || text[i] != ']') return false;
    const std::string_view last = tokens.empty() ? "" : tokens.back().text;
    return !last.ends_with(')') && !last.ends_with(']');
  }

  void read_punctuation(size_t begin) {
    const std::string_view rest = text.substr(at);
    for (auto known : kPunctuation) {
      if (!rest.starts_with(known)) continue;
      at += known.size();
      return push(TokenKind::kPunctuation, begin);
    }
    next_code_point(text, at);
    at = std::min(std::max(at, begin + 1), text.size());
    Diagnostic failure =
        diagnose(Error::kUnexpectedCharacter, {offset(begin), offset(at)}, text.substr(begin, at - begin));
    const bool foreign = static_cast<unsigned char>(text[begin]) >= 0x80;
    if (text[begin] == '&') failure.hint = "write `and`";
    if (foreign) failure.hint = "a name with other letters than a-z stands in brackets: ['...']";
    fail(std::move(failure));
    const auto goes_on = [&](char c) {  // && and a word are one mistake
      return foreign ? static_cast<unsigned char>(c) >= 0x80 || is_name_part(c) : c == text[begin];
    };
    while (at < text.size() && goes_on(text[at])) ++at;
    push(TokenKind::kBad, begin);
  }

  Span escape_fault_;
};

}  // namespace

std::vector<Token> lex(std::string_view text, Diagnostics& diagnostics) {
  Lexer lexer{text.substr(0, UINT32_MAX), diagnostics, {}};
  lexer.tokens.reserve(text.size() / 4 + 8);
  lexer.run();
  return std::move(lexer.tokens);
}

}  // namespace huntbook::kql

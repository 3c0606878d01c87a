// How Huntbook reports failure: values that carry a code, a place and a hint.
#pragma once
#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace huntbook {

/// A half-open range of byte offsets in a query text or file.
struct Span {
  uint32_t begin = 0;
  uint32_t end = 0;
  bool operator==(const Span&) const = default;
};

/// One thing to tell the user. `code` is stable ("HB-L012"); `message` is lower case, without a full stop,
/// the user's own words in backticks; `hint` can be typed; `construct` names what is not supported yet.
struct Diagnostic {
  std::string code;
  std::string message;
  Span span;              ///< where in the text, when there is one
  std::string hint;       ///< what to do, may be empty
  std::string construct;  ///< set only for code "unsupported"
  std::string place;      ///< file the span is in, empty for a query typed by hand
  bool operator==(const Diagnostic&) const = default;
};

using Diagnostics = std::vector<Diagnostic>;

/// A value or the diagnostic that says why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}  // NOLINT: implicit, so that `return value;` reads well
  Result(Diagnostic failure) : state_(std::move(failure)) {}  // NOLINT
  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  /// The value; only when ok().
  T& value() & {
    assert(ok());
    return std::get<0>(state_);
  }
  const T& value() const& {
    assert(ok());
    return std::get<0>(state_);
  }
  T&& value() && {
    assert(ok());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  /// The failure; only when not ok().
  const Diagnostic& error() const {
    assert(!ok());
    return std::get<1>(state_);
  }

 private:
  std::variant<T, Diagnostic> state_;
};

/// Success without a value, or the diagnostic.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Diagnostic failure) : failure_(std::move(failure)) {}  // NOLINT
  bool ok() const { return !failure_; }
  explicit operator bool() const { return ok(); }
  const Diagnostic& error() const {
    assert(failure_);
    return *failure_;
  }

 private:
  std::optional<Diagnostic> failure_;
};

using Status = Result<void>;

}  // namespace huntbook

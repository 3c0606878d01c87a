// Bodies of arrays.
#include <algorithm>
#include <cmath>
#include <vector>

#include "base/time.h"
#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;
using Raws = std::vector<std::string_view>;

constexpr size_t kMaxElements = 1'048'576;

std::string array_text(std::span<const std::string_view> elements) {
  std::string out = "[";
  for (size_t i = 0; i < elements.size(); ++i) {
    if (i) out += ',';
    out += elements[i];
  }
  return out + "]";
}

void set_array(Value& out, std::span<const std::string_view> elements, Context& context) {
  set_dynamic(out, array_text(elements), context);
}

void array_length(Args args, Value& out, Context&) {
  if (json_kind(args[0].text) == JsonKind::kArray)
    set_long(out, static_cast<int64_t>(json_array_length(args[0].text)));
}

// What is no array is left out.
void array_concat(Args args, Value& out, Context& context) {
  Raws all;
  for (const Value& arg : args) {
    if (const auto elements = elements_of(arg)) all.insert(all.end(), elements->begin(), elements->end());
  }
  set_array(out, all, context);
}

int64_t from_end(int64_t index, size_t size) {
  return index < 0 ? index + static_cast<int64_t>(size) : index;
}

void array_slice(Args args, Value& out, Context& context) {
  const auto elements = elements_of(args[0]);
  if (!elements) return;
  const int64_t size = static_cast<int64_t>(elements->size());
  const int64_t first = std::max<int64_t>(from_end(args[1].integer, elements->size()), 0);
  const int64_t last = std::min(from_end(args[2].integer, elements->size()), size - 1);
  if (first > last) return set_dynamic(out, "[]", context);
  set_array(out,
            std::span(*elements).subspan(static_cast<size_t>(first), static_cast<size_t>(last - first + 1)),
            context);
}

void array_split(Args args, Value& out, Context& context) {
  const auto elements = elements_of(args[0]);
  if (!elements) return;
  std::vector<int64_t> places;
  if (const auto number = number_of(args[1].text)) {
    places.push_back(number->integer);
  } else if (const auto list = elements_of(args[1])) {
    for (const auto raw : *list) {
      const auto place = number_of(raw);
      if (!place) return;
      places.push_back(place->integer);
    }
  } else {
    return;
  }
  std::string parts = "[";
  size_t at = 0;
  const auto add = [&](size_t end) {
    if (parts.size() > 1) parts += ',';
    parts += array_text(std::span(*elements).subspan(at, end - at));
    at = end;
  };
  for (const int64_t place : places) {
    const int64_t end =
        std::clamp<int64_t>(from_end(place, elements->size()), 0, static_cast<int64_t>(elements->size()));
    add(std::max(at, static_cast<size_t>(end)));
  }
  add(elements->size());
  set_dynamic(out, parts + "]", context);
}

void array_reverse(Args args, Value& out, Context& context) {
  auto elements = elements_of(args[0]);
  if (!elements) return;
  std::reverse(elements->begin(), elements->end());
  set_array(out, *elements, context);
}

template <int direction>
void array_rotate(Args args, Value& out, Context& context) {
  auto elements = elements_of(args[0]);
  if (!elements) return;
  if (const int64_t size = static_cast<int64_t>(elements->size()); size > 0) {
    const int64_t left = ((args[1].integer % size) * direction + size) % size;
    std::rotate(elements->begin(), elements->begin() + left, elements->end());
  }
  set_array(out, *elements, context);
}

template <int direction>
void array_shift(Args args, Value& out, Context& context) {
  const auto elements = elements_of(args[0]);
  if (!elements || args[1].null) return;
  const std::string_view fill = args.size() > 2 ? raw_or_null(args[2]) : "null";
  const int64_t size = static_cast<int64_t>(elements->size());
  const int64_t left = std::clamp<int64_t>(args[1].integer, -size, size) * direction;
  Raws shifted;
  for (int64_t i = 0; i < size; ++i) {
    const int64_t from = i + left;
    shifted.push_back(from >= 0 && from < size ? (*elements)[static_cast<size_t>(from)] : fill);
  }
  set_array(out, shifted, context);
}

void array_index_of(Args args, Value& out, Context&) {
  const auto elements = elements_of(args[0]);
  if (!elements) return;
  const auto number = [&](size_t i, int64_t otherwise) {
    return args.size() > i && !args[i].null ? args[i].integer : otherwise;
  };
  const int64_t size = static_cast<int64_t>(elements->size());
  const int64_t start = std::max<int64_t>(from_end(number(2, 0), elements->size()), 0);
  const int64_t length = number(3, -1);
  const int64_t end = length < 0 || length > size - start ? size : start + length;
  int64_t occurrence = number(4, 1);
  set_long(out, -1);
  for (int64_t i = start; i < end; ++i) {
    if (equal_json((*elements)[static_cast<size_t>(i)], raw_or_null(args[1])) && --occurrence <= 0)
      return set_long(out, i);
  }
}

void array_sum(Args args, Value& out, Context&) {
  const auto elements = elements_of(args[0]);
  if (!elements) return;
  double sum = 0;
  for (const auto raw : *elements) {
    const auto number = json_number(raw);
    if (!number) return;
    sum += number->real;
  }
  set_real(out, sum);
}

// Element by element; what is no array stands for each element.
void array_iff(Args args, Value& out, Context& context) {
  const auto conditions = elements_of(args[0]);
  if (!conditions) return;
  const auto yes = elements_of(args[1]), no = elements_of(args[2]);
  const auto at = [](const std::optional<Raws>& elements, const Value& scalar, size_t i) -> std::string_view {
    if (!elements) return raw_or_null(scalar);
    return i < elements->size() ? (*elements)[i] : "null";
  };
  Raws chosen;
  for (size_t i = 0; i < conditions->size(); ++i) {
    const auto condition = number_of((*conditions)[i]);
    if (!condition) chosen.push_back("null");
    else chosen.push_back(condition->real != 0 ? at(yes, args[1], i) : at(no, args[2], i));
  }
  set_array(out, chosen, context);
}

// Sorts the first array and orders the others after it. A bool among the arguments says whether nulls go
// last.
template <bool descending>
void array_sort(Args args, Value& out, Context& context) {
  const auto keys = elements_of(args[0]);
  if (!keys) return;
  bool nulls_last = true;
  std::vector<const Value*> others;
  for (const Value& arg : args.subspan(1)) {
    if (!arg.null && json_kind(arg.text) == JsonKind::kBool) nulls_last = arg.text == "true";
    else others.push_back(&arg);
  }
  std::vector<size_t> order(keys->size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const bool x = (*keys)[a] == "null", y = (*keys)[b] == "null";
    if (x || y) return x != y && (nulls_last ? y : x);
    const int sign = order_json((*keys)[a], (*keys)[b]);
    return descending ? sign > 0 : sign < 0;
  });
  const auto sorted = [&](const std::optional<Raws>& elements) {
    Raws result;
    if (!elements || elements->size() != order.size()) return std::string("null");
    for (const size_t i : order) result.push_back((*elements)[i]);
    return array_text(result);
  };
  if (others.empty()) return set_dynamic(out, sorted(keys), context);
  std::string all = "[" + sorted(keys);
  for (const Value* other : others) all += "," + sorted(elements_of(*other));
  set_dynamic(out, all + "]", context);
}

void zip(Args args, Value& out, Context& context) {
  std::vector<Raws> arrays;
  size_t length = 0;
  for (const Value& arg : args) {
    auto elements = elements_of(arg);
    arrays.push_back(elements ? std::move(*elements) : Raws());
    length = std::max(length, arrays.back().size());
  }
  std::string rows = "[";
  for (size_t i = 0; i < length; ++i) {
    if (i) rows += ',';
    Raws row;
    for (const Raws& array : arrays) row.push_back(i < array.size() ? array[i] : "null");
    rows += array_text(row);
  }
  set_dynamic(out, rows + "]", context);
}

void repeat(Args args, Value& out, Context& context) {
  if (args[1].null || args[1].integer < 0) return;
  const size_t count = std::min<size_t>(static_cast<size_t>(args[1].integer), kMaxElements);
  const std::string_view raw = raw_or_null(args[0]);
  if (count * (raw.size() + 1) > (1u << 26)) return;
  set_array(out, Raws(count, raw), context);
}

// From, to (included) and step; all of one type, but a span of time as the step of datetimes.
void range(Args args, Value& out, Context& context) {
  std::string list = "[";
  const auto add = [&](const Value& value) {
    if (list.size() > 1) list += ',';
    append_json(list, value);
  };
  if (args[0].type == Type::kReal) {
    const double from = args[0].real, to = args[1].real, step = args.size() > 2 ? args[2].real : 1;
    if (step == 0 || !std::isfinite(step) || !std::isfinite(from) || !std::isfinite(to)) return;
    for (size_t i = 0; i < kMaxElements; ++i) {
      const double value = from + static_cast<double>(i) * step;
      if (step > 0 ? value > to : value < to) break;
      add(Value::of_real(value));
    }
    return set_dynamic(out, list + "]", context);
  }
  const int64_t from = args[0].integer, to = args[1].integer;
  const int64_t plain =
      args[0].type == Type::kDatetime || args[0].type == Type::kTimespan ? kTicksPerHour : 1;
  const int64_t step = args.size() > 2 ? args[2].integer : plain;
  if (step == 0) return;
  int64_t value = from;
  for (size_t i = 0; i < kMaxElements && (step > 0 ? value <= to : value >= to); ++i) {
    add(Value::of_long(value, args[0].type));
    if (__builtin_add_overflow(value, step, &value)) break;
  }
  set_dynamic(out, list + "]", context);
}

void strcat_array(Args args, Value& out, Context& context) {
  const auto elements = elements_of(args[0]);
  if (!elements) return;
  std::string text;
  for (size_t i = 0; i < elements->size(); ++i) {
    if (i) text += args[1].text;
    text += text_of((*elements)[i]);
  }
  set_text(out, std::move(text), context);
}

constexpr BodyEntry kBodies[] = {
    {"array_length", array_length},
    {"array_concat", array_concat},
    {"array_slice", array_slice},
    {"array_split", array_split},
    {"array_reverse", array_reverse},
    {"array_rotate_left", array_rotate<1>},
    {"array_rotate_right", array_rotate<-1>},
    {"array_shift_left", array_shift<1>},
    {"array_shift_right", array_shift<-1>},
    {"array_index_of", array_index_of},
    {"array_sum", array_sum},
    {"array_iff", array_iff},
    {"array_sort_asc", array_sort<false>},
    {"array_sort_desc", array_sort<true>},
    {"zip", zip},
    {"repeat", repeat},
    {"range", range},
    {"strcat_array", strcat_array},
};

}  // namespace

std::span<const BodyEntry> array_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime

// What the binder knows about constant arguments beyond their types: patterns that must compile, formats that
// must be known, names of periods, units and zones.
#include <array>
#include <string>
#include <string_view>

#include "base/time_zone.h"
#include "kql/bind.h"
#include "kql/runtime/regex.h"
#include "kql/runtime/time_format.h"
#include "kql/runtime/units.h"

namespace huntbook::kql {
namespace {

struct PatternArgument {
  std::string_view body;
  size_t argument;
};

constexpr std::array<PatternArgument, 10> kPatterns = {{{"matches_regex", 1},
                                                        {"extract", 0},
                                                        {"extract_all", 0},
                                                        {"replace_regex", 1},
                                                        {"replace", 0},
                                                        {"trim", 0},
                                                        {"trim_start", 0},
                                                        {"trim_end", 0},
                                                        {"indexof_regex", 1},
                                                        {"countof_kind", 1}}};

// The constant text of an argument, or nothing.
const std::string* text_at(const std::vector<plan::ExprPtr>& args, size_t i) {
  const Literal* literal = i < args.size() ? constant_of(args[i]) : nullptr;
  return literal && literal->type == Type::kString ? &literal->text : nullptr;
}

std::optional<Diagnostic> check_pattern(std::string_view body, const std::vector<plan::ExprPtr>& args,
                                        size_t i, Span span) {
  const std::string* pattern = text_at(args, i);
  if (!pattern) return std::nullopt;
  if (body == "countof_kind") {
    const std::string* kind = text_at(args, 2);
    if (kind && *kind != "regex") return std::nullopt;
  }
  const auto status = runtime::check_regex(*pattern);
  if (!status) {
    Diagnostic failure = status.error();
    failure.span = span;
    return failure;
  }
  if (body == "extract_all" && runtime::Regex(*pattern, runtime::Regex::Use::kCheck).groups() == 0) {
    return diagnose(Error::kBadRegex, span, "`extract_all` needs a group in parentheses");
  }
  return std::nullopt;
}

}  // namespace

std::optional<Diagnostic> check_constants(std::string_view body, const std::vector<plan::ExprPtr>& args,
                                          Span span) {
  for (const auto& pattern : kPatterns) {
    if (pattern.body == body) return check_pattern(body, args, pattern.argument, span);
  }
  const bool datetime = body == "format_datetime";
  if (datetime || body == "format_timespan") {
    const std::string* format = text_at(args, 1);
    if (format && !runtime::is_time_format(*format, datetime)) {
      return diagnose(Error::kBadValue, span, *format,
                      datetime ? "a format of a datetime (y M d H h m s f F tt)"
                               : "a format of a timespan (d H h m s f F)");
    }
  }
  if (body == "datetime_add" || body == "datetime_diff" || body == "datetime_part") {
    const std::string* period = text_at(args, 0);
    if (period && !runtime::is_period(*period, body == "datetime_part")) {
      return diagnose(Error::kBadValue, span, *period,
                      "a period (year, quarter, month, week, day, hour, minute, second, millisecond ...)");
    }
  }
  if (body == "datetime_utc_to_local" || body == "datetime_local_to_utc") {
    const std::string* zone = text_at(args, 1);
    if (zone && !TimeZone(*zone).ok())
      return diagnose(Error::kBadValue, span, *zone, "a time zone (such as Europe/Berlin)");
  }
  if (body.starts_with("convert_")) {
    for (const size_t i : {1, 2}) {
      const std::string* unit = text_at(args, i);
      if (unit && !runtime::is_unit(body.substr(8), *unit))
        return diagnose(Error::kBadValue, span, *unit, "a unit of " + std::string(body.substr(8)));
    }
  }
  if (body.starts_with("series_decompose")) {
    const size_t place = body == "series_decompose" ? 2 : 3;
    const std::string* trend = text_at(args, place);
    if (trend && *trend != "avg" && *trend != "linefit" && *trend != "none")
      return diagnose(Error::kBadValue, span, *trend, "a trend (avg, linefit or none)");
  }
  if (body == "series_outliers" || body == "series_decompose_anomalies") {
    const std::string* kind = text_at(args, body == "series_outliers" ? 1 : 5);
    if (kind && *kind != "ctukey" && *kind != "tukey")
      return diagnose(Error::kBadValue, span, *kind, "a kind of outliers (ctukey or tukey)");
  }
  if (body == "series_outliers" && args.size() > 3) {
    for (const size_t i : {3, 4}) {
      const Literal* percentile = i < args.size() ? constant_of(args[i]) : nullptr;
      if (percentile && !percentile->null && percentile->real == (i == 3 ? 10 : 90)) continue;
      if (i < args.size())
        return unsupported("`series_outliers` with percentiles other than 10 and 90", span);
    }
  }
  return std::nullopt;
}

}  // namespace huntbook::kql

// The steps that a plugin cuts time into. Private to src/kql.
#pragma once
#include <string>

#include "kql/plan.h"

namespace huntbook::kql {

/// A column cut into steps from a start (or from zero): of one length, or weeks, months, years.
struct Timeline {
  std::string name;  ///< of the column
  Type type = Type::kDatetime;
  plan::ExprPtr time;   ///< of a row: long for whole numbers and ticks, else real
  plan::ExprPtr start;  ///< null: from zero
  plan::ExprPtr end;    ///< included; null: none
  plan::ExprPtr step;   ///< null for calendar steps
  char unit = 0;        ///< 'w', 'm', 'y'

  bool real() const { return type == Type::kReal; }
};

/// The number of the step that a time is in; the start's is 0.
plan::ExprPtr step_of(const Timeline& line, const plan::ExprPtr& time);
/// The beginning of a step, of the column's type.
plan::ExprPtr time_of(const Timeline& line, const plan::ExprPtr& step);
/// The last step that begins within `span` from the beginning of `step`.
plan::ExprPtr reach_of(const Timeline& line, const plan::ExprPtr& step, const plan::ExprPtr& span);
/// Whether a time lies between start, less `before` when it is given, and end.
plan::ExprPtr within(const Timeline& line, const plan::ExprPtr& time, const plan::ExprPtr& before = nullptr);

}  // namespace huntbook::kql

// Functions, names and texts as completion and inspection show them.
#pragma once
#include <string>
#include <string_view>

#include "kql/catalog.h"
#include "kql/function_table.h"

namespace huntbook::kql {

std::string_view kind_name(FunctionKind kind);
/// `substring(text: string, start: long, [length: long]): string`
std::string signature_line(const Function& function, const Signature& signature);
/// All signatures that differ, on lines of their own.
std::string signature_text(const Function& function);
/// How to write a call: `write substring(text, start, [length])`.
std::string usage(const Function& function);
std::string stored_signature(const StoredFunction& function);
/// A column's name as an expression writes it: in brackets where it must be.
std::string reference(const std::string& name);
/// The beginning of a text, on one line.
std::string brief(std::string_view text);

}  // namespace huntbook::kql

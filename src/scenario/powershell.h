// PowerShell's two logs: script blocks and pipelines (4104, 4103), engine life cycle (400, 403, 600).
#pragma once
#include <string_view>

#include "scenario/sysmon.h"

namespace huntbook::scenario {

/// 600 and 400 when the engine starts, 403 when the process ends.
void powershell_engine(World& world, Micros t, const Actor& actor);
/// 4104 with the text, of script file `path` when there is one.
void script_block(World& world, Micros t, const Actor& actor, std::string_view text,
                  std::string_view path = "");
/// 4103 for one command and its parameters ("name=\"Path\"; value=\"C:\\\"").
void pipeline_execution(World& world, Micros t, const Actor& actor, std::string_view command,
                        std::string_view binding);

}  // namespace huntbook::scenario

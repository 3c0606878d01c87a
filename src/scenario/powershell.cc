#include "scenario/powershell.h"

namespace huntbook::scenario {
namespace {

std::string host_details(const Actor& actor, uint64_t serial) {
  uint64_t id = hash_text(actor.process.guid);
  return "\r\n\tHostName=ConsoleHost\r\n\tHostVersion=5.1.19041.4355\r\n\tHostId=" +
         guid_text(mix(id, 1), mix(id, 2)) + "\r\n\tHostApplication=" + actor.process.command +
         "\r\n\tEngineVersion=5.1.19041.4355\r\n\tRunspaceId=" + guid_text(mix(id, 3), mix(id, serial));
}

void engine_line(World& world, Micros t, const Actor& actor, int event_id, std::string_view head) {
  WindowsLine line(world, kClassicPowershellChannel, t, actor.host, event_id, event_id == 600 ? 6 : 4,
                   event_id == 600 ? "Provider Lifecycle" : "Engine Lifecycle");
  line.text("Message", std::string(head) + "\r\n\r\nDetails:" + host_details(actor, 4));
}

}  // namespace

void powershell_engine(World& world, Micros t, const Actor& actor) {
  engine_line(world, t, actor, 600, "Provider \"Registry\" is Started.");
  engine_line(world, t + 20 * kMillisecond, actor, 400, "Engine state is changed from None to Available.");
  if (actor.process.end < kEnd)
    engine_line(world, actor.process.end - kMillisecond, actor, 403,
                "Engine state is changed from Available to Stopped.");
}

void script_block(World& world, Micros t, const Actor& actor, std::string_view text, std::string_view path) {
  WindowsLine line(world, kPowershellChannel, t, actor.host, 4104, 2, "Execute a Remote Command");
  std::string id = random_guid(world.rng);
  line.text("UserID", actor.who.sid).digits("ExecutionProcessID", actor.process.pid);
  line.text("MessageNumber", "1")
      .text("MessageTotal", "1")
      .text("ScriptBlockText", text)
      .text("ScriptBlockId", id)
      .text("Path", path);
  line.text("Message", "Creating Scriptblock text (1 of 1):\r\n" + std::string(text) +
                           "\r\n\r\nScriptBlock ID: " + id + "\r\nPath: " + std::string(path));
}

void pipeline_execution(World& world, Micros t, const Actor& actor, std::string_view command,
                        std::string_view binding) {
  WindowsLine line(world, kPowershellChannel, t, actor.host, 4103, 106, "Executing Pipeline");
  std::string payload = "CommandInvocation(" + std::string(command) + "): \"" + std::string(command) + "\"";
  if (!binding.empty())
    payload += "\nParameterBinding(" + std::string(command) + "): " + std::string(binding);
  line.text("UserID", actor.who.sid).digits("ExecutionProcessID", actor.process.pid);
  line.text("ContextInfo",
            "        Severity = Informational\n        Host Name = ConsoleHost\n        Host Application = " +
                actor.process.command + "\n        Command Name = " + std::string(command) +
                "\n        User = " + actor.who.sysmon_user + "\n");
  line.text("UserData", "").text("Payload", payload).text("Message", payload);
}

}  // namespace huntbook::scenario

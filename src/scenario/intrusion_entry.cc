// How the intruder comes in and looks around: the document, the encoded command, the beacon, discovery.
#include <array>

#include "scenario/benign.h"
#include "scenario/desk.h"
#include "scenario/intrusion.h"
#include "scenario/names.h"
#include "scenario/powershell.h"

namespace huntbook::scenario {
namespace {

constexpr std::string_view kCmd = "C:\\Windows\\System32\\cmd.exe";
constexpr std::string_view kPowershell = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe";
constexpr std::string_view kAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36";
/// The implant asks for orders about every twenty minutes, 8 % more or less.
constexpr Micros kBeaconEvery = 20 * kMinute;
constexpr Micros kBeaconEnd = at(11, 16, 20);

ConnSpec to_beacon(const Attack& attack, const Host& from, const Process& process, const Identity& who) {
  return ConnSpec{.from = &from,
                  .destination = attack.plan.beacon_address,
                  .destination_name = attack.plan.beacon_domain,
                  .port = 80,
                  .service = "http",
                  .process = &process,
                  .who = &who};
}

void fetch_implant(World& world, Attack& attack, Micros t, const Host& host, const Process& shell,
                   const Identity& who) {
  Malice malice(world, Stage::kCommandAndControl, {"T1105", "T1071.001"},
                "the script fetches the implant from the command server");
  resolve(world, t, host, &shell, &who, attack.plan.beacon_domain, attack.plan.beacon_address);
  ConnSpec spec = to_beacon(attack, host, shell, who);
  spec.duration = 2'310'000;
  spec.sent = 412;
  spec.received = 418'304;
  Connection connection = connect(world, t + 60 * kMillisecond, spec);
  http_request(world, t + 75 * kMillisecond, spec, connection,
               HttpSpec{.host = attack.plan.beacon_domain,
                        .uri = "/assets/theme.png",
                        .agent = kAgent,
                        .response_body = 417'792,
                        .mime = "application/x-dosexec"});
  file_create(world, t + 3 * kSecond, Actor{host, shell, who}, attack.plan.implant);
}

void beacon(World& world, Attack& attack, Micros t, const Host& host, const Identity& who) {
  Malice malice(world, Stage::kCommandAndControl, {"T1071.001"},
                "the implant asks the command server for orders");
  const Process& implant = attack.implant;
  Prng rhythm(
      mix(world.seed, 0x626561636f6eULL));  // of its own, so that the times do not depend on the scale
  for (int number = 0; t < kBeaconEnd; ++number) {
    if (number % 4 == 0)
      resolve(world, t, host, &implant, &who, attack.plan.beacon_domain, attack.plan.beacon_address);
    ConnSpec spec = to_beacon(attack, host, implant, who);
    bool reports = rhythm.chance(80);
    uint64_t body = reports ? 1'800 + world.rng.below(9'000) : 0;
    spec.duration = world.rng.between(180, 420) * kMillisecond;
    spec.sent = 340 + world.rng.below(24) + body;
    spec.received = 512 + world.rng.below(64);
    Connection connection = connect(world, t + 40 * kMillisecond, spec);
    std::string uri = "/assets/style.css?v=";
    append_hex(uri, world.rng.next(), 12);
    http_request(world, t + 52 * kMillisecond, spec, connection,
                 HttpSpec{.method = reports ? "POST" : "GET",
                          .host = attack.plan.beacon_domain,
                          .uri = uri,
                          .agent = kAgent,
                          .request_body = body,
                          .response_body = 256,
                          .mime = "text/css"});
    t += kBeaconEvery * rhythm.between(920, 1'080) / 1'000;
  }
}

}  // namespace

void step_support_visit(World& world, Attack& attack, Micros t) {
  admin_remote_desktop(world, t, attack.admin(world), attack.plan.patient_zero);
}

void step_phishing(World& world, Attack& attack, Micros t) {
  User& user = attack.victim(world);
  ensure_session(world, user, t);
  const Identity& who = user.identity;
  Host& host = world.host(user.workstation);
  attack.victim_logon = user.session.logon_id;
  t += 30 * kSecond;
  const Process& mail = ensure_program(world, user, user.session.mail, kOutlook, t);
  visit_site(world, t + 10 * kSecond, host, mail, who, sites()[1], true);
  RunSpec run{.host = host.index, .who = &who, .logon_id = attack.victim_logon};
  {
    Malice malice(world, Stage::kInitialAccess, {"T1566.001"},
                  "the mail program saves the attached document");
    file_create(world, t + 21 * kSecond, Actor{host, mail, who}, attack.plan.document);
  }
  Process word;
  {
    Malice malice(world, Stage::kInitialAccess, {"T1204.002"},
                  "the user opens the document; its macro starts");
    std::string command = in_quotes(kWord) + " /n " + in_quotes(attack.plan.document) + " /o \"\"";
    run.parent = &mail;
    run.image = kWord;
    run.command = command;
    run.lifetime = 22 * kMinute;
    word = run_program(world, t + 24 * kSecond, run);
    image_load(world, t + 26 * kSecond, Actor{host, word, who},
               "C:\\Program Files\\Common Files\\Microsoft Shared\\VBA\\VBA7.1\\VBE7.DLL");
  }
  std::string script = "# synthetic scenario: this text does nothing\n$source = 'http://" +
                       attack.plan.beacon_domain +
                       "/assets/theme.png'\n$target = \"$env:APPDATA\\Microsoft\\Sync\"\nWrite-Output "
                       "\"would fetch $source to $target\"";
  std::string encoded = "powershell.exe -NoP -NonI -W Hidden -Exec Bypass -enc " + encode_powershell(script);
  Process shell;
  {
    Malice malice(world, Stage::kExecution, {"T1059.003"}, "the macro starts a command shell");
    std::string command = "cmd.exe /c " + encoded;
    run.parent = &word;
    run.image = kCmd;
    run.command = command;
    run.lifetime = 40 * kSecond;
    shell = run_program(world, t + 31 * kSecond, run);
  }
  Process powershell;
  {
    Malice malice(world, Stage::kExecution, {"T1059.001", "T1027.010"},
                  "an encoded PowerShell command runs hidden");
    run.parent = &shell;
    run.image = kPowershell;
    run.command = encoded;
    run.lifetime = 38 * kSecond;
    powershell = run_program(world, t + 31 * kSecond + 400 * kMillisecond, run);
    Actor actor{host, powershell, who};
    powershell_engine(world, t + 32 * kSecond, actor);
    script_block(world, t + 33 * kSecond, actor, script);
    pipeline_execution(world, t + 33 * kSecond + 80 * kMillisecond, actor, "Write-Output",
                       "name=\"InputObject\"; value=\"would fetch\"");
  }
  fetch_implant(world, attack, t + 35 * kSecond, host, powershell, who);
  {
    Malice malice(world, Stage::kPersistence, {"T1547.001"},
                  "the implant starts at every logon from a Run key");
    registry_set(world, t + 41 * kSecond, Actor{host, powershell, who},
                 "HKU\\" + who.sid + "\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\SyncHost",
                 attack.plan.implant);
  }
  {
    Malice malice(world, Stage::kExecution, {"T1204.002", "T1036.005"},
                  "the implant starts under a harmless-looking name");
    std::string command = in_quotes(attack.plan.implant) + " /background";
    attack.implant = start_process(world, t + 44 * kSecond,
                                   StartSpec{.host = host.index,
                                             .parent = &powershell,
                                             .image = attack.plan.implant,
                                             .command = command,
                                             .who = &who,
                                             .logon_id = attack.victim_logon,
                                             .lifetime = kBeaconEnd + 8 * kMinute - t,
                                             .folder = profile_path(who, ""),
                                             .hash_salt = world.seed});
  }
  beacon(world, attack, t + 50 * kSecond, host, who);
}

void step_discovery(World& world, Attack& attack, Micros t) {
  struct Look {
    std::string_view technique, image, command, what;
  };
  static constexpr std::array<Look, 11> kLooks = {
      {{"T1033", "C:\\Windows\\System32\\whoami.exe", "whoami /all", "who am I, and what may I do"},
       {"T1082", "C:\\Windows\\System32\\systeminfo.exe", "systeminfo", "what computer is this"},
       {"T1016", "C:\\Windows\\System32\\ipconfig.exe", "ipconfig /all", "what network is this"},
       {"T1057", "C:\\Windows\\System32\\tasklist.exe", "tasklist /v", "what runs here"},
       {"T1069.001", "C:\\Windows\\System32\\net.exe", "net localgroup administrators",
        "who is a local administrator"},
       {"T1087.002", "C:\\Windows\\System32\\net.exe", "net user /domain", "which accounts has the domain"},
       {"T1069.002", "C:\\Windows\\System32\\net.exe", "net group \"Domain Admins\" /domain",
        "who are the domain administrators"},
       {"T1482", "C:\\Windows\\System32\\nltest.exe", "nltest /domain_trusts", "which domains are trusted"},
       {"T1018", "C:\\Windows\\System32\\nltest.exe", "nltest /dclist:corp.tarnwick.example",
        "which are the domain controllers"},
       {"T1135", "C:\\Windows\\System32\\net.exe", "net view \\\\FS01", "which shares has the file server"},
       {"T1049", "C:\\Windows\\System32\\quser.exe", "quser", "who is logged on"}}};
  User& user = attack.victim(world);
  const Identity& who = user.identity;
  Host& host = world.host(user.workstation);
  const Host& controller = world.host(attack.plan.controller);
  Prng pauses(mix(world.seed, 0x6c6f6f6bULL));
  for (const Look& look : kLooks) {
    Malice malice(world, Stage::kDiscovery, {std::string(look.technique)}, std::string(look.what));
    std::string line = "cmd.exe /c " + std::string(look.command);
    RunSpec run{.host = host.index,
                .parent = &attack.implant,
                .who = &who,
                .logon_id = attack.victim_logon,
                .image = kCmd,
                .command = line,
                .lifetime = 6 * kSecond};
    Process shell = run_program(world, t, run);
    run.parent = &shell;
    run.image = look.image;
    run.command = look.command;
    run.lifetime = 4 * kSecond;
    Process tool = run_program(world, t + 60 * kMillisecond, run);
    if (look.command.starts_with("net ") && look.command.find("view") == std::string_view::npos) {
      std::string inner = "C:\\Windows\\system32\\net1 " + std::string(look.command.substr(4));
      run.parent = &tool;
      run.image = "C:\\Windows\\System32\\net1.exe";
      run.command = inner;
      run.lifetime = 3 * kSecond;
      tool = run_program(world, t + 95 * kMillisecond, run);
    }
    bool asks_domain = look.command.find("/domain") != std::string_view::npos ||
                       look.command.find("dclist") != std::string_view::npos;
    if (asks_domain)
      connect(world, t + 200 * kMillisecond,
              ConnSpec{.from = &host,
                       .destination = controller.address,
                       .destination_name = controller.fqdn,
                       .port = 445,
                       .service = "gssapi,smb,dce_rpc",
                       .duration = 900 * kMillisecond,
                       .sent = 3'900,
                       .received = 12'400,
                       .process = &tool,
                       .who = &who});
    t += pauses.between(50'000, 160'000) * kMillisecond;
  }
}

}  // namespace huntbook::scenario

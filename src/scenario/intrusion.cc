#include "scenario/intrusion.h"

#include <array>

#include "scenario/process.h"

namespace huntbook::scenario {
namespace {

std::string random_word(Prng& rng, int length) {
  std::string word;
  for (int i = 0; i < length; ++i)
    word += static_cast<char>((i == 0 ? 'A' : 'a') + static_cast<char>(rng.below(26)));
  return word;
}

Plan make_plan(const World& world, Prng& rng) {
  const Company& company = world.company;
  Plan plan;
  plan.victim = 3;  // the first person of Finance
  plan.admin = 0;
  const User& victim = company.users[plan.victim];
  plan.patient_zero = victim.workstation;
  plan.file_server = company.file_servers[0];
  plan.controller = company.controllers[0];
  plan.database = company.linux_hosts[4];
  static constexpr std::array<std::string_view, 5> kDocuments = {
      "Invoice_2026-0310.docm", "Statement_March.docm", "Remittance_4471.docm", "PaymentAdvice_0310.docm",
      "Overdue_Notice_2291.docm"};
  static constexpr std::array<std::string_view, 5> kBeacons = {
      "assets.northpeak-cdn.example", "static.brightgauge.example", "img.quietharbor.example",
      "cdn.lumenpath.example", "media.copperleaf.example"};
  static constexpr std::array<std::string_view, 4> kDrops = {
      "dav.lanternbox.example", "store.greywillow.example", "share.palefjord.example",
      "box.emberlane.example"};
  static constexpr std::array<std::string_view, 4> kImplants = {"SyncHost.exe", "OneSyncSvc.exe",
                                                                "IconCacheUpd.exe", "WebViewHelper.exe"};
  plan.document = profile_path(victim.identity,
                               "AppData\\Local\\Microsoft\\Windows\\INetCache\\Content.Outlook\\7QXK2RTD\\") +
                  std::string(rng.pick(kDocuments));
  plan.beacon_domain = rng.pick(kBeacons);
  plan.beacon_address = "203.0.113." + number_text(rng.between(20, 60));
  plan.drop_domain = rng.pick(kDrops);
  plan.drop_address = "203.0.113." + number_text(rng.between(80, 120));
  plan.foreign_address = "203.0.113." + number_text(rng.between(180, 220));
  plan.implant =
      profile_path(victim.identity, "AppData\\Roaming\\Microsoft\\Sync\\") + std::string(rng.pick(kImplants));
  plan.dump = "C:\\Windows\\Temp\\" + random_word(rng, 6) + ".tmp";
  plan.service = random_word(rng, 8);
  plan.service_image = "C:\\Windows\\" + random_word(rng, 8) + ".exe";
  plan.pipe = "\\" + random_word(rng, 4) + "-";
  plan.pipe += number_text(rng.between(1'000, 9'999));
  plan.tool_folder = "C:\\ProgramData\\Intel\\Logs";
  plan.archive = plan.tool_folder + "\\gfx-0312.7z";
  plan.uploader = plan.tool_folder + "\\gfxsync.exe";
  plan.new_account = rng.chance(500) ? "svc-print" : "svc-monitor";
  plan.new_account += number_text(rng.between(2, 9));
  plan.task = "\\Microsoft\\Windows\\Maintenance\\" + random_word(rng, 7);
  plan.app = "Mailbox Archive Helper";
  plan.app_id = random_guid(rng);
  return plan;
}

}  // namespace

Attack::Attack(World& world, uint64_t seed) : rng(mix(seed, 0x617474616bULL)) {
  plan = make_plan(world, rng);
  User& user = victim(world);
  user.stay_from = at(7, 5, 0);
  user.stay_until = at(11, 17, 40);
}

const std::vector<Step>& intrusion_steps() {
  static const std::vector<Step> kSteps = {{at(8, 9, 12, 20), step_phishing},
                                           {at(8, 10, 21, 5), step_discovery},
                                           {at(9, 11, 32, 0), step_support_visit},
                                           {at(9, 14, 5, 40), step_elevation},
                                           {at(9, 14, 22, 10), step_credentials},
                                           {at(9, 15, 41, 30), step_service},
                                           {at(10, 21, 50, 15), step_remote_desktop},
                                           {at(10, 22, 14, 0), step_linux},
                                           {at(10, 22, 41, 0), step_collection},
                                           {at(11, 0, 18, 30), step_exfiltration},
                                           {at(11, 1, 9, 0), step_domain_persistence},
                                           {at(11, 2, 15, 0), step_clean_up},
                                           {at(11, 3, 4, 0), step_cloud}};
  return kSteps;
}

void declare_plan(World& world, const Attack& attack) {
  const Plan& plan = attack.plan;
  Company& company = world.company;
  Truth& truth = world.truth;
  auto host = [&](uint32_t index, const char* part) {
    const Host& h = company.hosts[index];
    truth.add("hosts", {{"name", h.name}, {"fqdn", h.fqdn}, {"address", h.address}, {"part", part}});
  };
  host(plan.patient_zero, "patient zero: the document was opened here and the beacon runs here");
  host(plan.file_server,
       "reached by service and by remote desktop; data was collected and sent out from here");
  host(plan.database, "reached over ssh with the stolen account");
  host(plan.controller, "issued the tickets; the new account was made here");
  auto account = [&](const Identity& who, const std::string& upn, const char* part) {
    truth.add("accounts",
              {{"name", who.name}, {"domain", who.domain}, {"upn", upn}, {"sid", who.sid}, {"part", part}});
  };
  const User& victim = company.users[plan.victim];
  const User& admin = company.admins[plan.admin];
  account(victim.identity, victim.upn, "opened the document");
  account(admin.identity, admin.upn, "stolen from the memory of patient zero");
  account(domain_identity(plan.new_account, 7'777), "", "made by the intruder, member of Domain Admins");
  auto address = [&](const std::string& a, const char* part) {
    truth.add("addresses", {{"address", a}, {"part", part}});
  };
  address(plan.beacon_address, "command and control");
  address(plan.drop_address, "exfiltration");
  address(plan.foreign_address, "cloud sign-ins with the stolen account");
  address(company.hosts[plan.patient_zero].address, "patient zero, source of the lateral movement");
  truth.add(
      "domains",
      {{"domain", plan.beacon_domain}, {"address", plan.beacon_address}, {"part", "command and control"}});
  truth.add("domains",
            {{"domain", plan.drop_domain}, {"address", plan.drop_address}, {"part", "exfiltration"}});
  truth.add("urls", {{"url", "http://" + plan.beacon_domain + "/assets/theme.png"}, {"part", "the implant"}});
  truth.add("urls", {{"url", "http://" + plan.beacon_domain + "/assets/style.css"}, {"part", "the beacon"}});
  truth.add("urls", {{"url", "http://" + plan.drop_domain + "/dav/"}, {"part", "the uploads"}});
  for (const std::string& file : {plan.implant, plan.service_image, plan.uploader})
    truth.add("hashes", {{"sha256", image_sha256(file, world.seed)},
                         {"sysmon", image_hashes(file, world.seed)},
                         {"file", file}});
  struct LookAlike {
    const char *technique, *what, *where;
  };
  static constexpr std::array<LookAlike, 8> kLookAlikes = {{
      {"T1059.001", "encoded PowerShell of the software roll-out", "parent invagent.exe, account SYSTEM"},
      {"T1569.002", "services installed over the network",
       "service AssetrySetup, account svc-deploy, source MGMT01"},
      {"T1204.002", "documents opened from mail", "WINWORD.EXE, parent OUTLOOK.EXE, no children"},
      {"T1082", "discovery commands of the inventory agent", "parent invagent.exe, account SYSTEM"},
      {"T1003.001", "the endpoint agent looks into lsass", "gpagent.exe, access 0x1000"},
      {"T1048", "nightly uploads of the backup server", "BKP01 to vault.coldstore.example"},
      {"T1046", "the vulnerability scanner", "lnx-scan01, account svc-scan"},
      {"T1021.001", "administrators' remote desktops, one of them to patient zero",
       "adm- accounts from IT workstations"},
  }};
  for (const LookAlike& look : kLookAlikes)
    truth.add("look_alikes", {{"technique", look.technique}, {"what", look.what}, {"where", look.where}});
}

}  // namespace huntbook::scenario

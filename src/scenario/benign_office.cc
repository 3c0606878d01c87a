// What people do at their desks.
#include <array>

#include "scenario/benign.h"
#include "scenario/desk.h"
#include "scenario/names.h"

namespace huntbook::scenario {
namespace {

std::string document_path(World& world, const User& user, std::string_view extension) {
  return profile_path(user.identity, "Documents\\") + std::string(world.rng.pick(document_names())) +
         std::string(extension);
}

const OfficeProgram& pick_program(World& world, const User& user) {
  auto programs = office_programs();
  // Half of the time one of the user's three favourites.
  if (world.rng.chance(500)) return programs[mix(user.taste, world.rng.below(3)) % programs.size()];
  uint64_t total = 0;
  for (const auto& program : programs) total += program.weight;
  uint64_t at = world.rng.below(total);
  for (const auto& program : programs) {
    if (at < program.weight) return program;
    at -= program.weight;
  }
  return programs.front();
}

const Site& pick_site(World& world, const User& user) {
  auto all = sites();
  if (world.rng.chance(700)) return all[mix(user.taste, 100 + world.rng.below(9)) % 40];
  return all[static_cast<size_t>(world.rng.below(all.size()))];
}

/// Not before the desktop is there; keeps the order of times.
Micros settle(const Session& session, Micros t) {
  return t < session.begin + 8 * kSecond ? session.begin + 4 * kSecond + (t - session.begin) / 2 : t;
}

void open_program(World& world, Micros t) {
  User& user = somebody_working(world, t);
  Session& session = ensure_session(world, user, t);
  t = settle(session, t);
  const OfficeProgram& program = pick_program(world, user);
  std::string file = document_path(world, user, program.extension), command(program.command);
  if (size_t at = command.find("%FILE%"); at != std::string::npos) command.replace(at, 6, file);
  const Host& host = world.host(user.workstation);
  bool broker = program.extension.empty() && program.image.starts_with("C:\\Windows");
  Process process = run_program(world, t,
                                RunSpec{.host = user.workstation,
                                        .parent = broker ? &host.svchost : &session.explorer,
                                        .who = &user.identity,
                                        .logon_id = session.logon_id,
                                        .image = program.image,
                                        .command = command,
                                        .lifetime = world.rng.between(8, broker ? 60 : 2'400) * kSecond});
  Actor actor{host, process, user.identity};
  if (!program.extension.empty() && world.rng.chance(450))
    file_create(world, t + world.rng.between(1, 8) * kSecond, actor, file);
  if (world.rng.chance(300))
    registry_set(world, t + 700 * kMillisecond, actor,
                 "HKU\\" + user.identity.sid +
                     "\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\RecentDocs\\MRUListEx",
                 "Binary Data");
  if (world.rng.chance(200))
    image_load(world, t + 90 * kMillisecond, actor, "C:\\Windows\\System32\\winspool.drv");
}

void browse(World& world, Micros t) {
  User& user = somebody_working(world, t);
  Session& session = ensure_session(world, user, t);
  t = settle(session, t);
  const Process& browser =
      ensure_program(world, user, session.browser, "C:\\Program Files\\Browserly\\browserly.exe", t);
  const Host& host = world.host(user.workstation);
  const Site& site = pick_site(world, user);
  visit_site(world, t + 400 * kMillisecond, host, browser, user.identity, site, world.rng.chance(550));
  if (world.rng.chance(40))
    file_create(
        world, t + 5 * kSecond, Actor{host, browser, user.identity},
        profile_path(user.identity, "Downloads\\") + std::string(world.rng.pick(document_names())) + ".pdf");
}

void read_mail(World& world, Micros t) {
  User& user = somebody_working(world, t);
  Session& session = ensure_session(world, user, t);
  t = settle(session, t);
  const Process& mail = ensure_program(world, user, session.mail, kOutlook, t);
  const Host& host = world.host(user.workstation);
  visit_site(world, t + 300 * kMillisecond, host, mail, user.identity, sites()[1], world.rng.chance(300));
  if (!world.rng.chance(200)) return;
  std::string file =
      profile_path(user.identity,
                   "AppData\\Local\\Microsoft\\Windows\\INetCache\\Content.Outlook\\7QXK2RTD\\") +
      std::string(world.rng.pick(document_names())) + ".docx";
  file_create(world, t + 4 * kSecond, Actor{host, mail, user.identity}, file);
  std::string command = in_quotes(kWord) + " /n " + in_quotes(file) + " /o \"\"";
  run_program(world, t + 5 * kSecond,
              RunSpec{.host = user.workstation,
                      .parent = &mail,
                      .who = &user.identity,
                      .logon_id = session.logon_id,
                      .image = kWord,
                      .command = command,
                      .lifetime = world.rng.between(30, 1'500) * kSecond});
}

void use_share(World& world, Micros t) {
  User& user = somebody_working(world, t);
  Session& session = ensure_session(world, user, t);
  const auto& servers = world.company.file_servers;
  uint32_t server = servers[user.taste % servers.size()];
  std::string_view share = user.department == "IT" ? "Software" : std::string_view(user.department);
  visit_share(world, settle(session, t), world.host(user.workstation), user.identity, server, share,
              static_cast<int>(world.rng.between(0, 3)));
}

void unlock_screen(World& world, Micros t) {
  User& user = somebody_working(world, t);
  Session& session = ensure_session(world, user, t);
  logon(world, settle(session, t),
        LogonSpec{.host = user.workstation,
                  .who = &user.identity,
                  .type = 7,
                  .address = "127.0.0.1",
                  .workstation = world.host(user.workstation).name,
                  .lifetime = 40 * kMillisecond});
}

void mistype_password(World& world, Micros t) {
  User& user = somebody_working(world, t);
  const Host& host = world.host(user.workstation);
  int tries = world.rng.chance(700) ? 1 : static_cast<int>(world.rng.between(2, 4));
  for (int i = 0; i < tries; ++i, t += world.rng.between(4, 15) * kSecond) {
    ntlm_validation(world, t, world.controller(), user.identity.name, host.name, false);
    bool network = world.rng.chance(200);
    failed_logon(world, t + 6 * kMillisecond,
                 FailedLogonSpec{.host = network ? world.company.file_servers.front() : user.workstation,
                                 .account = user.identity.name,
                                 .type = network ? 3 : 2,
                                 .address = network ? std::string_view(host.address) : "127.0.0.1",
                                 .workstation = host.name});
  }
}

constexpr std::array<Activity, 6> kActivities = {
    {{"open a program", 3'900, Rhythm::kOffice, open_program},
     {"browse", 7'000, Rhythm::kOffice, browse},
     {"read mail", 1'800, Rhythm::kOffice, read_mail},
     {"use a share", 1'900, Rhythm::kOffice, use_share},
     {"unlock the screen", 900, Rhythm::kOffice, unlock_screen},
     {"mistype a password", 220, Rhythm::kOffice, mistype_password}}};

}  // namespace

std::span<const Activity> office_activities() { return kActivities; }

}  // namespace huntbook::scenario

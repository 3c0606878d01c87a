#include "scenario/desk.h"

#include <algorithm>
#include <array>

#include "scenario/names.h"

namespace huntbook::scenario {
namespace {

int minute_of_day(Micros t) { return static_cast<int>((t % kDay) / kMinute); }

constexpr std::array<std::string_view, 6> kFolders = {"Projects",  "Drawings", "Finance",
                                                      "Templates", "Orders",   "Quality"};

}  // namespace

User& somebody_working(World& world, Micros t) {
  auto& users = world.company.users;
  int minute = minute_of_day(t);
  User* user = nullptr;
  for (int attempt = 0; attempt < 8; ++attempt) {
    user = &users[static_cast<size_t>(world.rng.below(users.size()))];
    bool present = minute >= user->start_minute && minute <= user->end_minute;
    if (is_weekend(t)) present = user->taste % 6 == 0;
    // A tenth is away on any day.
    if (present && mix(user->taste, static_cast<uint64_t>(day_index(t))) % 10 != 0) break;
  }
  return *user;
}

Process open_desktop(World& world, Micros t, uint32_t host_index, const Identity& who, uint64_t logon_id,
                     Micros end, bool elevated) {
  Host& host = world.host(host_index);
  std::string_view integrity = elevated ? "High" : "Medium";
  Process init = start_process(world, t,
                               StartSpec{.host = host_index,
                                         .parent = &host.winlogon,
                                         .image = "C:\\Windows\\System32\\userinit.exe",
                                         .command = "C:\\Windows\\system32\\userinit.exe",
                                         .who = &who,
                                         .logon_id = logon_id,
                                         .lifetime = world.rng.between(22, 40) * kSecond,
                                         .integrity = integrity});
  return start_process(world, t + world.rng.between(90, 400) * kMillisecond,
                       StartSpec{.host = host_index,
                                 .parent = &init,
                                 .image = "C:\\Windows\\explorer.exe",
                                 .command = "C:\\Windows\\Explorer.EXE",
                                 .who = &who,
                                 .logon_id = logon_id,
                                 .lifetime = std::max<Micros>(end - t - kSecond, kMinute),
                                 .integrity = integrity});
}

Session& ensure_session(World& world, User& user, Micros t) {
  Session& session = user.session;
  if (session.logon_id != 0 && t >= session.begin && t < session.end - 2 * kMinute) return session;
  Host& host = world.host(user.workstation);
  Micros day_end = t - t % kDay + user.end_minute * kMinute + world.rng.between(-20, 25) * kMinute;
  session = Session{};
  session.begin = t;
  session.end = t + 20 * kMinute < day_end ? day_end : t + world.rng.between(25, 70) * kMinute;
  if (t >= user.stay_from && t < user.stay_until) session.end = user.stay_until;
  const Host& controller = world.controller();
  uint32_t port = connect(world, t,
                          ConnSpec{.from = &host,
                                   .destination = controller.address,
                                   .destination_name = controller.fqdn,
                                   .port = 88,
                                   .service = "krb_tcp",
                                   .duration = 4'211,
                                   .sent = 1'480,
                                   .received = 1'720})
                      .source_port;
  kerberos_ticket_granting(world, t + 2 * kMillisecond, controller, user.identity, host.address, port);
  Micros in = t + 30 * kMillisecond;
  session.logon_id = logon(world, in,
                           LogonSpec{.host = user.workstation,
                                     .who = &user.identity,
                                     .type = 2,
                                     .address = "127.0.0.1",
                                     .workstation = host.name,
                                     .lifetime = session.end - in});
  session.explorer = open_desktop(world, in + world.rng.between(600, 2'500) * kMillisecond, user.workstation,
                                  user.identity, session.logon_id, session.end, false);
  return session;
}

const Process& ensure_program(World& world, User& user, Process& slot, std::string_view image, Micros t) {
  if (slot.pid == 0) {
    const Session& session = user.session;
    std::string command = in_quotes(image);
    slot = run_program(world, t,
                       RunSpec{.host = user.workstation,
                               .parent = &session.explorer,
                               .who = &user.identity,
                               .logon_id = session.logon_id,
                               .image = image,
                               .command = command,
                               .lifetime = session.end - t - kSecond});
  }
  return slot;
}

Process run_program(World& world, Micros t, const RunSpec& spec) {
  return start_process(world, t,
                       StartSpec{.host = spec.host,
                                 .parent = spec.parent,
                                 .image = spec.image,
                                 .command = spec.command,
                                 .who = spec.who,
                                 .logon_id = spec.logon_id,
                                 .lifetime = spec.lifetime,
                                 .integrity = spec.elevated ? "High" : "Medium",
                                 .folder = profile_path(*spec.who, "")});
}

void visit_site(World& world, Micros t, const Host& host, const Process& process, const Identity& who,
                const Site& site, bool look_up) {
  if (look_up) resolve(world, t, host, &process, &who, site.domain, site.address);
  Micros start = t + 30 * kMillisecond;
  uint64_t received = 2'000 + world.rng.below(90'000);
  if (world.rng.chance(60)) received *= 40;
  ConnSpec spec{.from = &host,
                .destination = site.address,
                .destination_name = site.domain,
                .port = site.plain ? 80U : 443U,
                .service = site.plain ? "http" : "ssl",
                .duration = world.rng.between(40'000, 95'000'000),
                .sent = 600 + world.rng.below(6'000),
                .received = received,
                .process = &process,
                .who = &who};
  Connection connection = connect(world, start, spec);
  if (!site.plain) return;
  constexpr std::array<std::string_view, 6> kUris = {
      "/", "/index.html", "/assets/site.css", "/search?q=gauge", "/list?page=2", "/img/header.png"};
  http_request(world, start + 20 * kMillisecond, spec, connection,
               HttpSpec{.host = site.domain,
                        .uri = world.rng.pick(kUris),
                        .agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Browserly/121.4",
                        .status = world.rng.chance(60) ? 304 : 200,
                        .response_body = received * 9 / 10});
}

uint64_t visit_share(World& world, Micros t, const Host& from, const Identity& who, uint32_t server_index,
                     std::string_view share, int files) {
  Host& server = world.host(server_index);
  const Host& controller = world.controller();
  uint32_t krb = connect(world, t,
                         ConnSpec{.from = &from,
                                  .destination = controller.address,
                                  .destination_name = controller.fqdn,
                                  .port = 88,
                                  .service = "krb_tcp",
                                  .duration = 3'000,
                                  .sent = 1'510,
                                  .received = 1'600})
                     .source_port;
  kerberos_service(world, t + kMillisecond, controller, who, server.name + "$", from.address, krb);
  Micros stay = world.rng.between(20, 400) * kSecond;
  ConnSpec spec{.from = &from,
                .destination = server.address,
                .destination_name = server.fqdn,
                .port = 445,
                .service = "gssapi,smb,krb",
                .duration = stay,
                .sent = 4'000 + world.rng.below(20'000),
                .received = 9'000 + world.rng.below(900'000)};
  bool logged = world.rng.chance(300);
  spec.process = logged ? &from.kernel : nullptr;
  spec.who = &from.system;
  uint32_t port = connect(world, t + 8 * kMillisecond, spec).source_port;
  uint64_t id = logon(world, t + 12 * kMillisecond,
                      LogonSpec{.host = server_index,
                                .who = &who,
                                .type = 3,
                                .address = from.address,
                                .port = port,
                                .lifetime = stay});
  std::string name = "\\\\*\\" + std::string(share);
  std::string local = "\\??\\D:\\Shares\\" + std::string(share);
  ShareSpec access{.host = server_index,
                   .who = &who,
                   .logon_id = id,
                   .address = from.address,
                   .share = name,
                   .local_path = local,
                   .port = port};
  share_access(world, t + 20 * kMillisecond, access);
  for (int i = 0; i < files; ++i) {
    std::string file(world.rng.pick(kFolders));
    ((file += "\\") += world.rng.pick(document_names())) += ".docx";
    Micros when = t + 25 * kMillisecond + world.rng.between(0, stay);
    share_file(world, when, access, file, world.rng.chance(250));
  }
  return id;
}

}  // namespace huntbook::scenario

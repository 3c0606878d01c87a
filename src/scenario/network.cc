#include "scenario/network.h"

namespace huntbook::scenario {
namespace {

std::string new_uid(World& world) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string uid = "C";
  for (int word = 0; word < 2; ++word) {
    uint64_t bits = world.rng.next();
    for (int i = 0; i < 9 - word; ++i, bits /= 62) uid += kAlphabet[bits % 62];
  }
  return uid;
}

struct Tsv {
  std::string& out;
  bool first = true;
  Tsv& text(std::string_view value) {
    if (!first) out += '\t';
    first = false;
    out += value;
    return *this;
  }
  Tsv& number(uint64_t value) {
    text("");
    append_number(out, static_cast<int64_t>(value));
    return *this;
  }
};

void tuple(Tsv& row, Micros t, std::string_view uid, std::string_view source, uint32_t source_port,
           std::string_view destination, uint32_t port) {
  row.text("");
  append_epoch(row.out, t, 6);
  row.text(uid).text(source).number(source_port).text(destination).number(port);
}

std::string_view history_of(const ConnSpec& spec) {
  if (spec.protocol == "udp") return spec.received > 0 ? "Dd" : "D";
  if (spec.state == "S0") return "S";
  if (spec.state == "REJ") return "Sr";
  if (spec.state == "RSTO") return "ShADadR";
  return "ShADadFf";
}

void conn_line(World& world, Micros t, const ConnSpec& spec, std::string_view source,
               const Connection& connection) {
  LogLine line(world, LogFile::kConn, t, 0, spec.from ? std::string_view(spec.from->fqdn) : source);
  Tsv row{.out = line.out};
  tuple(row, t, connection.uid, source, connection.source_port, spec.destination, spec.port);
  row.text(spec.protocol).text(spec.service);
  bool established = spec.state != "S0" && spec.state != "REJ";
  if (established) {
    row.text("");
    append_interval(row.out, spec.duration);
    row.number(spec.sent).number(spec.received);
  } else {
    row.text("-").text("-").text("-");
  }
  uint64_t head = spec.protocol == "udp" ? 28 : 40;
  uint64_t sent_packets =
      established ? (spec.protocol == "udp" ? 1 : 4) + spec.sent / 1'380 + spec.received / 2'900 : 1;
  uint64_t received_packets = established ? (spec.protocol == "udp" ? (spec.received > 0 ? 1 : 0) : 3) +
                                                spec.received / 1'380 + spec.sent / 2'900
                                          : (spec.state == "REJ" ? 1 : 0);
  row.text(spec.state)
      .text(is_internal(source) ? "T" : "F")
      .text(is_internal(spec.destination) ? "T" : "F")
      .text("0");
  row.text(history_of(spec)).number(sent_packets).number((established ? spec.sent : 0) + sent_packets * head);
  row.number(received_packets).number((established ? spec.received : 0) + received_packets * head).text("-");
}

}  // namespace

bool is_internal(std::string_view address) { return address.starts_with("10."); }

Connection connect(World& world, Micros t, const ConnSpec& spec) {
  Connection connection;
  connection.uid = new_uid(world);
  std::string_view source = spec.source;
  if (spec.from) {
    source = spec.from->address;
    connection.source_port = take_port(world.host(spec.from->index), world.rng);
  } else {
    connection.source_port = static_cast<uint32_t>(world.rng.between(20'000, 65'000));
  }
  conn_line(world, t, spec, source, connection);
  if (spec.from && spec.process && spec.who)
    network_connection(world, t + world.rng.between(1, 900) * kMillisecond / 100,
                       Actor{*spec.from, *spec.process, *spec.who},
                       Flow{.protocol = spec.protocol,
                            .source = source,
                            .destination = spec.destination,
                            .destination_name = spec.destination_name,
                            .source_port = connection.source_port,
                            .destination_port = spec.port});
  return connection;
}

void resolve(World& world, Micros t, const Host& from, const Process* process, const Identity* who,
             std::string_view name, std::string_view answer) {
  const Host& server = world.controller();
  Micros rtt = world.rng.between(300, 24'000);
  ConnSpec spec{.from = &from,
                .destination = server.address,
                .destination_name = server.fqdn,
                .port = 53,
                .protocol = "udp",
                .service = "dns",
                .duration = rtt,
                .sent = 18 + name.size(),
                .received = 34 + name.size()};
  Connection connection = connect(world, t, spec);
  {
    LogLine line(world, LogFile::kDns, t, 0, from.fqdn);
    Tsv row{.out = line.out};
    tuple(row, t, connection.uid, from.address, connection.source_port, server.address, 53);
    row.text("udp").number(world.rng.below(65'536)).text("");
    append_interval(row.out, rtt);
    bool found = !answer.empty();
    row.text(name)
        .text("1")
        .text("C_INTERNET")
        .text("1")
        .text("A")
        .text(found ? "0" : "3")
        .text(found ? "NOERROR" : "NXDOMAIN");
    row.text(is_internal(answer) ? "T" : "F").text("F").text("T").text("T").text("0");
    row.text(found ? answer : "-").text(found ? "300.000000" : "-").text("F");
  }
  if (process && who) dns_query(world, t + rtt + kMillisecond, Actor{from, *process, *who}, name, answer);
}

void http_request(World& world, Micros t, const ConnSpec& spec, const Connection& connection,
                  const HttpSpec& http) {
  std::string_view source = spec.from ? std::string_view(spec.from->address) : spec.source;
  LogLine line(world, LogFile::kHttp, t, 0, spec.from ? std::string_view(spec.from->fqdn) : source);
  Tsv row{.out = line.out};
  tuple(row, t, connection.uid, source, connection.source_port, spec.destination, spec.port);
  row.number(1)
      .text(http.method)
      .text(http.host)
      .text(http.uri)
      .text("-")
      .text("1.1")
      .text(http.agent)
      .text("-");
  row.number(http.request_body).number(http.response_body).number(static_cast<uint64_t>(http.status));
  row.text(http.status == 200   ? "OK"
           : http.status == 201 ? "Created"
           : http.status == 304 ? "Not Modified"
                                : "Not Found");
  row.text("-").text("-").text("(empty)").text("-").text("-").text("-");
  bool up = http.request_body > 0, down = http.response_body > 0;
  std::string file_id;
  if (up || down) {
    file_id = new_uid(world);
    file_id[0] = 'F';
  }
  row.text(up ? file_id : "-").text("-").text(up ? "application/octet-stream" : "-");
  row.text(down && !up ? file_id : "-").text("-").text(down && !up ? http.mime : "-");
}

}  // namespace huntbook::scenario

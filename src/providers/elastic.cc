// Elasticsearch and OpenSearch: ES|QL, and the query DSL over a point in time, page by page.
#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "base/text.h"
#include "base/time.h"
#include "providers/provider.h"
#include "providers/rows.h"
#include "providers/service.h"

namespace huntbook {
namespace {

constexpr uint64_t kPage = 10'000;       // the usual bound of a result window
constexpr uint64_t kMaxTyped = 10'000;   // rows of one ES|QL answer, unless the cluster is set up otherwise
constexpr uint64_t kUsualTyped = 1'000;  // without LIMIT
constexpr size_t kDepth = 20;

using Types = InferredRows::Types;

std::optional<Type> field_type(std::string_view name) {
  if (name == "boolean") return Type::kBool;
  if (name == "byte" || name == "short" || name == "integer" || name == "long" || name == "counter_long" ||
      name == "counter_integer")
    return Type::kLong;
  if (name == "double" || name == "float" || name == "half_float" || name == "scaled_float" ||
      name == "counter_double")
    return Type::kReal;
  if (name == "date" || name == "date_nanos" || name == "datetime") return Type::kDatetime;
  if (name == "unsigned_long") return Type::kDecimal;
  if (name == "object" || name == "nested" || name == "flattened" || name == "geo_shape" ||
      name == "dense_vector")
    return Type::kDynamic;
  if (name == "keyword" || name == "text" || name == "ip" || name == "version" || name == "wildcard" ||
      name == "constant_keyword" || name == "match_only_text" || name == "null" || name == "unsupported")
    return Type::kString;
  return std::nullopt;
}

// The fields below {"properties": {"a": {"type": ..}, "b": {"properties": ..}}} as "a", "b.c".
void read_properties(const Json& mapping, const std::string& prefix, size_t depth, Schema& schema) {
  const Json* properties = mapping.find("properties");
  if (!properties || properties->kind() != Json::Kind::kObject || depth > kDepth) return;
  for (const auto& [name, field] : properties->as_object()) {
    if (field.kind() != Json::Kind::kObject) continue;
    const std::string path = prefix + name, type = text_of(field, "type");
    if (field.find("properties") && type != "nested") {
      read_properties(field, path + ".", depth + 1, schema);
    } else if (!schema.find(path)) {
      schema.fields.push_back({path, field_type(type).value_or(Type::kString), type});
    }
  }
}

struct ElasticSettings {
  std::string index, time_field;
  bool opensearch = false;
};

class ElasticDriver : public Driver {
 public:
  ElasticDriver(std::unique_ptr<Service> service, ElasticSettings settings)
      : service_(std::move(service)), settings_(std::move(settings)) {}

  Status connect() override {
    auto info = service_->json({.url = "/"});
    if (!info.ok()) return info.error();
    if (!info->find("version"))
      return Diagnostic{"HB-R011", fmt::format("`{}` is no Elasticsearch or OpenSearch", service_->host()),
                        {},        "check the setting `url`",
                        "",        ""};
    return {};
  }
  Result<std::vector<RemoteTable>> schema() override;
  Result<Table> run(const RunRequest& request) override {
    return trim(request.text).starts_with('{') ? run_dsl(request) : run_esql(request);
  }

 private:
  std::string range_filter(const TimeRange& range) const;
  Result<Table> run_esql(const RunRequest& request);
  Result<Table> run_dsl(const RunRequest& request);
  Result<std::string> open_point(const std::string& index);
  void close_point(const std::string& id);
  Types types_of(const std::string& index);

  std::unique_ptr<Service> service_;
  ElasticSettings settings_;
};

std::string ElasticDriver::range_filter(const TimeRange& range) const {
  std::string out = "{\"range\":{";
  append_json_string(out, settings_.time_field);
  out += ":{";
  if (range.start) out += fmt::format("\"gte\":\"{}\"", format_datetime(*range.start));
  if (range.end) out += fmt::format("{}\"lt\":\"{}\"", range.start ? "," : "", format_datetime(*range.end));
  return out + "}}}";
}

Result<std::vector<RemoteTable>> ElasticDriver::schema() {
  const std::string index = settings_.index.empty() ? "*" : settings_.index;
  auto json = service_->json({.url = "/" + net::percent_encode(index) + "/_mapping"});
  if (!json.ok()) return json.error();
  std::vector<RemoteTable> out;
  if (json->kind() != Json::Kind::kObject) return out;
  for (const auto& [name, entry] : json->as_object()) {
    const Json* mappings = entry.find("mappings");
    if (!mappings || name.starts_with('.')) continue;
    RemoteTable table;
    table.name = name;
    read_properties(*mappings, "", 0, table.schema);
    out.push_back(std::move(table));
  }
  return out;
}

// What the mapping says of fields; of one that indexes disagree on nothing.
Types ElasticDriver::types_of(const std::string& index) {
  Types types{{"_id", Type::kString}, {"_index", Type::kString}};
  auto json = service_->json({.url = "/" + net::percent_encode(index) + "/_mapping"});
  if (!json.ok() || json->kind() != Json::Kind::kObject) return types;
  std::vector<std::string> mixed;
  for (const auto& [name, entry] : json->as_object()) {
    const Json* mappings = entry.find("mappings");
    Schema schema;
    if (mappings) read_properties(*mappings, "", 0, schema);
    for (const auto& field : schema.fields) {
      const auto [at, added] = types.emplace(field.name, field.type);
      if (!added && at->second != field.type) mixed.push_back(field.name);
    }
  }
  for (const auto& name : mixed) types.erase(name);
  return types;
}

// {"columns": [{"name", "type"}], "values": [[..]], "is_partial": false}
Result<Table> ElasticDriver::run_esql(const RunRequest& request) {
  if (settings_.opensearch)
    return Diagnostic{"HB-R003", "OpenSearch has no ES|QL",
                      {},        "ask in the query DSL: {\"query\": {\"match_all\": {}}}",
                      "",        ""};
  std::string body = "{\"query\":";
  append_json_string(body, request.text);
  if (request.range.start || request.range.end) body += ",\"filter\":" + range_filter(request.range);
  body += '}';
  InferredRows rows;
  std::vector<std::string> names;
  Types types;
  bool partial = false, cut = false;
  JsonStream stream(
      [](const JsonPath& path) {
        return (path.size() == 1 && (path[0] == "columns" || path[0] == "is_partial")) ||
               (path.size() == 2 && path[0] == "values");
      },
      [&](const JsonPath& path, std::string_view text) -> Status {
        auto json = parse_json(text);
        if (!json.ok()) return json.error();
        if (path[0] == "is_partial") {
          partial = json->as_bool();
        } else if (path[0] == "columns") {
          if (json->kind() != Json::Kind::kArray)
            return Diagnostic{"HB-R011", "the reply's columns are not understood", {}, "", "", ""};
          for (const auto& column : json->as_array()) {
            names.push_back(text_of(column, "name"));
            types[names.back()] = field_type(text_of(column, "type")).value_or(Type::kString);
          }
        } else {
          if (json->kind() != Json::Kind::kArray || names.empty())
            return Diagnostic{"HB-R011", "the reply's rows come before their columns", {}, "", "", ""};
          if (request.limits.reached(rows.rows(), rows.bytes())) {
            cut = true;
            return {};
          }
          Json::Object row;
          const auto& cells = json->as_array();
          for (size_t i = 0; i < names.size() && i < cells.size(); ++i) row.emplace_back(names[i], cells[i]);
          rows.append(row);
        }
        return {};
      });
  auto streamed = service_->stream({.method = "POST",
                                    .url = "/_query",
                                    .headers = {{"Content-Type", "application/json"}},
                                    .body = std::move(body)},
                                   stream);
  if (!streamed.ok()) return streamed.error();
  if (names.empty()) {
    if (streamed->lost) return *streamed->lost;
    return Diagnostic{
        "HB-R011", "the reply holds no result", {}, "is this the address of the service's API?", "", ""};
  }
  const uint64_t got = rows.rows();
  if (got == 0) {  // columns are known all the same
    Json::Object nothing;
    for (const auto& name : names) nothing.emplace_back(name, Json());
    rows.append(nothing);
  }
  Table table = rows.finish(names, types);
  if (got == 0) table.batches.clear();
  if (streamed->lost) mark_lost(table, streamed->lost->message, got);
  if (partial)
    mark(table, Completeness::kPartial, "the service says that a part of the cluster did not answer");
  if (cut) mark_cut(table, got);
  const bool has_limit = to_lower(request.text).find("limit") != std::string::npos;
  if (got >= kMaxTyped)
    mark(table, Completeness::kTruncated,
         fmt::format("the service gives no more than {} rows of ES|QL: ask in the query DSL, or for less",
                     kMaxTyped));
  else if (got == kUsualTyped && !has_limit)
    mark(table, Completeness::kTruncated,
         fmt::format("the service gives {} rows to a query without LIMIT: add `| LIMIT {}`", kUsualTyped,
                     kMaxTyped));
  table.provenance = {service_->host(), request.text, now_ticks()};
  return table;
}

Result<std::string> ElasticDriver::open_point(const std::string& index) {
  const std::string path = net::percent_encode(index);
  auto json =
      service_->json({.method = "POST",
                      .url = settings_.opensearch ? "/" + path + "/_search/point_in_time?keep_alive=5m"
                                                  : "/" + path + "/_pit?keep_alive=5m"});
  if (!json.ok()) return json.error();
  std::string id = text_of(*json, settings_.opensearch ? "pit_id" : "id");
  if (id.empty())
    return Diagnostic{"HB-R011", "the service opened no point in time",
                      {},        "set `flavour` to opensearch for OpenSearch",
                      "",        ""};
  return id;
}

void ElasticDriver::close_point(const std::string& id) {
  std::string body = settings_.opensearch ? "{\"pit_id\":[" : "{\"id\":";
  append_json_string(body, id);
  body += settings_.opensearch ? "]}" : "}";
  (void)service_->send({.method = "DELETE",
                        .url = settings_.opensearch ? "/_search/point_in_time" : "/_pit",
                        .headers = {{"Content-Type", "application/json"}},
                        .body = std::move(body)});
}

// A search body; "index" beside "query" is ours. Pages follow search_after over a point in time, so that rows
// that come or go meanwhile change nothing.
Result<Table> ElasticDriver::run_dsl(const RunRequest& request) {
  auto given = parse_json(request.text);
  if (!given.ok() || given->kind() != Json::Kind::kObject)
    return Diagnostic{"HB-R010", "the text is no JSON object",
                      {},        "{\"index\": \"logs-*\", \"query\": {\"match_all\": {}}}",
                      "",        ""};
  std::string index = request.database.empty() ? settings_.index : request.database;
  std::string query = "{\"match_all\":{}}", rest,
              sort = settings_.opensearch ? "[{\"_id\":\"asc\"}]" : "[{\"_shard_doc\":\"asc\"}]";
  uint64_t wanted = request.limits.max_rows;
  bool aggregates = false, sized = false;
  for (const auto& [name, value] : given->as_object()) {
    if (name == "index") {
      index = value.kind() == Json::Kind::kString ? value.as_string() : "";
    } else if (name == "query") {
      query = value.text();
    } else if (name == "sort") {
      sort = value.text();
    } else if (name == "size") {
      const auto size = static_cast<uint64_t>(std::max<int64_t>(0, value.as_long()));
      wanted = wanted ? std::min(wanted, size) : size;
      sized = true;
    } else if (name == "from" || name == "search_after" || name == "pit") {
      return Diagnostic{
          "HB-R010", fmt::format("`{}` has no place in the text: pages are fetched by themselves", name),
          {},        "leave it out",
          "",        ""};
    } else {
      aggregates |= name == "aggs" || name == "aggregations";
      rest += ',';
      append_json_string(rest, name);
      rest += ':' + value.text();
    }
  }
  if (index.empty())
    return Diagnostic{
        "HB-R002", "no index is named", {}, "set `index`, or write {\"index\": \"logs-*\", ...}", "", ""};
  if (request.range.start || request.range.end)
    query = "{\"bool\":{\"must\":[" + query + "],\"filter\":[" + range_filter(request.range) + "]}}";

  auto point = open_point(index);
  if (!point.ok()) return point.error();
  std::string id = *point;
  InferredRows rows({settings_.time_field}), found;
  std::optional<std::string> lost;
  std::string after;
  bool cut = false, timed_out = false;
  int64_t failed_shards = 0;
  std::string shard_reason;
  while (!lost && !cut) {
    const uint64_t before = rows.rows();
    const uint64_t size = sized && wanted <= before ? 0
                          : wanted                  ? std::min(kPage, wanted - before + (sized ? 0 : 1))
                                                    : kPage;
    std::string body = fmt::format(
        "{{\"size\":{},\"track_total_hits\":false,\"query\":{},\"sort\":{},\"pit\":{{\"id\":", size, query,
        sort);
    append_json_string(body, id);
    body += ",\"keep_alive\":\"5m\"}";
    if (!after.empty()) body += ",\"search_after\":" + after;
    body += rest + "}";
    uint64_t hits = 0;
    JsonStream stream(
        [](const JsonPath& path) {
          return (path.size() == 1 && (path[0] == "timed_out" || path[0] == "pit_id" ||
                                       path[0] == "_shards" || path[0] == "aggregations")) ||
                 (path.size() == 3 && path[0] == "hits" && path[1] == "hits");
        },
        [&](const JsonPath& path, std::string_view text) -> Status {
          auto json = parse_json(text);
          if (!json.ok()) return json.error();
          if (path[0] == "timed_out") timed_out |= json->as_bool();
          if (path[0] == "pit_id" && json->kind() == Json::Kind::kString) id = json->as_string();
          if (path[0] == "aggregations" && json->kind() == Json::Kind::kObject)
            found.append(json->as_object());
          if (path[0] == "_shards") {
            const Json* failed = json->find("failed");
            if (failed && failed->as_long() > 0) {
              failed_shards = failed->as_long();
              const Json* failures = json->find("failures");
              if (failures && failures->kind() == Json::Kind::kArray && !failures->as_array().empty()) {
                const Json* reason = failures->as_array()[0].find("reason");
                if (reason) shard_reason = service_->client().quote(text_of(*reason, "reason"));
              }
            }
          }
          if (path.size() != 3) return {};
          ++hits;
          const Json* source = json->find("_source");
          const Json* order = json->find("sort");
          if (order) after = order->text();
          if ((!sized && wanted && rows.rows() >= wanted) ||
              (request.limits.max_bytes && rows.bytes() >= request.limits.max_bytes)) {
            cut = true;
            return {};
          }
          Json::Object row{{"_index", Json::string(text_of(*json, "_index"))},
                           {"_id", Json::string(text_of(*json, "_id"))}};
          for (const char* part : {"_source", "fields"}) {
            source = json->find(part);
            if (!source || source->kind() != Json::Kind::kObject) continue;
            for (auto& member : flatten(source->as_object(), kDepth, '.')) row.push_back(std::move(member));
          }
          rows.append(row);
          return {};
        });
    auto page = service_->stream({.method = "POST",
                                  .url = "/_search",
                                  .headers = {{"Content-Type", "application/json"}},
                                  .body = std::move(body)},
                                 stream);
    if (!page.ok()) {
      if (before == 0 || page.error().code == "HB-E130") return page.error();
      lost = page.error().message;
    } else if (page->lost) {
      if (hits == 0) lost = page->lost->message;  // else the next page begins after the last row that came
      if (lost && rows.rows() == 0) return *page->lost;
    } else if (hits < size || size == 0 || aggregates) {
      break;
    }
  }
  if (!lost || service_->client().cancel() == nullptr || !service_->client().cancel()->cancelled())
    close_point(id);
  const uint64_t got = rows.rows();
  const bool only_aggregates = aggregates && got == 0;
  Table table = only_aggregates ? found.finish()
                                : rows.finish({settings_.time_field, "_index", "_id"}, types_of(index));
  if (aggregates && !only_aggregates)
    mark(table, Completeness::kPartial,
         "the aggregations are left out beside rows: ask for them with \"size\": 0");
  if (lost) mark_lost(table, *lost, got);
  if (cut) mark_cut(table, got);
  if (timed_out) mark(table, Completeness::kPartial, "the service ran out of time in a part of the cluster");
  if (failed_shards)
    mark(table, Completeness::kPartial,
         fmt::format("{} shard{} failed{}{}", failed_shards, failed_shards == 1 ? "" : "s",
                     shard_reason.empty() ? "" : ": ", shard_reason));
  table.provenance = {service_->host(), request.text, now_ticks()};
  return table;
}

Result<std::unique_ptr<Driver>> make(const ProviderArguments& arguments, const DriverContext& context) {
  std::string url = arguments.text("url");
  if (url.find("://") == std::string::npos) url = "https://" + url;
  auto service = Service::open(url, "url", true, context);
  if (!service.ok()) return service.error();
  ElasticSettings settings;
  settings.index = arguments.text("index");
  settings.time_field = arguments.has("time_field") ? arguments.text("time_field") : "@timestamp";
  const std::string flavour = arguments.has("flavour") ? arguments.text("flavour") : "elastic";
  if (flavour != "elastic" && flavour != "opensearch")
    return Diagnostic{"HB-R003", fmt::format("setting `flavour` cannot be `{}`", flavour),
                      {},        "elastic or opensearch",
                      "",        ""};
  settings.opensearch = flavour == "opensearch";
  if (auto signed_in = sign_with_key(**service, arguments); !signed_in.ok()) return signed_in.error();
  return std::unique_ptr<Driver>(std::make_unique<ElasticDriver>(std::move(*service), std::move(settings)));
}

}  // namespace

const ProviderKind& elastic_provider() {
  static const ProviderKind kKind{
      "Elastic",
      {"Elasticsearch", "OpenSearch"},
      "Elasticsearch and OpenSearch: ES|QL, or a search body in the query DSL",
      {.language = "ES|QL", .threads = 4, .time_pushed = true},
      {{"url", "the cluster's address, https://elastic.example:9200", true, false},
       {"api_key", "an API key, as the service encodes it", false, true},
       {"token", "a bearer token, in place of an API key", false, true},
       {"username", "with password, in place of an API key", false, false},
       {"password", "of the user", false, true},
       {"index", "the indexes that a search is for, such as logs-*", false, false},
       {"time_field", "the field that a time range is for; @timestamp", false, false},
       {"flavour", "elastic or opensearch", false, false}},
      &make};
  return kKind;
}

}  // namespace huntbook

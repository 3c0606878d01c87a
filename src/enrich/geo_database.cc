#include "enrich/geo_database.h"

#include <maxminddb.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>

#include <fmt/format.h>
#include "base/escape.h"

namespace huntbook {
namespace {

constexpr const char* kUsualPlaces[] = {"/usr/share/GeoIP/GeoLite2-City.mmdb",
                                        "/var/lib/GeoIP/GeoLite2-City.mmdb"};

std::string_view text_of(const MMDB_entry_data_s& data) {
  if (!data.has_data || data.type != MMDB_DATA_TYPE_UTF8_STRING) return {};
  return {data.utf8_string, data.data_size};
}

}  // namespace

struct GeoDatabase::File {
  MMDB_s handle{};
  bool open = false;
  ~File() {
    if (open) MMDB_close(&handle);
  }
};

GeoDatabase::GeoDatabase(std::unique_ptr<File> file) : file_(std::move(file)) {}
GeoDatabase::~GeoDatabase() = default;

Result<std::shared_ptr<const GeoDatabase>> GeoDatabase::open(const std::string& path) {
  auto file = std::make_unique<File>();
  const int status = MMDB_open(path.c_str(), MMDB_MODE_MMAP, &file->handle);
  if (status != MMDB_SUCCESS) {
    return Diagnostic{
        "HB-N003",
        fmt::format("the database of addresses `{}` cannot be used: {}", path, MMDB_strerror(status)),
        {},
        "HUNTBOOK_GEOIP names a file in the MaxMind DB format, such as GeoLite2-City.mmdb",
        "",
        path};
  }
  file->open = true;
  return std::shared_ptr<const GeoDatabase>(new GeoDatabase(std::move(file)));
}

Result<std::shared_ptr<const GeoDatabase>> GeoDatabase::find() {
  if (const char* named = std::getenv("HUNTBOOK_GEOIP")) {
    if (!*named) return std::shared_ptr<const GeoDatabase>();
    return open(named);
  }
  for (const char* path : kUsualPlaces) {
    if (access(path, R_OK) == 0) return open(path);
  }
  return std::shared_ptr<const GeoDatabase>();
}

std::optional<std::string> GeoDatabase::place(std::string_view address) const {
  const std::string text(address.substr(0, 64));  // longer is no address; the library wants a C string
  if (text.find('\0') != std::string::npos) return std::nullopt;
  int text_error = 0, error = MMDB_SUCCESS;
  // AI_NUMERICHOST inside: a name is not looked up.
  MMDB_lookup_result_s found = MMDB_lookup_string(&file_->handle, text.c_str(), &text_error, &error);
  if (text_error != 0 || error != MMDB_SUCCESS || !found.found_entry) return std::nullopt;
  std::string json;
  const auto key = [&](std::string_view name) {
    json += json.empty() ? "{" : ",";
    append_json_string(json, name);
    json += ':';
  };
  const auto value_at = [&](auto... path) {
    MMDB_entry_data_s data{};
    if (MMDB_get_value(&found.entry, &data, path..., static_cast<const char*>(nullptr)) != MMDB_SUCCESS)
      data = {};
    return data;
  };
  const auto add_text = [&](std::string_view name, const MMDB_entry_data_s& data) {
    const auto value = text_of(data);
    if (value.empty()) return;
    key(name);
    append_json_string(json, value);
  };
  const auto add_number = [&](std::string_view name, const MMDB_entry_data_s& data) {
    if (!data.has_data || data.type != MMDB_DATA_TYPE_DOUBLE || !std::isfinite(data.double_value)) return;
    key(name);
    json += fmt::format("{}", data.double_value);
  };
  add_text("country", value_at("country", "names", "en"));
  add_text("state", value_at("subdivisions", "0", "names", "en"));
  add_text("city", value_at("city", "names", "en"));
  add_number("latitude", value_at("location", "latitude"));
  add_number("longitude", value_at("location", "longitude"));
  if (json.empty()) return std::nullopt;
  return json + "}";
}

}  // namespace huntbook

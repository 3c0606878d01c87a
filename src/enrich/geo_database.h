// A database of where IP addresses are, in the MaxMind DB format (GeoLite2-City.mmdb, DB-IP City ...), read
// in place.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "huntbook/result.h"

namespace huntbook {

class GeoDatabase {
 public:
  /// Opens a file. Fails when it cannot be read or is no such database ("HB-N003").
  static Result<std::shared_ptr<const GeoDatabase>> open(const std::string& path);
  /// The database that the environment's HUNTBOOK_GEOIP names, else the first that stands where Debian's
  /// geoipupdate puts it; a null pointer when there is none or the variable is empty.
  static Result<std::shared_ptr<const GeoDatabase>> find();
  ~GeoDatabase();
  GeoDatabase(const GeoDatabase&) = delete;
  GeoDatabase& operator=(const GeoDatabase&) = delete;

  /// `{"country","state","city","latitude","longitude"}` as JSON, only what is known; names are English.
  /// Nothing for a text that is no address and for an address that is not in the database. May be called from
  /// several threads.
  std::optional<std::string> place(std::string_view address) const;

 private:
  struct File;
  explicit GeoDatabase(std::unique_ptr<File> file);
  std::unique_ptr<File> file_;
};

}  // namespace huntbook

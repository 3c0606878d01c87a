// Files of this machine as answers, through the readers of evidence: what the local providers share.
#pragma once
#include <string>
#include <vector>

#include "evidence/evidence.h"
#include "providers/provider.h"

namespace huntbook {

/// The folders and files of a connection; nothing leaves the machine.
class LocalFiles {
 public:
  /// Of the setting `path` (several with commas). HB-R003 for one that is not there.
  static Result<LocalFiles> open(const ProviderArguments& arguments, const DriverContext& context);

  struct Found {
    std::string path;      ///< on disk
    std::string relative;  ///< below its folder, with slashes
  };
  /// Every regular file whose name ends in one of these (lower case, ".json"), sorted; hidden ones are left
  /// out.
  Result<std::vector<Found>> list(const std::vector<std::string>& endings) const;

  /// The tables of one file or archive. A Parquet file fails: the engine reads those, with -d.
  Result<evidence::Catalog> scan(const std::string& path) const;
  /// A table's rows within the range of its time column, and within the limits.
  Result<Table> load(const evidence::Catalog& catalog, const std::string& table,
                     const RunRequest& request) const;
  /// The one table of a file, or the one that `wanted` names.
  Result<Table> read(const std::string& path, const std::string& wanted, const RunRequest& request) const;

 private:
  std::vector<std::string> roots_;
  std::string time_column_;
  evidence::Options options_;
};

/// The rows of a batch whose cell in `column` lies in the range; a null lies in none.
Batch rows_in_range(const Batch& batch, size_t column, const TimeRange& range);
/// The settings `path` and `time_column`.
std::vector<ProviderSetting> local_settings(std::string path_doc);

}  // namespace huntbook

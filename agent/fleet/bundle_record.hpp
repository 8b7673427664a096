#pragma once

#include <optional>
#include <string>
#include <vector>

#include <agent/fleet/bundle.hpp>

namespace agent::fleet {

/// What was found out about the files of a tree, kept so that a run need not hash them all again: looking at each
/// file's size and times is enough to know that it is the one of last time.
struct BundleRecord {
  std::vector<Bundle::File> files;
  std::string least_libc;
};

/// Nothing where there is no record, or where a file or one of the `folders` is not as it was.
std::optional<BundleRecord> read_record(const Path& file, const std::vector<Path>& folders);
/// Keeps a record; where that cannot be done, the next run looks at everything again.
void write_record(const Path& file, const BundleRecord& record, const std::vector<Path>& folders);

}  // namespace agent::fleet

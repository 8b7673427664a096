#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <agent/host/package_system.hpp>
#include <agent/host/rpm_header.hpp>

namespace agent {

/// The installed packages of an rpm machine.
class RpmDatabase {
 public:
  virtual ~RpmDatabase() = default;
  virtual std::vector<RpmHeader> named(const std::string& name) const = 0;
  virtual std::vector<RpmHeader> providing(const std::string& capability) const = 0;
  /// All names, each once, sorted.
  virtual Strings names() const = 0;
  /// Names that are there more than once.
  virtual Strings repeated() const = 0;
};

/// Reads rpm's SQLite database, without rpm and without writing; none where there is no such database, or it cannot be
/// read without taking part in somebody's transaction.
std::unique_ptr<RpmDatabase> open_rpm_sqlite(const Path& root);

/// Asks the rpm command: for the older kinds of database.
std::unique_ptr<RpmDatabase> ask_rpm(const PackageContext& context);

/// The file of the SQLite database below `root`; empty when there is none.
Path rpm_sqlite_file(const Path& root);

}  // namespace agent

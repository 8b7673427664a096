#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include <agent/sdk/host.hpp>
#include <agent/sdk/plan.hpp>

namespace agent {

/// A tool of the package manager as it is to be run: stdin is /dev/null, stdout and stderr are kept (capped), and the
/// environment is the fixed minimal one (PATH, HOME, LC_ALL=C) under `environment`.
struct PackageCommand {
  Strings argv;
  Environment environment = {};
  /// Called with each line of the tool's stdout and stderr as it comes, without its line end; may be empty.
  std::function<void(std::string_view)> line = {};
  /// Called with each line that the tool writes to its file descriptor 3; empty: there is no such descriptor.
  std::function<void(std::string_view)> status = {};
  std::chrono::milliseconds deadline{0};  ///< 0: none
};

/// What a package system needs of its machine. All of it may be faked.
struct PackageContext {
  /// Where the machine's file system begins; another one than "/" is for tests.
  Path root = "/";
  /// Runs a command to its end. A missing program is exit code 127, a death by signal 128 + its number.
  std::function<Output(const PackageCommand&)> run;
  /// Says what long work is at (see Host::progress); may be empty.
  std::function<void(const std::string& text, double fraction)> progress = {};
};

/// The package manager of a machine: its database, and the changes it can make. The database is read lazily and again
/// whenever its files have changed. `perform` throws Error when the change failed; it waits for the manager's locks.
class PackageSystem {
 public:
  virtual ~PackageSystem() = default;
  virtual const PackageDb& db() const = 0;
  virtual Output perform(const InstallPackages&) = 0;
  virtual Output perform(const RemovePackages&) = 0;
  virtual Output perform(const UpgradePackages&) = 0;
  virtual Output perform(const RefreshPackageIndex&) = 0;
  virtual Output perform(const RepairPackages&) = 0;
  virtual Output perform(const TidyPackages&) = 0;
  virtual Output perform(const HoldPackages&) = 0;
};

/// The package system of the machine below `context.root`: apt and dpkg, dnf and rpm, or one without a manager, whose
/// database is empty and which refuses every change. Reads nothing yet.
std::unique_ptr<PackageSystem> make_package_system(const System& system, PackageContext context);

}  // namespace agent

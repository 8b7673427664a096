#pragma once

#include <agent/host/dnf_db.hpp>
#include <agent/host/package_lock.hpp>
#include <agent/host/package_system.hpp>

namespace agent {

/// Changes packages with dnf (4 or 5): unattended, after waiting for its locks, with progress from its output.
class DnfSystem : public PackageSystem {
 public:
  explicit DnfSystem(PackageContext context) : context_(std::move(context)), db_(context_) {}
  DnfSystem(const DnfSystem&) = delete;  // the database looks at the context
  DnfSystem& operator=(const DnfSystem&) = delete;
  const PackageDb& db() const override { return db_; }
  Output perform(const InstallPackages& action) override;
  Output perform(const RemovePackages& action) override;
  Output perform(const UpgradePackages& action) override;
  Output perform(const RefreshPackageIndex& action) override;
  Output perform(const RepairPackages& action) override;
  Output perform(const TidyPackages& action) override;
  Output perform(const HoldPackages& action) override;

 private:
  Output run(const std::string& doing, Strings argv, std::chrono::seconds lock_timeout);
  Output change(const std::string& doing, Strings argv, std::chrono::seconds lock_timeout);
  std::optional<LockHolder> holder() const;
  Strings words(const PackageOptions& options) const;

  PackageContext context_;
  DnfDb db_;
};

/// A request in dnf's spelling: "vim=2:9.0-1" is "vim-2:9.0-1". Throws Error for "vim/release", which dnf does not
/// know.
std::string dnf_request(const std::string& request);

}  // namespace agent

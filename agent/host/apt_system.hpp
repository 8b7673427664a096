#pragma once

#include <vector>

#include <agent/host/apt_db.hpp>
#include <agent/host/apt_report.hpp>
#include <agent/host/package_lock.hpp>
#include <agent/host/package_system.hpp>

namespace agent {

/// Changes packages with apt-get and dpkg: unattended, after waiting for their locks, with progress from their status
/// descriptor, and with an Error that says what went wrong.
class AptSystem : public PackageSystem {
 public:
  explicit AptSystem(PackageContext context);
  AptSystem(const AptSystem&) = delete;  // the database looks at the context
  AptSystem& operator=(const AptSystem&) = delete;
  const PackageDb& db() const override { return db_; }
  Output perform(const InstallPackages& action) override;
  Output perform(const RemovePackages& action) override;
  Output perform(const UpgradePackages& action) override;
  Output perform(const RefreshPackageIndex& action) override;
  Output perform(const RepairPackages& action) override;
  Output perform(const TidyPackages& action) override;
  Output perform(const HoldPackages& action) override;

 private:
  struct Run;
  Output run(const Run& what, std::vector<AptStatus>& errors);
  Output change(const Run& what);
  std::chrono::milliseconds wait(const Strings& locks, std::chrono::milliseconds limit) const;
  Error explained(Error error, const Output& output) const;

  PackageContext context_;
  AptDb db_;
};

}  // namespace agent

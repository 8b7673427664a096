#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <agent/sdk/host.hpp>

namespace agent {

/// A package database with installs and removals laid over it that nobody made.
class PredictedPackages : public PackageDb {
 public:
  /// `base` answers what is; `doubt` says why what the repositories offer may be another thing by then (a source that
  /// would be added), or nothing.
  PredictedPackages(std::function<const PackageDb&()> base, std::function<std::optional<std::string>()> doubt)
      : base_(std::move(base)), doubt_(std::move(doubt)) {}

  void perform(const InstallPackages& action);
  void perform(const RemovePackages& action);
  void perform(const UpgradePackages& action);
  void perform(const RefreshPackageIndex& action);
  void perform(const RepairPackages& action);
  void perform(const TidyPackages& action);
  void perform(const HoldPackages& action);
  /// The names of the packages that would not be as they are.
  Strings changed() const;

  std::string manager() const override { return base_().manager(); }
  std::vector<Package> find(const std::string& name) const override;
  Strings providers(const std::string& name) const override;
  /// Throws Unknown for a package that is not offered now and may be by then.
  std::vector<Package> candidates(const std::string& name) const override;
  Strings similar(const std::string& name) const override { return base_().similar(name); }
  std::vector<Package> interrupted() const override;
  int compare(const std::string& a, const std::string& b) const override { return base_().compare(a, b); }
  double refreshed() const override { return refreshed_.value_or(base_().refreshed()); }

 private:
  std::vector<Package>& records(const std::string& name);
  void record(const Package& package);

  std::function<const PackageDb&()> base_;
  std::function<std::optional<std::string>()> doubt_;
  std::map<std::string, std::vector<Package>> records_;  // of packages that changed, all that there is of them
  bool repaired_ = false;
  bool brings_sources_ = false;
  std::optional<double> refreshed_;
};

}  // namespace agent

#pragma once

#include <map>
#include <string>
#include <vector>

#include <agent/sdk/host.hpp>

namespace agent::test {

/// A package database made of maps. What it was not told is not installed and not offered.
///
///     host.package_db().installed("vim", "2:9.0.1378-2").offers("nginx", {"1.22.1-9"});
class FakePackageDb : public PackageDb {
 public:
  explicit FakePackageDb(std::string manager = "apt") : manager_(std::move(manager)) {}

  FakePackageDb& installed(std::string name, std::string version, std::string architecture = "amd64");
  /// Any record: half installed, held, only its configuration left, ...
  FakePackageDb& record(Package package);
  /// An installed package, or one that is offered, that provides `name`.
  FakePackageDb& provides(std::string provider, std::string name);
  /// What the repositories have, the one that would be installed first.
  FakePackageDb& offers(std::string name, Strings versions, std::string architecture = "amd64");
  FakePackageDb& refreshed_at(double when);

  std::string manager() const override { return manager_; }
  std::vector<Package> find(const std::string& name) const override;
  Strings providers(const std::string& name) const override;
  std::vector<Package> candidates(const std::string& name) const override;
  Strings similar(const std::string& name) const override;
  std::vector<Package> interrupted() const override;
  /// As dpkg compares: epoch, then runs of other characters and of digits in turn, '~' before everything.
  int compare(const std::string& a, const std::string& b) const override;
  double refreshed() const override { return refreshed_; }

  // What the fake host's perform() does to it.
  void perform(const InstallPackages& action);
  void perform(const RemovePackages& action);
  void perform(const UpgradePackages& action);
  void perform(const RefreshPackageIndex& action);
  void perform(const RepairPackages& action);
  void perform(const TidyPackages& action);
  void perform(const HoldPackages& action);

 private:
  std::string manager_;
  std::vector<Package> records_;
  std::map<std::string, Strings> provided_;  // by the name that is provided
  std::map<std::string, std::vector<Package>> offered_;
  double refreshed_ = 0;
};

}  // namespace agent::test

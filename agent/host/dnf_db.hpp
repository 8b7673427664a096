#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <agent/host/package_system.hpp>
#include <agent/host/rpm_database.hpp>

namespace agent {

/// What `dnf repoquery` says in our format ("name<TAB>evr<TAB>arch" a line), the newest version first.
std::vector<Package> parse_dnf_packages(std::string_view text);

/// The packages of a Fedora machine: installed ones from rpm's database, offered ones through dnf's cache, which is not
/// renewed by asking.
class DnfDb : public PackageDb {
 public:
  explicit DnfDb(const PackageContext& context) : context_(context) {}
  std::string manager() const override { return "dnf"; }
  std::vector<Package> find(const std::string& name) const override;
  /// `name` may also be the path of a file that a package owns.
  Strings providers(const std::string& name) const override;
  std::vector<Package> candidates(const std::string& name) const override;
  Strings similar(const std::string& name) const override;
  /// Older twins that a cut-off upgrade left behind.
  std::vector<Package> interrupted() const override;
  int compare(const std::string& a, const std::string& b) const override;
  double refreshed() const override;

  /// "dnf5" where there is one, else "dnf".
  std::string command() const;

 private:
  const RpmDatabase& rpm() const;
  std::string ask(Strings words) const;

  const PackageContext& context_;
  mutable std::string stamp_;
  mutable std::unique_ptr<RpmDatabase> rpm_;
  mutable std::map<std::string, std::vector<Package>> offered_;
  mutable std::string offered_stamp_;
};

}  // namespace agent

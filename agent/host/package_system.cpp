#include <algorithm>

#include <agent/host/apt_system.hpp>
#include <agent/host/dnf_system.hpp>
#include <agent/host/package_system.hpp>

namespace agent {

namespace {

bool is_like(const System& system, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return system.id == name || std::find(system.like.begin(), system.like.end(), name) != system.like.end();
  });
}

/// A machine whose package manager we do not know.
class NoPackages : public PackageSystem, private PackageDb {
 public:
  explicit NoPackages(std::string name) : name_(std::move(name)) {}
  const PackageDb& db() const override { return *this; }
  Output perform(const InstallPackages&) override { refuse(); }
  Output perform(const RemovePackages&) override { refuse(); }
  Output perform(const UpgradePackages&) override { refuse(); }
  Output perform(const RefreshPackageIndex&) override { refuse(); }
  Output perform(const RepairPackages&) override { refuse(); }
  Output perform(const TidyPackages&) override { refuse(); }
  Output perform(const HoldPackages&) override { refuse(); }

 private:
  std::string manager() const override { return ""; }
  std::vector<Package> find(const std::string&) const override { return {}; }
  Strings providers(const std::string&) const override { return {}; }
  std::vector<Package> candidates(const std::string&) const override { return {}; }
  Strings similar(const std::string&) const override { return {}; }
  std::vector<Package> interrupted() const override { return {}; }
  int compare(const std::string& a, const std::string& b) const override { return a.compare(b); }
  double refreshed() const override { return 0; }
  [[noreturn]] void refuse() const {
    throw Error("'" + name_ + "' has no package manager that agent knows").hint("it knows apt and dnf");
  }

  std::string name_;
};

}  // namespace

std::unique_ptr<PackageSystem> make_package_system(const System& system, PackageContext context) {
  if (is_like(system, {"debian", "ubuntu"})) return std::make_unique<AptSystem>(std::move(context));
  if (is_like(system, {"fedora", "rhel", "centos"})) return std::make_unique<DnfSystem>(std::move(context));
  return std::make_unique<NoPackages>(system.name.empty() ? system.id : system.name);
}

}  // namespace agent

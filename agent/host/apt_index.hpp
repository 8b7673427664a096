#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <agent/host/package_system.hpp>

namespace agent {

/// What `apt-cache policy` says of each package asked for, in order of preference, the candidate first. Versions that
/// no repository offers (only dpkg's status file) are left out.
std::map<std::string, std::vector<Package>> parse_apt_policy(std::string_view text);

/// What apt's repositories offer. Asks apt-cache, which writes nothing here, and remembers the answers until apt's or
/// dpkg's files change.
class AptIndex {
 public:
  explicit AptIndex(const PackageContext& context) : context_(context) {}
  std::vector<Package> candidates(const std::string& name) const;
  Strings similar(const std::string& name) const;
  /// When the index was last fetched; 0 when there is none.
  double refreshed() const;

 private:
  std::string state() const;
  std::string ask(Strings argv) const;
  std::map<std::string, std::vector<Package>> policy(const Strings& names) const;

  const PackageContext& context_;
  mutable std::string remembered_state_;
  mutable std::map<std::string, std::vector<Package>> remembered_;
};

}  // namespace agent

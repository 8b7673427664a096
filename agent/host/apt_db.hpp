#pragma once

#include <string>
#include <vector>

#include <agent/host/apt_index.hpp>
#include <agent/host/dpkg_status.hpp>
#include <agent/host/package_system.hpp>

namespace agent {

/// The packages of a Debian or Ubuntu machine: installed ones straight from dpkg's files (read again when they change),
/// offered ones through apt-cache.
class AptDb : public PackageDb {
 public:
  explicit AptDb(const PackageContext& context) : context_(context), index_(context) {}
  std::string manager() const override { return "apt"; }
  std::vector<Package> find(const std::string& name) const override { return status().find(name); }
  Strings providers(const std::string& name) const override { return status().providers(name); }
  std::vector<Package> candidates(const std::string& name) const override { return index_.candidates(name); }
  Strings similar(const std::string& name) const override { return index_.similar(name); }
  std::vector<Package> interrupted() const override;
  int compare(const std::string& a, const std::string& b) const override;
  double refreshed() const override { return index_.refreshed(); }

 private:
  struct Stamp {
    std::uint64_t inode = 0, size = 0;
    std::int64_t seconds = 0, nanoseconds = 0;
    std::int64_t journal_seconds = 0, journal_nanoseconds = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  Stamp stamp() const;
  const DpkgStatus& status() const;
  void load() const;
  bool at_work() const;

  const PackageContext& context_;
  AptIndex index_;
  mutable Stamp loaded_;
  mutable DpkgStatus status_;
  mutable std::vector<Package> journalled_;
};

}  // namespace agent

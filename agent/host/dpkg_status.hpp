#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <agent/sdk/plan.hpp>

namespace agent {

/// What dpkg's status file says, indexed by name. Journal entries of an interrupted dpkg are merged in the order read.
class DpkgStatus {
 public:
  /// `native` is the machine's own architecture in dpkg's spelling; empty: the one most packages have.
  explicit DpkgStatus(std::string native = {}) : native_(std::move(native)) {}

  /// Takes in a text of stanzas. A package that is known already (same name and architecture) is replaced.
  void read(std::string_view text);

  /// Records of "name" or "name:arch", the machine's own architecture first; a name with *, ? or [ is a glob.
  std::vector<Package> find(const std::string& name) const;
  /// Names of installed packages that provide `name`, sorted.
  Strings providers(const std::string& name) const;
  /// Packages in a state that a finished run does not leave.
  std::vector<Package> interrupted() const;
  std::size_t size() const { return records_.size(); }

 private:
  struct Record {
    Package package;
    std::string provides;
    bool pending_triggers = false;
    bool needs_reinstall = false;
  };
  void put(Record record);
  void forget(const Package& package);
  const std::string& native() const;

  std::string native_;
  std::vector<Record> records_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> by_name_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> by_provided_;
  mutable std::string guessed_;
};

}  // namespace agent

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <agent/executor/world.hpp>
#include <agent/parcel/file.hpp>
#include <agent/template/services.hpp>

namespace agent::parcel {

/// A host that is alone with plays that came in a parcel: itself, its variables, and of others what came along.
class CarriedHost : public executor::Hosts {
 public:
  /// `part` is what loading.hpp made for it. Throws Error for what is none.
  explicit CarriedHost(const Value& part);
  const std::string& name() const { return name_; }

  Strings match(const std::string& pattern) const override;
  bool exists(const std::string& host) const override { return host == name_; }
  std::vector<executor::VariableLayer> variables(const std::string& host) const override;
  Strings groups_of(const std::string&) const override { return groups_of_; }
  Map groups() const override;
  void add_host(const std::string& host, const Strings& groups, const Map& variables) override;
  void add_group(const std::string& group, const Strings& parents, const Strings& hosts) override;
  bool beside(const Path& directory) override;
  Strings sources() const override { return {}; }

 private:
  std::string name_;
  Map patterns_, layers_;
  std::string directory_;  ///< of the playbook whose variables count now
  Strings groups_of_;
  std::optional<Map> groups_;
};

/// The controller's files and lookups, as far as they came along.
class CarriedServices : public jinja::LocalServices {
 public:
  explicit CarriedServices(const Value& plays);
  const Files& files() const { return *files_; }

  std::optional<List> lookup(const jinja::LookupCall& call) const override;
  std::optional<jinja::Source> source(const std::string& name, const Strings& places) const override;
  std::filesystem::file_status status(const Path& path, bool follow) const override;

 private:
  std::unique_ptr<Files> files_;
  Map environment_;
};

/// The part of a parcel as a value. Throws Error where it is none.
Value value_in(const Parcel& parcel, const std::string& part);

/// The host that this machine is, by one of its names (`hostname`, `hostname -f`); or `asked`, where that is not empty;
/// or the only one, where that is "localhost". Throws Error where there is none, or more than one.
std::string host_in(const Manifest& manifest, const std::string& asked, const Strings& own_names);

/// What this machine is called.
Strings own_names();

}  // namespace agent::parcel

#pragma once

#include <memory>
#include <optional>
#include <string>

#include <agent/sdk/vendor_repository.hpp>

namespace agent::docker_engine {

struct Want {
  std::string source = "docker";
  std::string base_url = "https://download.docker.com/linux";
  std::optional<std::string> key_url, key_fingerprint, suite, version;
  bool compose = true;
  Map daemon;
  Strings users;
  bool started = true;
  std::string state = "present";
};

const SpecOf<Want>& arguments();

/// What the distributions do differently: names of packages, and where Docker has its own.
class DockerEngine : public VendorModule {
 public:
  Plan check(const Args& args, const Host& host) const override;

 protected:
  virtual VendorRepository repository(const Want& want, const System& system) const = 0;
  /// The distribution's own packages of it.
  virtual Strings distribution_packages(const Want& want, const System& system) const = 0;
  /// What must not be there beside the packages of `source`.
  virtual Strings conflicting(const std::string& source) const = 0;
};

class DebianDockerEngine : public DockerEngine {
 protected:
  VendorRepository repository(const Want& want, const System& system) const override;
  Strings distribution_packages(const Want& want, const System& system) const override;
  Strings conflicting(const std::string& source) const override;
};

class FedoraDockerEngine : public DockerEngine {
 protected:
  VendorRepository repository(const Want& want, const System& system) const override;
  Strings distribution_packages(const Want& want, const System& system) const override;
  Strings conflicting(const std::string& source) const override;
};

}  // namespace agent::docker_engine

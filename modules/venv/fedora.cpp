#include "venv.hpp"

namespace agent::venv {

namespace {

/// Python whole, in one package for each version.
class FedoraVenv : public Venv {
  std::string ensurepip_package(const std::string&) const override { return ""; }
  std::string python_package(const std::string& version) const override {
    return "python" + (version.empty() ? "3" : version);
  }
};

/// A distribution of which we know no package names.
class OtherVenv : public Venv {
  std::string ensurepip_package(const std::string&) const override { return ""; }
  std::string python_package(const std::string&) const override { return ""; }
};

}  // namespace

std::unique_ptr<Module> fedora() {
  return std::make_unique<FedoraVenv>();
}
std::unique_ptr<Module> any() {
  return std::make_unique<OtherVenv>();
}

}  // namespace agent::venv

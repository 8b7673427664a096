#include "pip.hpp"

namespace agent::pip {

namespace {

class FedoraPip : public Pip {
  std::string pip_package() const override { return "python3-pip"; }
  std::string package_of(const std::string& name) const override { return "python3-" + name; }
  Strings build_packages() const override { return {"python3-devel", "gcc", "gcc-c++"}; }
};

/// A distribution of which we know no package names.
class OtherPip : public Pip {
  std::string pip_package() const override { return ""; }
  std::string package_of(const std::string&) const override { return ""; }
  Strings build_packages() const override { return {}; }
};

}  // namespace

std::unique_ptr<Module> fedora() {
  return std::make_unique<FedoraPip>();
}
std::unique_ptr<Module> any() {
  return std::make_unique<OtherPip>();
}

}  // namespace agent::pip

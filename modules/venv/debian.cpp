#include "venv.hpp"

namespace agent::venv {

namespace {

/// Python without its standard library's ensurepip, which is a package of its own.
class DebianVenv : public Venv {
  std::string ensurepip_package(const std::string& version) const override { return "python" + version + "-venv"; }
  std::string python_package(const std::string& version) const override {
    return "python" + (version.empty() ? "3" : version);
  }
};

}  // namespace

std::unique_ptr<Module> debian() {
  return std::make_unique<DebianVenv>();
}

}  // namespace agent::venv

#include <map>

#include "pip.hpp"

namespace agent::pip {

namespace {

class DebianPip : public Pip {
  std::string pip_package() const override { return "python3-pip"; }
  std::string package_of(const std::string& name) const override {
    // Debian names packages by what is imported.
    static const std::map<std::string, std::string> imports = {
        {"beautifulsoup4", "bs4"},       {"opencv-python", "opencv"}, {"pillow", "pil"},          {"pyyaml", "yaml"},
        {"python-dateutil", "dateutil"}, {"scikit-image", "skimage"}, {"scikit-learn", "sklearn"}};
    const auto found = imports.find(name);
    return "python3-" + (found == imports.end() ? name : found->second);
  }
  Strings build_packages() const override { return {"python3-dev", "build-essential"}; }
};

}  // namespace

std::unique_ptr<Module> debian() {
  return std::make_unique<DebianPip>();
}

}  // namespace agent::pip

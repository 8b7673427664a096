#include "bashrc_env.hpp"

namespace agent::bashrc_env {
namespace {

constexpr const char* own_file = "agent.sh";

class FedoraBashrcEnv : public BashrcEnv {
 protected:
  // A ~/.bashrc that does not read the directory (an old one, or one brought along) is used itself.
  Place place(const Path& home, const Host& host) const override {
    const std::string bashrc = host.read(home / ".bashrc").value_or("");
    const Path directory = home / ".bashrc.d";
    if (bashrc.find(".bashrc.d") == std::string::npos) return {.file = home / ".bashrc"};
    Place place{.file = directory / own_file, .prelude = bashrc, .makes_directory = true};
    for (const std::string& name : host.list(directory)) {
      if (name == own_file || name[0] == '.') continue;
      const auto info = host.stat(directory / name);
      if (info && info->is_file()) place.prelude += "\n" + host.read(directory / name).value_or("");
    }
    return place;
  }
};

}  // namespace

std::unique_ptr<Module> fedora() {
  return std::make_unique<FedoraBashrcEnv>();
}

}  // namespace agent::bashrc_env

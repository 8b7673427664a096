#include <agent/cli/installation.hpp>
#include <agent/wire/module_index.hpp>

namespace agent::cli {

Installation Installation::find() {
  const Path executable = std::filesystem::read_symlink("/proc/self/exe");
  const Path root = executable.parent_path().parent_path();
  return {executable, root / "lib/agent/modules", root / "share/agent"};
}

std::unique_ptr<ModuleIndex> Installation::index() const {
  return load_module_index(share / "modules.cbor", modules);
}

}  // namespace agent::cli

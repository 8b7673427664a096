#include <iostream>

#include <agent/cli/installation.hpp>
#include <agent/cli/program.hpp>
#include <agent/executor/directives.hpp>

namespace agent::cli {

void add_modules(const Program& program) {
  program.add("modules", "Lists the modules, and the distributions each serves.", [](CLI::App&) {
    return [] {
      const auto index = Installation::find().index();
      for (const auto& name : index->names()) {
        const auto& entry = *index->find(name);
        std::string distros;
        for (const auto& distro : entry.distros) distros += (distros.empty() ? "" : ", ") + distro;
        std::cout << name << std::string(name.size() < 20 ? 20 - name.size() : 1, ' ') << "[" << distros << "] "
                  << entry.spec.summary << "\n";
      }
      return 0;
    };
  });
}

}  // namespace agent::cli

#include <iostream>
#include <memory>

#include <agent/cli/carried_run.hpp>
#include <agent/cli/exit_code.hpp>
#include <agent/cli/program.hpp>

namespace agent::cli {
namespace {

struct Asked {
  CarriedOptions run;
  std::string file;
  bool manifest = false;
};

int carry_out(const Asked& asked) {
  const std::optional<Path> key =
      asked.run.public_key.empty() ? std::nullopt : std::optional<Path>(asked.run.public_key);
  const parcel::Parcel parcel(asked.file, key);
  if (!asked.manifest) return run_carried(parcel, asked.run);
  std::cout << parcel.manifest().json() << "\n";
  return static_cast<int>(ExitCode::fine);
}

}  // namespace

void add_exec(const Program& program) {
  program.add("exec", "Does the plays of a file that 'agent run --emit' wrote, on this machine.",
              [](CLI::App& command) {
                auto asked = std::make_shared<Asked>();
                command.add_option("file", asked->file, "the file")->required()->type_name("FILE");
                asked->run.add_to(command);
                command.add_flag("--manifest", asked->manifest, "print what is in it, as JSON, and run nothing");
                return [asked] { return carry_out(*asked); };
              });
}

}  // namespace agent::cli

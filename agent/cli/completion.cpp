#include <iostream>
#include <memory>

#include <agent/cli/program.hpp>
#include <agent/sdk/error.hpp>

namespace agent::cli {
namespace {

std::string words_of(const CLI::App& command) {
  std::string out;
  for (const auto* option : command.get_options())
    for (const auto& name : option->get_lnames()) out += (out.empty() ? "--" : " --") + name;
  return out;
}

std::string bash(const CLI::App& app) {
  std::string commands, cases;
  for (const auto* command : app.get_subcommands({})) {
    commands += (commands.empty() ? "" : " ") + command->get_name();
    cases += "    " + command->get_name() + ") words=\"" + words_of(*command) + "\" ;;\n";
  }
  return "_agent() {\n  local current=${COMP_WORDS[COMP_CWORD]} words=\"" + commands +
         " --version --help\"\n  if [ \"$COMP_CWORD\" -gt 1 ]; then\n    case ${COMP_WORDS[1]} in\n" + cases +
         "    esac\n    if [ \"${COMP_WORDS[1]}\" = doc ]; then words=\"$words $(agent doc -l | cut -d' ' -f1)\"; fi\n"
         "  fi\n  if [ \"${current#-}\" = \"$current\" ] && [ \"$COMP_CWORD\" -gt 1 ]; then\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\") $(compgen -f -- \"$current\"))\n  else\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n  fi\n}\ncomplete -F _agent agent\n";
}

}  // namespace

void add_completion(const Program& program) {
  program.add("completion", "Prints what makes a shell complete the agent's commands.",
              [&app = program.app](CLI::App& command) {
                auto shell = std::make_shared<std::string>("bash");
                command.add_option("shell", *shell, "bash or zsh")->check(CLI::IsMember({"bash", "zsh"}));
                return [&app, shell] {
                  if (*shell == "zsh") std::cout << "autoload -U +X bashcompinit && bashcompinit\n";
                  std::cout << bash(app);
                  return 0;
                };
              });
}

}  // namespace agent::cli

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <iostream>

#include <unistd.h>

#include <agent/cli/exit_code.hpp>
#include <agent/cli/installation.hpp>
#include <agent/cli/main.hpp>
#include <agent/cli/program.hpp>
#include <agent/fleet/askpass.hpp>
#include <agent/fleet/exec.hpp>
#include <agent/fleet/protocol.hpp>
#include <agent/fleet/tree_check.hpp>
#include <agent/report/diagnostic.hpp>
#include <agent/worker/worker.hpp>

namespace agent::cli {

void Program::add(const std::string& name, const std::string& help,
                  const std::function<std::function<int()>(CLI::App&)>& setup) const {
  CLI::App* command = app.add_subcommand(name, help);
  auto action = setup(*command);
  command->callback([&to = chosen, action = std::move(action)] { to = action; });
}

namespace {

void require_known(const CLI::App& app, const std::string& word) {
  if (word.starts_with('-')) return;
  Strings names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  if (std::find(names.begin(), names.end(), word) != names.end()) return;
  throw Error("there is no command '" + word + "'")
      .hint(did_you_mean(word, names).value_or("'agent --help' lists the commands"));
}

Strings option_names(const CLI::App& command) {
  Strings names;
  for (const CLI::Option* option : command.get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

/// What the parser found, with the nearest thing that would have been right.
Error explained(const CLI::App& app, const CLI::ParseError& error, const std::string& first) {
  const bool is_option = first.starts_with('-');
  const CLI::App& command = is_option ? app : *app.get_subcommand(first);
  const std::string program = is_option ? "agent" : "agent " + first;
  const std::string text = error.what();
  Error wrong(is_option ? text : first + ": " + text);
  if (const auto at = text.find("--"); at != std::string::npos && dynamic_cast<const CLI::ExtrasError*>(&error)) {
    const std::string option = text.substr(at, text.find_first_of(" =", at) - at);
    wrong = Error("'" + program + "' has no option '" + option + "'");
    if (const auto hint = did_you_mean(option, option_names(command))) wrong.hint(*hint);
  }
  return std::move(wrong).hint("'" + program + " --help' lists what it takes");
}

/// The target's side of a run; started by the controller, through ssh.
int exec(const std::string& key, bool is_again) {
  try {
    if (::isatty(0)) throw Error("'agent exec' is started by the agent itself; 'agent run -i ...' is what you want");
    if (is_again) return fleet::meet_again(key);
    const Installation installation = Installation::find();
    const Path tree = installation.executable.parent_path().parent_path();
    const auto look = fleet::look_at_tree(tree);
    if (look.wrong) {
      fleet::discard_tree(tree);
      std::cerr << fleet::protocol::tampered << *look.wrong << "\n";
      return static_cast<int>(ExitCode::wrong_input);
    }
    const auto index = installation.index();
    return fleet::serve(key, {installation.executable, installation.modules, look.is_kept}, *index);
  } catch (const Error& error) {
    std::cerr << report::diagnostic(error);
    return static_cast<int>(ExitCode::wrong_input);
  }
}

// `agent exec KEY`, as the handshake starts it; all else after `exec` is for people.
bool is_of_a_connection(int argc, char** argv) {
  if (argc < 2 || std::strcmp(argv[1], "exec") != 0) return false;
  const std::string_view key = argc > 2 ? argv[2] : "";
  return key.empty() ? argc == 2 && !::isatty(0) : key.find_first_not_of("0123456789abcdef") == key.npos;
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto answered = fleet::answer_ssh(argc, argv)) return *answered;
  // These two are started often, and need nothing of what follows.
  if (argc > 1 && std::strcmp(argv[1], "worker") == 0) return worker_main(argc - 1, argv + 1);
  if (is_of_a_connection(argc, argv)) return exec(argc > 2 ? argv[2] : "0", argc > 3);
  if (argc > 1 && std::strcmp(argv[1], "--version") == 0) {
    std::cout << "agent " AGENT_VERSION "\n";
    return static_cast<int>(ExitCode::fine);
  }
  std::function<int()> chosen;
  CLI::App app("Brings a machine to a declared state, and proves it.", "agent");
  app.set_version_flag("--version", "agent " AGENT_VERSION);
  app.require_subcommand(1);
  const Program program{app, chosen, Strings(argv + 1, argv + argc)};
  for (auto* add :
       {add_run, add_check, add_resume, add_attach, add_facts, add_doc, add_modules, add_inventory, add_lint, add_vars,
        add_resolve, add_history, add_report, add_exec, add_pull, add_bundle, add_completion})
    add(program);
  if (argc == 1) {
    std::cout << app.help();
    return static_cast<int>(ExitCode::wrong_input);
  }
  try {
    require_known(app, argv[1]);
    app.parse(argc, argv);
    return chosen();
  } catch (const CLI::ParseError& error) {
    // Help and version are no mistakes.
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << report::diagnostic(explained(app, error, argv[1]));
    return static_cast<int>(ExitCode::wrong_input);
  } catch (const Error& error) {
    std::cerr << report::diagnostic(error);
    return static_cast<int>(ExitCode::wrong_input);
  } catch (const std::filesystem::filesystem_error& error) {
    std::cerr << report::diagnostic(Error(std::string("a file cannot be reached: ") + error.what()));
    return static_cast<int>(ExitCode::wrong_input);
  }
}

}  // namespace agent::cli

#include <agent/sdk/command_task.hpp>
#include <agent/sdk/paths.hpp>
#include <agent/sdk/shell_words.hpp>

namespace agent::command {
namespace {

struct Want : CommandOptions {
  std::optional<std::string> cmd, executable;
  Strings argv;
  bool expand_argument_vars = true;
};

const SpecOf<Want>& arguments() {
  static const auto spec =
      with_command_results(
          with_input_options(with_command_options(
              SpecOf<Want>("command", "Runs a program, without a shell.")
                  .description(
                      "The command is split into words by the quoting rules of a shell, but pipes, redirections and "
                      "patterns mean nothing here: use `shell` for those. It is run each time, and reported as a "
                      "change, "
                      "unless `creates` or `removes` says that it is done already; `changed_when` says otherwise.\n\n"
                      "In check mode the command is not run; what it would print is unknown to the tasks after it.")
                  .optional("cmd", &Want::cmd, "the command line")
                  .optional("argv", &Want::argv, "the command as a list: the program, then each argument")
                  .optional("expand_argument_vars", &Want::expand_argument_vars,
                            "put in environment variables ($HOME) and a leading ~ in each word")
                  .optional("executable", &Want::executable,
                            "taken for Ansible's sake, which does not use it here either: it is for `shell`"))))
          .free_text("cmd")
          .exclusive({"cmd", "argv"})
          .one_of({"cmd", "argv"})
          .example("Once: the file that it makes says that it was done",
                   "- command: make install\n  args: {chdir: /opt/llama.cpp, creates: /usr/local/bin/llama-cli}")
          .example("Only looking, so never a change",
                   "- command: nvidia-smi -L\n  register: gpus\n  changed_when: false")
          .returns("cmd", "list", "the words that were run")
          .returns("start", "text", "when it started")
          .returns("end", "text", "when it ended")
          .returns("delta", "text", "the time between");
  return spec;
}

class Command : public CommandModule {
 public:
  Plan check(const Args& args, const Host& host) const override {
    const Want want = arguments().read(args);
    Strings argv = want.cmd ? split_words(*want.cmd) : want.argv;
    if (argv.empty() || argv.front().empty())
      throw Error("no command given").about(want.cmd ? "cmd" : "argv").with({{"rc", 256}});
    const Value shown = argv;
    if (want.expand_argument_vars)
      for (std::string& word : argv) word = expand_user_and_variables(word, host);
    std::string line;
    for (const std::string& word : argv) line += (line.empty() ? "" : " ") + quoted_word(word);
    Plan plan = plan_command(std::move(argv), line, shown, want, host);
    if (want.executable) plan.notes.push_back("'executable' is not used: command starts no shell, shell does");
    return plan;
  }
};

constexpr Variant variants[] = {{"any", variant<Command>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::command

AGENT_MODULE(agent::command::arguments, agent::command::variants)

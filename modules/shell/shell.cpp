#include <agent/sdk/command_task.hpp>

namespace agent::shell {
namespace {

struct Want : CommandOptions {
  std::string cmd;
  std::string executable = "/bin/sh";
};

const SpecOf<Want>& arguments() {
  static const auto spec =
      with_command_results(with_input_options(with_command_options(
                               SpecOf<Want>("shell", "Runs a command line in a shell.")
                                   .description("For what needs a shell: pipes, redirections, patterns, `&&`. Where "
                                                "none of these is needed, `command` "
                                                "is safer. Put a variable in with the filter `quote`. It is run each "
                                                "time, and reported as a change, "
                                                "unless `creates` or `removes` says that it is done already.")
                                   .required("cmd", &Want::cmd, "the command line")
                                   .optional("executable", &Want::executable, "the shell, by its full path")
                                   .as(Type::path))))
          .free_text("cmd")
          .example("With bash, and stopping at the first failure of a pipe",
                   "- shell: |\n    set -o pipefail\n    curl -fsSL {{ url | quote }} | tar xz\n"
                   "  args: {executable: /bin/bash, chdir: /opt, creates: /opt/tool}")
          .returns("cmd", "text", "the command line that was run")
          .returns("start", "text", "when it started")
          .returns("end", "text", "when it ended")
          .returns("delta", "text", "the time between");
  return spec;
}

class Shell : public CommandModule {
 public:
  Plan check(const Args& args, const Host& host) const override {
    const Want want = arguments().read(args);
    if (want.cmd.empty()) throw Error("no command given").about("cmd").with({{"rc", 256}});
    return plan_command({want.executable, "-c", want.cmd}, want.cmd, want.cmd, want, host);
  }
};

constexpr Variant variants[] = {{"any", variant<Shell>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::shell

AGENT_MODULE(agent::shell::arguments, agent::shell::variants)

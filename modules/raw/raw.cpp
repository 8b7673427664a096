#include <agent/sdk/command_task.hpp>

namespace agent::raw {
namespace {

struct Want {
  std::string cmd;
  std::string executable = "/bin/sh";
};

const SpecOf<Want>& arguments() {
  static const auto spec =
      with_command_results(SpecOf<Want>("raw", "Runs a command line in the login shell, with nothing around it.")
                               .description("Kept for playbooks that prepare a machine for Ansible. The agent needs no "
                                            "preparation, so here it is `shell` without its options.")
                               .required("cmd", &Want::cmd, "the command line")
                               .optional("executable", &Want::executable, "the shell, by its full path")
                               .as(Type::path))
          .free_text("cmd")
          .example("What machines without Python used to need",
                   "- raw: test -e /usr/bin/python3 || apt-get install -y python3");
  return spec;
}

class Raw : public CommandModule {
 public:
  Plan check(const Args& args, const Host& host) const override {
    const Want want = arguments().read(args);
    return plan_command({want.executable, "-c", want.cmd}, want.cmd, nullptr, {}, host);
  }
};

constexpr Variant variants[] = {{"any", variant<Raw>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::raw

AGENT_MODULE(agent::raw::arguments, agent::raw::variants)

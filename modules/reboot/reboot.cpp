#include <cmath>

#include <agent/sdk/module.hpp>

namespace agent::reboot {
namespace {

struct Want {
  double reboot_timeout = 600, connect_timeout = 0, pre_reboot_delay = 0, post_reboot_delay = 0;
  std::string test_command = "whoami", msg = "Reboot initiated by agent";
  std::optional<std::string> reboot_command;
};

// What comes after the reboot is not the module's, which is gone by then: the engine, which is started anew behind it,
// waits, asks `test_command` and goes on with the play (fleet/rebooting).
const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("reboot", "Reboots the machine, waits for it, and goes on with the play.")
          .description(
              "For machines that are reached over SSH: the run is journalled there, and goes on behind the reboot with "
              "the next task. The machine that the agent itself was started on is not rebooted.")
          .optional("reboot_timeout", &Want::reboot_timeout,
                    "seconds until it must be back, and again until `test_command` succeeds")
          .optional("connect_timeout", &Want::connect_timeout, "taken for the sake of other playbooks: `-T` says it")
          .optional("pre_reboot_delay", &Want::pre_reboot_delay, "seconds to wait before")
          .optional("post_reboot_delay", &Want::post_reboot_delay, "seconds to wait behind it, before `test_command`")
          .optional("test_command", &Want::test_command, "what must succeed there before the play goes on")
          .optional("msg", &Want::msg, "what is said to those who are logged in")
          .optional("reboot_command", &Want::reboot_command,
                    "the command that reboots it, where it is not the usual one")
          .example("After a new driver", "- reboot: {msg: the driver is new}\n  when: driver.reboot_required")
          .example("Until a service is up", "- reboot: {test_command: systemctl is-active slurmd}")
          .returns("rebooted", "boolean", "true")
          .returns("elapsed", "integer", "seconds that it took");
  return spec;
}

Strings command_of(const Want& want, const Host& host) {
  // A person writes it as a line, and the machine's shell reads it as one.
  if (want.reboot_command) return {"sh", "-c", *want.reboot_command};
  if (host.stat("/run/systemd/system")) return {"systemctl", "--no-block", "--message=" + want.msg, "reboot"};
  return {"shutdown", "-r", "now", want.msg};
}

class Reboot : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override {
    const Want want = arguments().read(args);
    for (const auto& [name, seconds] : {std::pair{"reboot_timeout", want.reboot_timeout},
                                        {"pre_reboot_delay", want.pre_reboot_delay},
                                        {"post_reboot_delay", want.post_reboot_delay}})
      if (seconds < 0) throw Error("a time cannot be shorter than nothing").about(name);
    Step step{.changes = {{"machine", "running", "rebooted"}}, .actions = {}, .event = true};
    if (want.pre_reboot_delay > 0)
      step.actions.push_back(Exec{.argv = {"sleep", std::to_string(std::lround(want.pre_reboot_delay))},
                                  .effects = {.complete = true},
                                  .title = "wait before the reboot"});
    step.actions.push_back(
        Exec{.argv = command_of(want, host), .effects = {.complete = true}, .title = "reboot the machine"});
    return {.steps = {std::move(step)}, .result = {{"rebooted", true}}};
  }
};

constexpr Variant variants[] = {{"any", variant<Reboot>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::reboot

AGENT_MODULE(agent::reboot::arguments, agent::reboot::variants)

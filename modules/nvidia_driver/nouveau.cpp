#include <agent/sdk/managed_file.hpp>
#include <agent/sdk/placed_file.hpp>

#include "nvidia_driver.hpp"

namespace agent::nvidia_driver {

namespace {

const Path ours = "/etc/modprobe.d/blacklist-nouveau.conf";
constexpr const char* content = "blacklist nouveau\noptions nouveau modeset=0\n";
constexpr const char* kernel_arguments = "rd.driver.blacklist=nouveau modprobe.blacklist=nouveau";

// Packages of the driver often bring such a file themselves.
bool is_blacklisted(const Host& host) {
  for (const char* folder : {"/etc/modprobe.d", "/lib/modprobe.d", "/usr/lib/modprobe.d"})
    for (const std::string& name : host.list(folder)) {
      const Path file = Path(folder) / name;
      if (!name.ends_with(".conf") || file == ours) continue;
      if (("\n" + host.read(file).value_or("")).find("\nblacklist nouveau\n") != std::string::npos) return true;
    }
  return false;
}

// What is loaded before the disk is there is in the initramfs, and that is a copy.
std::optional<Exec> refreshed_initramfs(const Host& host) {
  Exec exec{.title = "making the initramfs anew"};
  if (host.stat("/usr/sbin/update-initramfs"))
    exec.argv = {"update-initramfs", "-u", "-k", "all"};
  else if (host.stat("/usr/bin/dracut"))
    exec.argv = {"dracut", "--force", "--regenerate-all"};
  else
    return std::nullopt;
  exec.effects.complete = true;
  return exec;
}

void plan_kernel_arguments(const Host& host, Plan& plan) {
  if (!host.stat("/usr/sbin/grubby")) return;
  const Output said = host.query({.argv = {"grubby", "--info=DEFAULT"}});
  if (said.rc != 0 || !said.unknown.empty() || said.out.find("modprobe.blacklist=nouveau") != std::string::npos) return;
  Exec exec{.argv = {"grubby", "--update-kernel=ALL", std::string("--args=") + kernel_arguments},
            .title = "telling every kernel to leave nouveau alone"};
  exec.effects.complete = true;
  plan.steps.push_back({.changes = {{"kernel arguments", std::nullopt, kernel_arguments}}, .actions = {exec}});
}

}  // namespace

void plan_no_nouveau(const Host& host, Plan& plan) {
  if (!is_blacklisted(host)) {
    const bool planned = plan_directories(ours.parent_path(), {}, host, plan);
    Plan file = plan_file(
        {.path = ours, .content = content, .attributes = {.mode = "0644"}, .parent_is_planned = planned}, host);
    if (const auto refresh = refreshed_initramfs(host); refresh && !file.steps.empty())
      file.steps.back().actions.push_back(*refresh);
    for (Step& step : file.steps) plan.steps.push_back(std::move(step));
  }
  plan_kernel_arguments(host, plan);
}

void plan_nouveau_again(const Host& host, Plan& plan) {
  if (!host.stat(ours)) return;
  Step step{.changes = {{ours.string(), "nouveau disabled", std::nullopt}}, .actions = {RemovePath{ours}}};
  if (const auto refresh = refreshed_initramfs(host)) step.actions.push_back(*refresh);
  plan.steps.push_back(std::move(step));
}

}  // namespace agent::nvidia_driver

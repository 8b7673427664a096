#include <agent/sdk/managed_file.hpp>
#include <agent/sdk/placed_file.hpp>

#include "cuda.hpp"

namespace agent::cuda {

namespace {

const Path link = "/usr/local/cuda";
const Path alternative = "/etc/alternatives/cuda";
const Path profile = "/etc/profile.d/cuda.sh";

// "auto" or "manual", from the first line of the record that dpkg or Fedora's alternatives keep; empty: no record.
std::string mode(const Host& host) {
  for (const char* record : {"/var/lib/dpkg/alternatives/cuda", "/var/lib/alternatives/cuda"})
    if (const auto text = host.read(record)) return text->substr(0, text->find('\n'));
  return "";
}

// What the record says once the alternative is set by hand; only its first line counts for what we look at.
std::string record_after(const Version& version, const std::optional<std::string>& now) {
  const std::string rest = now ? now->substr(std::min(now->find('\n'), now->size())) : "\n/usr/local/cuda\n\n";
  return "manual" + rest +
         (rest.find("\n" + version.home().string() + "\n") == std::string::npos
              ? version.home().string() + "\n" + std::to_string(version.number()) + "\n\n"
              : "");
}

Exec alternatives(Strings words, const std::string& title) {
  Exec exec{.argv = {"update-alternatives"}, .title = title};
  exec.argv.insert(exec.argv.end(), words.begin(), words.end());
  exec.effects.complete = true;
  return exec;
}

std::string script(const Version& version) {
  const std::string home = version.home().string();
  return "# CUDA " + version.series + " for login shells; written by agent (module cuda).\n" +
         "case \":$PATH:\" in\n  *:" + home + "/bin:*) ;;\n  *) export PATH=\"" + home +
         "/bin${PATH:+:$PATH}\" ;;\nesac\n" + "case \":$LD_LIBRARY_PATH:\" in\n  *:" + home +
         "/lib64:*) ;;\n  *) export LD_LIBRARY_PATH=\"" + home +
         "/lib64${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}\" ;;\nesac\n";
}

}  // namespace

std::optional<std::string> present_default(const Host& host) {
  const auto info = host.stat(link, false);
  if (!info || !info->is_link()) return std::nullopt;
  if (info->target != alternative) return info->target;
  const auto behind = host.stat(alternative, false);
  return behind && behind->is_link() ? std::optional(behind->target) : std::nullopt;
}

std::optional<std::string> chosen_otherwise(const Version& version, const Host& host) {
  const auto now = present_default(host);
  if (mode(host) != "manual" || !now || *now == version.home().string()) return std::nullopt;
  return now;
}

void plan_default(const Version& version, const Host& host, Plan& plan) {
  const std::string home = version.home().string();
  if (const auto info = host.stat(link, false); info && !info->is_link())
    throw Error("'/usr/local/cuda' is a directory and no link: a CUDA that did not come from packages lies there")
        .hint("move it away (mv /usr/local/cuda /usr/local/cuda-old), or say default: false")
        .about("default");
  const auto before = present_default(host);
  const bool by_hand = mode(host) == "manual";
  if (before == home && by_hand) return;
  Step step{.changes = {{link.string(),
                         before ? std::optional(*before + (by_hand ? "" : ", or the newest")) : std::nullopt, home}}};
  // Most packages register themselves; saying it once more, in the weight that they use, does no harm.
  step.actions.push_back(alternatives({"--install", link.string(), "cuda", home, std::to_string(version.number())},
                                      "registering " + home + " as a choice of /usr/local/cuda"));
  Exec set = alternatives({"--set", "cuda", home}, "making /usr/local/cuda mean " + home);
  const Path record = host.stat("/var/lib/dpkg/alternatives") || host.packages().manager() == "apt"
                          ? "/var/lib/dpkg/alternatives/cuda"
                          : "/var/lib/alternatives/cuda";
  set.effects.files = {{record, record_after(version, host.read(record))}};
  step.actions.push_back(set);
  // These are so by now; they are said once more because check mode carries out no commands.
  step.actions.push_back(MakeLink{alternative, home});
  step.actions.push_back(MakeLink{link, alternative.string()});
  plan.steps.push_back(std::move(step));
}

void plan_profile(const Version& version, const Host& host, Plan& plan) {
  plan_directories(profile.parent_path(), {}, host, plan);
  Plan file = plan_file({.path = profile, .content = script(version), .attributes = {.mode = "0644"}}, host);
  for (Step& step : file.steps) plan.steps.push_back(std::move(step));
}

// Only one that is for this version: another task may have made it for another.
void plan_no_profile(const Version& version, const Host& host, Plan& plan) {
  const auto text = host.read(profile);
  if (!text || text->find(version.home().string() + "/bin:*)") == std::string::npos) return;
  plan.steps.push_back(
      {.changes = {{profile.string(), "CUDA " + version.series, std::nullopt}}, .actions = {RemovePath{profile}}});
}

}  // namespace agent::cuda

#include <algorithm>

#include <agent/sdk/text.hpp>

#include "cuda_repo.hpp"

namespace agent::cuda_repo {

namespace {

std::string excluded(const Want& want) {
  Strings names = want.drivers ? Strings{} : driver_packages("dnf");
  names.insert(names.end(), want.exclude.begin(), want.exclude.end());
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

bool is_ours(std::string address, const std::string& url) {
  while (address.ends_with('/')) address.pop_back();
  return is_nvidia_address(address + "/") || (!url.empty() && address == url);
}

// Keys that NVIDIA withdrew and rpm still trusts; its names for keys begin with the last eight digits.
void plan_withdrawn_key(const Host& host, Plan& plan) {
  for (const Package& key : host.packages().find("gpg-pubkey")) {
    if (!key.version.starts_with("7fa2af80-")) continue;
    Exec exec{.argv = {"rpm", "-e", "--allmatches", "gpg-pubkey-" + key.version},
              .title = "removing the withdrawn key 7fa2af80 from rpm's database"};
    exec.effects.complete = true;
    plan.steps.push_back(
        {.changes = {{"rpm key 7fa2af80", "withdrawn by NVIDIA, trusted", std::nullopt}}, .actions = {exec}});
    return;
  }
}

}  // namespace

void FedoraCudaRepo::place(Source& source) const {
  source.file = "/etc/yum.repos.d/cuda-" + std::string(source.repository->name) + ".repo";
  source.keyring = "/etc/pki/rpm-gpg/RPM-GPG-KEY-cuda-" + std::string(source.repository->name);
}

Strings FedoraCudaRepo::fetch(const std::string& url, const Path& to) const {
  return {"curl", "--fail",     "--silent", "--show-error", "--location", "--retry",  "3",        "--connect-timeout",
          "30",   "--max-time", "300",      "--url",        url,          "--output", to.string()};
}

// Like NVIDIA's own file, but that the key is one that was compared before, on this machine: dnf would trust whatever
// lies at an address.
void FedoraCudaRepo::plan_source(const Source& source, const Want& want, const Host& host, Plan& plan) const {
  std::string text = "[" + source.id + "]\nname=" + source.id + "\nbaseurl=" + source.url +
                     "\nenabled=1\ngpgcheck=1\ngpgkey=file://" + source.keyring.string() + "\n";
  if (want.priority) text += "priority=" + std::to_string(*want.priority) + "\n";
  if (const std::string names = excluded(want); !names.empty()) text += "excludepkgs=" + names + "\n";
  plan_text(source.file, text, host, plan);
}

void FedoraCudaRepo::plan_removal(const Source& source, const Host& host, Plan& plan) const {
  plan_absence(source.file, "repository " + source.url, host, plan);
  plan_absence(source.keyring, "its key", host, plan);
}

bool FedoraCudaRepo::has_index(const Source& source, const Host& host) const {
  for (const char* cache : {"/var/cache/dnf", "/var/cache/libdnf5"})
    for (const std::string& name : host.list(cache))
      if (name.starts_with(source.id + "-") && host.stat(Path(cache) / name / "repodata/repomd.xml")) return true;
  return false;
}

std::optional<std::string> without_nvidia_sections(const std::string& text, const std::string& url) {
  std::string rest, section;
  bool found = false, ours = false;
  const auto finish = [&] {
    if (!ours) rest += section;
    found |= ours;
    section.clear();
    ours = false;
  };
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.starts_with("[")) finish();
    section += line + "\n";
    const auto equals = line.find('=');
    if (equals == std::string::npos || text::trimmed(line.substr(0, equals)) != "baseurl") continue;
    ours |= is_ours(text::trimmed(line.substr(equals + 1)), url);
  }
  finish();
  return found ? std::optional(rest) : std::nullopt;
}

// Repositories of another release (after an upgrade of the system), or under a name that dnf made of an address.
void FedoraCudaRepo::plan_leftovers(const Source& source, const Host& host, Plan& plan) const {
  for (const std::string& name : host.list("/etc/yum.repos.d")) {
    const Path file = Path("/etc/yum.repos.d") / name;
    if (!name.ends_with(".repo") || file == source.file) continue;
    const std::string text = host.read(file).value_or("");
    const auto rest = without_nvidia_sections(text, source.url);
    if (!rest) continue;
    if (rest->find('[') == std::string::npos) {
      plan_absence(file, "another entry of NVIDIA's repository", host, plan);
      continue;
    }
    plan.steps.push_back({.changes = {{.subject = file.string(), .before = text, .after = *rest, .text = true}},
                          .actions = {WriteFile{.path = file, .content = *rest}}});
  }
  plan_withdrawn_key(host, plan);
}

}  // namespace agent::cuda_repo

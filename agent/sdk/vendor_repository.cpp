#include <algorithm>

#include <agent/sdk/managed_file.hpp>
#include <agent/sdk/openpgp_key.hpp>
#include <agent/sdk/package_index.hpp>
#include <agent/sdk/placed_file.hpp>
#include <agent/sdk/vendor_repository.hpp>

namespace agent {

namespace {

/// Where a key waits until it is proved to be the right one; only root may look there.
const char* const waiting_room = "/var/lib/agent/keys";
constexpr std::string_view fetching = "fetching the key ";  // the fingerprint and the keyring follow
constexpr std::chrono::seconds lock_timeout{60};

bool is_apt(const Host& host) {
  return host.packages().manager() == "apt";
}

void add_text(const Path& path, const std::string& content, const Host& host, Plan& plan) {
  const bool planned = plan_directories(path.parent_path(), {}, host, plan);
  Plan file = plan_file({.path = path,
                         .content = content,
                         .attributes = {.mode = "0644", .owner = {}, .group = {}},
                         .parent_is_planned = planned},
                        host);
  for (auto& step : file.steps) plan.steps.push_back(std::move(step));
}

void add_removal(const Path& path, const Host& host, Plan& plan) {
  if (host.stat(path, false)) plan.steps.push_back({{{path.string(), "there", std::nullopt}}, {RemovePath{path}}});
}

void add_key(const VendorRepository& repository, const Host& host, Plan& plan) {
  const Path keyring = keyring_file(repository, host);
  const auto present = host.read(keyring);
  const auto before = present ? std::optional(shown_fingerprints(*present)) : std::nullopt;
  if (before == repository.fingerprint) return;
  const Path fetched = Path(waiting_room) / (repository.id + ".key");
  plan_directories(keyring.parent_path(), {}, host, plan);
  Exec exec{.title = std::string(fetching) + repository.fingerprint + " for " + keyring.string()};
  exec.argv = repository.key_url.starts_with("/") ? Strings{"cp", "--", repository.key_url, fetched.string()}
              : is_apt(host)
                  ? Strings{"/usr/lib/apt/apt-helper", "-o", "Acquire::Retries=3", "download-file", repository.key_url,
                            fetched.string()}
                  : Strings{"curl", "-fsSL", "--retry", "3", "-o", fetched.string(), "--", repository.key_url};
  exec.effects = {.opaque = {keyring}, .complete = true};
  plan.steps.push_back(
      {{{keyring.string(), before ? std::optional("key " + *before) : std::nullopt, "key " + repository.fingerprint}},
       {MakeDirectory{Path(waiting_room).parent_path()}, MakeDirectory{waiting_room, {.mode = 0700}}, exec,
        RemovePath{waiting_room}}});
}

std::string source_text(const VendorRepository& repository, const Host& host) {
  const std::string key = keyring_file(repository, host).string();
  if (is_apt(host)) return "deb [signed-by=" + key + "] " + repository.apt + "\n";
  return "[" + repository.id + "]\nname=" + repository.title + "\nbaseurl=" + repository.rpm +
         "\nenabled=1\ngpgcheck=" + (repository.signs_packages ? "1" : "0") +
         "\nrepo_gpgcheck=" + (repository.signs_index ? "1" : "0") + "\ngpgkey=file://" + key + "\n";
}

}  // namespace

Path source_file(const VendorRepository& repository, const Host& host) {
  return is_apt(host) ? Path("/etc/apt/sources.list.d") / (repository.id + ".list")
                      : Path("/etc/yum.repos.d") / (repository.id + ".repo");
}

Path keyring_file(const VendorRepository& repository, const Host& host) {
  return is_apt(host) ? repository.keyring : Path("/etc/pki/rpm-gpg") / ("RPM-GPG-KEY-" + repository.id);
}

bool plan_repository(const VendorRepository& repository, const Host& host, Plan& plan) {
  const auto steps = plan.steps.size();
  for (const auto& old : repository.old_files)
    if (Path(old) != source_file(repository, host) && Path(old) != keyring_file(repository, host))
      add_removal(old, host, plan);
  add_key(repository, host, plan);
  add_text(source_file(repository, host), source_text(repository, host), host, plan);
  if (plan.steps.size() == steps) return false;
  plan.steps.back().actions.push_back(RefreshPackageIndex{lock_timeout});
  return true;
}

void plan_no_repository(const VendorRepository& repository, const Host& host, Plan& plan) {
  add_removal(source_file(repository, host), host, plan);
  add_removal(keyring_file(repository, host), host, plan);
}

void plan_vendor_packages(const Strings& names, WantedPackages::State state, bool is_new, const Host& host,
                          Plan& plan) {
  WantedPackages wanted;
  wanted.state = state;
  for (const auto& name : names)
    wanted.requests.push_back(is_apt(host) ? package_request(name) : dnf_package_request(name, host.packages()));
  Plan repair, work;
  plan_repair(host, lock_timeout, state == WantedPackages::State::absent ? names : Strings{}, repair);
  const bool never = is_apt(host) && !index_age(host);
  wanted.may_become_possible = is_new || never || !repair.empty();
  plan_packages(wanted, host, work);
  const bool needs_index = never && !is_new && !work.empty() && state != WantedPackages::State::absent;
  if (needs_index) repair.steps.push_back(refresh_step(host, RefreshPackageIndex{lock_timeout}, false));
  for (Plan* part : {&repair, &work}) {
    plan.steps.insert(plan.steps.end(), part->steps.begin(), part->steps.end());
    plan.notes.insert(plan.notes.end(), part->notes.begin(), part->notes.end());
  }
}

Outcome VendorModule::apply(const Plan& plan, Host& host) const {
  Outcome outcome;
  for (const Step& step : plan.steps)
    for (const Action& action : step.actions) {
      try {
        outcome.outputs.push_back(host.perform(action));
        const auto* exec = std::get_if<Exec>(&action);
        if (!exec || !exec->title.starts_with(fetching)) continue;
        const std::string fingerprint =
            exec->title.substr(fetching.size(), exec->title.find(" for ") - fetching.size());
        const bool by_curl = exec->argv.front() == "curl";
        const std::string& fetched = by_curl ? exec->argv[exec->argv.size() - 3] : exec->argv.back();
        const std::string& where = by_curl ? exec->argv.back() : exec->argv[exec->argv.size() - 2];
        const OpenPgpKey key = fetched_key(host.read(fetched).value_or(""), fingerprint, where);
        host.perform(WriteFile{.path = exec->effects.opaque.front(),
                               .content = host.packages().manager() == "apt" ? key.bytes : armoured_key(key.bytes),
                               .attributes = {.mode = 0644}});
      } catch (Error&) {
        if (host.stat(waiting_room)) host.perform(RemovePath{waiting_room});
        throw;
      }
    }
  return outcome;
}

}  // namespace agent

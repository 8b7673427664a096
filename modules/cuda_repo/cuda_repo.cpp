#include "cuda_repo.hpp"

#include <agent/sdk/managed_file.hpp>
#include <agent/sdk/package_index.hpp>
#include <agent/sdk/placed_file.hpp>

namespace agent::cuda_repo {

namespace {

constexpr Variant variants[] = {{"debian", variant<DebianCudaRepo>},   {"ubuntu", variant<DebianCudaRepo>},
                                {"fedora", variant<FedoraCudaRepo>},   {"rhel", variant<FedoraCudaRepo>},
                                {"centos", variant<FedoraCudaRepo>},   {"rocky", variant<FedoraCudaRepo>},
                                {"almalinux", variant<FedoraCudaRepo>}};

constexpr std::chrono::seconds lock_timeout{60};
constexpr const char* fetching = "fetching the key of ";

std::string told(const Plan& plan, std::string_view name) {
  const Value* value = plan.result.find(name);
  return value ? value->string() : "";
}

// A repository that does not answer, or is not signed by its key, would break every later run of the package manager.
void put_back(const Path& file, const std::optional<std::string>& before, Error& error, Host& host) {
  const auto now = host.read(file);
  if (now == before) return;
  if (before)
    host.perform(WriteFile{.path = file, .content = *before});
  else
    host.perform(RemovePath{file});
  error.hint("the repository was taken out again");
}

Map result_of(const Source& source) {
  List series;
  if (!source.repository->first.empty())
    series = {std::string(source.repository->first), std::string(source.repository->last)};
  return {{"repo", std::string(source.repository->name)},
          {"url", source.url},
          {"key_fingerprint", source.fingerprint},
          {"key_url", source.url + "/" + std::string(source.repository->key) + ".pub"},
          {"keyring", source.keyring.string()},
          {"file", source.file.string()},
          {"series", series}};
}

bool is_absent_anyway(const Want& want, const System& system) {
  return want.state == "absent" && want.repo.empty() && !nvidia_repository_for(system);
}

}  // namespace

void plan_text(const Path& path, const std::string& content, const Host& host, Plan& plan) {
  const bool planned = plan_directories(path.parent_path(), {}, host, plan);
  Plan file =
      plan_file({.path = path, .content = content, .attributes = {.mode = "0644"}, .parent_is_planned = planned}, host);
  for (Step& step : file.steps) plan.steps.push_back(std::move(step));
}

void plan_absence(const Path& path, const std::string& what, const Host& host, Plan& plan) {
  if (!host.stat(path, false)) return;
  plan.steps.push_back({.changes = {{path.string(), what, std::nullopt}}, .actions = {RemovePath{path}}});
}

void CudaRepo::plan_key(const Source& source, const Host& host, Plan& plan) const {
  std::optional<std::string> before;
  try {
    if (const auto present = host.read(source.keyring)) before = shown_fingerprints(*present);
  } catch (const Unknown&) {
    return;  // check mode promised the right key already, and nothing else puts one there
  }
  if (before == source.fingerprint) return;
  const Change change{source.keyring.string(), before ? std::optional("key " + *before) : std::nullopt,
                      "key " + source.fingerprint};
  plan_directories(source.keyring.parent_path(), {}, host, plan);
  if (!source.key.empty()) {
    const auto keys = openpgp_keys(source.key);
    const OpenPgpKey& key = only_key(keys, source.fingerprint, "given with the task");
    plan.steps.push_back({.changes = {change},
                          .actions = {WriteFile{
                              .path = source.keyring, .content = keyring_content(key), .attributes = {.mode = 0644}}}});
    return;
  }
  const Path fetched = waiting_room / (std::string(source.repository->key) + ".pub");
  Exec exec{.argv = fetch(source.url + "/" + std::string(source.repository->key) + ".pub", fetched),
            .title = fetching + source.id};
  exec.effects.opaque = {source.keyring};
  exec.effects.complete = true;
  plan.steps.push_back({.changes = {change},
                        .actions = {MakeDirectory{waiting_room.parent_path()},
                                    MakeDirectory{waiting_room, {.mode = 0700}}, exec, RemovePath{waiting_room}}});
}

Plan CudaRepo::check(const Args& args, const Host& host) const {
  const Want want = arguments().read(args);
  Plan plan;
  if (is_absent_anyway(want, host.system())) {
    if (want.remove_old) plan_leftovers({}, host, plan);
    return plan;
  }
  Source source = source_of(want, host.system(), manager());
  place(source);
  plan.result = result_of(source);
  if (want.state == "absent") {
    plan_removal(source, host, plan);
    if (want.remove_old) plan_leftovers(source, host, plan);
    return plan;
  }
  if (!want.repo.empty() && source.repository != nvidia_repository_for(host.system()))
    plan.notes.push_back("'" + want.repo + "' was not made for " + host.system().name);
  if (want.remove_old) plan_leftovers(source, host, plan);
  plan_key(source, host, plan);
  plan_source(source, want, host, plan);
  if (!want.update_cache) return plan;
  if (!plan.empty())
    plan.steps.back().actions.push_back(RefreshPackageIndex{.lock_timeout = lock_timeout});
  else if (!has_index(source, host))
    plan.steps.push_back(refresh_step(host, RefreshPackageIndex{.lock_timeout = lock_timeout}, false));
  return plan;
}

Outcome CudaRepo::apply(const Plan& plan, Host& host) const {
  Outcome outcome;
  const std::string file = told(plan, "file");
  const auto before = file.empty() ? std::nullopt : host.read(file);
  for (const Step& step : plan.steps)
    for (const Action& action : step.actions) try {
        outcome.outputs.push_back(host.perform(action));
        if (const auto* exec = std::get_if<Exec>(&action); exec && exec->title.starts_with(fetching)) {
          const std::string content = host.read(exec->argv.back()).value_or("");
          const OpenPgpKey key = fetched_key(content, told(plan, "key_fingerprint"), told(plan, "key_url"));
          host.perform(
              WriteFile{.path = told(plan, "keyring"), .content = keyring_content(key), .attributes = {.mode = 0644}});
        }
      } catch (Error& error) {
        if (host.stat(waiting_room)) host.perform(RemovePath{waiting_room});
        if (std::holds_alternative<RefreshPackageIndex>(action) && !file.empty()) put_back(file, before, error, host);
        throw;
      }
  return outcome;
}

}  // namespace agent::cuda_repo

AGENT_MODULE(agent::cuda_repo::arguments, agent::cuda_repo::variants)

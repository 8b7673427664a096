#include <algorithm>
#include <array>

#include <agent/executor/host_state.hpp>

namespace agent::executor {

bool steers_connection(std::string_view name) {
  static constexpr std::array<std::string_view, 13> exact = {"ansible_host",
                                                             "ansible_port",
                                                             "ansible_user",
                                                             "ansible_password",
                                                             "ansible_connection",
                                                             "ansible_timeout",
                                                             "ansible_private_key_file",
                                                             "ansible_shell_type",
                                                             "ansible_pipelining",
                                                             "ansible_pass",
                                                             "ansible_remote_tmp",
                                                             "ansible_shell_executable",
                                                             "ansible_async_dir"};
  static constexpr std::array<std::string_view, 7> prefixes = {"ansible_become",   "ansible_ssh_",   "ansible_sudo",
                                                               "ansible_su_",      "ansible_winrm_", "ansible_docker_",
                                                               "ansible_paramiko_"};
  if (name.substr(0, 8) != "ansible_" || name.substr(0, 21) == "ansible_ssh_host_key_") return false;
  if (name.size() > 12 && name.substr(name.size() - 12) == "_interpreter") return true;
  return std::find(exact.begin(), exact.end(), name) != exact.end() ||
         std::any_of(prefixes.begin(), prefixes.end(),
                     [&](auto prefix) { return name.substr(0, prefix.size()) == prefix; });
}

HostState::HostState(std::string name, std::vector<VariableLayer> inventory)
    : name_(std::move(name)), inventory_(std::make_shared<const std::vector<VariableLayer>>(std::move(inventory))) {
  fact_variables_.set("ansible_facts", Map());
}

void HostState::reread_inventory(std::vector<VariableLayer> layers) {
  auto fresh = std::make_shared<const std::vector<VariableLayer>>(std::move(layers));
  const std::unique_lock lock(mutex_);
  inventory_ = std::move(fresh);
}

std::shared_ptr<const std::vector<VariableLayer>> HostState::inventory() const {
  const std::shared_lock lock(mutex_);
  return inventory_;
}

const Map& HostState::map_of(Store store) const {
  return store == Store::set ? set_ : store == Store::included ? included_ : fact_variables_;
}

std::optional<Value> HostState::find(Store store, std::string_view name) const {
  const std::shared_lock lock(mutex_);
  if (store == Store::facts && name == "ansible_facts") return Value(facts_);
  const Value* value = map_of(store).find(name);
  return value ? std::optional(*value) : std::nullopt;
}

Strings HostState::names(Store store) const {
  const std::shared_lock lock(mutex_);
  Strings names;
  for (const auto& [name, value] : map_of(store)) names.push_back(name);
  return names;
}

void HostState::put(Store store, const Map& variables) {
  const std::unique_lock lock(mutex_);
  (store == Store::set ? set_ : store == Store::included ? included_ : fact_variables_).merge(variables);
}

Strings HostState::put_facts(const Map& facts) {
  constexpr std::string_view prefix = "ansible_";
  Strings refused;
  const std::unique_lock lock(mutex_);
  for (const auto& [name, value] : facts) {
    if (steers_connection(name) || name == "ansible_facts") {
      refused.push_back(name);
      continue;
    }
    fact_variables_.set(name, value);
    facts_.set(name.compare(0, prefix.size(), prefix) == 0 ? name.substr(prefix.size()) : name, value);
  }
  return refused;
}

void HostState::gather_with(std::function<Map()> gather) {
  const std::lock_guard lock(gathering_);
  gather_ = std::move(gather);
}

void HostState::need_facts() const {
  const std::lock_guard lock(gathering_);
  if (!gather_) return;
  // Taken first: what gathering itself looks up must not ask for it again.
  const auto gather = std::exchange(gather_, nullptr);
  Map prefixed;
  for (const auto& [name, value] : gather()) prefixed.set("ansible_" + name, value);
  const_cast<HostState*>(this)->put_facts(prefixed);
}

void HostState::clear_facts() {
  const std::lock_guard gathering(gathering_);
  gather_ = nullptr;
  const std::unique_lock lock(mutex_);
  fact_variables_ = Map{{"ansible_facts", Map()}};
  facts_ = {};
}

}  // namespace agent::executor

#include <algorithm>
#include <set>

#include <agent/executor/run.hpp>
#include <agent/executor/task_settings.hpp>
#include <agent/fleet/protocol.hpp>
#include <agent/parcel/loading.hpp>

namespace agent::parcel {
namespace {

/// Finds out what all the plays of a run need.
class Loading {
 public:
  Loading(executor::World& world, const std::vector<Playbook>& playbooks, const RecordedFiles& files,
          bool takes_secrets, std::vector<Error>& refused)
      : world_(world), playbooks_(playbooks), files_(files), takes_secrets_(takes_secrets), refused_(refused) {}

  Load load() {
    Strings names;
    for (const auto& playbook : playbooks_) {
      names.push_back(playbook.file.string());
      for (const auto& play : playbook.plays)
        look_at(play, play.directory.empty() ? playbook.file.parent_path() : play.directory);
    }
    Load out;
    for (const auto& host : hosts_) {
      out.hosts[host] = host_part(host);
      out.addressees.push_back({host, names_of(host)});
    }
    Strings roles;
    for (const auto& path : world_.loader.roles_path()) roles.push_back(path.string());
    take_lookups();
    Map files = files_.answers();
    out.plays = Map{{"playbooks", names},        {"options", fleet::protocol::value_of(world_.options)},
                    {"files", std::move(files)}, {"directory", world_.loader.files().working_directory().string()},
                    {"roles_path", roles},       {"environment", environment_}};
    return out;
  }

 private:
  void look_at(const Play& play, const Path& directory) {
    // Another directory may have other group_vars/ and host_vars/ beside it.
    if (world_.hosts.beside(directory) || layers_.empty()) weigh();
    try {
      const std::string pattern = executor::host_pattern(world_, play);
      const Strings matching = world_.hosts.match(pattern);
      patterns_[pattern] = {matching.begin(), matching.end()};
      for (const auto& host : matching)
        if (std::find(hosts_.begin(), hosts_.end(), host) == hosts_.end()) hosts_.push_back(host);
      for (const auto& host : matching) keep_variables(host, directory);
    } catch (Error& error) {
      refuse(error.at(play.hosts.where()));
    }
  }

  void weigh() {
    const executor::Luggage luggage(world_, playbooks_, executor::Luggage::Amount::everything);
    refuse_all(luggage.of_variables(), takes_secrets_);
    for (const auto& playbook : playbooks_)
      for (const auto& play : playbook.plays) {
        const auto& departure = luggage.of(play);
        refuse_all(departure, false);
        names_groups_ |= departure.names_groups;
      }
    lookups_.insert(luggage.lookups().begin(), luggage.lookups().end());
    directories_.insert(luggage.directories().begin(), luggage.directories().end());
  }

  void refuse_all(const executor::Departure& departure, bool opens_secrets) {
    for (const auto& bond : departure.bonds) refuse(bond);
    if (opens_secrets) return;
    for (const auto& where : departure.encrypted)
      refuse(Error("an encrypted value cannot travel: the machine has no password to open it")
                 .at(where)
                 .hint("--emit-secrets opens what the inventory has encrypted and writes it down for whoever can read "
                       "the file; what is encrypted in a play stays behind"));
  }

  void refuse(const Error& error) {
    if (told_.insert(error.message() + error.where().text()).second) refused_.push_back(error);
  }

  void keep_variables(const std::string& host, const Path& directory) {
    List out;
    const Strings sources = world_.hosts.sources();
    if (!sources.empty()) {
      std::error_code none;
      const Path whole = (world_.loader.files().working_directory() / sources.front()).lexically_normal();
      const bool is_directory = std::filesystem::is_directory(whole, none);
      out.push_back(Map{{"origin", "the place of the inventory"},
                        {"variables", Map{{"inventory_file", whole.string()},
                                          {"inventory_dir", (is_directory ? whole : whole.parent_path()).string()}}}});
    }
    for (const auto& layer : world_.hosts.variables(host)) {
      Map variables;
      for (const auto& [name, value] : layer.variables)
        // Passwords of the way there are no business of the machine's.
        if (name.find("pass") == std::string::npos || !executor::steers_connection(name))
          variables.set(name, opened(value));
      out.push_back(Map{{"origin", layer.origin}, {"variables", fleet::protocol::marked(Value(variables))}});
    }
    layers_[host].set(directory.string(), std::move(out));
  }

  Value opened(const Value& value) const {
    if (value.is_object() && takes_secrets_) return world_.services->open(value);
    if (value.is_list()) {
      List out;
      for (const auto& one : value.list()) out.push_back(opened(one));
      return Value(std::move(out)).at(value.where());
    }
    if (value.is_map()) {
      Map out;
      for (const auto& [name, one] : value.map()) out.set(name, opened(one));
      return Value(std::move(out)).at(value.where());
    }
    return value;
  }

  Value host_part(const std::string& host) const {
    Map patterns;
    for (const auto& [pattern, hosts] : patterns_) patterns.set(pattern, hosts.count(host) != 0);
    const auto layers = layers_.find(host);
    Map out{{"host", host},
            {"patterns", std::move(patterns)},
            {"variables", layers == layers_.end() ? Map() : layers->second},
            {"groups_of", world_.hosts.groups_of(host)}};
    if (names_groups_) out.set("groups", world_.hosts.groups());
    return out;
  }

  Strings names_of(const std::string& host) const {
    Strings out{host};
    for (const auto& layer : world_.hosts.variables(host))
      if (const Value* address = layer.variables.find("ansible_host");
          address && address->is_string() && address->string().find("{{") == std::string::npos &&
          std::find(out.begin(), out.end(), address->string()) == out.end())
        out.push_back(address->string());
    return out;
  }

  void take_lookups() {
    for (const auto& [name, term] : lookups_) {
      if (name == "env") environment_.set(term, world_.services->lookup({"env", {term}, {}, {}})->front());
      if (name != "file") continue;
      for (const auto& directory : directories_) try {
          looked_up_file(world_.loader.files(), term, {directory});
        } catch (const Error&) {
          // It is in another of them, or nowhere: then the task says so.
        }
    }
  }

  executor::World& world_;
  const std::vector<Playbook>& playbooks_;
  const RecordedFiles& files_;
  const bool takes_secrets_;
  std::vector<Error>& refused_;
  std::set<std::string> told_;
  Strings hosts_;
  bool names_groups_ = false;
  std::map<std::string, std::set<std::string>> patterns_;
  std::map<std::string, Map> layers_;  ///< by host: by the directory of the playbook
  std::set<std::pair<std::string, std::string>> lookups_;
  std::set<std::string> directories_;
  Map environment_;
};

}  // namespace

Load load(executor::World& world, const std::vector<Playbook>& playbooks, const RecordedFiles& files,
          bool takes_secrets, std::vector<Error>& refused) {
  return Loading(world, playbooks, files, takes_secrets, refused).load();
}

std::string looked_up_file(const Files& files, const std::string& name, const Strings& places) {
  if (Path(name).is_absolute()) return files.content(name);
  for (const auto& place : places)
    for (const Path& candidate : {Path(place) / "files" / name, Path(place) / name})
      if (files.is_file(candidate)) return files.content(candidate);
  throw Error("there is no file '" + name + "' among those that came with the play");
}

}  // namespace agent::parcel

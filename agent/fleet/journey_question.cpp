#include <agent/fleet/heard_event.hpp>
#include <agent/fleet/journey_question.hpp>
#include <agent/fleet/protocol.hpp>

namespace agent::fleet {
namespace {

Value layers_of(const executor::World& world, const std::string& host) {
  List out;
  for (const auto& layer : world.hosts.variables(host)) {
    Map variables;
    for (const auto& [name, value] : layer.variables)
      // Passwords of the way there are no business of the machine's.
      if (name.find("pass") == std::string::npos || !executor::steers_connection(name)) variables.set(name, value);
    out.push_back(Map{{"origin", layer.origin}, {"variables", protocol::marked(Value(variables))}});
  }
  return out;
}

}  // namespace

Map question_of(const executor::Journey& journey) {
  const executor::PlayContext& play = journey.play;
  const executor::World& world = play.world;
  const auto& departure = journey.luggage.of(play.play);
  const std::string& host = journey.host.name();
  const Strings alone{host};
  Map magic = play.magic;
  if (!departure.names_groups) magic.set("ansible_play_hosts_all", alone);
  Map with{{"playbook", play.playbook.string()},
           {"number", play.number},
           {"name", play.name},
           {"directory", play.playbook_directory.string()},
           {"hosts", departure.names_groups ? play.all_hosts : alone},
           {"prompts", play.prompts},
           {"force_handlers", play.force_handlers},
           {"magic", std::move(magic)},
           {"variables", layers_of(world, host)},
           {"groups_of", world.hosts.groups_of(host)},
           {"keep", journey.luggage.keeps_both_sides_informed()}};
  if (departure.names_groups) with.set("groups", world.hosts.groups());
  if (journey.luggage.keeps_both_sides_informed()) with.set("state", state_of(journey.host));
  return with;
}

Value world_of(const executor::Journey& journey) {
  const executor::World& world = journey.play.world;
  Strings roles;
  for (const auto& path : world.loader.roles_path()) roles.push_back(path.string());
  return Map{{"options", protocol::value_of(world.options)},
             {"files", journey.luggage.files()},
             {"directory", world.loader.files().working_directory().string()},
             {"roles_path", roles},
             {"sources", world.hosts.sources()}};
}

}  // namespace agent::fleet

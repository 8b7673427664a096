#include <algorithm>

#include <agent/executor/luggage.hpp>
#include <agent/executor/packing.hpp>
#include <agent/executor/task_settings.hpp>

namespace agent::executor {
namespace {

namespace fs = std::filesystem;

}  // namespace

bool is_here(const World& world, const std::string& host) {
  if (world.options.connection == "local") return true;
  const auto layers = world.hosts.variables(host);
  return std::any_of(layers.begin(), layers.end(), [](const VariableLayer& layer) {
    const Value* connection = layer.variables.find("ansible_connection");
    return connection && *connection == Value("local");
  });
}

bool Luggage::is_of_use(const World& world) {
  const Strings hosts = world.hosts.match("all");
  return world.recorded &&
         !std::all_of(hosts.begin(), hosts.end(), [&](const auto& host) { return is_here(world, host); });
}

Luggage::Luggage(World& world, const std::vector<Playbook>& playbooks, Amount amount) : world_(world), amount_(amount) {
  std::optional<std::string> tie;
  if (world.options.step) tie = "'--step'";
  if (!world.options.start_at_task.empty()) tie = "'--start-at-task'";
  if (world.approval) tie = "'--expect'";
  if (!world.recorded) tie = "there is nothing to send it with";
  Packing general(world, *this);
  general.text(Value(world.options.extra_vars));
  const Strings hosts = world.hosts.match("all");
  for (const auto& host : hosts) {
    if (is_here(world, host)) is_mixed_ = true;
    for (const auto& layer : world.hosts.variables(host)) general.text(Value(layer.variables));
  }
  if (!tie) tie = general.tie();
  of_variables_.bonds = general.bonds();
  of_variables_.encrypted = general.encrypted();
  for (const auto& playbook : playbooks)
    for (const auto& play : playbook.plays) {
      Departure& departure = departures_[&play];
      departure.tie = tie;
      if (tie && amount_ == Amount::ahead) continue;
      const Path directory = play.directory.empty() ? playbook.file.parent_path() : play.directory;
      const std::lock_guard lock(world.loader_mutex);
      Packing packing(world, *this);
      try {
        packing.pack(play, directory);
      } catch (const std::exception& error) {
        // Whatever that is, the walk meets it where it can be told.
        departure.tie = error.what();
        departure.bonds = {Error(*departure.tie).at(play.where)};
        continue;
      }
      if (!departure.tie) departure.tie = packing.tie();
      departure.bonds = packing.bonds();
      departure.encrypted = packing.encrypted();
      departure.names_groups = general.names_groups() || packing.names_groups();
      departure.becomes = world.options.become.value_or(false) || general.becomes() || packing.becomes();
      departure.reads_variables = packing.reads_variables();
      departure.gathers = packing.gathers();
      departure.errands = packing.errands();
      // Where they are evaluated nobody has read those.
      if (!departure.errands.empty() && !departure.tie && (packing.brings_variables() || packing.reads_variables()))
        departure.tie = "'delegate_to' beside variables that an include brings";
    }
  if (world.recorded) {
    files_ = world.recorded->answers();
    named_ = world.recorded->paths();
  }
  // Plays whose hosts wait for each other stay where they are too many (Run::can_leave).
  is_mixed_ |= std::any_of(departures_.begin(), departures_.end(), [&](const auto& one) {
    return one.second.tie || (one.second.gathers && hosts.size() > std::max<std::size_t>(1, world.options.forks));
  });
  if (!is_mixed_) return;
  // Variables of files are kept raw, as templates; a machine's word is never taken for one.
  for (auto& [play, departure] : departures_)
    if (departure.reads_variables && !departure.tie) departure.tie = "'include_vars' beside plays that stay";
}

bool Luggage::is_within(const Path& path) const {
  std::error_code error;
  const Path real = fs::weakly_canonical(world_.loader.files().working_directory() / path, error);
  if (error) return false;
  for (Path above = real; above.has_relative_path(); above = above.parent_path())
    if (roots_.count(above.string()) != 0) return true;
  return false;
}

Value Luggage::answer(const FileQuestion& question) const {
  if (named_.count(question.path.lexically_normal().string()) == 0 && !is_within(question.path)) {
    // Of what the plays do not name not even that it is there is told.
    if (question.what == "kind") return "none";
    throw Error("'" + question.path.string() + "' is not named by the play, and so not sent to the machine")
        .hint("move it below 'files', 'templates', 'vars' or 'tasks' beside the playbook, or into a role");
  }
  return agent::answer(*world_.recorded, question);
}

List Luggage::lookup(const jinja::LookupCall& call) const {
  const bool is_named =
      call.options.empty() && std::all_of(call.terms.begin(), call.terms.end(), [&](const Value& term) {
        return lookups_.count({call.name, as_text(term)}) != 0;
      });
  const bool is_placed = std::all_of(call.search_path.begin(), call.search_path.end(),
                                     [&](const std::string& one) { return directories_.count(one) != 0; });
  if (!is_named || !is_placed || call.terms.empty())
    throw Error("the lookup '" + call.name + "' with these terms is not one that the play names");
  auto found = world_.services->lookup(call);
  if (!found) throw Error("there is no lookup '" + call.name + "'");
  return std::move(*found);
}

}  // namespace agent::executor

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>
#include <thread>
#include <unordered_set>

#include <agent/executor/alone.hpp>
#include <agent/executor/host_run.hpp>
#include <agent/executor/lockstep.hpp>
#include <agent/executor/outpost.hpp>
#include <agent/executor/run.hpp>
#include <agent/executor/task_settings.hpp>

namespace agent::executor {
namespace {

std::string pattern_text(const Value& hosts) {
  if (!hosts.is_list()) return as_text(hosts);
  std::string out;
  for (const auto& one : hosts.list()) out += (out.empty() ? "" : ",") + as_text(one);
  return out;
}

std::size_t batch_size(const Value& value, std::size_t hosts, const Where& where) {
  double number = 0;
  if (value.is_string() && !value.string().empty() && value.string().back() == '%') {
    const auto percent = as_number(Value(value.string().substr(0, value.string().size() - 1)));
    if (percent) number = std::floor(*percent * static_cast<double>(hosts) / 100);
    if (percent) return std::max<std::size_t>(1, static_cast<std::size_t>(number));
  } else if (const auto count = as_number(value)) {
    return *count <= 0 ? hosts : static_cast<std::size_t>(*count);
  }
  throw Error("serial takes a number, a percentage or a list of them, not '" + as_text(value) + "'").at(where);
}

std::optional<double> percentage(const Value& value) {
  if (value.is_string() && !value.string().empty() && value.string().back() == '%')
    return as_number(Value(value.string().substr(0, value.string().size() - 1)));
  return as_number(value);
}

void put_in_order(Strings& hosts, const std::string& order) {
  if (order == "reverse_inventory") std::reverse(hosts.begin(), hosts.end());
  if (order == "sorted") std::sort(hosts.begin(), hosts.end());
  if (order == "reverse_sorted") std::sort(hosts.rbegin(), hosts.rend());
  if (order == "shuffle") std::shuffle(hosts.begin(), hosts.end(), std::mt19937(std::random_device{}()));
}

Map known_before_hosts(const World& world, const Play& play) {
  Map known = play.scope ? play.scope->settings.vars : Map();
  known.merge(world.options.extra_vars);
  return known;
}

}  // namespace

event::Recap Run::run(const std::vector<Playbook>& playbooks) {
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  Strings files;
  for (const auto& playbook : playbooks) files.push_back(playbook.file.string());
  world_.events.on(event::RunStarted{files, world_.options.check, world_.options.run, world_.options.version,
                                     world_.options.playbook_hash, world_.options.inventory_hash});
  try {
    if (Luggage::is_of_use(world_)) luggage_.emplace(world_, playbooks);
    for (const auto& playbook : playbooks)
      for (std::size_t i = 0; i < playbook.plays.size(); ++i) {
        is_last_play_ = &playbook == &playbooks.back() && i + 1 == playbook.plays.size();
        if (world_.interrupted || !play(playbook, i)) {
          world_.events.on(recap(seconds()));
          return recap(seconds());
        }
      }
  } catch (const Error&) {
    world_.events.on(recap(seconds()));
    throw;
  }
  world_.events.on(recap(seconds()));
  return recap(seconds());
}

event::Recap Run::recap(double seconds) const {
  event::Recap out;
  for (const auto& [name, state] : world_.states)
    if (state->has_counts) out.hosts[name] = state->counts;
  out.check = world_.options.check;
  out.wall = world_.options.wall;
  out.wall_gaps = world_.options.wall_gaps;
  out.interrupted = world_.interrupted;
  out.duration = seconds;
  return out;
}

std::string host_pattern(const World& world, const Play& play) {
  const Map known = known_before_hosts(world, play);
  const Value pattern = world.engine.render(play.hosts, jinja::MapScope(known));
  if (pattern.is_unknown()) throw Error("which hosts the play is for is not known").at(play.hosts.where());
  return pattern_text(pattern);
}

Strings Run::hosts_of(const Play& play, const jinja::Scope& scope) const {
  const std::string pattern = host_pattern(world_, play);
  Strings hosts;
  try {
    hosts = world_.hosts.match(pattern);
  } catch (Error& error) {
    throw error.at(play.hosts.where());
  }
  if (play.order) put_in_order(hosts, as_text(world_.engine.render(*play.order, scope)));
  return hosts;
}

// `order` says who goes first, and not how the host lists read.
Strings Run::in_inventory_order(const Strings& hosts) const {
  const std::unordered_set<std::string> wanted(hosts.begin(), hosts.end());
  Strings known;
  for (auto& host : world_.hosts.match("all"))
    if (wanted.count(host) != 0) known.push_back(std::move(host));
  return known.size() == hosts.size() ? known : hosts;
}

std::vector<Strings> Run::batches(const Play& play, const Strings& hosts, const jinja::Scope& scope) const {
  if (!play.serial || hosts.empty()) return {hosts};
  const Value serial = world_.engine.render(*play.serial, scope);
  const List sizes = serial.is_list() ? serial.list() : List{serial};
  if (sizes.empty()) return {hosts};
  std::vector<Strings> out;
  for (std::size_t at = 0, i = 0; at < hosts.size(); ++i) {
    const auto size = batch_size(sizes[std::min(i, sizes.size() - 1)], hosts.size(), play.serial->where());
    const auto end = std::min(hosts.size(), at + size);
    out.emplace_back(hosts.begin() + static_cast<std::ptrdiff_t>(at), hosts.begin() + static_cast<std::ptrdiff_t>(end));
    at = end;
  }
  return out;
}

Map Run::ask(const Play& play) const {
  Map answers;
  for (const auto& prompt : play.vars_prompt) {
    if (world_.options.extra_vars.contains(prompt.name)) continue;
    const std::string text = prompt.prompt.empty() ? prompt.name : prompt.prompt;
    const std::string fallback = prompt.default_value.is_null() ? "" : as_text(prompt.default_value);
    auto answer = world_.console.ask(text + (fallback.empty() ? "" : " [" + fallback + "]") + ":", !prompt.is_private);
    while (answer && prompt.confirm) {
      const auto again = world_.console.ask("confirm " + text + ":", !prompt.is_private);
      if (!again || *again == *answer) break;
      world_.events.on(event::Prompt{"", "***** VALUES ENTERED DO NOT MATCH ****"});
      answer = world_.console.ask(text + ":", !prompt.is_private);
    }
    if (!answer && prompt.default_value.is_null())
      throw Error("nobody is there to answer the question for '" + prompt.name + "'")
          .at(prompt.where)
          .hint("give it with -e " + prompt.name + "=...");
    answers.set(prompt.name, answer && !answer->empty() ? *answer : fallback);
  }
  return answers;
}

std::string Run::shown_name(const Play& play, const jinja::Scope& scope) const {
  const Value& name = play.name.is_null() || as_text(play.name).empty() ? play.hosts : play.name;
  try {
    return pattern_text(world_.engine.render(name, scope));
  } catch (const Error&) {
    // A name is for reading: what cannot be rendered is shown as it was written.
    return pattern_text(name);
  }
}

bool Run::play(const Playbook& playbook, std::size_t number) {
  const Play& play = playbook.plays[number];
  PlayContext context(world_, play);
  context.playbook = playbook.file;
  context.number = number;
  context.playbook_directory = play.directory.empty() ? playbook.file.parent_path() : play.directory;
  const Map known = known_before_hosts(world_, play);
  const jinja::MapScope scope(known);
  if (world_.hosts.beside(context.playbook_directory))
    for (auto& [name, state] : world_.states) state->reread_inventory(world_.hosts.variables(name));
  const Strings all = hosts_of(play, scope);
  context.name = shown_name(play, scope);
  context.all_hosts = in_inventory_order(all);
  const bool forced = play.force_handlers && as_flag(world_.engine.render(*play.force_handlers, scope)).value_or(false);
  context.force_handlers = forced || world_.options.force_handlers;
  if (all.empty()) {
    world_.events.on(event::PlayStarted{context.name, {}, world_.options.check, play.where});
    return true;
  }
  context.prompts = ask(play);
  context.prepare();
  for (const auto& hosts : batches(play, all, scope)) {
    context.batch.clear();
    for (const auto& host : hosts)
      if (const auto& state = world_.state_of(host); !state.failed && !state.unreachable) context.batch.push_back(host);
    if (context.batch.empty()) {
      if (all.size() == hosts.size()) return false;
      continue;
    }
    if (!batch(context)) return false;
    if (context.ended) break;
  }
  return true;
}

void Run::walk_in_step(PlayContext& context) {
  const Strings hosts = context.batch;
  if (hosts.size() == 1) {
    Alone alone(hosts.front(), world_.events, world_.interrupted);
    HostRun(HostContext{world_, context, world_.state_of(hosts.front()), alone, world_.events}).run();
  } else {
    Lockstep::Limits limits{world_.options.forks, std::nullopt};
    if (context.play.max_fail_percentage) limits.max_fail_percentage = percentage(*context.play.max_fail_percentage);
    Lockstep together(hosts, limits, world_.events, world_.interrupted);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < hosts.size(); ++i)
      threads.emplace_back([&, i] {
        HostRun(HostContext{world_, context, world_.state_of(hosts[i]), together, world_.events, i}).run();
      });
    for (auto& thread : threads) thread.join();
  }
}

bool Run::batch(PlayContext& context) {
  world_.events.on(event::PlayStarted{context.name, context.batch, world_.options.check, context.play.where});
  can_leave(context) ? walk_there(context) : walk_in_step(context);
  const Strings& hosts = context.batch;
  return std::any_of(hosts.begin(), hosts.end(), [&](const std::string& host) {
    const auto& state = world_.state_of(host);
    return !state.failed && !state.unreachable;
  });
}

}  // namespace agent::executor

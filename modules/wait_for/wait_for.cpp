#include "wait_for.hpp"

#include <chrono>

#include <agent/sdk/module.hpp>
#include <agent/sdk/paths.hpp>
#include <agent/sdk/regex.hpp>

namespace agent::wait_for {
namespace {

using Clock = std::chrono::steady_clock;

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("wait_for", "Waits until a port answers, a file is there, or a text appears.")
          .description(
              "With neither `port` nor `path` it waits for `timeout` seconds. Waiting is never reported as a change.")
          .optional("host", &Want::host, "name or address of the machine whose port it is, as this machine sees it")
          .optional("port", &Want::port, "TCP port")
          .optional("path", &Want::path, "file")
          .as(Type::path)
          .optional("state", &Want::state,
                    "what to wait for: started or present (it is there), stopped or absent (it is not), drained (no "
                    "connection is open)")
          .choices({"started", "present", "stopped", "absent", "drained"})
          .optional("search_regex", &Want::search_regex, "a pattern that the file, or what the port sends, must match")
          .optional("timeout", &Want::timeout, "seconds after which it fails")
          .optional("delay", &Want::delay, "seconds before the first look")
          .optional("sleep", &Want::sleep, "seconds between two looks")
          .optional("connect_timeout", &Want::connect_timeout, "seconds that one connection may take")
          .optional("exclude_hosts", &Want::exclude_hosts, "with drained: machines whose connections do not count")
          .optional("active_connection_states", &Want::active_connection_states, "with drained: which states count")
          .optional("msg", &Want::msg, "what to say when the time is over")
          .exclusive({"port", "path"})
          .reads_network()
          .example("Until Jupyter answers", "- wait_for: {port: 8888, timeout: 60}")
          .example("Until a lock is gone", "- wait_for: {path: /var/lib/dpkg/lock-frontend, state: absent}")
          .example("Until the log says so", "- wait_for: {path: /var/log/job.log, search_regex: 'epoch (\\d+) done'}")
          .returns("elapsed", "integer", "seconds that it took")
          .returns("state", "text", "what was waited for")
          .returns("match_groups", "list", "the groups of `search_regex`")
          .returns("match_groupdict", "map", "those with names");
  return spec;
}

std::string target_of(const Want& want) {
  if (want.path) return "file " + *want.path;
  return want.port ? want.host + ":" + std::to_string(*want.port) : "time";
}

void check_arguments(const Want& want) {
  if (want.port && (*want.port < 0 || *want.port > 65535)) throw Error("a port is a number up to 65535").about("port");
  if (want.path && want.state == "drained")
    throw Error("'state: drained' is for a port, not for a file").about("state");
  if (want.state == "drained" && !want.port) throw Error("'state: drained' needs 'port'").about("state");
  if (want.search_regex && (want.state == "stopped" || want.state == "drained") && want.port)
    throw Error("'search_regex' goes with a port that answers or a file").about("search_regex");
  if (want.search_regex) Regex(*want.search_regex, {.multiline = true, .bytes = true});
}

Map result_of(const Want& want, Clock::time_point start, const Map& found) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start).count();
  Map result = {{"elapsed", seconds}, {"state", want.state}};
  result.set("port", want.port ? Value(*want.port) : Value());
  result.set("path", want.path ? Value(*want.path) : Value());
  result.set("search_regex", want.search_regex ? Value(*want.search_regex) : Value());
  result.merge({{"match_groups", List{}}, {"match_groupdict", Map{}}});
  result.merge(found);
  return result;
}

Error too_late(const Want& want, Map result) {
  std::string text = want.msg.value_or("");
  if (text.empty()) {
    text = target_of(want) + " was not " + (want.state == "present" ? "there" : want.state) + " within " +
           std::to_string(want.timeout) + " seconds";
    if (want.search_regex) text += ", or nothing in it matched '" + *want.search_regex + "'";
  }
  return Error(text).with(std::move(result));
}

// The plan's actions are the pauses; the wish itself travels in the plan's result, under the name that it has there.
Action pause_of(std::int64_t seconds) {
  return Exec{.argv = {"sleep", std::to_string(seconds)}, .effects = {.complete = true}, .title = "wait"};
}

class WaitFor : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override {
    const Want want = arguments().read(args);
    check_arguments(want);
    if (want.port || want.path) {
      const Sight sight = want.delay > 0 ? Sight{} : look(want, host);
      if (sight.is_so) return {.steps = {}, .result = result_of(want, Clock::now(), sight.found)};
    }
    Plan plan{.steps = {}, .result = {{"invocation", Map{{"module_args", args}}}}};
    const std::string until = want.port || want.path ? want.state : std::to_string(want.timeout) + " seconds";
    plan.steps.push_back({.changes = {{target_of(want), "not yet", until}},
                          .actions = {pause_of(want.sleep)},
                          .event = true,
                          .renewal = true});
    return plan;
  }

  Outcome apply(const Plan& plan, Host& host) const override {
    const Want want = arguments().read((*plan.result.find("invocation"))["module_args"].map());
    const auto start = Clock::now();
    const auto deadline = start + std::chrono::seconds(want.timeout);
    if (want.delay > 0) host.perform(pause_of(want.delay));
    if (!want.port && !want.path) {
      host.perform(pause_of(std::max<std::int64_t>(0, want.timeout - want.delay)));
      return {.outputs = {}, .result = result_of(want, start, {})};
    }
    while (true) {
      if (const Sight sight = look(want, host); sight.is_so)
        return {.outputs = {}, .result = result_of(want, start, sight.found)};
      if (Clock::now() >= deadline) throw too_late(want, result_of(want, start, {}));
      const auto left = std::chrono::duration_cast<std::chrono::seconds>(deadline - Clock::now()).count();
      host.progress("waiting for " + target_of(want),
                    1 - static_cast<double>(left) / static_cast<double>(std::max<std::int64_t>(1, want.timeout)));
      host.perform(plan.steps.front().actions.front());
    }
  }
};

constexpr Variant variants[] = {{"any", variant<WaitFor>}};

Sight matched(const Want& want, const std::string& text) {
  const Regex expression(*want.search_regex, {.multiline = true, .bytes = true});
  const auto match = expression.search(text);
  if (!match) return {};
  List groups;
  Map named;
  for (std::size_t i = 1; i <= match->groups(); ++i)
    groups.push_back(match->group(i) ? Value(*match->group(i)) : Value());
  for (const auto& [name, number] : expression.names())
    named.set(name, match->group(number) ? Value(*match->group(number)) : Value());
  return {true, {{"match_groups", groups}, {"match_groupdict", named}}};
}

Sight look_at_file(const Want& want, const Host& host) {
  const Path file = path_argument(*want.path, host);
  const auto info = host.stat(file);
  if (!info || !want.search_regex) return {info.has_value() == want.wants_presence()};
  const Sight sight = matched(want, host.read(file).value_or(""));
  return want.wants_presence() ? sight : Sight{!sight.is_so};
}

Sight look_at_port(const Want& want, const Host& host) {
  if (want.state == "drained") return {active_connections(want, host) == 0};
  if (!want.wants_presence()) return {!connect_to(want, nullptr).connected};
  if (!want.search_regex) return {connect_to(want, nullptr).connected};
  const Answer answer = connect_to(want, [&](const std::string& text) { return matched(want, text).is_so; });
  return answer.connected ? matched(want, answer.text) : Sight{};
}

}  // namespace

Sight look(const Want& want, const Host& host) {
  return want.path ? look_at_file(want, host) : look_at_port(want, host);
}

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::wait_for

AGENT_MODULE(agent::wait_for::arguments, agent::wait_for::variants)

#include <chrono>
#include <cmath>
#include <ctime>

#include <agent/sdk/module.hpp>

namespace agent::pause {
namespace {

struct Want {
  std::optional<double> seconds, minutes;
  std::optional<std::string> prompt;
  bool echo = true;
};

const SpecOf<Want>& arguments() {
  static const auto spec = SpecOf<Want>("pause", "Waits for a time, or for a person.")
                               .description(
                                   "With a time it waits that long. Without one the engine asks at the terminal; where "
                                   "there is none, it does not wait.")
                               .optional("seconds", &Want::seconds, "how long")
                               .optional("minutes", &Want::minutes, "how long")
                               .optional("prompt", &Want::prompt, "what to say, and what to ask")
                               .optional("echo", &Want::echo, "show what is typed")
                               .exclusive({"seconds", "minutes"})
                               .plain()
                               .example("Until the service has settled", "- pause: {seconds: 10}")
                               .returns("user_input", "text", "what was typed")
                               .returns("delta", "integer", "seconds that it took")
                               .returns("start", "text", "when it began")
                               .returns("stop", "text", "when it ended")
                               .returns("stdout", "text", "\"Paused for 10.0 seconds\"");
  return spec;
}

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  return text;
}

std::string seconds_text(double seconds) {
  const double rounded = std::round(seconds * 100) / 100;
  return Value(rounded).json();
}

class Pause : public Module {
 public:
  Plan check(const Args& args, const Host&) const override {
    const Want want = arguments().read(args);
    const double seconds = want.seconds.value_or(want.minutes.value_or(0) * 60);
    if (seconds < 0) throw Error("a pause cannot be shorter than nothing").about(want.seconds ? "seconds" : "minutes");
    Plan plan{.steps = {}, .result = {{"echo", want.echo}, {"rc", 0}, {"stderr", ""}}};
    if (seconds == 0) return plan;
    Exec exec{.argv = {"sleep", seconds_text(seconds)},
              .effects = {.complete = true},
              .title = "pause for " + seconds_text(seconds) + " seconds"};
    plan.steps.push_back({.changes = {{"time", std::nullopt, seconds_text(seconds) + " seconds"}},
                          .actions = {exec},
                          .event = true,
                          .renewal = true});
    return plan;
  }

  Outcome apply(const Plan& plan, Host& host) const override {
    const std::string start = now_text();
    const auto began = std::chrono::steady_clock::now();
    Outcome outcome = Module::apply(plan, host);
    const double taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    outcome.result = {{"start", start},
                      {"stop", now_text()},
                      {"delta", static_cast<std::int64_t>(taken)},
                      {"stdout", "Paused for " + seconds_text(taken) + " seconds"}};
    return outcome;
  }
};

constexpr Variant variants[] = {{"any", variant<Pause>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::pause

AGENT_MODULE(agent::pause::arguments, agent::pause::variants)

#include <agent/sdk/checksum.hpp>
#include <agent/sdk/command_task.hpp>
#include <agent/sdk/paths.hpp>
#include <agent/sdk/shell_words.hpp>

namespace agent::script {
namespace {

struct Want : CommandOptions {
  std::string cmd;
  std::optional<std::string> executable;
};

const SpecOf<Want>& arguments() {
  static const auto spec =
      with_command_results(
          with_command_options(
              SpecOf<Want>("script", "Brings a script to the machine and runs it there.")
                  .description(
                      "The script is looked for in `files/`, is copied to a private directory of the user, run, and "
                      "removed. Its first line (`#!`) says what runs it, unless `executable` does.")
                  .required("cmd", &Want::cmd, "the script's file, then its arguments")
                  .from_controller("files"))
              .optional("executable", &Want::executable, "the program that runs the script"))
          .free_text("cmd")
          .example("Once", "- script: setup-swap.sh 32G\n  args: {creates: /swapfile}");
  return spec;
}

std::string content_of(const Args& args) {
  const Value* content = args.find("cmd_content");
  if (content == nullptr || content->is_null())
    throw Error("the script's content did not arrive with the task").about("cmd");
  if (content->is_unknown()) throw Unknown(content->reasons());
  return content->string();
}

/// A directory that nobody else may look into or write to.
Path private_directory(const Host& host) {
  const auto cache = host.environment("XDG_CACHE_HOME");
  return (cache && cache->starts_with('/') ? Path(*cache) : Path(host.self().home) / ".cache") / "agent";
}

Strings command_of(const Want& want, const Path& file, const Host& host) {
  Strings argv = split_words(want.cmd);
  if (argv.empty()) throw Error("no script given").about("cmd");
  for (std::string& word : argv) word = expand_user_and_variables(word, host);
  argv.front() = file.string();
  if (want.executable) {
    const Strings program = split_words(*want.executable);
    argv.insert(argv.begin(), program.begin(), program.end());
  }
  return argv;
}

class Script : public CommandModule {
 public:
  Plan check(const Args& args, const Host& host) const override {
    const Want want = arguments().read(args);
    if (const auto reason = reason_to_skip(want, host)) {
      const char* option = reason->why == "exists" ? ", matching creates option" : ", matching removes option";
      return {.steps = {}, .result = {{"skipped", true}, {"msg", reason->path + " " + reason->why + option}}};
    }
    const std::string content = content_of(args);
    const Path file = private_directory(host) / ("script-" + checksum(Digest::sha256, content).substr(0, 16));
    Step step = command_step(command_of(want, file, host), want.cmd, want, host);
    step.actions.insert(step.actions.begin(),
                        {MakeDirectory{private_directory(host), {.mode = 0700}},
                         WriteFile{.path = file, .content = content, .attributes = {.mode = 0700}}});
    step.actions.push_back(RemovePath{file});
    return {.steps = {std::move(step)}};
  }

  /// The script is removed also where it fails.
  Outcome apply(const Plan& plan, Host& host) const override {
    try {
      return CommandModule::apply(plan, host);
    } catch (...) {
      for (const Step& step : plan.steps) host.perform(step.actions.back());
      throw;
    }
  }
};

constexpr Variant variants[] = {{"any", variant<Script>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::script

AGENT_MODULE(agent::script::arguments, agent::script::variants)

#include <random>

#include <agent/sdk/managed_file.hpp>
#include <agent/sdk/module.hpp>
#include <agent/sdk/paths.hpp>

namespace agent::tempfile {
namespace {

struct Want {
  std::string state = "file", prefix = "ansible.", suffix;
  std::optional<std::string> path;
};

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("tempfile", "Makes a temporary file or directory that only its user may read.")
          .description("Each run makes a new one. Nobody removes it but you.")
          .optional("state", &Want::state, "what to make")
          .choices({"file", "directory"})
          .optional("path", &Want::path, "the directory to make it in; by default the user's temporary one")
          .as(Type::path)
          .optional("prefix", &Want::prefix, "how its name starts")
          .optional("suffix", &Want::suffix, "how its name ends")
          .example("A place to build in", "- tempfile: {state: directory, suffix: .build}\n  register: work")
          .returns("path", "text", "what was made")
          .returns("state", "text", "file or directory")
          .returns("mode", "text", "permission bits")
          .returns("owner", "text", "name of the owner")
          .returns("group", "text", "name of the group");
  return spec;
}

void expect_name_part(const std::string& text, const char* argument) {
  if (text.find('/') != std::string::npos)
    throw Error("'" + text + "' is no part of a file name").hint("'path' names the directory").about(argument);
}

constexpr std::string_view blank = "XXXXXXXXXX";  // stands in the plan for what is drawn when the thing is made

// Nobody can guess it, so nobody can be there before us.
std::string drawn() {
  static constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789_";
  std::random_device kernel;
  std::uniform_int_distribution<std::size_t> any(0, letters.size() - 1);
  std::string text;
  while (text.size() < blank.size()) text += letters[any(kernel)];
  return text;
}

// The planned action with a name of its own, where nothing is yet.
Path name_it(Action& action, const Host& host) {
  Path& path = std::visit(
      [](auto& typed) -> Path& {
        if constexpr (requires {
                        typed.attributes.mode;
                        typed.path;
                      })
          return typed.path;
        else
          throw Error("a temporary file is made by no such action");
      },
      action);
  const std::string pattern = path.filename();
  const auto at = pattern.rfind(blank);
  do path.replace_filename(pattern.substr(0, at) + drawn() + pattern.substr(at + blank.size()));
  while (host.stat(path, false));
  return path;
}

class TempFile : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override {
    const Want want = arguments().read(args);
    expect_name_part(want.prefix, "prefix");
    expect_name_part(want.suffix, "suffix");
    const std::string directory = want.path.value_or(host.environment("TMPDIR").value_or("/tmp"));
    const Path where = path_argument(directory, host);
    const auto info = host.stat(where);
    if (!info || !info->is_directory())
      throw Error("there is no directory '" + where.string() + "' to make it in").about("path");
    const Path path = where / (want.prefix + std::string(blank) + want.suffix);
    expect_links_to_be_trusted(path, host);
    const Action make = want.state == "directory"
                            ? Action(MakeDirectory{path, {.mode = 0700}})
                            : Action(WriteFile{.path = path, .content = "", .attributes = {.mode = 0600}});
    return {.steps = {{.changes = {{"temporary " + want.state, std::nullopt,
                                    (where / want.prefix).string() + "..." + want.suffix}},
                       .actions = {make},
                       .event = true}}};
  }

  Outcome apply(const Plan& plan, Host& host) const override {
    Outcome outcome;
    for (const Step& step : plan.steps)
      for (Action action : step.actions) {
        const Path path = name_it(action, host);
        outcome.outputs.push_back(host.perform(action));
        if (const auto info = host.stat(path, false)) outcome.result = registered(*info, host);
        outcome.result.set("path", path.string());
      }
    return outcome;
  }
};

constexpr Variant variants[] = {{"any", variant<TempFile>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::tempfile

AGENT_MODULE(agent::tempfile::arguments, agent::tempfile::variants)

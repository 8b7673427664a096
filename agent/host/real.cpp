#include <csignal>
#include <cstdlib>
#include <cstring>

#include <sys/stat.h>
#include <unistd.h>

#include <agent/host/dnf_question.hpp>
#include <agent/host/facts.hpp>
#include <agent/host/look.hpp>
#include <agent/host/os_release.hpp>
#include <agent/host/pip_progress.hpp>
#include <agent/host/real.hpp>
#include <agent/host/rights.hpp>
#include <agent/host/users.hpp>
#include <agent/sdk/text.hpp>

namespace agent {
namespace {

/// Whether the environment of this process is that of `user`, and not of whoever became that user.
bool is_own_login(const User& user) {
  const char* home = std::getenv("HOME");
  return home != nullptr && user.home == home;
}

Error failure(const Exec& action, const Finished& finished) {
  const Output& output = finished.output;
  const std::string name = "'" + (action.title.empty() ? text::joined(action.argv, " ") : action.title) + "'";
  // Tools put the reason into their last line.
  std::string said = text::last_line(output.err.empty() ? output.out : output.err);
  if (said.size() > 500) said = said.substr(0, 500) + "...";
  std::string message = name + " failed with exit code " + std::to_string(output.rc);
  if (finished.signal != 0)
    message =
        name + " was killed by signal " + std::to_string(finished.signal) + " (" + ::strsignal(finished.signal) + ")";
  if (!said.empty()) message += ": " + said;
  return Error(message).with({{"rc", output.rc}, {"stdout", output.out}, {"stderr", output.err}, {"cmd", action.argv}});
}

}  // namespace

RealHost::RealHost(Options options)
    : options_(std::move(options)),
      system_(read_system()),
      self_(options_.self ? *options_.self : current_user()),
      own_login_(is_own_login(self_)),
      login_(minimal_environment(self_, own_environment(), own_login_)),
      files_([this](const Strings& argv) { return query({argv}); }) {}

RealHost::~RealHost() = default;

void RealHost::set_environment(Environment environment) {
  options_.environment = std::move(environment);
}

std::optional<Error> RealHost::missing_right(const Action& action) const {
  return agent::missing_right(action, self_);
}

const PackageDb& RealHost::packages() const {
  return package_system().db();
}

std::optional<std::string> RealHost::read(const Path& file) const {
  return read_file(file);
}
std::optional<FileInfo> RealHost::stat(const Path& path, bool follow) const {
  return look_at(path, follow);
}
Strings RealHost::list(const Path& directory) const {
  return list_directory(directory);
}
std::optional<User> RealHost::user(const std::string& name_or_uid) const {
  return users_.user(name_or_uid);
}
std::optional<Group> RealHost::group(const std::string& name_or_gid) const {
  return users_.group(name_or_gid);
}

std::optional<std::string> RealHost::environment(const std::string& name) const {
  const auto forced = options_.forced.find(name);
  if (forced != options_.forced.end() && (options_.shows_forced || name == "AGENT_WALL")) return forced->second;
  if (const auto own = options_.environment.find(name); own != options_.environment.end()) return own->second;
  const auto found = login_.find(name);
  return found == login_.end() ? std::nullopt : std::optional(found->second);
}

Output RealHost::query(const Query& query) const {
  Command command;
  command.argv = leaving_no_trace(query.argv);
  command.environment = surroundings();
  command.environment["LC_ALL"] = "C";
  for (const auto& [name, value] : query.environment) command.environment[name] = value;
  command.directory = working_directory(query.directory);
  command.deadline = query.deadline;
  command.when_we_die = SIGKILL;
  command.leaves_nothing = true;
  Finished finished = run(command);
  if (finished.timed_out)
    throw Error("'" + text::joined(query.argv, " ") + "' gave no answer within " +
                std::to_string(std::chrono::ceil<std::chrono::seconds>(query.deadline).count()) + " s, and was ended");
  return std::move(finished.output);
}

Value RealHost::facts(const Strings& subsets) const {
  Environment shown = own_login_ ? own_environment() : Environment{};
  for (const auto& [name, value] : declared()) shown[name] = value;
  return gather_facts(subsets, *this, shown);
}

Output RealHost::perform(const Action& action) {
  users_.forget();  // it may be about them
  return std::visit(
      [this](const auto& typed) -> Output {
        using Typed = std::decay_t<decltype(typed)>;
        if constexpr (std::is_same_v<Typed, Exec>)
          return execute(typed);
        else if constexpr (requires { files_.perform(typed); })
          return files_.perform(typed);
        else
          return package_system().perform(typed);
      },
      action);
}

void RealHost::progress(const std::string& text, double fraction) const {
  if (options_.progress) options_.progress(text, fraction);
}

Output RealHost::execute(const Exec& action) const {
  if (auto answer = options_.answer ? options_.answer(action) : std::nullopt; answer && action.any_exit)
    return std::move(*answer);
  Command command;
  command.argv = action.argv;
  command.environment = surroundings();
  if (action.drops_locale) command.environment["LC_ALL"] = "C";
  for (const auto& [name, value] : action.environment) command.environment[name] = value;
  command.directory = working_directory(action.directory);
  command.input = action.input;
  PipProgress pip;
  if (action.progress == Progress::lines) command.line = [this](std::string_view line) { progress(std::string(line)); };
  if (action.progress == Progress::pip)
    command.line = [this, &pip](std::string_view line) {
      if (const auto news = pip.read(line)) progress(news->text, news->fraction);
    };
  Finished finished = run(command);
  if (finished.output.rc != 0 && !action.any_exit) throw failure(action, finished);
  return std::move(finished.output);
}

Output RealHost::run_package_tool(const PackageCommand& tool) const {
  Command command;
  command.argv = tool.argv;
  command.environment = login_;
  command.environment["LC_ALL"] = "C";
  for (const auto& [name, value] : tool.environment) command.environment[name] = value;
  for (const auto& [name, value] : options_.forced) command.environment[name] = value;
  command.directory = "/";
  command.line = tool.line;
  command.status = tool.status;
  command.deadline = tool.deadline;
  command.when_we_die = 0;  // a package manager that is cut off leaves more to repair than one that ends alone
  Finished finished = run(command);
  if (finished.timed_out)
    throw Error("'" + text::joined(tool.argv, " ") + "' did not end within " +
                std::to_string(std::chrono::ceil<std::chrono::seconds>(tool.deadline).count()) + " s, and was ended");
  return std::move(finished.output);
}

Environment RealHost::declared() const {
  Environment all = login_;
  for (const auto& [name, value] : options_.environment) all[name] = value;
  return all;
}

Environment RealHost::surroundings() const {
  Environment all = declared();
  for (const auto& [name, value] : options_.forced) all[name] = value;
  return all;
}

Path RealHost::working_directory(const std::optional<Path>& wanted) const {
  if (wanted) return wanted->is_absolute() ? *wanted : Path(self_.home) / *wanted;
  struct stat info {};
  const bool usable = ::stat(self_.home.c_str(), &info) == 0 && ::access(self_.home.c_str(), X_OK) == 0;
  return usable ? Path(self_.home) : Path("/");
}

PackageSystem& RealHost::package_system() const {
  if (!packages_) {
    PackageContext context;
    context.run = [this](const PackageCommand& tool) { return run_package_tool(tool); };
    context.progress = [this](const std::string& text, double fraction) { progress(text, fraction); };
    packages_ = options_.packages(system_, std::move(context));
  }
  return *packages_;
}

}  // namespace agent

#include <algorithm>
#include <cctype>

#include <agent/host/overlay.hpp>

namespace agent {
namespace {

std::string not_done(const std::string& cause) {
  return "'" + cause + "', which check mode did not do";
}

bool is_path_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("_.-/~+@%").find(c) != std::string_view::npos;
}

/// The absolute paths in a text: an argument that is one, one behind "--option=", or those in a script.
std::vector<Path> paths_in(const std::string& text) {
  std::vector<Path> paths;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '/' || (i > 0 && is_path_character(text[i - 1]))) continue;
    const std::size_t start = i;
    while (i < text.size() && is_path_character(text[i])) ++i;
    paths.emplace_back(text.substr(start, i - start));
  }
  return paths;
}

/// Programs whose answers speak of packages.
bool asks_for_packages(const std::string& program) {
  if (program == "dpkg-deb") return false;  // it looks into a file
  static constexpr const char* names[] = {"apt", "dpkg", "rpm", "dnf", "yum", "aptitude"};
  return std::any_of(std::begin(names), std::end(names), [&](const char* name) {
    return program.compare(0, std::char_traits<char>::length(name), name) == 0;
  });
}

bool starts_with(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

bool is_shared_prefix(const Path& path) {
  return path == "/" || path == "/usr" || path == "/usr/local";
}

}  // namespace

OverlayHost::OverlayHost(const Host& real, const std::vector<Action>& earlier)
    : real_(real),
      tree_(real),
      packages_([&real]() -> const PackageDb& { return real.packages(); }, [this] { return doubt_about_sources(); }) {
  foresee(earlier);
}

void OverlayHost::foresee(const std::vector<Action>& actions) {
  for (const auto& action : actions) {
    try {
      perform(action);
    } catch (const Error&) {  // another user's business: this one cannot look there either
    } catch (const Unknown&) {
    }
  }
}

bool OverlayHost::changes_only_files() const {
  return std::all_of(performed_.begin(), performed_.end(), [](const Action& action) {
    const auto* exec = std::get_if<Exec>(&action);
    if (exec) return exec->effects.complete;
    return std::visit(
        [](const auto& typed) {
          return requires {
            typed.path;
          }
          || requires {
            typed.from;
          };
        },
        action);
  });
}

std::optional<User> OverlayHost::user(const std::string& name_or_uid) const {
  auto user = real_.user(name_or_uid);
  if (!user)
    if (const auto doubt = doubt_about_name(name_or_uid)) throw Unknown("whether there is a user " + *doubt);
  return user;
}

std::optional<Group> OverlayHost::group(const std::string& name_or_gid) const {
  auto group = real_.group(name_or_gid);
  if (!group)
    if (const auto doubt = doubt_about_name(name_or_gid)) throw Unknown("whether there is a group " + *doubt);
  return group;
}

Output OverlayHost::query(const Query& query) const {
  Output output;
  output.unknown = doubts(query);
  return output.unknown.empty() ? real_.query(query) : output;
}

Output OverlayHost::perform(const Action& action) {
  const std::string cause = describe(action);
  Output output = std::visit([&](const auto& typed) { return predict(typed, cause); }, action);
  performed_.push_back(action);
  return output;
}

// ---- what an action would do -------------------------------------------------------------------------------------

Output OverlayHost::predict(const WriteFile& action, const std::string& cause) {
  Output output;
  if (action.backup) output.out = tree_.back_up(action.path, cause);
  tree_.write(action.path, action.content, action.attributes, cause);
  return output;
}

Output OverlayHost::predict(const MakeDirectory& action, const std::string& cause) {
  tree_.make_directory(action.path, action.attributes, cause);
  return {};
}

Output OverlayHost::predict(const MakeLink& action, const std::string& cause) {
  if (action.hard)
    tree_.make_second_name(action.path, action.target, cause);
  else
    tree_.make_link(action.path, action.target, cause);
  return {};
}

Output OverlayHost::predict(const SetAttributes& action, const std::string& cause) {
  tree_.set_attributes(action, cause);
  return {};
}

Output OverlayHost::predict(const CopyPath& action, const std::string& cause) {
  Output output;
  if (action.backup) output.out = tree_.back_up(action.to, cause);
  tree_.copy(action.from, action.to, action.attributes, cause);
  return output;
}

Output OverlayHost::predict(const RemovePath& action, const std::string& cause) {
  if (tree_.stat(action.path, false)) tree_.remove(action.path, cause);
  return {};
}

Output OverlayHost::predict(const Exec& action, const std::string& cause) {
  const Effects& effects = action.effects;
  const auto may_stay = [&](const Path& path) {
    return std::find(effects.opaque.begin(), effects.opaque.end(), path) != effects.opaque.end();
  };
  const auto may_go = [&](const Path& path) {
    return std::find(effects.removed.begin(), effects.removed.end(), path) != effects.removed.end();
  };
  for (const auto& path : effects.removed) {
    if (may_stay(path))
      tree_.make_doubtful(path, cause);
    else if (tree_.stat(path, false))
      tree_.remove(path, cause);
  }
  for (const auto& path : effects.directories) {
    if (effects.complete)
      tree_.make_directory(path, {}, cause);
    else
      tree_.make_directory_of_unknowns(path, cause);
  }
  for (const auto& [path, content] : effects.files) {
    tree_.make_directory(path.parent_path(), {}, cause);
    tree_.write(path, content, {}, cause);
  }
  for (const auto& path : effects.opaque)
    if (!may_go(path)) tree_.make_opaque(path, cause);
  if (!effects.complete) undeclared_.push_back({action.argv, cause});
  Output output;
  output.unknown = {"what '" + cause + "' says is not known: check mode did not run it"};
  return output;
}

// ---- what a command can still be asked ---------------------------------------------------------------------------

Strings OverlayHost::doubts(const Query& query) const {
  Strings reasons;
  const auto add = [&reasons](const std::optional<std::string>& doubt) {
    if (doubt && std::find(reasons.begin(), reasons.end(), *doubt) == reasons.end()) reasons.push_back(*doubt);
  };
  if (query.argv.empty() || performed_.empty()) return reasons;
  add(doubt_about_program(query.argv.front(), query.as_it_is));
  const Path directory = query.directory.value_or(real_.self().home);
  if (query.directory) add(doubt_about_path(directory));
  // Where no change of packages counts, words are names of packages and not of files beside us.
  const auto names_no_file = [&](const std::string& word) { return query.as_it_is && !word.starts_with("/"); };
  for (std::size_t i = 1; i < query.argv.size(); ++i)
    if (!names_no_file(query.argv[i])) add(doubt_about_argument(query.argv[i], directory));
  return reasons;
}

std::optional<std::string> OverlayHost::doubt_about_program(const std::string& program, bool as_it_is) const {
  for (const auto& command : undeclared_)
    if (Path(command.argv.front()).filename() == Path(program).filename())
      return "what '" + program + "' says depends on " + not_done(command.cause);
  if (!as_it_is && asks_for_packages(Path(program).filename().string()) && !packages_.changed().empty())
    return "what '" + program + "' says depends on packages that check mode did not change";
  if (program.find('/') != std::string::npos) {
    const Path path = Path(program).is_absolute() ? Path(program) : Path(real_.self().home) / program;
    if (const auto doubt = doubt_about_path(path)) return doubt;
    // A program of an environment of its own (a venv, a conda prefix) answers for all that is installed there.
    const Path prefix = path.parent_path().parent_path();
    if (!is_shared_prefix(prefix))
      if (const auto doubt = tree_.doubt_below(prefix)) return doubt;
    return doubt_about_packages(path);
  }
  const std::string path = real_.environment("PATH").value_or("/usr/sbin:/usr/bin:/sbin:/bin");
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t colon = std::min(path.find(':', start), path.size());
    const Path candidate = Path(path.substr(start, colon - start)) / program;
    start = colon + 1;
    if (const auto doubt = doubt_about_path(candidate)) return doubt;
    if (candidate.is_absolute() && tree_.stat(candidate, true)) return doubt_about_packages(candidate);
  }
  if (!packages_.changed().empty() || !undeclared_.empty())
    return "the program '" + program + "' is not there, and may come with what check mode did not do";
  return std::nullopt;
}

std::optional<std::string> OverlayHost::doubt_about_path(const Path& path) const {
  if (path == "/") return std::nullopt;  // everything lies below it: that says nothing of what is looked at
  try {
    return path.is_absolute() ? tree_.doubt(path) : std::nullopt;
  } catch (const Unknown& unknown) {
    return unknown.reasons().front();
  } catch (const Error&) {  // where we may not look, nothing of ours is
    return std::nullopt;
  }
}

std::optional<std::string> OverlayHost::doubt_about_argument(const std::string& argument, const Path& directory) const {
  for (const auto& path : paths_in(argument))
    if (const auto doubt = doubt_about_path(path)) return doubt;
  const bool may_be_relative = !argument.empty() && argument[0] != '-' && argument[0] != '/' && argument.size() < 256 &&
                               std::all_of(argument.begin(), argument.end(), is_path_character);
  return may_be_relative ? doubt_about_path(directory / argument) : std::nullopt;
}

/// A program of the system is another one when its package changes, and Python sees what packages bring for it.
std::optional<std::string> OverlayHost::doubt_about_packages(const Path& program) const {
  const std::string name = program.filename().string();
  const std::string line = "\n" + program.string() + "\n";
  for (const auto& package : packages_.changed()) {
    const std::string reason =
        "what '" + name + "' says depends on the package '" + package + "', which check mode did not change";
    const bool is_python = starts_with(name, "python") || starts_with(name, "pip");
    if (is_python && is_shared_prefix(program.parent_path().parent_path()) && starts_with(package, "python"))
      return reason;
    for (const auto& known : real_.packages().find(package)) {
      const std::string list = "/var/lib/dpkg/info/" + package;
      auto files = real_.read(list + ".list");
      if (!files) files = real_.read(list + ":" + known.architecture + ".list");
      if (files && files->find(line) != std::string::npos) return reason;
    }
  }
  return std::nullopt;
}

std::optional<std::string> OverlayHost::doubt_about_sources() const {
  for (const char* sources : {"/etc/apt/sources.list", "/etc/apt/sources.list.d", "/etc/yum.repos.d"})
    if (const auto doubt = doubt_about_path(sources)) return doubt;
  return undeclared_.empty() ? std::nullopt : std::optional(not_done(undeclared_.front().cause));
}

std::optional<std::string> OverlayHost::doubt_about_name(const std::string& name) const {
  for (const auto& command : undeclared_)
    if (std::find(command.argv.begin(), command.argv.end(), name) != command.argv.end())
      return "'" + name + "' depends on " + not_done(command.cause);
  return std::nullopt;
}

}  // namespace agent

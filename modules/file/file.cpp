#include "file.hpp"

#include <algorithm>
#include <set>

#include <agent/sdk/module.hpp>

namespace agent::file {
namespace {

const SpecOf<Want>& arguments() {
  static const auto spec =
      with_file_attributes(
          SpecOf<Want>("file", "Makes files, directories and links, removes them, and sets their owner and mode.")
              .description(
                  "Without `state` it keeps what is at `path` and sets only owner, mode and times. A directory is "
                  "made with all its missing parents, each with the same owner and mode. `state: absent` removes "
                  "a directory with all that is in it.")
              .required("path", &Want::path, "the file, directory or link")
              .as(Type::path)
              .alias("dest")
              .alias("name")
              .optional("state", &Want::state, "what shall be there; by default what is there already")
              .choices({"file", "directory", "link", "hard", "touch", "absent"})
              .optional("src", &Want::src, "for links: what the link leads to, written as it is to stand there")
              .optional("recurse", &Want::recurse, "set owner and mode of all that is below the directory too")
              .optional("force", &Want::force,
                        "for links: replace a file or an empty directory, and let the link lead nowhere")
              .optional("follow", &Want::follow, "work on what a link leads to, not on the link itself"))
          .optional("access_time", &Want::access_time, "time of last access to set, or 'now', or 'preserve'")
          .optional("access_time_format", &Want::access_time_format, "how `access_time` is written, as strftime has it")
          .optional("modification_time", &Want::modification_time,
                    "time of last change to set, or 'now', or 'preserve'")
          .optional("modification_time_format", &Want::modification_time_format,
                    "how `modification_time` is written, as strftime has it")
          .example("A directory that only one user may read",
                   "- file: {path: /srv/models, state: directory, owner: alice, mode: \"0750\"}")
          .example("A link to the version in use",
                   "- file: {path: /usr/local/cuda, state: link, src: /usr/local/cuda-12.4}")
          .example("Group-readable data, directories searchable",
                   "- file: {path: /srv/data, state: directory, recurse: true, mode: \"u=rwX,g=rX,o=\"}")
          .returns("path", "text", "the path that was worked on (`dest` for links and touch)")
          .returns("state", "text", "file, directory, link, hard or absent")
          .returns("mode", "text", "permission bits, as \"0644\"")
          .returns("owner", "text", "name of the owner; `uid` is the number")
          .returns("group", "text", "name of the group; `gid` is the number")
          .returns("size", "integer", "in bytes");
  return spec;
}

Error nothing_there(const Path& path) {
  return Error("'" + path.string() + "' does not exist")
      .hint("'state: touch' makes an empty file, 'state: directory' a directory; copy and template bring content")
      .with({{"path", path.string()}, {"state", "absent"}});
}

Plan finish(Plan plan, const char* key, const Path& path, const FileInfo& info, const Host& host) {
  plan.result = registered(info, host);
  plan.result.set(key, path.string());
  return plan;
}

Plan plan_existing_file(const Want& want, Path path, std::optional<FileInfo> now, const Host& host) {
  if (now && now->is_link() && want.follow) {
    path = resolve_links(path, host);
    now = host.stat(path, false);
  }
  if (!now) throw nothing_there(path);
  if (now->is_link() || now->is_directory())
    throw Error("'" + path.string() + "' is " + std::string(kind_of(now->type)) + ", not a file")
        .with({{"path", path.string()}, {"state", now->is_link() ? "link" : "directory"}});
  Plan plan;
  const FileInfo after = plan_attributes(want, path, *now, host, plan);
  return finish(std::move(plan), "path", path, after, host);
}

// ---- directories ------------------------------------------------------------------------------------------------

Plan plan_new_directory(const Want& want, const Path& path, const Host& host) {
  auto made = attributes_of_new(want, path, FileInfo::Type::directory, host);
  made.after.size = 4096;
  Step step;
  Path parent = path;
  for (; !parent.empty(); parent = parent.parent_path()) {
    const auto info = host.stat(parent);
    if (info && !info->is_directory())
      throw Error("'" + parent.string() + "' is " + std::string(kind_of(info->type)) +
                  ", so nothing can be made below it");
    if (info) break;
    step.changes.insert(step.changes.begin(), {parent.string(), std::nullopt, "directory"});
  }
  step.changes.insert(step.changes.end(), made.changes.begin(), made.changes.end());
  step.actions.push_back(MakeDirectory{path, made.attributes});
  return finish({.steps = {std::move(step)}}, "path", path, made.after, host);
}

using Visited = std::set<std::pair<std::uint64_t, std::uint64_t>>;

// `visited` ends the walk where links lead in a circle.
void plan_below(const Want& want, const Path& directory, const Host& host, Visited& visited, Plan& plan) {
  for (const std::string& name : host.list(directory)) {
    const Path path = directory / name;
    const auto info = host.stat(path, false);
    if (!info) continue;
    plan_attributes(want, path, *info, host, plan);
    if (info->is_directory()) plan_below(want, path, host, visited, plan);
    if (!info->is_link() || !want.follow) continue;
    const Path target = resolve_links(path, host);
    const auto there = host.stat(target, false);
    const std::size_t planned = plan.steps.size();
    if (!there || !visited.emplace(there->device, there->inode).second) continue;
    plan_attributes(want, target, *there, host, plan);
    if (there->is_directory()) plan_below(want, target, host, visited, plan);
    if (plan.steps.size() > planned) expect_links_to_be_trusted(path, host);
  }
}

Plan plan_directory(const Want& want, Path path, std::optional<FileInfo> now, const Host& host) {
  if (now && now->is_link() && want.follow) {
    path = resolve_links(path, host);
    now = host.stat(path, false);
  }
  if (!now) return plan_new_directory(want, path, host);
  if (!now->is_directory())
    throw Error("'" + path.string() + "' is " + std::string(kind_of(now->type)) + " already, not a directory")
        .hint("remove it in an earlier task: file: {path: " + path.string() + ", state: absent}");
  Plan plan;
  const FileInfo after = plan_attributes(want, path, *now, host, plan);
  if (want.recurse) {
    Visited visited = {{now->device, now->inode}};
    plan_below(want, path, host, visited, plan);
  }
  return finish(std::move(plan), "path", path, after, host);
}

// ---- touch and absent -------------------------------------------------------------------------------------------

Plan plan_touch(Want want, const Path& path, const std::optional<FileInfo>& now, const Host& host) {
  if (now) {
    if (!want.access_time) want.access_time = "now";
    if (!want.modification_time) want.modification_time = "now";
    const auto target = now->is_link() && want.follow ? host.stat(path) : now;
    if (!target) throw Error("the link '" + path.string() + "' leads to '" + now->target + "', which does not exist");
    Plan plan;
    const FileInfo after = plan_attributes(want, path, *target, host, plan);
    return finish(std::move(plan), "dest", path, now->is_link() ? *now : after, host);
  }
  Plan plan = plan_file({.path = path, .content = "", .attributes = want}, host);
  plan.steps[0].changes[0] = {path.string(), std::nullopt, "empty file"};
  const auto fixed = [](const std::optional<std::string>& time) {
    return time && *time != "now" && *time != "preserve";
  };
  if (fixed(want.access_time) || fixed(want.modification_time)) {
    Want times;
    times.access_time = fixed(want.access_time) ? want.access_time : std::nullopt;
    times.modification_time = fixed(want.modification_time) ? want.modification_time : std::nullopt;
    times.access_time_format = want.access_time_format;
    times.modification_time_format = want.modification_time_format;
    plan_attributes(times, path, FileInfo{}, host, plan);
  }
  plan.result.set("dest", path.string());
  return plan;
}

Plan plan_absent(const Path& path, const std::optional<FileInfo>& now) {
  Plan plan{.steps = {}, .result = {{"path", path.string()}, {"state", "absent"}}};
  if (!now) return plan;
  if (path == "/") throw Error("'/' is the whole machine: it is not removed").about("path");
  const std::string was = now->is_link() ? "link to " + now->target : now->is_directory() ? "directory" : "file";
  plan.steps.push_back({.changes = {{path.string(), was, std::nullopt}}, .actions = {RemovePath{path}}});
  return plan;
}

std::string state_by_default(const Want& want, const std::optional<FileInfo>& now) {
  if (!now) return want.recurse ? "directory" : "file";
  return now->is_link() ? "link" : now->is_directory() ? "directory" : "file";
}

Plan plan_state(const std::string& state, const Want& want, const Path& path, const std::optional<FileInfo>& now,
                const Host& host) {
  if (state == "directory") return plan_directory(want, path, now, host);
  if (state == "touch") return plan_touch(want, path, now, host);
  if (state == "absent") return plan_absent(path, now);
  if (state == "link") return plan_link(want, path, host);
  if (state == "hard") return plan_hard_link(want, path, host);
  return plan_existing_file(want, path, now, host);
}

// Links were followed to look; where something shall change, nobody else may have laid them.
void expect_trusted_ways(const Plan& plan, const Path& path, bool follow, const Host& host) {
  if (plan.empty()) return;
  const bool changes_target = follow && std::any_of(plan.steps.begin(), plan.steps.end(), [&](const Step& step) {
                                return std::any_of(step.actions.begin(), step.actions.end(), [&](const Action& action) {
                                  const auto* set = std::get_if<SetAttributes>(&action);
                                  return !std::holds_alternative<MakeLink>(action) &&
                                         !std::holds_alternative<RemovePath>(action) && !(set && !set->follow);
                                });
                              });
  expect_links_to_be_trusted(changes_target ? path : path.parent_path() / "name", host);
}

class File : public FileModule {
 public:
  Plan check(const Args& args, const Host& host) const override {
    const Want want = arguments().read(args);
    Path path = path_argument(want.path, host);
    if (want.state == "hard" && want.src) {
      const auto there = host.stat(path);
      if (there && there->is_directory()) path /= Path(*want.src).filename();
    }
    const auto now = host.stat(path, false);
    const std::string state = want.state.value_or(state_by_default(want, now));
    if (want.recurse && state != "directory")
      throw Error("'recurse' is for directories, and the state here is '" + state + "'").about("recurse");
    if (want.src && state != "link" && state != "hard")
      throw Error("'src' is for links, and the state here is '" + state + "'")
          .hint("add 'state: link' for a symbolic link, or 'state: hard'")
          .about("src");
    Plan plan = plan_state(state, want, path, now, host);
    expect_trusted_ways(plan, path, want.follow, host);
    return plan;
  }
};

constexpr Variant variants[] = {{"any", variant<File>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::file

AGENT_MODULE(agent::file::arguments, agent::file::variants)

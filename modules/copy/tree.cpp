#include <iterator>
#include <set>

#include "copy.hpp"

namespace agent::copy {
namespace {

using Visited = std::set<std::pair<std::uint64_t, std::uint64_t>>;

// A name that came from elsewhere must stay below the directory that it is copied to.
Path relative_path(const std::string& text) {
  const Path path = Path(text).lexically_normal();
  if (path.empty() || path.is_absolute() || *path.begin() == "..")
    throw Error("'" + text + "' would lie outside the directory that is copied");
  return path;
}

void collect(const Path& directory, const Path& below, bool follow, const Host& host, Visited& visited,
             std::vector<Entry>& entries) {
  for (const std::string& name : host.list(directory)) {
    const Path path = directory / name;
    const auto info = host.stat(path, follow);
    if (!info) continue;
    if (info->is_link()) entries.push_back({below / name, Entry::Kind::link, info->target, {}});
    if (info->is_file()) entries.push_back({below / name, Entry::Kind::file, host.read(path).value_or(""), info->mode});
    if (!info->is_directory()) continue;
    if (!visited.emplace(info->device, info->inode).second)
      throw Error("the links below '" + directory.string() + "' run in a circle")
          .hint("'local_follow: false' copies them as links");
    entries.push_back({below / name, Entry::Kind::directory, "", info->mode});
    collect(path, below / name, follow, host, visited, entries);
  }
}

void append(Plan& plan, Plan more) {
  std::move(more.steps.begin(), more.steps.end(), std::back_inserter(plan.steps));
}

void plan_directory(const FileAttributes& attributes, const Path& path, const Host& host, Plan& plan) {
  const auto now = host.stat(path);
  if (now && !now->is_directory()) throw Error("'" + path.string() + "' is there and is not a directory").about("dest");
  auto difference = now ? compare_attributes(attributes, path, *now, host)
                        : attributes_of_new(attributes, path, FileInfo::Type::directory, host);
  if (!now) difference.changes.insert(difference.changes.begin(), {path.string(), std::nullopt, "directory"});
  if (difference.changes.empty()) return;
  const Action action =
      now ? Action(SetAttributes{path, difference.attributes}) : Action(MakeDirectory{path, difference.attributes});
  plan.steps.push_back({.changes = std::move(difference.changes), .actions = {action}});
}

void plan_link(const Path& path, const std::string& target, const Host& host, Plan& plan) {
  const auto now = host.stat(path, false);
  if (now && now->is_link() && now->target == target) return;
  if (now && now->is_directory()) throw Error("'" + path.string() + "' is a directory, and is not replaced by a link");
  const auto before =
      !now ? std::nullopt : std::optional(now->is_link() ? "link to " + now->target : std::string("file"));
  plan.steps.push_back(
      {.changes = {{path.string(), before, "link to " + target}}, .actions = {MakeLink{path, target}}});
}

/// The directory that a tree is copied to, and how its parts are to be.
struct Target {
  const Want& want;
  const std::optional<FileInfo>& source;  ///< on the machine itself
  Path root;                              ///< what is copied lies here
  bool is_dest;  ///< `dest` itself, with a slash at its end: a directory like those on the way to it

  FileAttributes of_directory(const Path& path, const std::optional<unsigned>& mode, const Host& host) const {
    FileAttributes attributes{std::nullopt, want.owner, want.group};
    const bool is_new = !host.stat(path);
    if (!source || (is_new && path == root && is_dest))
      attributes.mode = want.directory_mode;
    else if (is_new && mode)
      attributes.mode = FileMode::text(*mode);
    if (source && path == root && want.mode)
      attributes.mode = want.mode == "preserve" ? FileMode::text(source->mode) : *want.mode;
    return attributes;
  }

  FileAttributes of_file(const Path& path, const Entry& entry, const Host& host) const {
    FileAttributes attributes = want;
    if (source) {
      const auto now = host.stat(path);
      const bool written = !now || !now->is_file() || host.read(path) != entry.content;
      attributes.mode = written && entry.mode ? std::optional(FileMode::text(*entry.mode)) : std::nullopt;
    } else if (attributes.mode == "preserve") {
      attributes.mode = entry.mode ? std::optional(FileMode::text(*entry.mode)) : std::nullopt;
    }
    return attributes;
  }
};

void plan_entry_file(const Target& target, const Path& path, const Entry& entry, const Host& host, Plan& plan) {
  const Want& want = target.want;
  if (!want.force && host.stat(path, want.follow)) return;
  append(plan, plan_file({.path = path,
                          .content = entry.content,
                          .attributes = target.of_file(path, entry, host),
                          .backup = want.backup,
                          .validate = want.validate,
                          .follow = want.follow,
                          .parent_is_planned = true},
                         host));
}

// The destination: made with its parents where it ends in a slash, otherwise the directory that it lies in must be
// there.
void plan_destination(const Target& target, const Host& host, Plan& plan) {
  const Want& want = target.want;
  const Path dest = path_argument(want.dest, host);
  const bool makes_parents = !target.source || want.dest.back() == '/';
  if (!makes_parents && !host.stat(dest.parent_path()))
    throw Error("there is no directory '" + dest.parent_path().string() + "' to copy to")
        .hint("with a slash at its end, 'dest' is made with its parents")
        .about("dest");
  FileAttributes on_the_way{std::nullopt, want.owner, want.group};
  if (makes_parents) on_the_way.mode = want.directory_mode;
  plan_directories(target.root.parent_path(), on_the_way, host, plan);
  const auto mode = target.source ? std::optional(target.source->mode) : std::nullopt;
  plan_directory(target.of_directory(target.root, mode, host), target.root, host, plan);
}

}  // namespace

std::vector<Entry> brought_tree(const Value& tree) {
  std::vector<Entry> entries;
  for (const Value& item : tree.list()) {
    Entry entry{.path = relative_path(item["path"].string())};
    if (const Value* link = item.find("link"); link != nullptr && link->is_string()) {
      entry.kind = Entry::Kind::link;
      entry.content = link->string();
    } else if (const Value* content = item.find("content"); content != nullptr && content->is_string()) {
      entry.content = content->string();
    } else {
      entry.kind = Entry::Kind::directory;
    }
    const Value& mode = item["mode"];
    if (mode.is_integer()) entry.mode = static_cast<unsigned>(mode.integer());
    if (mode.is_string()) entry.mode = FileMode::parse(mode.string()).on(0, false);
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::vector<Entry> tree_on_host(const Path& directory, bool follow, const Host& host) {
  std::vector<Entry> entries;
  Visited visited;
  collect(directory, "", follow, host, visited, entries);
  return entries;
}

Plan plan_tree(const Want& want, const std::string& src, const std::optional<FileInfo>& source,
               const std::vector<Entry>& entries, const Host& host) {
  const Path dest = path_argument(want.dest, host);
  const bool contents_only = src.empty() || src.back() == '/';
  const Path root = contents_only ? dest : dest / Path(src).filename();
  const Target target{want, source, root, contents_only && want.dest.back() == '/'};
  Plan plan{.steps = {}, .result = {{"state", "directory"}}};
  if (const auto now = host.stat(root)) plan.result = registered(*now, host);
  plan.result.set("dest", root.string());
  if (source && !want.force && host.stat(root)) return plan;
  plan_destination(target, host, plan);

  std::set<Path> directories = {Path()};
  for (const Entry& entry : entries) {
    // A list of files alone implies the directories they lie in, outermost first.
    const Path& innermost = entry.kind == Entry::Kind::directory ? entry.path : entry.path.parent_path();
    Path directory;
    for (const Path& part : innermost) {
      directory /= part;
      if (!directories.insert(directory).second) continue;
      const bool itself = entry.kind == Entry::Kind::directory && directory == entry.path;
      const auto mode = itself ? entry.mode : std::nullopt;
      plan_directory(target.of_directory(root / directory, mode, host), root / directory, host, plan);
    }
    if (entry.kind == Entry::Kind::file) plan_entry_file(target, root / entry.path, entry, host, plan);
    if (entry.kind == Entry::Kind::link) plan_link(root / entry.path, entry.content, host, plan);
  }
  return plan;
}

}  // namespace agent::copy

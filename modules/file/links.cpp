#include "file.hpp"

namespace agent::file {
namespace {

std::string shown(const FileInfo& info) {
  if (info.is_link()) return "link to " + info.target;
  return info.is_directory() ? "empty directory" : "file";
}

Path target_of(const Path& link, const std::string& src) {
  return link.parent_path() / src;
}

void expect_source(const Want& want, const Path& path, const std::string& src, const Host& host) {
  if (want.force || host.stat(target_of(path, src))) return;
  throw Error("the link would lead to '" + target_of(path, src).string() + "', which does not exist")
      .hint("'force: true' makes the link all the same")
      .about("src")
      .with({{"path", path.string()}, {"src", src}});
}

// A link is replaced freely, a file or an empty directory only by force, a full directory never.
void expect_replaceable(const Want& want, const Path& path, const std::optional<FileInfo>& now, const Host& host) {
  if (!now || now->is_link()) return;
  if (now->is_directory() && want.force && !host.list(path).empty())
    throw Error("the directory '" + path.string() + "' is not empty, so no link is put in its place")
        .hint("remove it in an earlier task: file: {path: " + path.string() + ", state: absent}");
  if (!want.force)
    throw Error("'" + path.string() + "' is " + std::string(kind_of(now->type)) + ", and is not replaced by a link")
        .hint("'force: true' replaces a file or an empty directory")
        .with({{"path", path.string()}});
}

// Owner and mode of a link with `follow` are those of what it leads to, where that exists.
void plan_target(const Want& want, const Path& path, const std::string& src, const std::optional<FileInfo>& now,
                 const Host& host, Plan& plan) {
  if (!want.follow) {
    FileInfo link = now.value_or(FileInfo{});
    link.type = FileInfo::Type::link;
    if (!now) {
      link.uid = host.self().uid;
      link.gid = host.self().gid;
    }
    plan_attributes(want, path, link, host, plan);
    return;
  }
  const Path target = resolve_links(target_of(path, src), host);
  if (const auto there = host.stat(target, false)) {
    plan_attributes(want, target, *there, host, plan);
  } else if (want.mode || want.owner || want.group) {
    plan.notes.push_back("'" + target.string() + "' does not exist, so its owner and mode are not set");
  }
}

FileInfo new_link(const Host& host, const std::string& target) {
  FileInfo info;
  info.type = FileInfo::Type::link;
  info.mode = 0777;
  info.uid = host.self().uid;
  info.gid = host.self().gid;
  info.size = target.size();
  info.target = target;
  return info;
}

}  // namespace

Plan plan_link(const Want& want, const Path& path, const Host& host) {
  const auto now = host.stat(path, false);
  const bool is_link = now && now->is_link();
  if (!want.src && !is_link)
    throw Error("a new link at '" + path.string() + "' needs 'src': what it leads to").about("src");
  const std::string src = want.src ? expand_user_and_variables(*want.src, host) : now->target;
  if (want.src || host.stat(path)) expect_source(want, path, src, host);
  expect_replaceable(want, path, now, host);

  Plan plan;
  if (!is_link || now->target != src) {
    Step step;
    step.changes.push_back({path.string(), now ? std::optional(shown(*now)) : std::nullopt, "link to " + src});
    if (now && now->is_directory()) step.actions.push_back(RemovePath{path});
    step.actions.push_back(MakeLink{path, src});
    plan.steps.push_back(std::move(step));
  }
  plan_target(want, path, src, is_link ? now : std::nullopt, host, plan);
  plan.result = registered(is_link && now->target == src ? *now : new_link(host, src), host);
  plan.result.set("dest", path.string());
  plan.result.set("src", src);
  return plan;
}

Plan plan_hard_link(const Want& want, const Path& path, const Host& host) {
  const auto now = host.stat(path, false);
  if (!want.src && (!now || now->links < 2))
    throw Error("a new hard link at '" + path.string() + "' needs 'src': the file it is a second name of").about("src");
  const Path src = want.src ? path_argument(*want.src, host) : path;
  const auto source = host.stat(src, want.follow);
  if (!source)
    throw Error("there is no file '" + src.string() + "' to give a second name")
        .about("src")
        .with({{"dest", path.string()}});
  if (source->is_directory())
    throw Error("'" + src.string() + "' is a directory, which cannot have a second name").about("src");
  if (now && now->is_directory()) throw Error("'" + path.string() + "' is a directory, and is not replaced by a link");

  Plan plan;
  FileInfo info = *source;
  const bool same = now && now->device == source->device && now->inode == source->inode;
  if (!same) {
    if (now && !now->is_link() && !want.force)
      throw Error("'" + path.string() + "' is another file, and is not replaced by a link")
          .hint("'force: true' replaces it")
          .with({{"dest", path.string()}, {"src", src.string()}});
    const Path target = want.follow ? resolve_links(src, host) : src;
    plan.steps.push_back({.changes = {{path.string(), now ? std::optional(shown(*now)) : std::nullopt,
                                       "hard link to " + target.string()}},
                          .actions = {MakeLink{path, target.string(), true}}});
    info.links += 1;
  }
  info = plan_attributes(want, path, info, host, plan);
  plan.result = registered(info, host);
  plan.result.set("dest", path.string());
  if (want.src) plan.result.set("src", src.string());
  return plan;
}

}  // namespace agent::file

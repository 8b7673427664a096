#include "copy.hpp"

#include <agent/sdk/module.hpp>

namespace agent::copy {
namespace {

constexpr std::uint64_t largest_in_memory = 64ULL << 20U;  // what Host::read takes

const SpecOf<Want>& arguments() {
  static const auto spec =
      with_file_attributes(
          SpecOf<Want>("copy", "Puts a file, a directory or a text on the machine.")
              .description(
                  "`src` is looked for in `files/` beside the playbook or in the role, or is a path on the machine "
                  "itself with `remote_src`. A directory is copied with what is in it; with a slash at its end, only "
                  "what is in it. Files are replaced whole: nobody ever sees half of one.")
              .optional("src", &Want::src, "the file or directory to copy")
              .from_controller("files")
              .optional("content", &Want::content,
                        "the text that the file shall hold; a list or mapping is written as JSON")
              .required("dest", &Want::dest, "where to: a file, or a directory (it ends in a slash, or is there)")
              .as(Type::path)
              .optional("remote_src", &Want::remote_src, "`src` is on the machine already")
              .optional("force", &Want::force, "replace a file that differs; otherwise only a missing one is made")
              .optional("backup", &Want::backup, "keep the old file beside the new one")
              .optional("validate", &Want::validate, "a command that must accept the new file first; %s is the file")
              .optional("directory_mode", &Want::directory_mode, "permission bits of the directories that are made")
              .as(Type::mode)
              .optional("checksum", &Want::checksum, "sha1 that the copied file must have")
              .optional("follow", &Want::follow, "where `dest` is a link, write the file that it leads to")
              .optional("local_follow", &Want::local_follow, "copy what links in `src` lead to, not the links"))
          .exclusive({"src", "content"})
          .one_of({"src", "content"})
          .example("A file of the role", "- copy: {src: jupyter.service, dest: /etc/systemd/system/, mode: \"0644\"}")
          .example("A text", "- copy:\n    content: |\n      blacklist nouveau\n    dest: /etc/modprobe.d/nouveau.conf")
          .example("A file that must be right before it counts",
                   "- copy: {src: sudoers, dest: /etc/sudoers.d/ml, mode: \"0440\", validate: \"visudo -cf %s\"}")
          .returns("dest", "text", "the file that was written")
          .returns("src", "text", "where it came from")
          .returns("checksum", "text", "sha1 of the content")
          .returns("md5sum", "text", "md5 of the content, where it was written")
          .returns("backup_file", "text", "the old file, where one was kept")
          .returns("mode", "text", "permission bits, as \"0644\"")
          .returns("owner", "text", "name of the owner; `uid` is the number")
          .returns("group", "text", "name of the group; `gid` is the number")
          .returns("size", "integer", "in bytes");
  return spec;
}

std::string text_of(const Value& content) {
  if (content.is_string()) return content.string();
  if (content.is_boolean()) return content.boolean() ? "True" : "False";
  return python_json(content);
}

PlacedFile placed(const Want& want, std::string name, std::string content) {
  return {.dest = want.dest,
          .name = std::move(name),
          .content = std::move(content),
          .attributes = want,
          .directory_mode = want.directory_mode,
          .force = want.force,
          .backup = want.backup,
          .follow = want.follow,
          .validate = want.validate,
          .checksum = want.checksum};
}

std::optional<unsigned> mode_from(const Value& mode) {
  if (mode.is_integer()) return static_cast<unsigned>(mode.integer());
  if (mode.is_string()) return FileMode::parse(mode.string()).on(0, false);
  return std::nullopt;
}

// `mode: preserve` is the mode that the file has where it comes from.
void settle_mode(PlacedFile& file, const std::optional<unsigned>& source) {
  if (file.attributes.mode != "preserve") return;
  if (!source) throw Error("the mode of the source is not known, so it cannot be preserved").about("mode");
  file.attributes.mode = FileMode::text(*source);
}

Plan copy_brought(const Want& want, const Args& args, const Host& host) {
  if (const Value* tree = args.find("src_tree"); tree != nullptr && !tree->is_null())
    return plan_tree(want, *want.src, std::nullopt, brought_tree(*tree), host);
  const Value* content = args.find("src_content");
  if (content == nullptr || !content->is_string()) {
    if (content != nullptr && content->is_unknown()) throw Unknown(content->reasons());
    throw Error("the content of '" + *want.src + "' did not arrive with the task").about("src");
  }
  PlacedFile file = placed(want, Path(*want.src).filename().string(), content->string());
  const Value* mode = args.find("src_mode");
  settle_mode(file, mode != nullptr ? mode_from(*mode) : std::nullopt);
  return plan_placed_file(file, host);
}

// Too large to hold: the machine's own tools compare and copy it.
Plan copy_large(const Want& want, const Path& source, const FileInfo& info, const Host& host) {
  const Path dest = destination(want.dest, source.filename().string(), host);
  const auto now = host.stat(dest);
  Plan plan{.steps = {}, .result = {{"dest", dest.string()}}};
  if (now && !want.force) return plan;
  if (now && !now->is_file()) throw Error("'" + dest.string() + "' is there and is not a file").about("dest");
  PlacedFile file = placed(want, "", "");
  settle_mode(file, info.mode);
  const FileInfo same_as_source = [&] {
    FileInfo made = now.value_or(info);
    made.size = info.size;
    return made;
  }();
  auto difference = compare_attributes(file.attributes, dest, same_as_source, host);
  plan.result.merge(registered(difference.after, host));
  const bool equal =
      now && now->size == info.size &&
      host.query({{"cmp", "-s", "--", source.string(), dest.string()}, {}, {}, std::chrono::minutes(10)}).rc == 0;
  if (equal && difference.changes.empty()) return plan;
  Step step{.changes = std::move(difference.changes)};
  if (equal) {
    step.actions.push_back(SetAttributes{.path = dest, .attributes = difference.attributes});
  } else {
    const auto before = now ? std::optional(std::to_string(now->size) + " bytes") : std::nullopt;
    step.changes.insert(
        step.changes.begin(),
        {dest.string(), before, "copy of " + source.string() + ", " + std::to_string(info.size) + " bytes"});
    step.actions.push_back(CopyPath{source, dest, difference.attributes, want.backup});
  }
  plan.steps.push_back(std::move(step));
  return plan;
}

bool is_link(const Path& path, const Host& host) {
  const auto info = host.stat(path, false);
  return info && info->is_link();
}

Plan copy_on_host(const Want& want, const Host& host) {
  const Path source = path_argument(*want.src, host);
  const auto info = host.stat(source);
  if (!info)
    throw Error("there is no '" + source.string() + "' on the machine to copy")
        .hint("without 'remote_src' it is looked for beside the playbook")
        .about("src");
  if (info->is_directory())
    return plan_tree(want, *want.src, info, tree_on_host(source, want.local_follow.value_or(false), host), host);
  if (!info->is_file()) throw Error("'" + source.string() + "' is neither a file nor a directory").about("src");
  if (info->size > largest_in_memory) return copy_large(want, source, *info, host);

  PlacedFile file = placed(want, source.filename().string(), host.read(source).value_or(""));
  settle_mode(file, info->mode);
  // What is written over another file takes the mode of its source, as people know it; a new file is like any other.
  if (!file.attributes.mode) {
    const Path dest = destination(want.dest, file.name, host);
    const bool replaces_link = !want.follow && is_link(dest, host);
    const auto there = host.stat(dest);
    const bool differs = there && there->is_file() && host.read(dest) != file.content;
    if (replaces_link || differs) file.attributes.mode = FileMode::text(info->mode);
  }
  return plan_placed_file(file, host);
}

class Copy : public FileModule {
 public:
  Plan check(const Args& args, const Host& host) const override {
    const Want want = arguments().read(args);
    if (!want.src) {
      if (want.mode == "preserve") throw Error("'mode: preserve' needs 'src': a text has no mode").about("mode");
      return plan_placed_file(placed(want, "", text_of(want.content)), host);
    }
    Plan plan = want.remote_src ? copy_on_host(want, host) : copy_brought(want, args, host);
    plan.result.set("src", *want.src);
    return plan;
  }
};

constexpr Variant variants[] = {{"any", variant<Copy>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::copy

AGENT_MODULE(agent::copy::arguments, agent::copy::variants)

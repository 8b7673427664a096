#include <algorithm>

#include <agent/sdk/checksum.hpp>
#include <agent/sdk/managed_file.hpp>
#include <agent/sdk/shell_words.hpp>

namespace agent {
namespace {

constexpr unsigned new_file_mode = 0644, new_directory_mode = 0755;  // under the usual umask, which a check cannot see
constexpr std::size_t longest_diff = std::size_t{100} << 10;

bool is_number(const std::string& text) {
  return !text.empty() && text.size() < 11 && text.find_first_not_of("0123456789") == std::string::npos;
}

std::uint32_t uid_of(const std::string& owner, const Host& host) {
  if (const auto user = host.user(owner)) return user->uid;
  if (is_number(owner)) return static_cast<std::uint32_t>(std::stoul(owner));
  throw Error("there is no user '" + owner + "' on this machine")
      .hint("make the user in an earlier task")
      .about("owner");
}

std::uint32_t gid_of(const std::string& name, const Host& host) {
  if (const auto group = host.group(name)) return group->gid;
  if (is_number(name)) return static_cast<std::uint32_t>(std::stoul(name));
  throw Error("there is no group '" + name + "' on this machine")
      .hint("make the group in an earlier task")
      .about("group");
}

std::string user_name(std::uint32_t uid, const Host& host) {
  const auto user = host.user(std::to_string(uid));
  return user ? user->name : std::to_string(uid);
}

std::string group_name(std::uint32_t gid, const Host& host) {
  const auto group = host.group(std::to_string(gid));
  return group ? group->name : std::to_string(gid);
}

std::string_view state_of(FileInfo::Type type) {
  switch (type) {
    case FileInfo::Type::directory:
      return "directory";
    case FileInfo::Type::link:
      return "link";
    default:
      return "file";
  }
}

std::string summary(std::string_view bytes) {
  return std::to_string(bytes.size()) + " bytes, sha1 " + checksum(Digest::sha1, bytes);
}

Strings validation(const std::string& command) {
  if (command.empty()) return {};
  if (command.find("%s") == std::string::npos)
    throw Error("'" + command + "' does not say where the new file goes")
        .hint("put %s where the command takes the file, as in 'visudo -cf %s'")
        .about("validate");
  return split_words(command);
}

void expect_directory(const Path& directory, const Path& path, const Host& host) {
  const auto info = host.stat(directory);
  if (!info)
    throw Error("there is no directory '" + directory.string() + "' to put '" + path.filename().string() + "' in")
        .hint("make it first: file: {path: " + directory.string() + ", state: directory}");
  if (!info->is_directory())
    throw Error("'" + directory.string() + "' is " + std::string(kind_of(info->type)) + ", not a directory");
}

WriteFile write_action(const ManagedFile& want, const Path& path, const Attributes& attributes) {
  return {.path = path,
          .content = want.content,
          .attributes = attributes,
          .backup = want.backup,
          .validate = validation(want.validate)};
}

Plan plan_new(const ManagedFile& want, const Path& path, const Host& host) {
  if (!want.parent_is_planned) expect_directory(path.parent_path(), path, host);
  auto made = attributes_of_new(want.attributes, path, FileInfo::Type::file, host);
  made.after.size = want.content.size();
  Step step;
  step.changes.push_back(content_change(path, std::nullopt, want.content, want.secret));
  step.changes.insert(step.changes.end(), made.changes.begin(), made.changes.end());
  WriteFile write = write_action(want, path, made.attributes);
  write.backup = false;
  step.actions.push_back(std::move(write));
  return {.steps = {std::move(step)}, .result = registered(made.after, host)};
}

Plan plan_existing(const ManagedFile& want, const Path& path, const FileInfo& now, const Host& host) {
  auto difference = compare_attributes(want.attributes, path, now, host);
  difference.after.size = want.content.size();
  const auto before = host.read(path);
  Plan plan{.steps = {}, .result = registered(difference.after, host)};
  const bool same = before == want.content;
  if (same && difference.changes.empty()) return plan;
  Step step;
  if (!same) step.changes.push_back(content_change(path, before.value_or(""), want.content, want.secret));
  step.changes.insert(step.changes.end(), difference.changes.begin(), difference.changes.end());
  if (same)
    step.actions.push_back(SetAttributes{.path = path, .attributes = difference.attributes});
  else
    step.actions.push_back(write_action(want, path, difference.attributes));
  plan.steps.push_back(std::move(step));
  return plan;
}

Plan plan_at(const ManagedFile& want, const Path& path, const std::optional<FileInfo>& now, const Host& host) {
  if (!now) return plan_new(want, path, host);
  if (now->is_link()) {
    Plan plan = plan_new(want, path, host);
    plan.steps[0].changes.insert(plan.steps[0].changes.begin(), {path.string(), "link to " + now->target, "file"});
    plan.steps[0].actions.insert(plan.steps[0].actions.begin(), RemovePath{path});
    return plan;
  }
  if (!now->is_file())
    throw Error("'" + path.string() + "' is " + std::string(kind_of(now->type)) + ", not a file")
        .hint("remove it in an earlier task, or name another path");
  return plan_existing(want, path, *now, host);
}

}  // namespace

std::string_view kind_of(FileInfo::Type type) {
  switch (type) {
    case FileInfo::Type::file:
      return "a file";
    case FileInfo::Type::directory:
      return "a directory";
    case FileInfo::Type::link:
      return "a link";
    case FileInfo::Type::fifo:
      return "a named pipe";
    case FileInfo::Type::socket:
      return "a socket";
    case FileInfo::Type::block:
    case FileInfo::Type::character:
      return "a device";
  }
  return "something else";
}

AttributeDifference compare_attributes(const FileAttributes& want, const Path& path, const FileInfo& now,
                                       const Host& host) {
  AttributeDifference difference;
  difference.after = now;
  if (want.owner) {
    const auto uid = uid_of(*want.owner, host);
    if (uid != now.uid) {
      difference.changes.push_back({path.string() + " owner", user_name(now.uid, host), user_name(uid, host)});
      difference.attributes.owner = *want.owner;
      difference.after.uid = uid;
    }
  }
  if (want.group) {
    const auto gid = gid_of(*want.group, host);
    if (gid != now.gid) {
      difference.changes.push_back({path.string() + " group", group_name(now.gid, host), group_name(gid, host)});
      difference.attributes.group = *want.group;
      difference.after.gid = gid;
    }
  }
  if (want.mode && !now.is_link()) {  // Linux has no mode of a link
    const unsigned mode = FileMode::parse(*want.mode).on(now.mode, now.is_directory());
    if (mode != now.mode)
      difference.changes.push_back({path.string() + " mode", FileMode::text(now.mode), FileMode::text(mode)});
    // A change of owner clears the set-id bits, so the mode is then set again even where it is right already.
    if (mode != now.mode || !difference.changes.empty()) difference.attributes.mode = mode;
    difference.after.mode = mode;
  }
  return difference;
}

AttributeDifference attributes_of_new(const FileAttributes& want, const Path& path, FileInfo::Type type,
                                      const Host& host) {
  AttributeDifference difference;
  difference.after.type = type;
  difference.after.mode = type == FileInfo::Type::directory ? new_directory_mode : new_file_mode;
  difference.after.uid = host.self().uid;
  difference.after.gid = host.self().gid;
  const auto show = [&](const char* what, const std::string& value) {
    difference.changes.push_back({path.string() + " " + what, std::nullopt, value});
  };
  if (want.mode) {
    const unsigned mode = FileMode::parse(*want.mode).on(difference.after.mode, type == FileInfo::Type::directory);
    difference.after.mode = mode;
    difference.attributes.mode = mode;
    show("mode", FileMode::text(mode));
  }
  if (want.owner) {
    difference.after.uid = uid_of(*want.owner, host);
    difference.attributes.owner = *want.owner;
    show("owner", user_name(difference.after.uid, host));
  }
  if (want.group) {
    difference.after.gid = gid_of(*want.group, host);
    difference.attributes.group = *want.group;
    show("group", group_name(difference.after.gid, host));
  }
  return difference;
}

Plan plan_file(const ManagedFile& want, const Host& host) {
  Path path = want.path;
  auto now = host.stat(path, false);
  if (now && now->is_link() && want.follow) {
    path = resolve_links_to_write(path, host);
    now = host.stat(path, false);
  }
  Plan plan = plan_at(want, path, now, host);
  // Directories on the way may be links too: that counts only where something is to be written.
  if (!plan.empty()) expect_links_to_be_trusted(path.parent_path() / "file", host);
  return plan;
}

Change content_change(const Path& path, const std::optional<std::string>& before,
                      const std::optional<std::string>& after, bool secret) {
  const auto showable = [](const std::optional<std::string>& text) {
    return !text || (text->size() <= longest_diff && is_text(*text));
  };
  if (secret || (showable(before) && showable(after))) return {path.string(), before, after, secret, true};
  const auto summarised = [](const std::optional<std::string>& bytes) {
    return bytes ? std::optional<std::string>(summary(*bytes)) : std::nullopt;
  };
  return {path.string(), summarised(before), summarised(after)};
}

Map registered(const FileInfo& info, const Host& host) {
  return {{"mode", FileMode::text(info.mode)},
          {"owner", user_name(info.uid, host)},
          {"group", group_name(info.gid, host)},
          {"uid", info.uid},
          {"gid", info.gid},
          {"size", info.size},
          {"state", state_of(info.type) == "file" && info.links > 1 ? "hard" : state_of(info.type)}};
}

bool is_text(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (byte == 0) return false;
    const std::size_t more = byte < 0x80   ? 0
                             : byte < 0xC2 ? 9
                             : byte < 0xE0 ? 1
                             : byte < 0xF0 ? 2
                             : byte < 0xF5 ? 3
                                           : 9;
    if (more == 9 || i + more >= bytes.size()) return false;
    for (std::size_t k = 1; k <= more; ++k)
      if ((static_cast<unsigned char>(bytes[i + k]) & 0xC0U) != 0x80U) return false;
    i += more + 1;
  }
  return true;
}

Outcome FileModule::apply(const Plan& plan, Host& host) const {
  Outcome outcome;
  for (const Step& step : plan.steps)
    for (const Action& action : step.actions) {
      Output output = host.perform(action);
      const auto* write = std::get_if<WriteFile>(&action);
      const auto* copy = std::get_if<CopyPath>(&action);
      if (((write != nullptr && write->backup) || (copy != nullptr && copy->backup)) && !output.out.empty())
        outcome.result.set("backup_file", output.out);
      outcome.outputs.push_back(std::move(output));
    }
  return outcome;
}

}  // namespace agent

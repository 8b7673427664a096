#include "fake_host.hpp"

#include <algorithm>
#include <deque>

#include <gtest/gtest.h>

#include <agent/sdk/text.hpp>

namespace agent::test {
namespace {

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

bool says_something(const Effects& effects) {
  return effects.complete || !effects.directories.empty() || !effects.files.empty() || !effects.opaque.empty() ||
         !effects.removed.empty();
}

}  // namespace

System debian() {
  return {"debian", {}, "12", "bookworm", "Debian GNU/Linux 12 (bookworm)", "x86_64", "6.1.0-18-amd64", "box"};
}
System ubuntu() {
  return {"ubuntu", {"debian"}, "24.04", "noble", "Ubuntu 24.04 LTS", "x86_64", "6.8.0-31-generic", "box"};
}
System fedora() {
  return {"fedora", {}, "40", "", "Fedora Linux 40 (Workstation Edition)", "x86_64", "6.8.5-301.fc40.x86_64", "box"};
}
User root() {
  return {"root", 0, 0, "/root", "/bin/bash", "root"};
}
User alice() {
  return {"alice", 1000, 1000, "/home/alice", "/bin/bash", "Alice"};
}

namespace {

bool has_dnf(const System& system) {
  return system.id == "fedora" || std::find(system.like.begin(), system.like.end(), "fedora") != system.like.end();
}

}  // namespace

FakeHost::FakeHost(System system) : system_(std::move(system)), packages_(has_dnf(system_) ? "dnf" : "apt") {
  users_ = {root()};
  groups_ = {{"root", 0, {}}};
  make("/", FileInfo::Type::directory, 0755);
  for (const char* path : {"/etc", "/usr", "/usr/bin", "/usr/local", "/var", "/opt", "/home"}) with_directory(path);
  with_directory("/tmp", 01777).with_directory("/root", 0700);
}

FakeHost::FakeHost(const FakeHost& other)
    : Host(other),
      system_(other.system_),
      self_(other.self_),
      packages_(other.packages_),
      users_(other.users_),
      groups_(other.groups_),
      environment_(other.environment_),
      facts_(other.facts_),
      answers_(other.answers_),
      scripts_(other.scripts_),
      performed_(other.performed_),
      queried_(other.queried_),
      clock_(other.clock_),
      next_inode_(other.next_inode_) {
  std::map<const Node*, std::shared_ptr<Node>> copies;  // two names of a file stay two names of one file
  for (const auto& [path, node] : other.nodes_) {
    auto& copy = copies[node.get()];
    if (!copy) copy = std::make_shared<Node>(*node);
    nodes_[path] = copy;
  }
}

FakeHost& FakeHost::as(User user) {
  with_user(user);
  self_ = std::move(user);
  return *this;
}

FakeHost& FakeHost::with_file(const Path& path, std::string content, unsigned mode, const std::string& owner,
                              const std::string& group) {
  make_parents(path);
  Node& node = make(path, FileInfo::Type::file, mode);
  node.content = std::move(content);
  attribute(node, {mode, owner, group.empty() ? owner : group});
  return *this;
}

FakeHost& FakeHost::with_directory(const Path& path, unsigned mode, const std::string& owner,
                                   const std::string& group) {
  if (Node* there = find(path, true)) {
    if (mode != 0755 || owner != "root") attribute(*there, {mode, owner, group.empty() ? owner : group});
    return *this;
  }
  make_parents(path);
  attribute(make(path, FileInfo::Type::directory, mode), {mode, owner, group.empty() ? owner : group});
  return *this;
}

FakeHost& FakeHost::with_link(const Path& path, std::string target) {
  make_parents(path);
  Node& link = make(path, FileInfo::Type::link, 0777);
  link.info.target = std::move(target);
  link.info.uid = find(path.parent_path(), true)->info.uid;
  link.info.gid = find(path.parent_path(), true)->info.gid;
  return *this;
}

FakeHost& FakeHost::with_unreadable(const Path& path) {
  with_file(path, "", 0600);
  find(path, true)->unreadable = true;
  return *this;
}

FakeHost& FakeHost::with_user(User user) {
  std::erase_if(users_, [&](const User& known) { return known.name == user.name; });
  if (!group(user.name)) groups_.push_back({user.name, user.gid, {}});
  users_.push_back(user);
  if (!user.home.empty()) with_directory(user.home, 0755, user.name, std::to_string(user.gid));
  return *this;
}

FakeHost& FakeHost::with_group(Group group) {
  std::erase_if(groups_, [&](const Group& known) { return known.name == group.name; });
  groups_.push_back(std::move(group));
  return *this;
}

FakeHost& FakeHost::with_environment(std::string name, std::string value) {
  environment_[std::move(name)] = std::move(value);
  return *this;
}

FakeHost& FakeHost::with_facts(Map facts) {
  if (!facts_) facts_.emplace();
  facts_->merge(facts);
  return *this;
}

FakeHost& FakeHost::answers(Strings argv, Output output) {
  answers_[std::move(argv)] = std::move(output);
  return *this;
}

FakeHost& FakeHost::answers_with(Script script) {
  scripts_.push_back(std::move(script));
  return *this;
}

std::string FakeHost::content(const Path& file) const {
  const auto text = read(file);
  if (!text) ADD_FAILURE() << "the fake host has no file '" << file.string() << "'";
  return text.value_or("");
}

std::optional<std::string> FakeHost::read(const Path& file) const {
  const Node* node = find(file, true);
  if (!node) return std::nullopt;
  if (node->info.is_directory()) throw Error("cannot read '" + file.string() + "': it is a directory");
  if (node->unreadable) throw Error("cannot read '" + file.string() + "': permission denied");
  return node->content;
}

std::optional<FileInfo> FakeHost::stat(const Path& path, bool follow) const {
  const Node* node = find(path, follow);
  if (!node) return std::nullopt;
  FileInfo info = node->info;
  info.size = info.is_link() ? info.target.size() : node->content.size();
  return info;
}

Strings FakeHost::list(const Path& directory) const {
  const std::string path = resolve(directory, true);
  Strings names;
  for (const auto& [name, node] : nodes_)
    if (name != "/" && Path(name).parent_path() == path) names.push_back(Path(name).filename().string());
  return names;
}

std::optional<User> FakeHost::user(const std::string& name_or_uid) const {
  for (const auto& user : users_)
    if (user.name == name_or_uid || (is_number(name_or_uid) && std::to_string(user.uid) == name_or_uid)) return user;
  return std::nullopt;
}

std::optional<Group> FakeHost::group(const std::string& name_or_gid) const {
  for (const auto& group : groups_)
    if (group.name == name_or_gid || (is_number(name_or_gid) && std::to_string(group.gid) == name_or_gid)) return group;
  return std::nullopt;
}

std::optional<std::string> FakeHost::environment(const std::string& name) const {
  const auto found = environment_.find(name);
  return found == environment_.end() ? std::nullopt : std::optional(found->second);
}

Output FakeHost::query(const Query& query) const {
  queried_.push_back(query.argv);
  if (auto output = answer(query.argv)) return *output;
  ADD_FAILURE() << "the fake host has no answer to the query '" << text::joined(query.argv, " ") << "'";
  throw Error("the fake host has no answer to the query '" + text::joined(query.argv, " ") + "'");
}

Value FakeHost::facts(const Strings& subsets) const {
  if (!facts_) {
    ADD_FAILURE() << "the fake host was given no facts, and is asked for '" << text::joined(subsets, " ") << "'";
    throw Error("the fake host was given no facts");
  }
  return *facts_;
}

Output FakeHost::perform(const Action& action) {
  performed_.push_back(action);
  clock_ += 1;
  return std::visit([this](const auto& typed) { return carry_out(typed); }, action);
}

// ---- the tree --------------------------------------------------------------------------------------------------

std::string FakeHost::resolve(const Path& path, bool follow) const {
  if (!path.is_absolute()) {
    ADD_FAILURE() << "the fake host is asked for the relative path '" << path.string() << "'";
    throw Error("'" + path.string() + "' is not an absolute path");
  }
  std::deque<std::string> ahead;
  const auto put_ahead = [&ahead](const Path& more) {
    auto place = ahead.begin();
    for (const auto& part : more.relative_path())
      if (part != "." && !part.empty()) place = std::next(ahead.insert(place, part.string()));
  };
  put_ahead(path);
  Path done = "/";
  for (int hops = 0; !ahead.empty();) {
    const std::string part = ahead.front();
    ahead.pop_front();
    if (part == "..") {
      done = done.parent_path();
      continue;
    }
    const auto node = nodes_.find((done / part).string());
    if (node == nodes_.end() || !node->second->info.is_link() || (ahead.empty() && !follow)) {
      done /= part;
      continue;
    }
    if (++hops > 40) throw Error("'" + path.string() + "': too many levels of symbolic links");
    const Path target = node->second->info.target;
    if (target.is_absolute()) done = "/";
    put_ahead(target);
  }
  return done.string();
}

FakeHost::Node* FakeHost::find(const Path& path, bool follow) const {
  const auto found = nodes_.find(resolve(path, follow));
  return found == nodes_.end() ? nullptr : found->second.get();
}

FakeHost::Node& FakeHost::make(const Path& path, FileInfo::Type type, unsigned mode) {
  auto node = std::make_shared<Node>();
  node->info.type = type;
  node->info.mode = mode;
  node->info.uid = self_.uid;
  node->info.gid = self_.gid;
  node->info.inode = next_inode_++;
  node->info.device = 1;
  node->info.access_time = node->info.modification_time = node->info.change_time = clock_;
  return *(nodes_[resolve(path, type == FileInfo::Type::file)] = node);
}

void FakeHost::make_parents(const Path& path) {
  const Path parent = path.parent_path();
  if (parent == path || find(parent, true)) return;
  make_parents(parent);
  const Node* above = find(parent.parent_path(), true);
  Node& made = make(parent, FileInfo::Type::directory, 0755);
  made.info.uid = above->info.uid;
  made.info.gid = above->info.gid;
}

void FakeHost::require_parent(const std::string& path) const {
  const Path parent = Path(path).parent_path();
  const Node* node = find(parent, true);
  if (!node) throw Error("cannot write '" + path + "': there is no directory '" + parent.string() + "'");
  if (!node->info.is_directory()) throw Error("cannot write '" + path + "': '" + parent.string() + "' is no directory");
}

void FakeHost::attribute(Node& node, const Attributes& attributes) {
  if (attributes.mode) node.info.mode = *attributes.mode;
  if (attributes.owner) {
    const auto owner = user(*attributes.owner);
    if (!owner && !is_number(*attributes.owner)) throw Error("there is no user '" + *attributes.owner + "'");
    node.info.uid = owner ? owner->uid : static_cast<std::uint32_t>(std::stoul(*attributes.owner));
  }
  if (attributes.group) {
    const auto owner = group(*attributes.group);
    if (!owner && !is_number(*attributes.group)) throw Error("there is no group '" + *attributes.group + "'");
    node.info.gid = owner ? owner->gid : static_cast<std::uint32_t>(std::stoul(*attributes.group));
  }
  node.info.change_time = clock_;
}

std::vector<std::string> FakeHost::below(const std::string& path) const {
  std::vector<std::string> found;
  for (const auto& [name, node] : nodes_)
    if (name.size() > path.size() && name.compare(0, path.size() + 1, path + "/") == 0) found.push_back(name);
  return found;
}

void FakeHost::erase(const std::string& path) {
  for (const auto& name : below(path)) nodes_.erase(name);
  nodes_.erase(path);
}

std::optional<Output> FakeHost::answer(const Strings& argv) const {
  if (const auto fixed = answers_.find(argv); fixed != answers_.end()) return fixed->second;
  for (auto script = scripts_.rbegin(); script != scripts_.rend(); ++script)
    if (auto output = (*script)(const_cast<FakeHost&>(*this), argv)) return output;
  return std::nullopt;
}

// ---- the actions -----------------------------------------------------------------------------------------------

Output FakeHost::carry_out(const WriteFile& action) {
  const std::string path = resolve(action.path, true);
  require_parent(path);
  if (!action.validate.empty()) {
    const auto verdict = answer(action.validate);
    if (!verdict) ADD_FAILURE() << "the fake host has no answer to '" << text::joined(action.validate, " ") << "'";
    if (verdict && verdict->rc != 0)
      throw Error("'" + text::joined(action.validate, " ") + "' refused the new content: " + verdict->err);
  }
  Output output;
  Node* node = find(path, true);
  if (node && node->info.is_directory()) throw Error("cannot write '" + path + "': it is a directory");
  if (node && action.backup) {
    output.out = path + ".1.2024-01-01@00:00:00~";
    nodes_[output.out] = std::make_shared<Node>(*node);
  }
  if (!node) node = &make(path, FileInfo::Type::file, 0644);
  node->content = action.content;
  node->info.modification_time = clock_;
  attribute(*node, action.attributes);
  return output;
}

Output FakeHost::carry_out(const MakeDirectory& action) {
  if (Node* there = find(action.path, true)) {
    if (!there->info.is_directory()) throw Error("'" + action.path.string() + "' is there and no directory");
    return {};
  }
  carry_out(MakeDirectory{action.path.parent_path(), action.attributes});
  attribute(make(action.path, FileInfo::Type::directory, 0755), action.attributes);
  return {};
}

Output FakeHost::carry_out(const MakeLink& action) {
  const std::string path = resolve(action.path, false);
  require_parent(path);
  if (Node* there = find(path, false); there && there->info.is_directory())
    throw Error("cannot make the link '" + path + "': a directory is there");
  erase(path);
  if (!action.hard) {
    make(path, FileInfo::Type::link, 0777).info.target = action.target;
    return {};
  }
  const auto original = nodes_.find(resolve(action.target, true));
  if (original == nodes_.end()) throw Error("there is no file '" + action.target + "' to give a second name");
  original->second->info.links += 1;
  nodes_[path] = original->second;
  return {};
}

Output FakeHost::carry_out(const SetAttributes& action) {
  Node* node = find(action.path, action.follow);
  if (!node) throw Error("there is no '" + action.path.string() + "' to set attributes of");
  attribute(*node, action.attributes);
  if (action.access_time) node->info.access_time = *action.access_time;
  if (action.modification_time) node->info.modification_time = *action.modification_time;
  if (action.access_now) node->info.access_time = clock_;
  if (action.modification_now) node->info.modification_time = clock_;
  return {};
}

Output FakeHost::carry_out(const CopyPath& action) {
  const std::string from = resolve(action.from, true), to = resolve(action.to, true);
  const auto source = nodes_.find(from);
  if (source == nodes_.end()) throw Error("there is no '" + from + "' to copy");
  if (source->second->info.is_file()) {
    const unsigned mode = action.attributes.mode.value_or(source->second->info.mode);
    return carry_out(WriteFile{
        to, source->second->content, {mode, action.attributes.owner, action.attributes.group}, action.backup});
  }
  require_parent(to);
  for (const auto& name : below(from)) {
    nodes_[to + name.substr(from.size())] = std::make_shared<Node>(*nodes_[name]);
    attribute(*nodes_[to + name.substr(from.size())], action.attributes);
  }
  nodes_[to] = std::make_shared<Node>(*source->second);
  attribute(*nodes_[to], action.attributes);
  return {};
}

Output FakeHost::carry_out(const RemovePath& action) {
  erase(resolve(action.path, false));
  return {};
}

Output FakeHost::carry_out(const Exec& action) {
  auto output = answer(action.argv);
  if (!output && !says_something(action.effects)) {
    ADD_FAILURE() << "the fake host has no answer to the command '" << text::joined(action.argv, " ")
                  << "', which declares no effects either";
    throw Error("the fake host has no answer to the command '" + text::joined(action.argv, " ") + "'");
  }
  if (output && output->rc != 0 && !action.any_exit)
    throw Error("'" + text::joined(action.argv, " ") + "' failed with exit code " + std::to_string(output->rc) + ": " +
                output->err)
        .with({{"rc", output->rc}, {"stdout", output->out}, {"stderr", output->err}});
  if (output && output->rc != 0) return *output;
  for (const auto& path : action.effects.removed) erase(resolve(path, false));
  for (const auto& path : action.effects.directories) with_directory(path, 0755, self_.name);
  for (const auto& [path, text] : action.effects.files) with_file(path, text, 0644, self_.name);
  for (const auto& path : action.effects.opaque)
    if (!find(path, true)) with_file(path, "", 0644, self_.name);
  return output.value_or(Output{});
}

}  // namespace agent::test

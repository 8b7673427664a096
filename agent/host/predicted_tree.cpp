#include <algorithm>
#include <chrono>
#include <deque>
#include <set>

#include <agent/host/file_metadata.hpp>
#include <agent/host/predicted_tree.hpp>

namespace agent {
namespace {

constexpr int most_links = 40;
constexpr int deepest_copy = 256;

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string below(const Path& path) {
  return path == "/" ? "/" : path.string() + "/";
}

Path without_slash(const Path& path) {
  return path.has_filename() || path == "/" ? path : path.parent_path();
}

std::string would(const std::string& cause) {
  return "'" + cause + "', which check mode did not do";
}

std::uint32_t number_of(const std::string& text, const char* what) {
  if (!text.empty() && text.size() < 11 && text.find_first_not_of("0123456789") == std::string::npos)
    return static_cast<std::uint32_t>(std::stoul(text));
  throw Error("there is no " + std::string(what) + " '" + text + "' on this machine")
      .hint("make the " + std::string(what) + " in an earlier task")
      .about(what == std::string("user") ? "owner" : "group");
}

}  // namespace

// ---- looking -----------------------------------------------------------------------------------------------------

std::optional<FileInfo> PredictedTree::stat(const Path& path, bool follow) const {
  return nodes_.empty() ? base_.stat(path, follow) : look(resolve(path, follow));
}

std::optional<std::string> PredictedTree::read(const Path& file) const {
  if (nodes_.empty()) return base_.read(file);
  const Path path = resolve(file, true);
  const Node* node = find(path);
  if (node == nullptr) return look(path) ? base_.read(path) : std::nullopt;
  if (!node->there) return std::nullopt;
  if (node->info.is_directory()) throw Error("cannot read '" + file.string() + "': it is a directory");
  if (node->content) return node->content;
  if (node->as_in) return base_.read(*node->as_in);
  give_up(path, *node);
}

Strings PredictedTree::list(const Path& directory) const {
  if (nodes_.empty()) return base_.list(directory);
  const Path path = resolve(directory, true);
  const auto info = look(path);
  if (!info || !info->is_directory()) return {};
  const Node* node = find(path);
  if (node != nullptr && node->content_is_unknown) give_up(path, *node);
  const bool hidden = (node != nullptr && node->hides_base) || ruling(path) != nullptr;
  const Strings real = hidden ? Strings{} : base_.list(path);
  std::set<std::string> names(real.begin(), real.end());
  const std::string start = below(path);
  for (auto at = nodes_.lower_bound(start); at != nodes_.end() && at->first.compare(0, start.size(), start) == 0;
       ++at) {
    const std::string name = at->first.substr(start.size());
    if (name.empty() || name.find('/') != std::string::npos) continue;
    if (at->second.is_doubtful) give_up(at->first, at->second);
    if (at->second.there)
      names.insert(name);
    else
      names.erase(name);
  }
  return {names.begin(), names.end()};
}

Path PredictedTree::resolve(const Path& path, bool follow) const {
  if (!path.is_absolute()) throw Error("'" + path.string() + "' is not an absolute path");
  std::deque<std::string> ahead;
  const auto put_ahead = [&ahead](const Path& more) {
    auto place = ahead.begin();
    for (const auto& part : more.relative_path())
      if (!part.empty() && part != ".") place = std::next(ahead.insert(place, part.string()));
  };
  put_ahead(path);
  Path done = "/";
  for (int links = 0; !ahead.empty();) {
    const std::string part = std::move(ahead.front());
    ahead.pop_front();
    if (part == "..") {
      done = done.parent_path();
      continue;
    }
    const bool matters = !ahead.empty() || follow;
    // Whether an unknown last part is a link is asked by whoever looks at it; on the way it must be known.
    const auto info = !matters ? std::nullopt : ahead.empty() ? look_if_known(done / part) : look(done / part);
    if (!info || !info->is_link()) {
      done /= part;
      continue;
    }
    if (++links > most_links) throw Error("'" + path.string() + "': too many levels of symbolic links");
    if (Path(info->target).is_absolute()) done = "/";
    put_ahead(info->target);
  }
  return done;
}

std::optional<std::string> PredictedTree::doubt(const Path& asked) const {
  if (nodes_.empty()) return std::nullopt;
  const Path path = resolve(without_slash(asked), true);
  const Node* node = find(path);
  if (node == nullptr) node = ruling(path);
  if (node != nullptr) return "'" + asked.string() + "' depends on " + would(node->cause);
  return doubt_below(path);
}

std::optional<std::string> PredictedTree::doubt_below(const Path& path) const {
  const std::string start = below(path);
  const auto first = nodes_.lower_bound(start);
  if (first == nodes_.end() || first->first.compare(0, start.size(), start) != 0) return std::nullopt;
  return "'" + first->first + "' depends on " + would(first->second.cause);
}

std::vector<PredictedFile> PredictedTree::files() const {
  std::vector<PredictedFile> all;
  for (const auto& [path, node] : nodes_)
    all.push_back({path, node.there, node.info, node.content, node.as_in, node.hides_base, !node.content_is_unknown});
  return all;
}

std::optional<FileInfo> PredictedTree::look(const Path& path) const {
  if (const Node* node = find(path)) {
    if (node->is_doubtful) give_up(path, *node);
    return node->there ? std::optional(node->info) : std::nullopt;
  }
  const Node* above = ruling(path);
  if (above == nullptr) return base_.stat(path, false);
  if (above->there && above->content_is_unknown) give_up(path, *above);
  return std::nullopt;
}

std::optional<FileInfo> PredictedTree::look_if_known(const Path& path) const {
  try {
    return look(path);
  } catch (const Unknown&) {
    return std::nullopt;
  }
}

const PredictedTree::Node* PredictedTree::find(const Path& path) const {
  const auto found = nodes_.find(path.string());
  return found == nodes_.end() ? nullptr : &found->second;
}

const PredictedTree::Node* PredictedTree::ruling(const Path& path) const {
  for (Path above = path; above.has_relative_path();) {
    above = above.parent_path();
    const Node* node = find(above);
    if (node != nullptr && (!node->there || node->hides_base || node->content_is_unknown || !node->info.is_directory()))
      return node;
  }
  return nullptr;
}

void PredictedTree::give_up(const Path& path, const Node& node) const {
  throw Unknown("'" + path.string() + "' depends on " + would(node.cause));
}

// ---- changing ----------------------------------------------------------------------------------------------------

void PredictedTree::write(const Path& asked, const std::string& content, const Attributes& attributes,
                          const std::string& cause) {
  const Path path = resolve(asked, true);
  expect_parent(path);
  const auto there = look_if_known(path);
  if (there && there->is_directory()) throw Error("cannot write '" + path.string() + "': it is a directory");
  if (there && !there->is_file())
    throw Error("cannot write '" + path.string() + "': it is there, and neither a file nor a link to one");
  Node& node = change(path, cause);
  if (!there) node.info = fresh(FileInfo::Type::file);
  node.content = content;
  node.as_in.reset();
  node.content_is_unknown = false;
  node.info.size = content.size();
  node.info.links = 1;
  node.info.modification_time = now();
  apply(node, attributes);
}

std::string PredictedTree::back_up(const Path& asked, const std::string& cause) {
  const Path path = resolve(asked, true);
  if (!look(path)) return "";
  const Path kept = path.string() + ".0.predicted~";
  nodes_[kept.string()] = change(path, cause);
  return kept.string();
}

void PredictedTree::make_directory(const Path& asked, const Attributes& attributes, const std::string& cause) {
  const Path path = resolve(without_slash(asked), true);
  if (const auto there = look_if_known(path)) {
    if (there->is_directory()) return;
    throw Error("cannot make a directory: '" + path.string() + "' is there and is not one");
  }
  if (look_if_known(resolve(without_slash(asked), false)))
    throw Error("cannot make a directory: '" + asked.string() + "' is a link that leads nowhere");
  make_directory(without_slash(asked).parent_path(), attributes, cause);
  Node& node = change(path, cause);
  node.info = fresh(FileInfo::Type::directory);
  node.hides_base = true;
  node.content_is_unknown = false;
  apply(node, attributes);
}

void PredictedTree::make_link(const Path& asked, const std::string& target, const std::string& cause) {
  const Path path = resolve(asked, false);
  expect_parent(path);
  if (const auto there = look(path); there && there->is_directory())
    throw Error("cannot make the link '" + path.string() + "': a directory is there");
  Node node;
  node.info = fresh(FileInfo::Type::link);
  node.info.mode = 0777;
  node.info.target = target;
  node.info.size = target.size();
  node.cause = cause;
  nodes_[path.string()] = std::move(node);
}

void PredictedTree::make_second_name(const Path& asked, const Path& original, const std::string& cause) {
  const Path path = resolve(asked, false), source = resolve(original, true);
  expect_parent(path);
  if (const auto there = look(path); there && there->is_directory())
    throw Error("cannot make the link '" + path.string() + "': a directory is there");
  const auto info = look(source);
  if (!info) throw Error("there is no file '" + original.string() + "' to give a second name");
  if (info->is_directory()) throw Error("cannot give '" + original.string() + "' a second name: it is a directory");
  Node node = change(source, cause);
  node.info.links += 1;
  nodes_[source.string()] = nodes_[path.string()] = std::move(node);
}

void PredictedTree::set_attributes(const SetAttributes& action, const std::string& cause) {
  const Path path = resolve(without_slash(action.path), action.follow);
  if (!look(path)) throw Error("there is no '" + action.path.string() + "' to set owner or mode of");
  Node& node = change(path, cause);
  apply(node, action.attributes);
  if (action.access_time) node.info.access_time = *action.access_time;
  if (action.modification_time) node.info.modification_time = *action.modification_time;
  if (action.access_now) node.info.access_time = now();
  if (action.modification_now) node.info.modification_time = now();
}

void PredictedTree::copy(const Path& from, const Path& to, const Attributes& attributes, const std::string& cause) {
  const Path source = resolve(without_slash(from), true), target = resolve(without_slash(to), true);
  const auto info = look(source);
  if (!info) throw Error("there is no '" + from.string() + "' to copy");
  if (info->is_directory()) return copy_directory(source, target, attributes, cause);
  if (!info->is_file()) throw Error("cannot copy '" + from.string() + "': it is not a file");
  Attributes complete = attributes;
  if (!complete.mode) complete.mode = info->mode & 0777u;
  const Node* known = find(source);
  const Node original = known != nullptr ? *known : Node{.as_in = source};
  write(target, "", complete, cause);
  Node& node = nodes_[target.string()];
  node.content = original.content;
  node.as_in = original.as_in;
  node.content_is_unknown = original.content_is_unknown;
  node.info.size = info->size;
}

void PredictedTree::copy_directory(const Path& from, const Path& to, const Attributes& attributes,
                                   const std::string& cause) {
  const std::string start = below(from);
  if (below(to).compare(0, start.size(), start) == 0)
    throw Error("cannot copy '" + from.string() + "' into itself ('" + to.string() + "')");
  if (std::distance(to.begin(), to.end()) > deepest_copy)
    throw Error("will not copy '" + from.string() + "': it is too deep");
  expect_parent(to);
  make_directory(to, {look(from)->mode, attributes.owner, attributes.group}, cause);
  for (const auto& name : list(from)) {
    const auto info = look(from / name);
    if (info && info->is_link())
      make_link(to / name, info->target, cause);
    else
      copy(from / name, to / name, attributes, cause);
  }
}

void PredictedTree::remove(const Path& asked, const std::string& cause) {
  const Path path = resolve(without_slash(asked), false);
  if (!path.has_relative_path()) throw Error("will not remove '/'");
  forget_below(path);
  Node gone;
  gone.there = false;
  gone.cause = cause;
  nodes_[path.string()] = std::move(gone);
}

void PredictedTree::make_opaque(const Path& asked, const std::string& cause) {
  const Path path = resolve(without_slash(asked), true);
  const auto there = look(path);
  if (!there) make_directory(path.parent_path(), {}, cause);
  Node& node = change(path, cause);
  if (!there) node.info = fresh(FileInfo::Type::file);
  // What lies there is meant to be run: that must lead to "unknown", not to "there is no such program".
  const auto folder = path.parent_path().filename();
  if (!there && (folder == "bin" || folder == "sbin")) node.info.mode |= 0111;
  node.content.reset();
  node.as_in.reset();
  node.content_is_unknown = true;
}

void PredictedTree::make_doubtful(const Path& asked, const std::string& cause) {
  const Path path = resolve(without_slash(asked), false);
  forget_below(path);
  Node& node = nodes_[path.string()] = Node();
  node.content_is_unknown = node.is_doubtful = true;
  node.cause = cause;
}

void PredictedTree::make_directory_of_unknowns(const Path& asked, const std::string& cause) {
  const Path path = resolve(without_slash(asked), true);
  if (look(path)) return;  // what is there shows through
  make_directory(path, {}, cause);
  nodes_[path.string()].content_is_unknown = true;
}

PredictedTree::Node& PredictedTree::change(const Path& path, const std::string& cause) {
  const auto known = nodes_.find(path.string());
  if (known != nodes_.end() && known->second.there && !known->second.is_doubtful) {
    known->second.cause = cause;
    return known->second;
  }
  Node node;
  if (const auto info = look_if_known(path)) {
    node.info = *info;
    if (info->is_file()) node.as_in = path;
  }
  node.cause = cause;
  return nodes_[path.string()] = std::move(node);
}

FileInfo PredictedTree::fresh(FileInfo::Type type) {
  FileInfo info;
  info.type = type;
  info.mode = mode_of_new(type == FileInfo::Type::directory);
  info.uid = base_.self().uid;
  info.gid = base_.self().gid;
  info.inode = next_inode_++;
  info.access_time = info.modification_time = info.change_time = now();
  return info;
}

void PredictedTree::apply(Node& node, const Attributes& attributes) const {
  if (attributes.mode && !node.info.is_link()) node.info.mode = *attributes.mode;
  if (attributes.owner) {
    const auto user = base_.user(*attributes.owner);
    node.info.uid = user ? user->uid : number_of(*attributes.owner, "user");
  }
  if (attributes.group) {
    const auto group = base_.group(*attributes.group);
    node.info.gid = group ? group->gid : number_of(*attributes.group, "group");
  }
}

void PredictedTree::expect_parent(const Path& path) const {
  const Path parent = path.parent_path();
  const auto info = look(parent);
  if (!info)
    throw Error("there is no directory '" + parent.string() + "'")
        .hint("make it first: file: {path: " + parent.string() + ", state: directory}");
  if (!info->is_directory())
    throw Error("'" + parent.string() + "' is not a directory, as '" + path.string() + "' would need");
}

void PredictedTree::forget_below(const Path& path) {
  const std::string start = below(path);
  auto at = nodes_.lower_bound(start);
  while (at != nodes_.end() && at->first.compare(0, start.size(), start) == 0) at = nodes_.erase(at);
}

}  // namespace agent

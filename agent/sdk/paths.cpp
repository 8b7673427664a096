#include <cctype>
#include <deque>

#include <fnmatch.h>

#include <agent/sdk/paths.hpp>

namespace agent {
namespace {

constexpr int most_links = 40;  // what Linux itself allows

std::string expand_variables(const std::string& text, const Host& host) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '$') {
      result += text[i++];
      continue;
    }
    const bool braces = i + 1 < text.size() && text[i + 1] == '{';
    const std::size_t start = i + (braces ? 2 : 1);
    std::size_t end = start;
    if (braces) {
      end = text.find('}', start);
    } else {
      while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) ++end;
    }
    if (end == std::string::npos || end == start) {
      result += text[i++];
      continue;
    }
    const std::size_t after = end + (braces ? 1 : 0);
    const auto value = host.environment(text.substr(start, end - start));
    result += value ? *value : text.substr(i, after - i);
    i = after;
  }
  return result;
}

std::string expand_home(const std::string& text, const Host& host) {
  if (text.empty() || text[0] != '~') return text;
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::string name = text.substr(1, slash - 1);
  const auto user = name.empty() ? std::optional<User>(host.self()) : host.user(name);
  return user && !user->home.empty() ? user->home + text.substr(slash) : text;
}

bool is_pattern(const std::string& name) {
  return name.find_first_of("*?[") != std::string::npos;
}

// One level: every directory found so far, combined with every name in it that the part allows.
std::vector<Path> descend(const std::vector<Path>& directories, const std::string& part, const Host& host) {
  std::vector<Path> found;
  for (const Path& directory : directories) {
    if (!is_pattern(part)) {
      if (host.stat(directory / part, false)) found.push_back(directory / part);
      continue;
    }
    for (const std::string& name : host.list(directory))
      if (::fnmatch(part.c_str(), name.c_str(), FNM_PERIOD) == 0) found.push_back(directory / name);
  }
  return found;
}

/// Calls `at_link` with each link that is followed.
template <class AtLink>
Path follow(const Path& path, const Host& host, AtLink at_link) {
  std::deque<std::string> rest;
  for (const Path& part : path.relative_path()) rest.push_back(part.string());
  Path resolved = "/";
  for (int links = 0; !rest.empty();) {
    const std::string part = rest.front();
    rest.pop_front();
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      resolved = resolved.parent_path();
      continue;
    }
    const auto info = host.stat(resolved / part, false);
    if (!info || !info->is_link()) {
      resolved /= part;
      continue;
    }
    if (++links > most_links) throw Error("the links at '" + path.string() + "' run in a circle");
    at_link(resolved / part, *info);
    const Path target = info->target;
    if (target.is_absolute()) resolved = "/";
    std::deque<std::string> parts;
    for (const Path& piece : target.relative_path()) parts.push_back(piece.string());
    rest.insert(rest.begin(), parts.begin(), parts.end());
  }
  return resolved;
}

/// A link that somebody else could have pointed anywhere.
struct Suspicion {
  Path link;
  std::string target;
  std::optional<std::uint32_t> who;  // nothing: anybody
};

/// The real host judges in the same way once more when it writes (agent/host/place.cpp).
std::optional<Suspicion> suspect(const Path& link, const FileInfo& info, const Host& host) {
  const auto directory = host.stat(link.parent_path());
  const User& self = host.self();
  const auto is_other = [&self](std::uint32_t uid) { return uid != 0 && uid != self.uid; };
  if (!directory || is_other(directory->uid))
    return Suspicion{link, info.target, directory ? std::optional(directory->uid) : std::nullopt};
  const bool group_may = (directory->mode & 0020U) != 0 && directory->gid != 0 && directory->gid != self.gid;
  const bool others_may = (directory->mode & 0002U) != 0;
  if (!group_may && !others_may) return std::nullopt;
  if ((directory->mode & 01000U) == 0) return Suspicion{link, info.target, std::nullopt};
  return is_other(info.uid) ? std::optional(Suspicion{link, info.target, info.uid}) : std::nullopt;
}

Error untrusted(const Path& link, const std::string& target, const std::optional<std::uint32_t>& who,
                const Host& host) {
  const auto user = who ? host.user(std::to_string(*who)) : std::nullopt;
  const std::string name = user ? "'" + user->name + "'" : who ? std::to_string(*who) : "anybody";
  return Error("will not follow the link '" + link.string() + "' to '" + target + "': " + name +
               " may write in the directory it is in, and could point it anywhere")
      .hint(user ? "run the task as that user (become_user: " + user->name + "), or name the target itself"
                 : "name the target itself");
}

}  // namespace

std::string expand_user_and_variables(const std::string& text, const Host& host) {
  return expand_home(expand_variables(text, host), host);
}

Path path_argument(const std::string& text, const Host& host) {
  if (text.empty()) throw Error("a path is empty");
  if (text.find('\0') != std::string::npos) throw Error("a path holds a NUL byte");
  std::string expanded = expand_user_and_variables(text, host);
  while (expanded.size() > 1 && expanded.back() == '/') expanded.pop_back();
  const Path path(expanded);
  return path.is_absolute() ? path : Path(host.self().home) / path;
}

Path resolve_links(const Path& path, const Host& host) {
  return follow(path, host, [](const Path&, const FileInfo&) {});
}

Path resolve_links_to_write(const Path& path, const Host& host) {
  std::vector<Suspicion> suspicions;
  const Path resolved = follow(path, host, [&](const Path& link, const FileInfo& info) {
    if (auto suspicion = suspect(link, info, host)) suspicions.push_back(std::move(*suspicion));
  });
  if (suspicions.empty()) return resolved;
  // What is missing between is made by whoever writes, so that the nearest directory which is there decides.
  Path nearest = resolved.parent_path();
  while (nearest.has_relative_path() && !host.stat(nearest)) nearest = nearest.parent_path();
  const auto directory = host.stat(nearest);
  for (const auto& [link, target, who] : suspicions)
    // A link of alice's that leads to a directory of alice's gives her nothing she has not got.
    if (!who || !directory || directory->uid != *who) throw untrusted(link, target, who, host);
  return resolved;
}

void expect_links_to_be_trusted(const Path& path, const Host& host) {
  resolve_links_to_write(path, host);
}

bool is_within(const Path& path, const Path& root) {
  auto part = path.begin();
  for (const Path& expected : root) {
    if (expected.empty()) continue;  // a trailing slash
    if (part == path.end() || *part != expected) return false;
    ++part;
  }
  return true;
}

std::vector<Path> glob(const std::string& pattern, const Path& directory, const Host& host) {
  const Path whole = Path(pattern).is_absolute() ? Path(pattern) : directory / pattern;
  std::vector<Path> found = {"/"};
  for (const Path& part : whole.relative_path())
    if (!part.empty()) found = descend(found, part.string(), host);
  return found;
}

}  // namespace agent

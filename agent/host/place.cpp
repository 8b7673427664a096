#include <cerrno>
#include <deque>
#include <optional>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/host/place.hpp>
#include <agent/host/system_failure.hpp>
#include <agent/host/users.hpp>

namespace agent {
namespace {

constexpr int most_links = 40;

/// A link that somebody else could have pointed anywhere.
struct Suspicion {
  Path link, target;
  std::optional<uid_t> who;  // nothing: anybody
};

struct stat information(int fd) {
  struct stat info {};
  ::fstat(fd, &info);
  return info;
}

/// Who, beside root and the caller, may have made the link in that directory; nothing when nobody may.
std::optional<Suspicion> suspect(const struct stat& directory, const struct stat& link) {
  const uid_t self = ::geteuid();
  const auto is_other = [self](uid_t uid) { return uid != 0 && uid != self; };
  if (is_other(directory.st_uid)) return Suspicion{{}, {}, directory.st_uid};
  const bool group_may = (directory.st_mode & S_IWGRP) != 0 && directory.st_gid != 0 && directory.st_gid != ::getegid();
  const bool others_may = (directory.st_mode & S_IWOTH) != 0;
  if (!group_may && !others_may) return std::nullopt;
  if ((directory.st_mode & S_ISVTX) == 0) return Suspicion{};
  if (is_other(link.st_uid)) return Suspicion{{}, {}, link.st_uid};
  return std::nullopt;
}

/// A walk from the root that keeps the directory it is in open.
class Walk {
 public:
  Walk(const Path& path, bool follow) : asked_(path), follow_(follow) {
    if (!path.is_absolute()) throw Error("'" + path.string() + "' is not an absolute path");
    enter(AT_FDCWD, "/", "/");
    put_ahead(path);
  }

  Place finish() {
    std::string last = ".";
    while (!ahead_.empty()) {
      const std::string part = std::move(ahead_.front());
      ahead_.pop_front();
      if (part == "..") {
        enter(directory_.get(), "..", at_.parent_path());
      } else if (follows_link(part)) {
        continue;
      } else if (ahead_.empty()) {
        last = part;
      } else {
        enter(directory_.get(), part, at_ / part);
      }
    }
    judge();
    return {std::move(directory_), last, last == "." ? at_ : at_ / last, can_list_};
  }

 private:
  void put_ahead(const Path& path) {
    auto place = ahead_.begin();
    for (const auto& part : path.relative_path())
      if (!part.empty() && part != ".") place = std::next(ahead_.insert(place, part.string()));
  }

  void enter(int from, const std::string& name, const Path& path) {
    can_list_ = true;
    Fd next(::openat(from, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next && errno == EACCES) {  // it may still be searched
      can_list_ = false;
      next = Fd(::openat(from, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    }
    if (!next && errno == ENOENT)
      throw Error("there is no directory '" + path.string() + "'")
          .hint("make it first: file: {path: " + path.string() + ", state: directory}");
    if (!next && (errno == ENOTDIR || errno == ELOOP))
      throw Error("'" + path.string() + "' is not a directory, as '" + asked_.string() + "' would need");
    if (!next) throw system_failure("enter", path, errno);
    directory_ = std::move(next);
    at_ = path;
  }

  bool follows_link(const std::string& part) {
    if (ahead_.empty() && !follow_) return false;
    const Fd link(::openat(directory_.get(), part.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!link) return false;
    const struct stat info = information(link.get());
    if (!S_ISLNK(info.st_mode)) return false;
    if (++links_ > most_links) throw system_failure("follow", asked_, ELOOP);
    std::string target(4096, '\0');
    const ssize_t size = ::readlinkat(link.get(), "", target.data(), target.size());
    if (size < 0) throw system_failure("read the link", at_ / part, errno);
    target.resize(static_cast<std::size_t>(size));
    if (auto suspicion = suspect(information(directory_.get()), info)) {
      suspicion->link = at_ / part;
      suspicion->target = target;
      suspicions_.push_back(std::move(*suspicion));
    }
    if (Path(target).is_absolute()) enter(AT_FDCWD, "/", "/");
    put_ahead(target);
    return true;
  }

  /// A link of alice's that leads to a directory of alice's gives her nothing she has not got.
  void judge() const {
    const uid_t owner = information(directory_.get()).st_uid;
    for (const auto& suspicion : suspicions_) {
      if (suspicion.who && *suspicion.who == owner) continue;
      const auto user = suspicion.who ? user_of(*suspicion.who) : std::nullopt;
      const std::string who = user            ? "'" + user->name + "'"
                              : suspicion.who ? std::to_string(*suspicion.who)
                                              : "anybody";
      throw Error("will not follow the link '" + suspicion.link.string() + "' to '" + suspicion.target.string() +
                  "': " + who + " may write in the directory it is in, and could point it anywhere")
          .hint(user ? "run the task as that user (become_user: " + user->name + "), or name the target itself"
                     : "name the target itself");
    }
  }

  Path asked_;
  bool follow_;
  std::deque<std::string> ahead_;
  Fd directory_;
  Path at_;
  bool can_list_ = true;
  int links_ = 0;
  std::vector<Suspicion> suspicions_;
};

}  // namespace

Place find_place(const Path& path, bool follow) {
  return Walk(path, follow).finish();
}

}  // namespace agent

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/host/atomic_file.hpp>
#include <agent/host/rights.hpp>
#include <agent/host/users.hpp>

namespace agent {
namespace {

constexpr const char* way_out = "run with become: true (-b)";

Error needs_root(const std::string& doing) {
  return Error(doing + " needs root").hint(way_out);
}

/// The nearest directory above `path` that is there: what is missing between may be made by an earlier action.
Path nearest_directory(Path path) {
  struct stat info {};
  do path = path.parent_path();
  while (path.has_relative_path() && ::stat(path.c_str(), &info) != 0);
  return path;
}

std::string name_of(uid_t uid) {
  const auto user = user_of(uid);
  return user ? user->name : std::to_string(uid);
}

class Judge {
 public:
  explicit Judge(const User& self) : self_(self) {}

  std::optional<Error> operator()(const WriteFile& a) const {
    if (auto error = change_of("writing", a.path, true)) return error;
    if (auto error = kept_owner(a.path, a.attributes)) return error;
    return giving("writing", a.path, a.attributes);
  }
  std::optional<Error> operator()(const MakeDirectory& a) const {
    struct stat info {};
    if (::stat(a.path.c_str(), &info) == 0) return std::nullopt;
    if (auto error = change_of("making the directory", a.path, false)) return error;
    return giving("making the directory", a.path, a.attributes);
  }
  std::optional<Error> operator()(const MakeLink& a) const { return change_of("making the link", a.path, false); }
  std::optional<Error> operator()(const RemovePath& a) const {
    struct stat info {};
    if (::lstat(a.path.c_str(), &info) != 0 && errno == ENOENT) return std::nullopt;
    return change_of("removing", a.path, false);
  }
  std::optional<Error> operator()(const CopyPath& a) const {
    if (auto error = change_of("writing", a.to, true)) return error;
    return giving("writing", a.to, a.attributes);
  }
  std::optional<Error> operator()(const SetAttributes& a) const {
    struct stat info {};
    if ((a.follow ? ::stat(a.path.c_str(), &info) : ::lstat(a.path.c_str(), &info)) != 0) return std::nullopt;
    const bool touches = a.attributes == Attributes{} && a.access_now && a.modification_now;
    if (touches && ::faccessat(AT_FDCWD, a.path.c_str(), W_OK, AT_EACCESS) == 0) return std::nullopt;
    if (self_.uid != 0 && info.st_uid != self_.uid)
      return needs_root("changing '" + a.path.string() + "', which belongs to '" + name_of(info.st_uid) + "',");
    return giving("changing", a.path, a.attributes);
  }
  std::optional<Error> operator()(const Exec&) const { return std::nullopt; }  // only it knows what it needs
  std::optional<Error> operator()(const RefreshPackageIndex&) const { return root_for("fetching the package indexes"); }
  std::optional<Error> operator()(const RemovePackages&) const { return root_for("removing packages"); }
  std::optional<Error> operator()(const HoldPackages&) const { return root_for("holding packages"); }
  std::optional<Error> operator()(const InstallPackages&) const { return root_for("installing packages"); }
  std::optional<Error> operator()(const UpgradePackages&) const { return root_for("upgrading packages"); }
  template <class OtherPackageAction>
  std::optional<Error> operator()(const OtherPackageAction&) const {
    return root_for("changing packages");
  }

 private:
  std::optional<Error> root_for(const std::string& doing) const {
    return self_.uid == 0 ? std::nullopt : std::optional(needs_root(doing));
  }

  /// May names in the directory of `path` be made, replaced and removed?
  std::optional<Error> change_of(const std::string& doing, const Path& asked, bool through_link) const {
    Path path = asked;
    std::error_code code;
    if (through_link && std::filesystem::is_symlink(path, code)) {
      const Path target = std::filesystem::weakly_canonical(path, code);
      if (!code) path = target;
    }
    const Path directory = nearest_directory(path);
    if (::faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) != 0 && errno != EROFS)
      return needs_root(doing + " '" + asked.string() + "'");
    if (auto error = sticky(doing, asked, path, directory)) return error;
    if (directory != path.parent_path()) return std::nullopt;
    try {
      expect_changeable(find_place(path, false));
    } catch (const Error& error) {
      return error;
    }
    return std::nullopt;
  }

  /// In a directory like /tmp only the owner may replace or remove.
  std::optional<Error> sticky(const std::string& doing, const Path& asked, const Path& path,
                              const Path& directory) const {
    struct stat in {
    }, file{};
    if (self_.uid == 0 || ::stat(directory.c_str(), &in) != 0 || ::lstat(path.c_str(), &file) != 0) return std::nullopt;
    if ((in.st_mode & S_ISVTX) == 0 || file.st_uid == self_.uid || in.st_uid == self_.uid) return std::nullopt;
    return needs_root(doing + " '" + asked.string() + "', which belongs to '" + name_of(file.st_uid) + "',");
  }

  /// An existing file keeps its owner, which only root can give to a new one.
  std::optional<Error> kept_owner(const Path& path, const Attributes& attributes) const {
    struct stat info {};
    if (self_.uid == 0 || attributes.owner || ::stat(path.c_str(), &info) != 0 || info.st_uid == self_.uid)
      return std::nullopt;
    return needs_root("writing '" + path.string() + "', which belongs to '" + name_of(info.st_uid) + "',");
  }

  std::optional<Error> giving(const std::string& doing, const Path& path, const Attributes& attributes) const {
    if (self_.uid == 0) return std::nullopt;
    try {
      if (attributes.owner && uid_of(*attributes.owner) != self_.uid)
        return needs_root(doing + " '" + path.string() + "' for the owner '" + *attributes.owner + "'");
      const auto groups = group_ids(self_);
      if (attributes.group && std::find(groups.begin(), groups.end(), gid_of(*attributes.group)) == groups.end())
        return needs_root(doing + " '" + path.string() + "' for the group '" + *attributes.group + "'");
    } catch (const Error&) {
      return std::nullopt;  // a user that there is not yet is no question of rights
    }
    return std::nullopt;
  }

  const User& self_;
};

}  // namespace

std::optional<Error> missing_right(const Action& action, const User& self) {
  return std::visit(Judge(self), action);
}

}  // namespace agent

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <agent/wall/laid_files.hpp>
#include <agent/wall/mounts.hpp>

namespace agent::wall {

namespace {

constexpr std::uint64_t largest_copy = std::uint64_t{16} << 20;

bool is_at_or_below(const Path& path, const Path& directory) {
  const std::string text = path.string(), above = directory == "/" ? "" : directory.string();
  return text.starts_with(above) && (text.size() == above.size() || text[above.size()] == '/');
}

std::optional<struct stat> look(const Path& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 ? std::optional(info) : std::nullopt;
}

/// The nearest directory above that is there.
Path ground_of(const Path& path) {
  Path above = path.parent_path();
  for (auto info = look(above); above.has_relative_path() && !(info && S_ISDIR(info->st_mode)); info = look(above))
    above = above.parent_path();
  return above;
}

bool give(const Path& path, uid_t uid, gid_t gid, mode_t mode) {
  return ::lchown(path.c_str(), uid, gid) == 0 && ::chmod(path.c_str(), mode & 07777) == 0;
}

/// One upper layer that is being made for the directory `ground`.
class Layer {
 public:
  Layer(Path ground, Path memory) : ground_(std::move(ground)), upper_(memory / "upper"), work_(memory / "work") {
    ::mkdir(memory.c_str(), 0700);
    ::mkdir(work_.c_str(), 0700);
    is_whole_ = mirror(ground_, upper_);
  }

  void add(const PredictedFile& file) {
    is_whole_ = is_whole_ && file.known && above_is_there(file.path.parent_path()) && put(file, in_upper(file.path));
  }

  /// False where nothing of it is laid.
  bool lay() const {
    const std::string options =
        "lowerdir=" + ground_.string() + ",upperdir=" + upper_.string() + ",workdir=" + work_.string();
    const bool is_speakable = ground_.string().find_first_of(":,\\") == std::string::npos;
    return is_whole_ && is_speakable && ::mount("agent-check", ground_.c_str(), "overlay", 0, options.c_str()) == 0;
  }

 private:
  Path in_upper(const Path& path) const {
    const Path relative = path.lexically_relative(ground_);
    return relative == "." ? upper_ : upper_ / relative;
  }

  static bool mirror(const Path& real, const Path& path) {
    const auto info = look(real);
    return info && S_ISDIR(info->st_mode) && ::mkdir(path.c_str(), 0700) == 0 &&
           give(path, info->st_uid, info->st_gid, info->st_mode);
  }

  // The directories on the way: those that would be made stand in the list before what is in them.
  bool above_is_there(const Path& directory) const {
    if (look(in_upper(directory))) return true;
    return above_is_there(directory.parent_path()) && mirror(directory, in_upper(directory));
  }

  static bool put(const PredictedFile& file, const Path& path) {
    const FileInfo& info = file.info;
    if (!file.there) return !look(file.path) || ::mknod(path.c_str(), S_IFCHR, ::makedev(0, 0)) == 0;
    if (info.is_link())
      return ::symlink(info.target.c_str(), path.c_str()) == 0 && ::lchown(path.c_str(), info.uid, info.gid) == 0;
    if (info.is_directory()) {
      const bool hides = file.hides_base && look(file.path);
      return (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) && give(path, info.uid, info.gid, info.mode) &&
             (!hides || ::setxattr(path.c_str(), "trusted.overlay.opaque", "y", 1, 0) == 0);
    }
    return info.is_file() && put_content(file, path) && give(path, info.uid, info.gid, info.mode) &&
           put_times(info, path);
  }

  static bool put_content(const PredictedFile& file, const Path& path) {
    std::ofstream out(path, std::ios::binary);
    if (file.content)
      return static_cast<bool>(
          out.write(file.content->data(), static_cast<std::streamsize>(file.content->size())).flush());
    if (!file.as_in || file.info.size > largest_copy) return false;
    std::ifstream in(*file.as_in, std::ios::binary);
    if (file.info.size > 0) out << in.rdbuf();
    return in.good() && static_cast<bool>(out.flush());
  }

  static bool put_times(const FileInfo& info, const Path& path) {
    const auto time = [](double seconds) {
      const auto whole = static_cast<time_t>(seconds);
      return timespec{whole, static_cast<long>((seconds - static_cast<double>(whole)) * 1e9)};
    };
    const timespec times[] = {time(info.access_time), time(info.modification_time)};
    return ::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0;
  }

  Path ground_, upper_, work_;
  bool is_whole_ = false;
};

/// The directories to lay over: none below another, and none that hides a mount.
std::vector<Path> grounds_of(const std::vector<PredictedFile>& files, const Path& memory) {
  std::vector<Path> all, chosen;
  for (const PredictedFile& file : files) all.push_back(ground_of(file.path));
  std::sort(all.begin(), all.end());
  const Strings mounts = mount_points();
  for (const Path& ground : all) {
    const bool hides = std::any_of(mounts.begin(), mounts.end(), [&](const std::string& mount) {
      return mount != ground.string() && is_at_or_below(mount, ground);
    });
    const bool is_covered =
        std::any_of(chosen.begin(), chosen.end(), [&](const Path& one) { return is_at_or_below(ground, one); });
    if (!hides && !is_covered && !is_at_or_below(ground, memory)) chosen.push_back(ground);
  }
  return chosen;
}

}  // namespace

bool lay(const std::vector<PredictedFile>& files, const Path& memory) {
  bool all = true;
  std::map<Path, Layer> layers;
  for (const Path& ground : grounds_of(files, memory))
    layers.emplace(ground, Layer(ground, memory / std::to_string(layers.size())));
  for (const PredictedFile& file : files) {
    const auto layer = std::find_if(layers.begin(), layers.end(), [&](const auto& one) {
      return is_at_or_below(file.path.parent_path(), one.first);
    });
    if (layer == layers.end())
      all = false;
    else
      layer->second.add(file);
  }
  for (const auto& [ground, layer] : layers) all = layer.lay() && all;
  return all;
}

}  // namespace agent::wall

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/fleet/tree_check.hpp>
#include <agent/host/fd.hpp>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

namespace fs = std::filesystem;

constexpr const char* manifest_name = "manifest.json";
constexpr const char* stamp_name = ".verified";
constexpr std::size_t id_size = 32, others_kept = 2;
constexpr std::chrono::hours left_behind{24};

bool is_id(const std::string& name) {
  return name.size() == id_size && name.find_first_not_of("0123456789abcdef") == name.npos;
}

std::string sha256_of(const Path& file) {
  const Fd opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  return opened ? checksum_of_file(Digest::sha256, opened.get()) : "";
}

bool is_before(const timespec& a, const timespec& b) {
  return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

/// Its owner's alone to change, and the owner is us or root.
bool is_safe(const struct stat& info) {
  return (info.st_uid == ::geteuid() || info.st_uid == 0) && (info.st_mode & 022) == 0;
}

/// The manifest, when it is the one that the id was made of.
std::optional<Value> manifest_of(const Path& tree) {
  std::ifstream in(tree / manifest_name);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) return std::nullopt;
  try {
    const Value whole = parse_json(text.str(), manifest_name);
    Map without_id = whole.map();
    without_id.erase("id");
    const std::string id = checksum(Digest::sha256, Value(without_id).json()).substr(0, id_size);
    if (id != tree.filename().string() || !whole["files"].is_list()) return std::nullopt;
    return whole;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::optional<std::string> wrong_with(const Path& tree, const Value& file, const std::optional<timespec>& verified,
                                      bool& was_any_touched) {
  const std::string name = file["path"].string();
  const Path path = tree / name;
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return "'" + name + "' is missing";
  if (!S_ISREG(info.st_mode)) return "'" + name + "' is no file";
  if (!is_safe(info)) return "'" + name + "' may be changed by others";
  if (info.st_size != file["size"].integer()) return "'" + name + "' has another size";
  const bool is_program = (file["mode"].integer() & 0100) != 0;
  if (is_program && (info.st_mode & 0100) == 0) return "'" + name + "' cannot be run";
  const bool was_touched = !verified || !is_before(info.st_ctim, *verified);
  was_any_touched |= was_touched;
  if (was_touched && sha256_of(path) != file["sha256"].string()) return "'" + name + "' has another content";
  return std::nullopt;
}

/// What is touched from `begun` on is looked at again. Where that cannot be written, the next start looks at all.
void remember_look(const Path& stamp, timespec begun) {
  // The times of files are those of the last tick of the kernel's clock.
  constexpr long tick = 20'000'000, second = 1'000'000'000;
  begun.tv_nsec -= tick;
  if (begun.tv_nsec < 0) begun = {begun.tv_sec - 1, begun.tv_nsec + second};
  const Fd mark(::open(stamp.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  const timespec times[] = {begun, begun};
  if (mark) ::futimens(mark.get(), times);
}

/// Whether some program runs from below `tree`, as far as this user may see.
bool is_in_use(const Path& tree) {
  std::error_code error;
  for (fs::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
    std::error_code hidden;
    const Path program = fs::read_symlink(it->path() / "exe", hidden);
    if (!hidden && program.string().starts_with(tree.string() + "/")) return true;
  }
  return false;
}

bool is_kept_tree(const Path& tree) {
  std::error_code error;
  return is_id(tree.filename().string()) && fs::exists(tree / manifest_name, error);
}

std::optional<std::string> tampering(const Path& tree) {
  struct stat folder {};
  if (::stat(tree.c_str(), &folder) != 0 || !is_safe(folder)) return "its folder may be changed by others";
  const auto manifest = manifest_of(tree);
  if (!manifest) return std::string("'") + manifest_name + "' is not the one that it came with";
  std::optional<timespec> verified;
  struct stat stamp {};
  if (::lstat((tree / stamp_name).c_str(), &stamp) == 0 && S_ISREG(stamp.st_mode) && is_safe(stamp))
    verified = stamp.st_mtim;
  timespec begun{};
  ::clock_gettime(CLOCK_REALTIME, &begun);
  bool was_touched = false;
  for (const auto& file : (*manifest)["files"].list())
    if (auto wrong = wrong_with(tree, file, verified, was_touched)) return wrong;
  if (!was_touched) return std::nullopt;
  remember_look(tree / stamp_name, begun);
  if (!verified) remove_old_trees(tree);
  return std::nullopt;
}

}  // namespace

TreeLook look_at_tree(const Path& tree) {
  TreeLook out{is_kept_tree(tree), std::nullopt};
  if (out.is_kept) out.wrong = tampering(tree);
  return out;
}

void remove_old_trees(const Path& tree) {
  std::vector<std::pair<fs::file_time_type, Path>> others;
  std::error_code error;
  for (fs::directory_iterator it(tree.parent_path(), error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code ignored;
    const auto when = fs::last_write_time(it->path(), ignored);
    if (ignored || it->path() == tree || it->is_symlink(ignored)) continue;
    if (is_kept_tree(it->path())) others.emplace_back(when, it->path());
    // What an unpacking left behind that was cut off.
    const bool is_unfinished = name.starts_with(".new") || name.starts_with(".discarded");
    if (is_unfinished && when + left_behind < fs::file_time_type::clock::now()) fs::remove_all(it->path(), ignored);
  }
  std::sort(others.rbegin(), others.rend());
  for (std::size_t i = others_kept; i < others.size(); ++i)
    if (!is_in_use(others[i].second)) discard_tree(others[i].second);
}

void discard_tree(const Path& tree) {
  // Out of sight first: nobody starts what is half removed.
  const Path away = tree.parent_path() / (".discarded-" + tree.filename().string() + "-" + std::to_string(::getpid()));
  std::error_code ignored;
  fs::rename(tree, away, ignored);
  if (!ignored) fs::remove_all(away, ignored);
}

}  // namespace agent::fleet

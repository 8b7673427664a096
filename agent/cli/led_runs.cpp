#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/cli/history_file.hpp>
#include <agent/cli/led_runs.hpp>
#include <agent/host/atomic_file.hpp>
#include <agent/host/process.hpp>
#include <agent/sdk/codec.hpp>

namespace agent::cli {
namespace {

namespace fs = std::filesystem;

// Runs that came to their end on all hosts are not kept at all.
constexpr std::size_t most_kept = 50;

bool is_name(const std::string& run) {
  return !run.empty() && run.size() <= 64 &&
         std::all_of(run.begin(), run.end(), [](unsigned char c) { return c < 128 && (std::isalnum(c) || c == '-'); });
}

Bytes bytes_of(const LedRun& run) {
  return to_cbor(Map{{"v", 1},
                     {"run", run.run},
                     {"key", run.key},
                     {"words", run.words},
                     {"directory", run.directory.string()},
                     {"playbook_hash", run.playbook_hash},
                     {"started", run.started}});
}

bool take_lock(int fd) {
  struct flock all {};
  all.l_type = F_WRLCK;
  all.l_whence = SEEK_SET;
  return ::fcntl(fd, F_OFD_SETLK, &all) == 0;
}

std::string content_of(const Path& file) {
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) throw Error("'" + file.string() + "' cannot be read: " + std::strerror(errno));
  std::string text;
  char chunk[16384];
  for (ssize_t got = 0; (got = ::read(fd.get(), chunk, sizeof chunk)) > 0;)
    text.append(chunk, static_cast<std::size_t>(got));
  return text;
}

}  // namespace

LedRuns LedRuns::of_this_user() {
  const auto history = history_file(own_environment());
  if (!history) throw Error("the history has no place: neither XDG_STATE_HOME nor HOME is set");
  return LedRuns(history->parent_path() / "runs");
}

Fd LedRuns::lead(const LedRun& run) const {
  const Path file = folder_ / run.run;
  std::error_code error;
  fs::create_directories(folder_.parent_path(), error);
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST)
    throw Error("'" + folder_.string() + "' cannot be made: " + std::strerror(errno));
  Fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd)
    throw Error("what is to be known of a run later cannot be kept in '" + file.string() +
                "': " + std::strerror(errno));
  if (!take_lock(fd.get()))
    throw Error("run " + run.run + " is still being led: its controller works")
        .hint("what it shows is all that there is; Ctrl-C there stops it");
  const Bytes bytes = bytes_of(run);
  if (::ftruncate(fd.get(), 0) != 0) throw Error("'" + file.string() + "' cannot be written: " + std::strerror(errno));
  write_all(fd.get(), reinterpret_cast<const char*>(bytes.data()), bytes.size(), file);
  remove_old();
  return fd;
}

LedRun LedRuns::find(const std::string& run) const {
  const Path file = folder_ / run;
  std::error_code error;
  if (!is_name(run) || !fs::exists(file, error))
    throw Error("nothing is kept of a run '" + run + "' that could be gone on with")
        .hint("kept are runs over SSH that did not come to their end on all hosts, the last " +
              std::to_string(most_kept) + " of them");
  try {
    const std::string text = content_of(file);
    const Value value = from_cbor(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    if (value["v"] != Value(1)) throw Error("it was written by another agent");
    return {value["run"].string(),       value["key"].string(),           strings_from(value["words"]),
            value["directory"].string(), value["playbook_hash"].string(), value["started"].real()};
  } catch (const std::exception& wrong) {
    throw Error("what is kept of run '" + run + "' cannot be read: " + wrong.what());
  }
}

Strings LedRuns::list() const {
  Strings out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error))
    if (is_name(entry.path().filename())) out.push_back(entry.path().filename());
  // They begin with the time.
  std::sort(out.begin(), out.end());
  return out;
}

void LedRuns::remove(const std::string& run) const {
  std::error_code error;
  fs::remove(folder_ / run, error);
}

void LedRuns::remove_old() const {
  const Strings all = list();
  for (std::size_t i = 0; i + most_kept < all.size(); ++i) remove(all[i]);
}

}  // namespace agent::cli

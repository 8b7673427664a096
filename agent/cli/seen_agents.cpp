#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>

#include <agent/cli/expected.hpp>
#include <agent/cli/history_file.hpp>
#include <agent/cli/seen_agents.hpp>
#include <agent/host/atomic_file.hpp>
#include <agent/host/fd.hpp>
#include <agent/host/process.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/sdk/error.hpp>

namespace agent::cli {
namespace {

Map read(const Path& file) {
  if (!std::filesystem::exists(file)) return {};
  try {
    Map seen = parse_json(file_text(file), file.string()).map();
    for (const auto& [key, number] : seen) static_cast<void>(number.integer());
    return seen;
  } catch (const std::exception&) {
    throw Error("which signed agents were sent before cannot be told: '" + file.string() + "' is not as it was written")
        .hint("remove it, and the next one is taken whatever its number");
  }
}

Fd locked(const Path& file) {
  const Path lock = file.string() + ".lock";
  Fd fd(::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  int refused = -1;
  while (fd && (refused = ::flock(fd.get(), LOCK_EX)) != 0 && errno == EINTR) continue;
  if (refused != 0) throw Error("'" + lock.string() + "' cannot be had: " + std::strerror(errno));
  return fd;
}

}  // namespace

SeenAgents SeenAgents::of_this_user() {
  const auto history = history_file(own_environment());
  if (!history)
    throw Error("there is no place to remember which signed agents were sent: neither XDG_STATE_HOME nor HOME is set");
  return SeenAgents(history->parent_path() / "signed-agents.json");
}

void SeenAgents::admit(const std::string& key, std::int64_t number, bool allow_older) const {
  std::error_code failure;
  std::filesystem::create_directories(file_.parent_path(), failure);
  const Fd lock = locked(file_);
  Map seen = read(file_);
  const Value* before = seen.find(key);
  const std::int64_t newest = before ? before->integer() : 0;
  if (number < newest && !allow_older)
    throw Error("this agent is older than one of the same key that was sent before: its number is " +
                std::to_string(number) + ", and " + std::to_string(newest) + " was seen; nothing is sent")
        .hint("install the newer one again, or sign this one anew where it is built")
        .hint("--allow-older-agent sends it all the same, when the older one is what you want");
  if (number <= newest) return;
  seen.set(key, number);
  const std::string text = Value(seen).json(2) + "\n";
  const auto fill = [&](int fd) { write_all(fd, text.data(), text.size(), file_); };
  replace_file(find_place(file_, false), {.fill = fill, .mode = 0600});
}

}  // namespace agent::cli

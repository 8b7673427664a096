#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/parcel/pulled.hpp>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/sdk/error.hpp>

namespace agent::parcel {
namespace {

[[noreturn]] void fail(const Path& path, const std::string& what) {
  throw Error("'" + path.string() + "' " + what + ": " + std::strerror(errno));
}

}  // namespace

Pulled::Pulled(const Path& state, const std::string& url)
    : url_(url), folder_(state / "pulled" / checksum(Digest::sha256, url).substr(0, 32)) {
  std::error_code failure;
  std::filesystem::create_directories(folder_, failure);
  struct stat info {};
  if (::stat(folder_.c_str(), &info) != 0) fail(folder_, "cannot be made");
  if (info.st_uid != ::geteuid()) throw Error("'" + folder_.string() + "' is somebody else's");
  if (::chmod(folder_.c_str(), 0700) != 0) fail(folder_, "cannot be kept from others");
}

bool Pulled::take() {
  const Path file = folder_ / "lock";
  lock_ = Fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock_) fail(file, "cannot be had");
  return ::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0;
}

Memory Pulled::memory() const {
  const Path file = folder_ / "state.json";
  Memory out;
  out.url = url_;
  std::ifstream in(file);
  if (!in && !std::filesystem::exists(file)) return out;
  std::ostringstream text;
  text << in.rdbuf();
  try {
    const Value whole = parse_json(text.str(), file.string());
    out.tag = whole["tag"].string();
    out.sha256 = whole["sha256"].string();
    out.number = whole["number"].integer();
    if (whole["ended"].is_integer()) out.ended = whole["ended"].integer();
  } catch (const std::exception&) {
    throw Error("what was pulled before cannot be told: '" + file.string() + "' is not as it was written")
        .hint("remove it, and the next file is taken whatever its number");
  }
  return out;
}

void Pulled::remember(const Memory& memory) const {
  const Path file = folder_ / "state.json", fresh = folder_ / "state.json.new";
  Map whole{{"url", memory.url}, {"tag", memory.tag}, {"sha256", memory.sha256}, {"number", memory.number}};
  if (memory.ended) whole.set("ended", *memory.ended);
  const std::string text = Value(whole).json(2) + "\n";
  const Fd out(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  const Fd directory(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!out || ::write(out.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::fsync(out.get()) != 0 || ::rename(fresh.c_str(), file.c_str()) != 0 || !directory ||
      ::fsync(directory.get()) != 0)
    fail(file, "cannot be written");
}

}  // namespace agent::parcel

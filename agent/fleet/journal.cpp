#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/fleet/journal.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view what_it_is = "agent-journal 1\n";
constexpr std::size_t header = 8;
constexpr std::uint64_t largest = 64u << 20;
constexpr const char* collected = ".done";

/// Names come from a controller, and become names of files.
const std::string& checked(const std::string& run) {
  const bool fits = !run.empty() && run.size() <= 64 && run.front() != '-' &&
                    std::all_of(run.begin(), run.end(),
                                [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-'; });
  if (!fits) throw Error("'" + run + "' is not the name of a run");
  return run;
}

Error failure(const Path& path, const std::string& doing) {
  return Error("the journal of the run, '" + path.string() + "', cannot be " + doing + ": " + std::strerror(errno));
}

void make_folder(const Path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) throw failure(folder, "made");
  struct stat info {};
  if (::lstat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) throw failure(folder, "used");
  if (info.st_uid != ::geteuid()) throw Error("the folder of journals, '" + folder.string() + "', is somebody else's");
}

std::uint32_t number_at(const std::uint8_t* at) {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3];
}

void put_number(std::uint8_t* at, std::uint32_t number) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
}

std::string content_of(int fd, const Path& file) {
  std::string text;
  char chunk[65536];
  for (;;) {
    const ssize_t got = ::read(fd, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw failure(file, "read");
    if (got == 0) return text;
    text.append(chunk, static_cast<std::size_t>(got));
  }
}

}  // namespace

Path Journal::folder_beside(const Path& executable) {
  return executable.parent_path().parent_path().parent_path() / "runs";
}

bool Journal::is_there(const Path& folder, const std::string& run) {
  std::error_code error;
  return fs::exists(folder / checked(run), error) || fs::exists(folder / (checked(run) + collected), error);
}

Strings Journal::uncollected(const Path& folder) {
  Strings out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.is_regular_file(error) && entry.path().extension() != collected) out.push_back(entry.path().filename());
  std::sort(out.begin(), out.end());
  return out;
}

void Journal::remove_old(const Path& folder, std::size_t most_runs, std::uintmax_t most_bytes) {
  struct Old {
    fs::file_time_type when;
    std::uintmax_t size;
    Path path;
  };
  std::vector<Old> all;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.is_regular_file(error))
      all.push_back({entry.last_write_time(error), entry.file_size(error), entry.path()});
  std::sort(all.begin(), all.end(), [](const Old& a, const Old& b) { return a.when > b.when; });
  std::uintmax_t bytes = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    bytes += all[i].size;
    // The newest stays, however large it is.
    if (i > 0 && (i >= most_runs || bytes > most_bytes)) fs::remove(all[i].path, error);
  }
}

Journal::Journal(const Path& folder, const std::string& run, const std::string& key)
    : folder_(folder), file_(folder / checked(run)), run_(run), seal_(derived_key(key, "journal")) {
  make_folder(folder);
  // One that was thought to be done with, and is gone on with.
  const Path done = file_.string() + collected;
  if (::rename(done.c_str(), file_.c_str()) != 0 && errno != ENOENT) throw failure(done, "taken up again");
  fd_ = Fd(::open(file_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd_) throw failure(file_, "opened");
  const std::string text = content_of(fd_.get(), file_);
  if (text.size() < what_it_is.size()) {
    if (::ftruncate(fd_.get(), 0) != 0 ||
        ::write(fd_.get(), what_it_is.data(), what_it_is.size()) != static_cast<ssize_t>(what_it_is.size()))
      throw failure(file_, "begun");
    size_ = what_it_is.size();
    return;
  }
  if (!text.starts_with(what_it_is)) throw Error("'" + file_.string() + "' is no journal that this agent knows");
  read(text);
  if (size_ < text.size() && ::ftruncate(fd_.get(), static_cast<off_t>(size_)) != 0) throw failure(file_, "mended");
}

void Journal::read(const std::string& text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  std::size_t at = what_it_is.size();
  // What is too short for its length was being written when the end came.
  while (text.size() - at >= header) {
    const std::uint32_t size = number_at(bytes + at);
    const bool is_length = number_at(bytes + at + 4) == ~size;
    if (is_length && size > text.size() - at - header) break;
    const auto plain = is_length ? seal_.opened(next_, bytes + at + header, size) : std::nullopt;
    if (!plain) {
      if (next_ == 0)
        throw Error("the journal of run " + run_ + " was closed with another key")
            .hint("only the controller that began a run can take it up again");
      damage_ = "record " + std::to_string(next_ + 1) + " of the journal of run " + run_ +
                " is damaged: it and what stood behind it do not count";
      break;
    }
    records_.push_back(from_cbor(*plain));
    at += header + size;
    ++next_;
  }
  size_ = at;
}

bool Journal::add(const Value& record, Durable durable) {
  const std::lock_guard lock(mutex_);
  if (has_failed_) return true;
  const Bytes body = seal_.closed(next_, to_cbor(record));
  Bytes whole(header);
  put_number(whole.data(), static_cast<std::uint32_t>(body.size()));
  put_number(whole.data() + 4, ~static_cast<std::uint32_t>(body.size()));
  whole.insert(whole.end(), body.begin(), body.end());
  bool is_written = size_ + whole.size() <= largest;
  for (std::size_t done = 0; is_written && done < whole.size();) {
    const ssize_t put = ::write(fd_.get(), whole.data() + done, whole.size() - done);
    if (put < 0 && errno == EINTR) continue;
    is_written = put > 0;
    done += static_cast<std::size_t>(std::max<ssize_t>(put, 0));
  }
  if (is_written && durable == Durable::yes) {
    is_written = ::fdatasync(fd_.get()) == 0;
    if (!std::exchange(is_lasting_, true)) sync_folder();
  }
  if (!is_written) {
    has_failed_ = true;
    return false;
  }
  size_ += whole.size();
  ++next_;
  return true;
}

void Journal::sync_folder() {
  const Fd folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) ::fsync(folder.get());
}

void Journal::set_collected() {
  const std::string done = file_.string() + collected;
  // Left as it is it is only offered once more.
  [[maybe_unused]] const int renamed = ::rename(file_.c_str(), done.c_str());
}

}  // namespace agent::fleet

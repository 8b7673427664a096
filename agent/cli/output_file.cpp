#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#include <agent/cli/output_file.hpp>
#include <agent/sdk/error.hpp>

namespace agent::cli {
namespace {

[[noreturn]] void fail(const Path& path) {
  throw Error("the report cannot be written to '" + path.string() + "': " + std::strerror(errno));
}

Path folder_of(const Path& path) {
  return path.has_parent_path() ? path.parent_path() : Path(".");
}

/// Writes the text into `path`; what goes wrong is said of the file that was asked for.
void put(const Path& path, const std::function<void(std::ostream&)>& text, const Path& asked_for) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  text(file);
  file.close();
  if (!file) fail(asked_for);
}

}  // namespace

OutputFile::OutputFile(Path path) : path_(std::move(path)) {
  struct stat found {};
  const bool exists = ::stat(path_.c_str(), &found) == 0;
  if (!exists && errno != ENOENT) fail(path_);
  if (exists && S_ISDIR(found.st_mode)) {
    errno = EISDIR;
    fail(path_);
  }
  // A link is written through: what it leads to is the file that was meant.
  is_plain_ = !exists || S_ISREG(found.st_mode);
  if (std::error_code error; std::filesystem::is_symlink(path_, error))
    path_ = std::filesystem::weakly_canonical(path_);
  if (::access(is_plain_ ? folder_of(path_).c_str() : path_.c_str(), W_OK) != 0) fail(path_);
}

void OutputFile::write(const std::string& text) const {
  write([&](std::ostream& out) { out << text; });
}

void OutputFile::write(const std::function<void(std::ostream&)>& text) const {
  if (!is_plain_) return put(path_, text, path_);
  // A name that the text-file collector of Prometheus passes over: it reads *.prom.
  const Path fresh = folder_of(path_) / ("." + path_.filename().string() + "." + std::to_string(::getpid()) + ".new");
  try {
    put(fresh, text, path_);
    struct stat old {};
    if (::stat(path_.c_str(), &old) == 0) ::chmod(fresh.c_str(), old.st_mode & 07777);
    if (::rename(fresh.c_str(), path_.c_str()) != 0) fail(path_);
  } catch (...) {
    ::unlink(fresh.c_str());
    throw;
  }
}

}  // namespace agent::cli

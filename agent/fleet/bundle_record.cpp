#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/stat.h>
#include <unistd.h>

#include <agent/fleet/bundle_record.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

/// Another text for another content: a file that is written gets another time, one that is replaced another number.
std::string stamp_of(const Path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return "";
  std::ostringstream out;
  out << info.st_dev << ' ' << info.st_ino << ' ' << info.st_size << ' ' << info.st_mtim.tv_sec << '.'
      << info.st_mtim.tv_nsec << ' ' << info.st_ctim.tv_sec << '.' << info.st_ctim.tv_nsec;
  return out.str();
}

List stamps_of(const std::vector<Path>& folders) {
  List out;
  for (const auto& folder : folders) out.push_back(Value(stamp_of(folder)));
  return out;
}

}  // namespace

std::optional<BundleRecord> read_record(const Path& file, const std::vector<Path>& folders) {
  std::ifstream in(file);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) return std::nullopt;
  try {
    const Value whole = parse_json(text.str(), file.string());
    if (whole["folders"] != Value(stamps_of(folders))) return std::nullopt;
    BundleRecord out;
    out.least_libc = whole["libc"].string();
    for (const Value& one : whole["files"].list()) {
      if (one["stamp"].string() != stamp_of(one["from"].string())) return std::nullopt;
      out.files.push_back({one["from"].string(), one["path"].string(), static_cast<unsigned>(one["mode"].integer()),
                           static_cast<std::uintmax_t>(one["size"].integer()), one["sha256"].string()});
    }
    return out;
  } catch (const std::exception&) {
    return std::nullopt;  // of another version, or half written: as good as none
  }
}

void write_record(const Path& file, const BundleRecord& record, const std::vector<Path>& folders) {
  List files;
  for (const auto& one : record.files)
    files.push_back(Map{{"from", one.from.string()},
                        {"stamp", stamp_of(one.from)},
                        {"path", one.path},
                        {"mode", static_cast<std::int64_t>(one.mode)},
                        {"size", static_cast<std::int64_t>(one.size)},
                        {"sha256", one.sha256}});
  std::error_code ignored;
  std::filesystem::create_directories(file.parent_path(), ignored);
  const Path beside = file.string() + "." + std::to_string(::getpid());
  std::ofstream out(beside);
  out << Value(Map{{"folders", stamps_of(folders)}, {"libc", record.least_libc}, {"files", files}}).json() << "\n";
  out.close();
  if (out) std::filesystem::rename(beside, file, ignored);
  std::filesystem::remove(beside, ignored);
}

}  // namespace agent::fleet

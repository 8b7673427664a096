#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <sys/utsname.h>

#include <agent/fleet/archive.hpp>
#include <agent/fleet/bundle.hpp>
#include <agent/fleet/bundle_record.hpp>
#include <agent/fleet/elf.hpp>
#include <agent/host/atomic_file.hpp>
#include <agent/sdk/abi.h>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

namespace fs = std::filesystem;

constexpr int format = 1;
constexpr const char* modules = "lib/agent/modules";
constexpr const char* shared_sdk = "lib/agent/lib/libagent-sdk.so";
constexpr const char* libraries = "lib/agent/lib";
constexpr const char* tables = "share/agent/compat";
constexpr const char* unpacker = "lib/agent/unpack";
constexpr const char* manifest_name = "manifest.json";
constexpr const char* ending = ".tar.zst";

std::string content_of(const Path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  if (in) out << in.rdbuf();
  if (!in)
    throw Error("'" + file.string() + "' cannot be read").hint("the agent's tree is not whole: install it again");
  return std::move(out).str();
}

/// Other agents' archives that nobody asked for this long are forgotten.
constexpr auto left_behind = std::chrono::hours(24 * 30);

/// Takes its name when it is whole; where it cannot be kept it is packed anew the next time.
void keep(const Path& file, const std::string& packed) {
  std::error_code none;
  fs::create_directories(file.parent_path(), none);
  const Path fresh = file.parent_path() / temporary_name(file.filename().string());
  std::ofstream out(fresh, std::ios::binary);
  out.write(packed.data(), static_cast<std::streamsize>(packed.size()));
  out.close();
  if (!out) {
    fs::remove(fresh, none);
    return;
  }
  fs::rename(fresh, file, none);
  for (const auto& other : fs::directory_iterator(file.parent_path(), none))
    if (other.path().filename().string().find(".tar") != std::string::npos &&
        other.last_write_time(none) < fs::file_time_type::clock::now() - left_behind)
      fs::remove(other.path(), none);
}

std::vector<int> numbers_of(const std::string& version) {
  std::vector<int> out;
  for (std::size_t at = 0; at < version.size();) {
    int number = 0;
    const auto [end, error] = std::from_chars(version.data() + at, version.data() + version.size(), number);
    if (error == std::errc()) out.push_back(number);
    const auto next = static_cast<std::size_t>(end - version.data());
    at = next > at ? next : at + 1;
  }
  return out;
}

}  // namespace

Path bundle_cache() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache && *cache == '/') return Path(cache) / "agent/bundles";
  const char* home = std::getenv("HOME");
  if (!home || *home != '/')
    throw Error("there is no HOME, so there is no place for packed bundles").hint("set HOME or XDG_CACHE_HOME");
  return Path(home) / ".cache/agent/bundles";
}

bool libc_suffices(const std::string& has, const std::string& needs) {
  const auto here = numbers_of(has), wanted = numbers_of(needs);
  return here.empty() || wanted.empty() || here >= wanted;
}

Bundle::Bundle(const Path& executable, Path cache) : cache_(std::move(cache)) {
  const Path root = executable.parent_path().parent_path();
  utsname system{};
  ::uname(&system);
  machine_ = system.machine;
  const std::vector<Path> folders{root / modules, root / tables};
  const Path record = cache_ / (checksum(Digest::sha256, executable.string()).substr(0, 16) + ".record");
  if (auto known = read_record(record, folders)) {
    files_ = std::move(known->files);
    least_libc_ = known->least_libc;
  } else {
    look(executable, root);
    write_record(record, {files_, least_libc_}, folders);
  }
  id_ = checksum(Digest::sha256, manifest().json()).substr(0, 32);
}

void Bundle::look(const Path& executable, const Path& root) {
  add(executable, "bin/agent");
  add_tree(root, modules);
  add_tree(root, tables);
  if (fs::exists(root / shared_sdk)) add(root / shared_sdk, shared_sdk);  // not in a build for tests
  add(root / "share/agent/modules.cbor", "share/agent/modules.cbor");
  add(root / unpacker, unpacker);
  add_libraries(root);
  std::sort(files_.begin(), files_.end(), [](const File& a, const File& b) { return a.path < b.path; });
}

void Bundle::add_tree(const Path& root, const std::string& below) {
  std::error_code failure;
  for (auto it = fs::recursive_directory_iterator(root / below, failure); !failure && it != fs::end(it);
       it.increment(failure))
    if (it->is_regular_file()) add(it->path(), it->path().lexically_relative(root).string());
  if (failure)
    throw Error("'" + (root / below).string() + "' cannot be read: " + failure.message())
        .hint("the agent's tree is not whole: install it again");
}

void Bundle::add(const Path& from, const std::string& path) {
  const std::string content = content_of(from);
  const bool is_program = content.starts_with(
      "\x7f"
      "ELF");
  File file{from, path, is_program ? 0755U : 0644U, content.size(), checksum(Digest::sha256, content)};
  if (is_program) {
    const std::string needs = newest_glibc_in(content);
    if (!libc_suffices(least_libc_, needs) || least_libc_.empty()) least_libc_ = needs;
  }
  files_.push_back(std::move(file));
}

void Bundle::add_libraries(const Path& root) {
  std::map<Path, Path> found;  // by name: the way to one may be written in several
  for (const auto& file : files_)
    if (file.mode == 0755)
      for (const auto& library : libraries_of(file.from, root / libraries)) found.emplace(library.filename(), library);
  for (const auto& [name, library] : found) add(fs::canonical(library), Path(libraries) / name);
}

std::size_t Bundle::room() const {
  // Blocks of 4 KiB; and a little for the folders and the program that unpacks.
  constexpr std::size_t beside = 1024;
  std::size_t out = beside;
  for (const auto& file : files_) out += (file.size / 4096 + 1) * 4;
  return out;
}

Value Bundle::manifest() const {
  List files;
  for (const auto& file : files_)
    files.push_back(Map{{"path", file.path},
                        {"mode", static_cast<std::int64_t>(file.mode)},
                        {"size", static_cast<std::int64_t>(file.size)},
                        {"sha256", file.sha256}});
  Map out{{"format", format},
          {"abi", static_cast<std::int64_t>(AGENT_ABI_VERSION)},
          {"machine", machine_},
          {"libc", least_libc_},
          {"files", files}};
  if (!id_.empty()) out.set("id", id_);
  return out;
}

const Bundle::Archive& Bundle::archive() {
  const std::lock_guard lock(mutex_);
  if (!archive_.packed.empty()) return archive_;
  for (const auto& file : files_)
    if (file.path == unpacker) {
      archive_.unpacker = content_of(file.from);
      archive_.unpacker_sha256 = file.sha256;
    }
  const Path kept = cache_ / (id_ + ending);
  std::error_code none;
  std::string packed = fs::exists(kept, none) ? content_of(kept) : "";
  // Whoever may write there could have put another agent in its place.
  if (!is_whole(packed)) {
    packed = pack();
    keep(kept, packed);
  }
  archive_.packed = std::move(packed);
  return archive_;
}

std::string Bundle::pack() const {
  Packer packer;
  packer.add(manifest_name, 0644, manifest().json() + "\n");
  for (const auto& file : files_) {
    const std::string content = content_of(file.from);
    // What is packed must be what the manifest says, though somebody installs another version meanwhile.
    if (checksum(Digest::sha256, content) != file.sha256)
      throw Error("'" + file.from.string() + "' has changed while it was packed").hint("run again");
    packer.add(file.path, file.mode, content);
  }
  return packer.finish();
}

bool Bundle::is_whole(const std::string& packed) const {
  try {
    PackedFiles files(packed);
    const auto manifest = files.next();
    if (!manifest || manifest->path != manifest_name || manifest->content != this->manifest().json() + "\n")
      return false;
    for (const auto& file : files_) {
      const auto one = files.next();
      if (!one || one->path != file.path || one->mode != file.mode ||
          checksum(Digest::sha256, one->content) != file.sha256)
        return false;
    }
    return !files.next();
  } catch (const Error&) {
    return false;
  }
}

}  // namespace agent::fleet

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <agent/fleet/bundle.hpp>
#include <agent/fleet/bundle_record.hpp>
#include <agent/fleet/elf.hpp>
#include <agent/host/process.hpp>
#include <agent/sdk/abi.h>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

namespace fs = std::filesystem;

constexpr int format = 1;
constexpr const char* modules = "lib/agent/modules";
constexpr const char* shared_sdk = "lib/agent/lib/libagent-sdk.so";
constexpr const char* tables = "share/agent/compat";

std::string content_of(const Path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  if (in) out << in.rdbuf();
  if (!in)
    throw Error("'" + file.string() + "' cannot be read").hint("the agent's tree is not whole: install it again");
  return std::move(out).str();
}

/// A folder that is gone when this is.
class Folder {
 public:
  explicit Folder(const Path& parent) {
    std::string name = (parent / "packing-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw Error("no folder can be made in '" + parent.string() + "'");
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const Path& path() const { return path_; }

 private:
  Path path_;
};

void run_or_throw(const Strings& argv, const std::string& what) {
  Command command;
  command.argv = argv;
  command.environment = own_environment();
  const Finished done = run(command);
  if (done.output.rc != 0)
    throw Error(what + " failed: " + done.output.err.substr(0, done.output.err.find('\n')))
        .hint("it is done with 'tar' and 'gzip' or 'xz', and needs room for two copies of the agent");
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
  add_libraries();
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

void Bundle::add_libraries() {
  std::set<Path> found;
  for (const auto& file : files_)
    if (file.mode == 0755)
      for (auto& library : libraries_of(file.from)) found.insert(std::move(library));
  for (const auto& library : found) add(fs::canonical(library), "lib/agent/lib/" + library.filename().string());
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

const Bundle::Archive& Bundle::archive(Packing packing) {
  const std::lock_guard lock(mutex_);
  if (packing == Packing::xz && !find_program("xz", own_environment())) packing = Packing::gzip;
  Archive& archive = archives_[packing];
  if (!archive.bytes.empty()) return archive;
  std::error_code failure;
  fs::create_directories(cache_, failure);
  if (failure) throw Error("the folder '" + cache_.string() + "' cannot be made: " + failure.message());
  // Half the size of gzip's; what is stronger than 3 takes longer than it saves.
  const bool small = packing == Packing::xz;
  const std::string ending = small ? ".xz" : ".gz";
  const Path file = cache_ / (id_ + ".tar" + ending);
  if (!fs::exists(file)) pack(file, small ? Strings{"xz", "-3", "-T0"} : Strings{"gzip", "-6n"}, ending);
  archive.bytes = content_of(file);
  archive.sha256 = checksum(Digest::sha256, archive.bytes);
  return archive;
}

void Bundle::pack(const Path& to, const Strings& packer, const std::string& ending) const {
  const Folder folder(cache_);
  const Path tree = folder.path() / "tree";
  for (const auto& file : files_) {
    const Path target = tree / file.path;
    fs::create_directories(target.parent_path());
    fs::copy_file(file.from, target);
    ::chmod(target.c_str(), file.mode);
    // What is packed must be what the manifest says, though somebody installs another version meanwhile.
    if (checksum(Digest::sha256, content_of(target)) != file.sha256)
      throw Error("'" + file.from.string() + "' has changed while it was packed").hint("run again");
  }
  std::ofstream(tree / "manifest.json") << manifest().json() << "\n";
  const Path plain = folder.path() / "bundle.tar";
  run_or_throw({"tar", "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX",
                "-cf", plain.string(), "-C", tree.string(), "."},
               "packing the agent for other machines");
  Strings command = packer;
  command.push_back(plain.string());
  run_or_throw(command, "packing the agent for other machines");
  fs::rename(plain.string() + ending, to);
}

}  // namespace agent::fleet

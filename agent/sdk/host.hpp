#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <agent/sdk/error.hpp>
#include <agent/sdk/plan.hpp>
#include <agent/sdk/value.hpp>

namespace agent {

/// What the kernel says of a path. Times are seconds since the epoch.
struct FileInfo {
  enum class Type { file, directory, link, fifo, socket, block, character };
  Type type = Type::file;
  unsigned mode = 0;  ///< permission bits, with setuid, setgid and sticky
  std::uint64_t size = 0;
  std::uint32_t uid = 0, gid = 0;
  std::uint64_t inode = 0, device = 0, links = 1;
  double access_time = 0, modification_time = 0, change_time = 0;
  std::string target;  ///< of a link, as it is written there

  bool is_file() const { return type == Type::file; }
  bool is_directory() const { return type == Type::directory; }
  bool is_link() const { return type == Type::link; }
};

struct User {
  std::string name;
  std::uint32_t uid = 0, gid = 0;
  std::string home, shell, comment;
};
struct Group {
  std::string name;
  std::uint32_t gid = 0;
  Strings members;
};

/// The machine's system, known without starting anything (os-release(5), uname(2)).
struct System {
  std::string id;            ///< os-release ID: "debian", "ubuntu", "fedora"
  Strings like;              ///< ID_LIKE
  std::string version;       ///< VERSION_ID: "12", "24.04"
  std::string codename;      ///< VERSION_CODENAME: "bookworm"
  std::string name;          ///< PRETTY_NAME
  std::string architecture;  ///< uname -m: "x86_64"
  std::string kernel;        ///< uname -r
  std::string hostname;
};

/// A command that only reads. Stdin is empty, LC_ALL is C.
struct Query {
  Strings argv;
  Environment environment = {};
  std::optional<Path> directory = {};
  std::chrono::milliseconds deadline{30000};
  /// Asks for the machine as it is now, packages that check mode only promised left aside: who asks makes up for them.
  bool as_it_is = false;
  friend bool operator==(const Query&, const Query&) = default;
};

/// The machine's package database, read directly (dpkg's status file, the rpm database) and so in microseconds; only
/// `candidates` and `similar` start the package manager's own tools.
class PackageDb {
 public:
  virtual ~PackageDb() = default;
  /// "apt", "dnf", or "" where there is none that we know.
  virtual std::string manager() const = 0;
  /// The records of `name` ("name", "name:arch", or a glob as "php8.*"), removed ones with configuration left included.
  /// Usually one.
  virtual std::vector<Package> find(const std::string& name) const = 0;
  /// The names of installed packages that provide `name`, which need not be a package.
  virtual Strings providers(const std::string& name) const = 0;
  /// The versions that the configured repositories offer, the one that would be installed first. Empty: no such
  /// package.
  /// Of a glob: the first choice of each package that it matches. Throws `Unknown` where there is none, and an index or
  /// a repository that check mode only promised may bring it.
  virtual std::vector<Package> candidates(const std::string& name) const = 0;
  /// Names that exist and are near to `name`.
  virtual Strings similar(const std::string& name) const = 0;
  /// Packages that an interrupted run left neither installed nor removed; empty when all is well.
  virtual std::vector<Package> interrupted() const = 0;
  /// Below, at or above zero, as the system's own comparison of versions says.
  virtual int compare(const std::string& a, const std::string& b) const = 0;
  /// When the index of the repositories was last fetched, in seconds since the epoch; 0: never.
  virtual double refreshed() const = 0;
};

/// The machine a module runs on. `const Host&` looks; only `Host&` touches. Three stand behind it: the real one, the
/// overlay that predicts (check mode), and the fake of the tests. A module never knows which.
///
/// Looking throws `Error` when it is not allowed, and `Unknown` when the answer depends on a change that check mode did
/// not make. Absence is `nullopt`, not an error.
class Host {
 public:
  virtual ~Host() = default;
  virtual const System& system() const = 0;
  /// The user this worker acts as.
  virtual const User& self() const = 0;
  virtual const PackageDb& packages() const = 0;
  /// The whole content of a file (at most 64 MiB, else an Error); links are followed.
  virtual std::optional<std::string> read(const Path& file) const = 0;
  virtual std::optional<FileInfo> stat(const Path& path, bool follow = true) const = 0;
  /// The names in a directory, sorted; empty when there is no such directory.
  virtual Strings list(const Path& directory) const = 0;
  virtual std::optional<User> user(const std::string& name_or_uid) const = 0;
  virtual std::optional<Group> group(const std::string& name_or_gid) const = 0;
  /// The value of an environment variable of the task (its `environment:` over the login's).
  virtual std::optional<std::string> environment(const std::string& name) const = 0;
  /// Runs a command that only reads; a "no" is its exit code. A missing program is exit code 127.
  virtual Output query(const Query& query) const = 0;
  /// Facts that cost more than a look, by name ("memory", "interfaces", ...), as the `setup` module reports them.
  virtual Value facts(const Strings& subsets) const = 0;
  /// The one door through which a machine changes. Throws `Error` when the action fails.
  virtual Output perform(const Action& action) = 0;
  /// Says what long work is at: "downloading torch", 0.4. Negative: no measure. For a terminal; may be dropped.
  virtual void progress(const std::string& text, double fraction = -1) const = 0;
};

}  // namespace agent

#pragma once

#include <mutex>
#include <string>
#include <vector>

#include <agent/sdk/plan.hpp>
#include <agent/sdk/value.hpp>

namespace agent::fleet {

/// The agent as a tree that runs on other machines: the program, its modules, its tables, and the shared libraries that
/// all of them need beside the C library, below `lib/agent/lib`, where the program looks first. Its id is the hash of
/// its manifest, which holds the hash of every file: two trees with the same id are the same.
class Bundle {
 public:
  struct File {
    Path from;         ///< on this machine
    std::string path;  ///< in the bundle
    unsigned mode = 0644;
    std::uintmax_t size = 0;
    std::string sha256;
  };

  /// Of the installation whose program is `executable`. `cache`: where packed bundles are kept. Throws Error when the
  /// tree is not whole.
  Bundle(const Path& executable, Path cache);

  const std::string& id() const { return id_; }
  const std::vector<File>& files() const { return files_; }
  /// The newest version of glibc that a file of it asks for: "2.34". A target with an older one cannot run it.
  const std::string& least_libc() const { return least_libc_; }
  /// What it takes on a machine's disk, in KiB.
  std::size_t room() const;
  /// As `uname -m` has it.
  const std::string& machine() const { return machine_; }
  /// {format, id, version, abi, machine, libc, files: [{path, mode, size, sha256}]}
  Value manifest() const;

  /// What is sent to a machine that has it not yet.
  struct Archive {
    std::string unpacker;  ///< the program that unpacks the rest (agent/unpack)
    std::string unpacker_sha256;
    std::string packed;  ///< a tar in Zstandard
  };
  /// All of it; packed when first asked for, kept in the cache, and held against the manifest whenever it is taken from
  /// there. May be called by several threads.
  const Archive& archive();

 private:
  void look(const Path& executable, const Path& root);
  void add_tree(const Path& root, const std::string& below);
  void add_libraries(const Path& root);
  void add(const Path& from, const std::string& path);
  std::string pack() const;
  bool is_whole(const std::string& packed) const;

  Path cache_;
  std::vector<File> files_;
  std::string id_, least_libc_, machine_;
  std::mutex mutex_;
  Archive archive_;
};

/// Where packed bundles of this user are kept: $XDG_CACHE_HOME/agent/bundles or ~/.cache/agent/bundles.
Path bundle_cache();

/// Whether a system with glibc `has` ("2.36", "glibc 2.36") can run what needs `needs`; true where nothing is known.
bool libc_suffices(const std::string& has, const std::string& needs);

}  // namespace agent::fleet

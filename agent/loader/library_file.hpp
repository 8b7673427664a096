#pragma once

#include <memory>
#include <mutex>
#include <string>

#include <boost/dll/shared_library.hpp>

#include <agent/sdk/host.hpp>

namespace agent {

/// A shared library that may be trusted: what was looked at is what is loaded, by descriptor and not by name
/// (reliability R20). Once loaded it stays, and so does its descriptor.
class LibraryFile {
 public:
  /// Throws Error for one that cannot be read, or that a stranger could have written (reliability R19).
  explicit LibraryFile(const Path& path);
  ~LibraryFile();
  LibraryFile(const LibraryFile&) = delete;
  LibraryFile& operator=(const LibraryFile&) = delete;

  /// For messages: a worker of another user is given the folder as a descriptor, which says nothing to people.
  const Path& name() const { return name_; }
  /// Reads all of it, the first time. Throws Error when that fails.
  const std::string& sha256();
  /// Loads it, the first time. Throws Error for what is no library, or lacks what it needs.
  const boost::dll::shared_library& load();

 private:
  void check_trust() const;

  int fd_;
  Path name_;
  std::string sha256_;
  std::once_flag is_hashed_, is_loaded_;
  const boost::dll::shared_library* library_ = nullptr;
};

}  // namespace agent

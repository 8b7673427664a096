#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace agent::fleet {

/// Makes the archive in which the agent travels: a tar (ustar) in Zstandard (RFC 8878), which agent/unpack unpacks, and
/// `tar --zstd` does. The same files in the same order give the same bytes.
class Packer {
 public:
  Packer();
  ~Packer();

  /// Throws Error when the path is too long for a tar.
  void add(const std::string& path, unsigned mode, std::string_view content);
  /// All of it; nothing can be added afterwards.
  std::string finish();

 private:
  struct State;
  void put(std::string_view bytes);

  std::unique_ptr<State> state_;
};

/// What is in an archive of a Packer, file by file.
class PackedFiles {
 public:
  struct File {
    std::string path;
    unsigned mode = 0;
    std::string content;
  };

  /// `archive` has to outlive it.
  explicit PackedFiles(std::string_view archive);
  ~PackedFiles();

  /// The next file; nothing at the end. Throws Error when the archive is damaged or not of a Packer.
  std::optional<File> next();

 private:
  struct State;
  std::string read(std::size_t size);

  std::unique_ptr<State> state_;
};

}  // namespace agent::fleet

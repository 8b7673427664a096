#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include <agent/sdk/plan.hpp>

namespace agent {

/// What a file is beside its content: owner, mode, access lists, labels and other extended attributes.
struct FileMetadata {
  std::optional<uid_t> uid;  ///< nothing: whatever a new file gets
  std::optional<gid_t> gid;
  unsigned mode = 0;
  std::vector<std::pair<std::string, std::string>> extended;
};

/// Of an existing file, by its descriptor. What speaks of the old content (capabilities, integrity marks) is left out.
FileMetadata metadata_of(int fd);
/// Of a file or directory yet to be made: the umask's mode.
FileMetadata metadata_of_new(bool directory);
/// `metadata` with what `attributes` names put over it. Throws Error for a user or group that there is not.
FileMetadata with_attributes(FileMetadata metadata, const Attributes& attributes);
/// Gives a file, open for writing or reading, this metadata; at no moment is it open to more people than in the end.
/// `path` is for messages. Throws Error.
void dress(int fd, const FileMetadata& metadata, const Path& path);

/// The permission bits that a new file or directory gets.
unsigned mode_of_new(bool directory);

}  // namespace agent

#pragma once

#include <functional>
#include <optional>
#include <string>

#include <agent/host/file_metadata.hpp>
#include <agent/host/place.hpp>
#include <agent/sdk/plan.hpp>

namespace agent {

/// Writes the new content into an open, empty file.
using Fill = std::function<void(int fd)>;

struct Replacement {
  Fill fill;
  Attributes attributes = {};
  /// The mode of a file that is new, where `attributes` names none; nothing: the umask's.
  std::optional<unsigned> mode = {};
  bool backup = false;
  /// Called with the path of the finished new file before it is put in place; throws to refuse it.
  std::function<void(const Path&)> validate = {};
};

/// The one way in which a managed file is written (reliability R1, R2): the new content goes into a file beside the old
/// one that nobody else may open, is synced, gets owner, labels and mode of the old one (or what `attributes` says),
/// and takes its name in one step; the directory is synced. Whatever fails, the old file is as it was and nothing is
/// left. Somebody who changes the file meanwhile is noticed; after three tries it is given up. A second name (hard
/// link) of the old file keeps the old content; a file that is itself a mount point is refused. Returns the path of the
/// backup, or "".
std::string replace_file(const Place& place, const Replacement& replacement);

/// Throws Error when nothing can be changed in that directory or about that name: a read-only file system, an immutable
/// file (reliability F7).
void expect_changeable(const Place& place);

/// Makes the names in the directory last through a power cut.
void sync_directory(const Place& place);

/// A name for something that is to take the name `name` later; nobody can foresee it.
std::string temporary_name(const std::string& name);

/// Writes all of it, however often the kernel takes a part only. Throws Error; `path` is for the message.
void write_all(int fd, const char* data, std::size_t size, const Path& path);

}  // namespace agent

#pragma once

#include <optional>
#include <string>
#include <vector>

#include <agent/sdk/placed_file.hpp>

namespace agent::copy {

/// The arguments of `copy`.
struct Want : FileAttributes {
  std::optional<std::string> src;
  Value content;
  std::string dest;
  std::optional<std::string> directory_mode;
  bool remote_src = false, force = true, backup = false, follow = false;
  std::optional<bool> local_follow;
  std::string validate, checksum;
};

/// A value as Python's json.dumps writes it, which is what Ansible makes a file of.
std::string python_json(const Value& value);

/// One thing in a directory that is copied, by its path below that directory.
struct Entry {
  enum class Kind { file, directory, link };
  Path path;
  Kind kind = Kind::file;
  std::string content;  ///< of a file; of a link, what it leads to
  std::optional<unsigned> mode;
};

/// What the executor brought of a directory on the controller (`src_tree`).
std::vector<Entry> brought_tree(const Value& tree);
/// What is below a directory of the machine itself; links are kept as links unless `follow`.
std::vector<Entry> tree_on_host(const Path& directory, bool follow, const Host& host);

/// Plans what makes `entries` lie below the destination that `src` and `dest` name. `source` is the directory that they
/// come from, where that is on the machine itself: then files and new directories keep their modes, and `mode` is that
/// of the destination alone.
Plan plan_tree(const Want& want, const std::string& src, const std::optional<FileInfo>& source,
               const std::vector<Entry>& entries, const Host& host);

}  // namespace agent::copy

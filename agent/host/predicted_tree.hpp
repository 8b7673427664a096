#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <agent/sdk/host.hpp>

namespace agent {

/// A path as it would be.
struct PredictedFile {
  Path path;  ///< without links
  bool there = true;
  FileInfo info = {};
  std::optional<std::string> content = {};  ///< of a file
  std::optional<Path> as_in = {};           ///< or: what the machine has at this path
  bool hides_base = false;                  ///< a directory made anew: what the machine has in it is gone
  bool known = true;                        ///< all of the above
};

/// The file system of a host with changes laid over it that nobody made: check mode's disk. Nothing is written
/// anywhere. A look that depends on what is not known (the content a command would write) throws Unknown with the
/// reason.
class PredictedTree {
 public:
  explicit PredictedTree(const Host& base) : base_(base) {}

  std::optional<FileInfo> stat(const Path& path, bool follow) const;
  std::optional<std::string> read(const Path& file) const;
  Strings list(const Path& directory) const;
  /// Without links; the last part is followed where `follow` says so.
  Path resolve(const Path& path, bool follow) const;
  /// Why a command that looks at `path` may not be believed: something at, above or below it is only predicted. Nothing
  /// when the disk has it as it would be.
  std::optional<std::string> doubt(const Path& path) const;
  /// The same for what is strictly below.
  std::optional<std::string> doubt_below(const Path& path) const;
  bool empty() const { return nodes_.empty(); }
  /// All that is another than on the machine, directories before what is in them.
  std::vector<PredictedFile> files() const;

  // Each change says in `cause` what it is part of ("write /etc/motd"). They throw Error where the real one would.
  void write(const Path& path, const std::string& content, const Attributes& attributes, const std::string& cause);
  /// Keeps what is at `path` under another name beside it; "" when there is nothing.
  std::string back_up(const Path& path, const std::string& cause);
  void make_directory(const Path& path, const Attributes& attributes, const std::string& cause);
  void make_link(const Path& path, const std::string& target, const std::string& cause);
  void make_second_name(const Path& path, const Path& original, const std::string& cause);
  void set_attributes(const SetAttributes& action, const std::string& cause);
  void copy(const Path& from, const Path& to, const Attributes& attributes, const std::string& cause);
  void remove(const Path& path, const std::string& cause);
  /// There afterwards, whatever it holds.
  void make_opaque(const Path& path, const std::string& cause);
  /// What is there may be gone afterwards, or another thing.
  void make_doubtful(const Path& path, const std::string& cause);
  /// A directory of which only what is predicted besides is known.
  void make_directory_of_unknowns(const Path& path, const std::string& cause);

 private:
  struct Node {
    bool there = true;
    FileInfo info = {};
    std::optional<std::string> content = {};  ///< of a file, where it is known
    std::optional<Path> as_in = {};           ///< the content is what the base has at this path
    bool hides_base = false;                  ///< a directory made anew: nothing below shows through
    bool content_is_unknown = false;          ///< of a file, or what a directory holds
    bool is_doubtful = false;                 ///< it may be gone
    std::string cause = {};
  };
  std::optional<FileInfo> look(const Path& resolved) const;
  /// Nothing as well where it is not known; for what is written over.
  std::optional<FileInfo> look_if_known(const Path& resolved) const;
  const Node* find(const Path& resolved) const;
  /// The nearest change above that decides what is there: gone, made anew, or not known.
  const Node* ruling(const Path& resolved) const;
  Node& change(const Path& resolved, const std::string& cause);
  FileInfo fresh(FileInfo::Type type);
  void apply(Node& node, const Attributes& attributes) const;
  void expect_parent(const Path& resolved) const;
  void forget_below(const Path& resolved);
  void copy_directory(const Path& from, const Path& to, const Attributes& attributes, const std::string& cause);
  [[noreturn]] void give_up(const Path& path, const Node& node) const;

  const Host& base_;
  std::map<std::string, Node> nodes_;  // by path without links
  std::uint64_t next_inode_ = 0x7f00000000000000;
};

}  // namespace agent

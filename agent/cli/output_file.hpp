#pragma once

#include <functional>
#include <ostream>
#include <string>

#include <agent/sdk/plan.hpp>

namespace agent::cli {

/// A file that is replaced as a whole: whoever reads it meanwhile finds the old text or the new one. What is no plain
/// file (/dev/stdout, a pipe) is written to.
class OutputFile {
 public:
  /// Throws Error when it cannot be written there, long before there is something to write.
  explicit OutputFile(Path path);
  /// What `text` puts into the stream, or a text. Throws Error, and leaves the file as it was.
  void write(const std::function<void(std::ostream&)>& text) const;
  void write(const std::string& text) const;
  const Path& path() const { return path_; }

 private:
  Path path_;
  bool is_plain_ = true;
};

}  // namespace agent::cli

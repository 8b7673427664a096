#pragma once

#include <memory>
#include <string>

namespace agent {

/// A place in a text that a person wrote: file, line and column, both counted from 1 (columns in characters).
/// A default-made one means "nowhere known". Cheap to copy: the name of the file is shared.
struct Where {
  std::shared_ptr<const std::string> file;
  int line = 0;
  int column = 0;

  explicit operator bool() const { return file != nullptr; }
  /// "site.yml:3:7", or "" when the place is not known.
  std::string text() const;
  friend bool operator==(const Where& a, const Where& b) {
    return a.line == b.line && a.column == b.column && (a.file == b.file || (a.file && b.file && *a.file == *b.file));
  }
};

}  // namespace agent

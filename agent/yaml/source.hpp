#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <agent/sdk/where.hpp>

namespace agent::yaml {

/// A text with its name and its lines: turns offsets, and yaml-cpp's marks, into places.
class Source {
 public:
  /// Throws Error at the first byte that is not UTF-8, or character that no text may hold.
  Source(std::string_view text, std::shared_ptr<const std::string> file);

  /// Throws Error for a line that is longer than `most` bytes: nothing that people write, and slow to read.
  void limit_lines(std::size_t most) const;
  std::string_view text() const { return text_; }
  std::size_t lines() const { return starts_.size(); }
  /// The text of a line counted from 0, without its end.
  std::string_view line(std::size_t index) const;
  std::size_t start_of(std::size_t index) const { return starts_[index]; }
  /// Line and column counted from 0, the column in bytes, as yaml-cpp does; a line past the end is the last.
  Where place(int line, int byte_column) const;
  Where place(std::size_t offset) const;
  /// Where the text of the scalar begins whose tag, anchor, quote or block indicator stands at that line and column:
  /// behind the quote, or in the first line below `|`. A character of `value` is then as far from the result as it is
  /// from the beginning of `value`, in columns and lines.
  Where content(int line, int byte_column, std::string_view value) const;

 private:
  void check(std::string_view text);
  std::string_view text_;
  std::shared_ptr<const std::string> file_;
  std::vector<std::uint32_t> starts_;
  bool ascii_ = true;
};

}  // namespace agent::yaml

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace agent {

/// Text that may be without end: its beginning and its end are kept, the middle is dropped (reliability R9).
class CappedText {
 public:
  explicit CappedText(std::size_t head = 1u << 20, std::size_t tail = 1u << 20)
      : head_limit_(head), tail_limit_(tail) {}

  void append(std::string_view more);
  bool truncated() const { return dropped_ > 0 || tail_.size() > tail_limit_; }
  /// What was kept; where the middle is missing, a line says how much.
  std::string text() const;

 private:
  std::size_t head_limit_, tail_limit_;
  std::string head_;
  std::string tail_;  // up to twice its limit, so that it is cut seldom
  std::size_t dropped_ = 0;
};

}  // namespace agent

#include <algorithm>

#include <agent/host/capped_text.hpp>

namespace agent {

void CappedText::append(std::string_view more) {
  const std::size_t room = std::min(more.size(), head_limit_ - head_.size());
  head_.append(more.substr(0, room));
  more.remove_prefix(room);
  if (more.empty()) return;
  tail_.append(more);
  if (tail_.size() < 2 * tail_limit_) return;
  const std::size_t excess = tail_.size() - tail_limit_;
  tail_.erase(0, excess);
  dropped_ += excess;
}

std::string CappedText::text() const {
  if (!truncated()) return head_ + tail_;
  const std::size_t excess = tail_.size() > tail_limit_ ? tail_.size() - tail_limit_ : 0;
  return head_ + "\n[... " + std::to_string(dropped_ + excess) + " bytes were dropped here ...]\n" +
         tail_.substr(excess);
}

}  // namespace agent

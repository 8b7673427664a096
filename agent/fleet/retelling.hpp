#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <unordered_map>

#include <agent/sdk/value.hpp>

namespace agent::fleet {

/// What a machine has said on a walk, so that it is not told twice when the walk comes again from its beginning, behind
/// a reboot of the machine.
class Retelling {
 public:
  /// Another walk begins.
  void begin() { told_ = left_ = {}; }
  /// The same walk begins again.
  void begin_again() { left_ = told_; }

  bool is_news_that_it_arrives(const Value& place) {
    place_ = place.json();
    return is_news(place_);
  }
  bool is_news_that_it_says(const Value& event) {
    std::string key = place_;
    for (const char* name : {"event", "task", "item", "loop", "text"})
      if (const Value* part = event.find(name)) key += '\n' + part->json();
    return is_news(key);
  }

 private:
  bool is_news(const std::string& key) {
    const std::size_t hash = std::hash<std::string>()(key);
    if (const auto found = left_.find(hash); found != left_.end() && found->second > 0) {
      --found->second;
      return false;
    }
    ++told_[hash];
    return true;
  }

  std::string place_;
  std::unordered_map<std::size_t, int> told_, left_;
};

}  // namespace agent::fleet

#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include <agent/wire/event.hpp>

namespace agent::report {

/// Hands every event to several reports, from one thread at a time.
class Tee : public EventSink {
 public:
  void add(std::unique_ptr<EventSink> sink) { sinks_.push_back(std::move(sink)); }
  void on(const Event& event) override {
    const std::lock_guard lock(mutex_);
    for (const auto& sink : sinks_) sink->on(event);
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<EventSink>> sinks_;
};

}  // namespace agent::report

#pragma once

#include <string>
#include <vector>

#include <agent/executor/host_context.hpp>

namespace agent::executor {

/// The handlers of a play as one host has them, and which of them wait to be run.
class Handlers {
 public:
  explicit Handlers(HostContext& context) : context_(context) {}

  /// Adds handlers behind those that are there; a handler that is there already is not added again.
  void add(const Items& items);
  /// Marks whatever answers to `name`: the handler of that name ("name" or "role : name"), and all that listen to
  /// it. False: nothing does.
  bool notify(const std::string& name);

  std::size_t size() const { return handlers_.size(); }
  /// The handler at `index` when it waits; it waits no longer then.
  const Task* take(std::size_t index);
  /// All names and topics, for "did you mean".
  Strings names() const;

 private:
  struct Handler {
    TaskPtr task;
    bool is_notified = false;
  };
  bool answers_to(const Task& task, const std::string& name) const;
  std::string name_of(const Task& task) const;
  Strings topics_of(const Task& task) const;

  HostContext& context_;
  std::vector<Handler> handlers_;
};

}  // namespace agent::executor

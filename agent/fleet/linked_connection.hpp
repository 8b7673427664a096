#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <agent/fleet/connection.hpp>
#include <agent/fleet/dialogue.hpp>
#include <agent/fleet/protocol.hpp>
#include <agent/fleet/reach.hpp>
#include <agent/fleet/retelling.hpp>

namespace agent::fleet {

/// One agent on one host, seen from the controller: what is asked of it (linked_connection.cpp), what it asks and tells
/// (linked_connection_ears.cpp), and how it is had again when its machine reboots (linked_connection_reboot.cpp).
class LinkedConnection : public Connection {
 public:
  LinkedConnection(std::string host, executor::Login login, const Terms& terms);
  ~LinkedConnection() override;

  TaskReply run(const TaskRequest& request, const ProgressSink& progress) override;
  Value facts(const Strings& subsets, const Identity& identity) override;
  void reset() override;
  void walk(const executor::Journey& journey) override;

 private:
  using Question = std::function<Value()>;
  /// Called now and then; false: nothing long is to be waited for.
  using Meanwhile = std::function<bool()>;

  void open();
  Value ask(const char* what, const Question& question, const Meanwhile& meanwhile = {});
  Value beginning() const;
  Strings take_left();
  Unreachable lost(const std::string& why) const;
  void begin_journey(const executor::Journey& journey);
  void end_journey();
  /// Does what the host asks for, by the thread that waits for it.
  Value carry_out(const Value& with);
  void set_progress(const ProgressSink* sink);

  // Of a machine that reboots.
  void come_back(const Meanwhile& meanwhile);
  bool is_up_again(const std::string& boot_before);
  std::string boot();
  std::chrono::seconds reboots_within();
  void set_rebooting(std::chrono::seconds within);

  // By the line's thread.
  void answer(std::int64_t number, const std::string& what, const Value& with);
  void reply(std::int64_t number, const std::function<Value()>& answer);
  Value answer_to(const std::string& what, const Value& with);
  void wait_with_others(std::int64_t number, const std::string& what, const Value& with);
  /// The one that is under way; throws Error where none is.
  const executor::Journey& journey(const std::string& what) const;
  void hear(const std::string& what, const Value& with);
  void hear_of_the_walk(const std::string& what, const Value& with);
  void tell_of_wall(const Value& begun) const;

  const std::string host_;
  const Terms& terms_;
  Reach reach_;
  std::mutex mutex_;  // one question at a time
  std::atomic<bool> becomes_{false};
  std::mutex journey_mutex_;  // held while it is told of: nothing comes after its end
  const executor::Journey* journey_ = nullptr;
  std::size_t errands_ = 0;  // on this journey
  bool has_begun_ = false, has_world_ = false;
  std::string journal_ = terms_.journal;  // what is to be done with it
  Retelling retelling_;                   // of the line's thread, while there is one
  std::mutex state_mutex_;
  std::string boot_;
  Strings left_;                            // runs whose journals are there
  std::chrono::seconds reboots_within_{0};  // not 0: it goes down
  const ProgressSink* progress_ = nullptr;
  std::unique_ptr<Dialogue> dialogue_;  // last: its thread uses all of the above
};

}  // namespace agent::fleet

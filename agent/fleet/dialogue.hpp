#pragma once

#include <atomic>
#include <deque>
#include <map>

#include <agent/fleet/line.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {

/// Questions and answers over a line, in both directions, and what is told without a question (protocol.hpp).
class Dialogue {
 public:
  struct Ears {
    /// The other side asks. To be answered with `answer` or `fail`, now or later, from any thread.
    std::function<void(std::int64_t number, const std::string& what, const Value& with)> asked;
    std::function<void(const std::string& what, const Value& with)> told;
    std::function<std::optional<Line::Ends>(const std::string& why)> again = {};
    /// The other side is gone for good: every question that waits has failed.
    std::function<void(const std::string& why)> over = {};
    /// Something is to be asked of another side that is gone for good.
    std::function<void(const std::string& what)> missed = {};
  };
  Dialogue(Line::Ends ends, Ears ears, Line::Limits limits);

  /// Asks, and waits for the answer. Throws the other side's Error, and Gone when there is no other side any more.
  /// `meanwhile` is called now and then.
  Value ask(const std::string& what, Value with, const std::function<void()>& meanwhile = {});
  /// Has `work` done by whoever waits for an answer, or by the next one who does. It must not throw.
  void have_done(std::function<void()> work);
  void answer(std::int64_t number, Value with);
  void fail(std::int64_t number, const Error& error);
  void tell(const std::string& what, Value with, Line::Haste haste = Line::Haste::now);
  bool flush(std::chrono::milliseconds patience) { return line_.flush(patience); }

  /// The other side is gone; the message says why.
  class Gone : public Error {
   public:
    using Error::Error;
  };

 private:
  struct Waiting {
    bool is_answered = false;
    Value with;
    std::optional<Error> error;
  };
  void hear(const Value& message);
  void end(const std::string& why);
  [[noreturn]] void miss(const std::string& what, const std::string& why);

  Ears ears_;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::deque<std::function<void()>> work_;
  std::map<std::int64_t, Waiting> waiting_;
  std::int64_t last_ = 0;
  std::optional<std::string> gone_;
  Line line_;  // last: its thread uses all of the above
};

}  // namespace agent::fleet

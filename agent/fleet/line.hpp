#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <agent/host/capped_text.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/sdk/value.hpp>

namespace agent::fleet {

/// A row of messages in each direction between controller and target that outlives what carries it: they are numbered
/// and kept until the other side has them, so that each arrives once and in order, over as many connections as it
/// takes. On the wire a message is a frame of four bytes of length (network order) and that much CBOR: {s: number, m:
/// message}, {a: number} for "all up to that have come", and {have: number} as the first of a connection that is not
/// the first. A thread of its own reads and writes.
class Line {
 public:
  enum class Aside { more, no_more, renew };  ///< `renew`: another connection has come, this one is done with

  /// What carries the line for now; whoever made it closes it.
  struct Ends {
    int in = -1, out = -1;
    /// Something else to be read meanwhile: `on_aside` does it.
    int aside = -1;
    std::function<Aside()> on_aside = {};
    /// Nobody there knows of an earlier connection: all that was said is said again, from the first word.
    bool is_first = false;
  };
  /// Called by the line's thread.
  struct Ears {
    /// A message. Throws Error for one that cannot be: the line is over then.
    std::function<void(const Value&)> hear;
    /// The connection is gone: another one, or nothing where that is the end. Is told why, and may take its time.
    std::function<std::optional<Ends>(const std::string& why)> again;
    /// The last call.
    std::function<void(const std::string& why)> over;
  };
  /// `soon`: may wait for others to go along (Limits::company). Each packet wakes sshd there and ssh here, and costs
  /// both a system call and a cipher.
  enum class Haste { now, soon };
  struct Limits {
    std::size_t frame = 64u << 20;
    std::size_t waiting = SIZE_MAX;         ///< bytes that were said and not heard; `say` waits beyond
    std::size_t heard = SIZE_MAX;           ///< bytes in all
    std::chrono::milliseconds company{25};  ///< how long what may wait for others does
  };

  Line(Ends ends, Ears ears, Limits limits);
  /// Stops, whatever has not been sent. The ears are not called any more.
  ~Line();
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  /// Any thread; never lost while the line lasts, and nothing when it is over. Throws Error for what is too large.
  void say(const Value& message, Haste haste = Haste::now);
  /// Waits until everything has been handed to the connection. False when that did not happen in time.
  bool flush(std::chrono::milliseconds patience);

 private:
  struct Said {
    std::uint64_t number;
    Bytes frame;
  };
  void work();
  bool serve(std::string& why);
  bool read_some(std::string& why);
  bool write_some(std::string& why);
  void fill();
  void take(const Value& frame, std::size_t size);
  void make_due(std::chrono::steady_clock::time_point when);
  void wake();
  void restart();

  Ends ends_;
  Ears ears_;
  Limits limits_;
  int wake_ = -1;
  std::mutex mutex_;
  std::condition_variable moved_;
  std::deque<Said> kept_;
  std::uint64_t last_said_ = 0, last_sent_ = 0, last_heard_ = 0, last_acknowledged_ = 0;
  std::chrono::steady_clock::time_point due_ = std::chrono::steady_clock::time_point::max();  ///< of what is not sent
  std::size_t kept_bytes_ = 0, heard_bytes_ = 0, unacknowledged_bytes_ = 0;
  bool is_over_ = false, is_stopping_ = false;
  bool says_have_ = false, waits_for_have_ = false;
  Bytes going_, coming_;  // of the line's thread alone
  std::size_t gone_ = 0;
  std::thread thread_;
};

}  // namespace agent::fleet

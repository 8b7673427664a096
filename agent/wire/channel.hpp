#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include <agent/sdk/codec.hpp>
#include <agent/sdk/value.hpp>

namespace agent {

/// A two-way line between two of our processes: frames of four bytes of length (network order) and that much CBOR.
/// Takes over its descriptors. Not for use from two threads at once, except that one may send while another receives.
class Channel {
 public:
  /// Larger frames are refused on both sides; `in` and `out` may be the same descriptor.
  Channel(int in, int out, std::size_t largest_frame = 128u << 20);
  ~Channel();
  Channel(Channel&& other) noexcept;
  Channel& operator=(Channel&& other) noexcept;

  /// Sends one frame whole. Throws Error when the other side is gone or the frame is too large.
  void send(const Value& message);
  /// The next frame; nothing when the other side has closed the line between two frames. Blocks.
  /// Throws Error when it closes inside a frame, or what comes is not CBOR, or too large.
  std::optional<Value> receive();
  /// Reads what is there without blocking (after poll said so) and returns a frame once one is whole. `closed` is set
  /// when the other side has closed the line.
  std::optional<Value> receive_some(bool& closed);
  /// A frame that has been read already, if one is whole.
  std::optional<Value> buffered();

  int in() const { return in_; }
  int out() const { return out_; }
  void close();

 private:
  int in_ = -1, out_ = -1;
  std::size_t largest_ = 0;
  Bytes buffer_;
};

}  // namespace agent

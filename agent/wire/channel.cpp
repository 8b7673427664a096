#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

#include <agent/sdk/error.hpp>
#include <agent/wire/channel.hpp>

namespace agent {

namespace {

constexpr std::size_t header = 4;

std::size_t length_of(const Bytes& buffer) {
  return (std::size_t{buffer[0]} << 24) | (std::size_t{buffer[1]} << 16) | (std::size_t{buffer[2]} << 8) | buffer[3];
}

// A closed peer is an Error, not a SIGPIPE; on a pipe, which has no MSG_NOSIGNAL, the program ignores the signal.
ssize_t put(int fd, const std::uint8_t* data, std::size_t size) {
  const ssize_t sent = ::send(fd, data, size, MSG_NOSIGNAL);
  if (sent < 0 && errno == ENOTSOCK) return ::write(fd, data, size);
  return sent;
}

}  // namespace

Channel::Channel(int in, int out, std::size_t largest_frame) : in_(in), out_(out), largest_(largest_frame) {}
Channel::~Channel() {
  close();
}
Channel::Channel(Channel&& other) noexcept {
  *this = std::move(other);
}
Channel& Channel::operator=(Channel&& other) noexcept {
  if (this == &other) return *this;
  close();
  in_ = std::exchange(other.in_, -1);
  out_ = std::exchange(other.out_, -1);
  largest_ = other.largest_;
  buffer_ = std::move(other.buffer_);
  return *this;
}

void Channel::close() {
  if (in_ >= 0) ::close(in_);
  if (out_ >= 0 && out_ != in_) ::close(out_);
  in_ = out_ = -1;
}

void Channel::send(const Value& message) {
  const Bytes body = to_cbor(message);
  if (body.size() > largest_) throw Error("a message of " + std::to_string(body.size()) + " bytes is too large");
  Bytes frame(header);
  for (std::size_t i = 0; i < header; ++i) frame[i] = static_cast<std::uint8_t>(body.size() >> (24 - 8 * i));
  frame.insert(frame.end(), body.begin(), body.end());
  for (std::size_t done = 0; done < frame.size();) {
    const ssize_t sent = put(out_, frame.data() + done, frame.size() - done);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) throw Error(std::string("the other process is gone: ") + std::strerror(errno));
    done += static_cast<std::size_t>(sent);
  }
}

std::optional<Value> Channel::buffered() {
  if (buffer_.size() < header) return std::nullopt;
  const std::size_t size = length_of(buffer_);
  if (size > largest_) throw Error("a message of " + std::to_string(size) + " bytes is announced: too large");
  if (buffer_.size() < header + size) return std::nullopt;
  Value message = from_cbor(buffer_.data() + header, size);
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(header + size));
  return message;
}

std::optional<Value> Channel::receive_some(bool& closed) {
  closed = false;
  std::uint8_t chunk[65536];
  const ssize_t got = ::read(in_, chunk, sizeof chunk);
  if (got < 0) {
    if (errno == EINTR || errno == EAGAIN) return buffered();
    closed = true;  // ECONNRESET and the like
    return buffered();
  }
  if (got == 0) {
    closed = true;
    return buffered();
  }
  buffer_.insert(buffer_.end(), chunk, chunk + got);
  return buffered();
}

std::optional<Value> Channel::receive() {
  if (auto message = buffered()) return message;
  for (;;) {
    bool closed = false;
    if (auto message = receive_some(closed)) return message;
    if (!closed) continue;
    if (buffer_.empty()) return std::nullopt;
    throw Error("the other process went away in the middle of a message");
  }
}

}  // namespace agent

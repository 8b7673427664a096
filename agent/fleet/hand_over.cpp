#include <cerrno>
#include <cstddef>
#include <cstring>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <agent/fleet/hand_over.hpp>
#include <agent/fleet/seal.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

/// A name that begins with a zero byte lives in the kernel alone. It tells nothing of the key.
socklen_t address_of(const std::string& key, sockaddr_un& address) {
  address = {};
  address.sun_family = AF_UNIX;
  const std::string name = "agent-run-" + hex(derived_key(key, "hand over")).substr(0, 32);
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
}

bool is_ours(int fd) {
  ucred who{};
  socklen_t size = sizeof who;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.uid == ::geteuid();
}

Fd fresh_socket() {
  return Fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
}

}  // namespace

HandOver::HandOver(const std::string& key, std::function<void()> asked) {
  Fd point = fresh_socket();
  sockaddr_un address;
  const socklen_t size = address_of(key, address);
  if (!point || ::bind(point.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(point.get(), 4) != 0)
    return;
  point_ = std::move(point);
  stop_ = Fd(::eventfd(0, EFD_CLOEXEC));
  thread_ = std::thread([this, asked = std::move(asked)] { listen(asked); });
}

HandOver::~HandOver() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t put = ::write(stop_.get(), &one, sizeof one);
  thread_.join();
}

void HandOver::listen(const std::function<void()>& asked) {
  for (;;) {
    pollfd ears[2] = {{point_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    if (::poll(ears, 2, -1) < 0 && errno != EINTR) return;
    if (ears[1].revents) return;
    if (!ears[0].revents) continue;
    Fd visitor(::accept4(point_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!visitor || !is_ours(visitor.get())) continue;
    // Who asks sees the end of this process by the end of the connection, which therefore stays open.
    [[maybe_unused]] const int kept = visitor.release();
    asked();
    return;
  }
}

bool HandOver::ask(const std::string& key, const std::function<void()>& waiting,
                   const std::function<bool()>& is_patient) {
  const Fd point = fresh_socket();
  sockaddr_un address;
  const socklen_t size = address_of(key, address);
  if (!point || ::connect(point.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 || !is_ours(point.get()))
    return false;
  for (bool is_told = false;; is_told = true) {
    pollfd ear{point.get(), POLLIN, 0};
    if (::poll(&ear, 1, is_told ? 200 : 1000) > 0) return true;
    if (!is_told && waiting) waiting();
    if (!is_patient()) throw Error("the agent that leads the run there still works on its task");
  }
}

}  // namespace agent::fleet

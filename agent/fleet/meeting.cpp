#include <cerrno>
#include <cstddef>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <agent/fleet/meeting.hpp>
#include <agent/host/passed_fds.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

/// A name that begins with a zero byte lives in the kernel alone.
socklen_t address_of(const std::string& key, sockaddr_un& address) {
  address = {};
  address.sun_family = AF_UNIX;
  const std::string name = "agent-exec-" + key;
  if (name.size() + 1 > sizeof address.sun_path) throw Error("the key of a run is too long");
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
}

bool is_ours(int fd) {
  ucred who{};
  socklen_t size = sizeof who;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.uid == ::geteuid();
}

}  // namespace

MeetingPoint::MeetingPoint(const std::string& key)
    : ear_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  sockaddr_un address;
  const socklen_t size = address_of(key, address);
  if (!ear_ || ::bind(ear_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(ear_.get(), 4) != 0)
    throw Error(std::string("the agent cannot be met again if its link breaks: ") + std::strerror(errno));
}

std::optional<MeetingPoint::Ends> MeetingPoint::take() {
  Fd visitor(::accept4(ear_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!visitor || !is_ours(visitor.get())) return std::nullopt;
  // It brings them with its first word; one that says nothing is not waited for.
  pollfd ear{visitor.get(), POLLIN, 0};
  if (::poll(&ear, 1, 2000) <= 0) return std::nullopt;
  auto passed = take_fds(visitor.get(), 2);
  if (!passed) return std::nullopt;
  return Ends{std::move(passed->fds[0]), std::move(passed->fds[1]), std::move(visitor)};
}

bool bring_ends_to(const std::string& key) {
  Fd point(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  sockaddr_un address;
  const socklen_t size = address_of(key, address);
  if (!point || ::connect(point.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 || !is_ours(point.get()))
    return false;
  if (!pass_fds(point.get(), {0, 1}, "e")) return false;
  // Ours no longer: the other side has to see the end of its connection.
  ::close(0);
  ::close(1);
  char end = 0;
  while (::read(point.get(), &end, 1) < 0 && errno == EINTR) {
  }
  return true;
}

}  // namespace agent::fleet

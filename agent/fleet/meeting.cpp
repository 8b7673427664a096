#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <agent/fleet/meeting.hpp>
#include <agent/fleet/nameless_socket.hpp>
#include <agent/host/passed_fds.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

std::string name_of(const std::string& key) {
  return "agent-exec-" + key;
}

}  // namespace

MeetingPoint::MeetingPoint(const std::string& key) : ear_(nameless_ear(name_of(key), true)) {
  if (!ear_) throw Error(std::string("the agent cannot be met again if its link breaks: ") + std::strerror(errno));
}

std::optional<MeetingPoint::Ends> MeetingPoint::take() {
  Fd visitor(::accept4(ear_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!visitor || !is_of_our_user(visitor.get())) return std::nullopt;
  // It brings them with its first word; one that says nothing is not waited for.
  pollfd ear{visitor.get(), POLLIN, 0};
  if (::poll(&ear, 1, 2000) <= 0) return std::nullopt;
  auto passed = take_fds(visitor.get(), 2);
  if (!passed) return std::nullopt;
  return Ends{std::move(passed->fds[0]), std::move(passed->fds[1]), std::move(visitor)};
}

bool bring_ends_to(const std::string& key) {
  const Fd point = nameless_visit(name_of(key));
  if (!point) return false;
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

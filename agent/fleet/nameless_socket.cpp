#include <cstddef>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <agent/fleet/nameless_socket.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

constexpr int most_visitors = 4;  // that wait to be taken

socklen_t address_of(const std::string& name, sockaddr_un& address) {
  address = {};
  address.sun_family = AF_UNIX;
  if (name.size() + 1 > sizeof address.sun_path) throw Error("the key of a run is too long");
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
}

}  // namespace

Fd nameless_ear(const std::string& name, bool waits_not) {
  Fd ear(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | (waits_not ? SOCK_NONBLOCK : 0), 0));
  sockaddr_un address;
  const socklen_t size = address_of(name, address);
  if (!ear || ::bind(ear.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(ear.get(), most_visitors) != 0)
    return Fd();
  return ear;
}

Fd nameless_visit(const std::string& name) {
  Fd visit(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  sockaddr_un address;
  const socklen_t size = address_of(name, address);
  if (!visit || ::connect(visit.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      !is_of_our_user(visit.get()))
    return Fd();
  return visit;
}

bool is_of_our_user(int fd, pid_t* process) {
  ucred who{};
  socklen_t size = sizeof who;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0 || who.uid != ::geteuid()) return false;
  if (process) *process = who.pid;
  return true;
}

}  // namespace agent::fleet

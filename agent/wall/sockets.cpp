#include <algorithm>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <agent/host/passed_fds.hpp>
#include <agent/wall/rights.hpp>
#include <agent/wall/sockets.hpp>

namespace agent::wall {

namespace {

using Kind = Addressee::Kind;

constexpr const char* name_services[] = {"/var/run/nscd/", "/run/nscd/", "/run/systemd/userdb/",
                                         "/run/systemd/resolve/"};
constexpr const char* listeners[] = {"/dev/log", "/run/systemd/journal/", "/run/systemd/notify",
                                     "/run/nvidia-persistenced/", "/var/run/nvidia-persistenced/"};

template <class Names>
bool begins_with_one(const std::string& path, const Names& names) {
  return std::any_of(std::begin(names), std::end(names), [&](const char* name) { return path.starts_with(name); });
}

// A network of its own takes a right, which root has kept for this, or which anybody has who is root in a namespace.
bool leave_all_networks() {
  raise_right(CAP_SYS_ADMIN);
  return ::unshare(CLONE_NEWNET) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0;
}

Addressee unix_addressee(const ForeignProcess& process, std::string path) {
  path = path.empty() || path[0] == '\0' ? "@" + path.substr(std::min<std::size_t>(1, path.size()))
                                         : path.substr(0, path.find('\0'));
  if (begins_with_one(path, name_services)) return {Kind::name_service, path};
  if (begins_with_one(path, listeners)) return {Kind::listener, path};
  if (path[0] != '@' && !process.target(path, AT_FDCWD, true).there) return {Kind::missing, path};
  return {Kind::daemon, path};
}

template <class Address>
Addressee network_addressee(const std::string& bytes, const void* (*host)(const Address&), in_port_t Address::*port) {
  Address address{};
  if (bytes.size() < sizeof address) return {};
  std::memcpy(&address, bytes.data(), sizeof address);
  int family = AF_INET;
  if constexpr (sizeof address == sizeof(sockaddr_in6)) family = AF_INET6;
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(family, host(address), text, sizeof text);
  const unsigned number = ntohs(address.*port);
  const std::string name = family == AF_INET6 ? "[" + std::string(text) + "]" : text;
  return {Kind::network, name + ":" + std::to_string(number), number};
}

}  // namespace

Fd dead_socket(int type) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | (type & SOCK_NONBLOCK) | SOCK_CLOEXEC, 0, ends) != 0) return {};
  ::close(ends[1]);
  return Fd(ends[0]);
}

// Made by a process of its own, so that the one that asks stays where it is.
Fd lonely_socket(int family, int type, int protocol) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return {};
  const Fd ours(ends[0]);
  Fd its(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    if (!leave_all_networks()) ::_exit(1);
    const Fd made(::socket(family, type | SOCK_CLOEXEC, protocol));
    ::_exit(made && pass_fds(its.get(), {made.get()}, "x") ? 0 : 1);
  }
  if (child < 0) return {};
  its.reset();
  auto passed = take_fds(ours.get(), 1);
  ::waitpid(child, nullptr, 0);
  return passed ? std::move(passed->fds[0]) : Fd();
}

Addressee addressee_at(const ForeignProcess& process, std::uint64_t address, std::uint64_t size) {
  const auto bytes = process.bytes_at(address, std::min<std::uint64_t>(size, sizeof(sockaddr_un)));
  sa_family_t family = AF_UNSPEC;
  if (!bytes || bytes->size() < sizeof family) return {};
  std::memcpy(&family, bytes->data(), sizeof family);
  if (family == AF_UNIX) return unix_addressee(process, bytes->substr(sizeof family));
  if (family == AF_INET)
    return network_addressee<sockaddr_in>(
        *bytes, [](const sockaddr_in& one) -> const void* { return &one.sin_addr; }, &sockaddr_in::sin_port);
  if (family == AF_INET6)
    return network_addressee<sockaddr_in6>(
        *bytes, [](const sockaddr_in6& one) -> const void* { return &one.sin6_addr; }, &sockaddr_in6::sin6_port);
  return {};
}

}  // namespace agent::wall

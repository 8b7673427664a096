#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wait_for.hpp"

namespace agent::wait_for {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t longest_answer = 1U << 20U;

/// A socket, closed with the object.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Addresses addresses_of(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  // A name that is not known yet may be known later: no connection, not a mistake.
  if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) found = nullptr;
  return {found, &::freeaddrinfo};
}

bool ready(int fd, short what, Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  pollfd waiting{fd, what, 0};
  return left > 0 && ::poll(&waiting, 1, static_cast<int>(left)) > 0;
}

bool connects(int fd, const addrinfo& address, Clock::time_point deadline) {
  if (::connect(fd, address.ai_addr, address.ai_addrlen) == 0) return true;
  if (errno != EINPROGRESS || !ready(fd, POLLOUT, deadline)) return false;
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

std::string received(int fd, const std::function<bool(const std::string&)>& until, Clock::time_point deadline) {
  std::string text;
  std::array<char, 4096> part{};
  while (text.size() < longest_answer && !until(text) && ready(fd, POLLIN, deadline)) {
    const ssize_t size = ::recv(fd, part.data(), part.size(), 0);
    if (size <= 0) break;
    text.append(part.data(), static_cast<std::size_t>(size));
  }
  return text;
}

// ---- /proc/net/tcp
// -----------------------------------------------------------------------------------------------------

const std::array<const char*, 12> state_names = {"",           "ESTABLISHED", "SYN_SENT",  "SYN_RECV",
                                                 "FIN_WAIT1",  "FIN_WAIT2",   "TIME_WAIT", "CLOSE",
                                                 "CLOSE_WAIT", "LAST_ACK",    "LISTEN",    "CLOSING"};

/// An address as /proc writes it, in groups of four bytes of the machine's order, as people write it.
std::string address_text(const std::string& hexadecimal) {
  std::array<unsigned char, 16> bytes{};
  const std::size_t words = hexadecimal.size() / 8;
  for (std::size_t i = 0; i < words && i < 4; ++i) {
    const auto word = static_cast<std::uint32_t>(std::strtoul(hexadecimal.substr(i * 8, 8).c_str(), nullptr, 16));
    std::memcpy(&bytes[i * 4], &word, 4);
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(words == 1 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
  const std::string shown = text.data();
  return shown.rfind("::ffff:", 0) == 0 && shown.find('.') != std::string::npos ? shown.substr(7) : shown;
}

/// The addresses that a name stands for, as people write them.
Strings addresses_text(const std::string& host) {
  Strings all;
  const Addresses found = addresses_of(host, "");
  for (const addrinfo* one = found.get(); one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0)
      all.emplace_back(text.data());
  }
  return all;
}

bool contains(const Strings& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

struct Counted {
  const Want& want;
  Strings here, excluded;

  bool counts(const std::string& line) const {
    char local[64] = {}, remote[64] = {};
    unsigned local_port = 0, remote_port = 0, state = 0;
    if (std::sscanf(line.c_str(), " %*u: %63[0-9A-F]:%x %63[0-9A-F]:%x %x", local, &local_port, remote, &remote_port,
                    &state) != 5)
      return false;
    if (local_port != static_cast<unsigned>(*want.port) || state >= state_names.size()) return false;
    if (!contains(want.active_connection_states, state_names[state])) return false;
    const std::string address = address_text(local);
    const bool any_address = want.host == "0.0.0.0" || want.host == "::" || address == "0.0.0.0" || address == "::";
    return (any_address || contains(here, address)) && !contains(excluded, address_text(remote));
  }
};

}  // namespace

Answer connect_to(const Want& want, const std::function<bool(const std::string&)>& until) {
  const auto deadline = Clock::now() + std::chrono::seconds(want.connect_timeout);
  const Addresses found = addresses_of(want.host, std::to_string(*want.port));
  for (const addrinfo* address = found.get(); address != nullptr; address = address->ai_next) {
    const Socket socket(
        ::socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address->ai_protocol));
    if (socket.fd() < 0 || !connects(socket.fd(), *address, deadline)) continue;
    return {true, until ? received(socket.fd(), until, deadline) : ""};
  }
  return {};
}

std::size_t active_connections(const Want& want, const Host& host) {
  Counted counted{want, addresses_text(want.host), {}};
  for (const std::string& excluded : want.exclude_hosts)
    for (std::string& address : addresses_text(excluded)) counted.excluded.push_back(std::move(address));
  std::size_t count = 0;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    const std::string text = host.read(table).value_or("");
    for (std::size_t start = 0; start < text.size();) {
      const std::size_t end = std::min(text.find('\n', start), text.size());
      if (counted.counts(text.substr(start, end - start))) ++count;
      start = end + 1;
    }
  }
  return count;
}

}  // namespace agent::wait_for

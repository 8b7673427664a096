#include <algorithm>
#include <cstring>

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <agent/host/fd.hpp>
#include <agent/host/source_address.hpp>

namespace agent {

namespace {

/// "Which way to this address?", as `ip route get` asks (rtnetlink(7)).
struct Question {
  nlmsghdr header;
  rtmsg route;
  rtattr destination;
  unsigned char address[sizeof(in6_addr)];
};

Question question(int family, const void* address, std::size_t size) {
  Question asked{};
  asked.destination.rta_len = static_cast<unsigned short>(RTA_LENGTH(size));
  asked.destination.rta_type = RTA_DST;
  std::memcpy(asked.address, address, size);
  asked.route.rtm_family = static_cast<unsigned char>(family);
  asked.route.rtm_dst_len = static_cast<unsigned char>(8 * size);
  asked.header.nlmsg_type = RTM_GETROUTE;
  asked.header.nlmsg_flags = NLM_F_REQUEST;
  asked.header.nlmsg_len = static_cast<unsigned>(NLMSG_LENGTH(sizeof asked.route)) + asked.destination.rta_len;
  return asked;
}

/// The preferred source in the kernel's answer.
std::string source_in(int family, const char* bytes, std::size_t size) {
  nlmsghdr header{};
  const std::size_t whole = RTA_LENGTH(family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr));
  if (size < NLMSG_LENGTH(sizeof(rtmsg))) return "";
  std::memcpy(&header, bytes, sizeof header);
  if (header.nlmsg_type != RTM_NEWROUTE) return "";
  const std::size_t end = std::min<std::size_t>(size, header.nlmsg_len);
  for (std::size_t at = NLMSG_LENGTH(sizeof(rtmsg)); at + sizeof(rtattr) <= end;) {
    rtattr attribute{};
    std::memcpy(&attribute, bytes + at, sizeof attribute);
    if (attribute.rta_len < sizeof attribute || at + attribute.rta_len > end) return "";
    char text[INET6_ADDRSTRLEN] = {};
    if (attribute.rta_type == RTA_PREFSRC && attribute.rta_len == whole &&
        ::inet_ntop(family, bytes + at + sizeof attribute, text, sizeof text))
      return text;
    at += RTA_ALIGN(attribute.rta_len);
  }
  return "";
}

}  // namespace

std::string source_address_towards(int family, const char* far) {
  in6_addr address{};
  if (::inet_pton(family, far, &address) != 1) return "";
  const Fd line(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  const Question asked = question(family, &address, family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr));
  char answer[4096];
  if (!line || ::send(line.get(), &asked, asked.header.nlmsg_len, 0) < 0) return "";
  const ssize_t got = ::recv(line.get(), answer, sizeof answer, 0);
  return got > 0 ? source_in(family, answer, static_cast<std::size_t>(got)) : "";
}

}  // namespace agent

#include <array>
#include <cstring>

#include <sys/socket.h>

#include <agent/host/passed_fds.hpp>

namespace agent {
namespace {

constexpr std::size_t most_fds = 4, most_bytes = 4096;

/// A message with room for descriptors, and what it points to.
struct Letter {
  Letter(char* bytes, std::size_t size, std::size_t fds) : part{bytes, size} {
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = room.data();
    message.msg_controllen = CMSG_SPACE(fds * sizeof(int));
  }
  iovec part;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(most_fds * sizeof(int))> room{};
  msghdr message{};
};

}  // namespace

bool pass_fds(int socket, const std::vector<int>& fds, std::string_view bytes) {
  if (fds.empty() || fds.size() > most_fds || bytes.empty() || bytes.size() > most_bytes) return false;
  std::string copy(bytes);
  Letter letter(copy.data(), copy.size(), fds.size());
  cmsghdr* header = CMSG_FIRSTHDR(&letter.message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
  std::memcpy(CMSG_DATA(header), fds.data(), fds.size() * sizeof(int));
  return ::sendmsg(socket, &letter.message, MSG_NOSIGNAL) == static_cast<ssize_t>(copy.size());
}

std::optional<PassedFds> take_fds(int socket, std::size_t count) {
  std::array<char, most_bytes> bytes;
  Letter letter(bytes.data(), bytes.size(), most_fds);
  const ssize_t size = ::recvmsg(socket, &letter.message, MSG_CMSG_CLOEXEC);
  if (size < 1) return std::nullopt;
  PassedFds passed{std::string(bytes.data(), static_cast<std::size_t>(size)), {}};
  for (cmsghdr* header = CMSG_FIRSTHDR(&letter.message); header; header = CMSG_NXTHDR(&letter.message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    std::vector<int> fds((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(fds.data(), CMSG_DATA(header), fds.size() * sizeof(int));
    for (const int fd : fds) passed.fds.emplace_back(fd);
  }
  if (passed.fds.size() != count) return std::nullopt;
  return passed;
}

}  // namespace agent

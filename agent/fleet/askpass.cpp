#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <agent/fleet/askpass.hpp>
#include <agent/fleet/opening.hpp>
#include <agent/sdk/error.hpp>
#include <agent/sdk/text.hpp>

namespace agent::fleet {
namespace {

constexpr const char* variable = "AGENT_ASKPASS";
constexpr std::size_t longest_prompt = 4096;

/// A name that begins with a zero byte lives in the kernel alone.
socklen_t address_of(const std::string& key, sockaddr_un& address) {
  address = {};
  address.sun_family = AF_UNIX;
  const std::string name = "agent-askpass-" + key;
  if (name.size() + 1 > sizeof address.sun_path) throw Error("the key of a question is too long");
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
}

/// The parent of a process; 0 where there is none to be seen.
pid_t parent_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  // The name, in brackets, may hold anything.
  const auto end = line.rfind(") ");
  int parent = 0;
  if (end != std::string::npos) std::sscanf(line.c_str() + end + 2, "%*c %d", &parent);
  return parent;
}

bool is_from_our_ssh(int visitor) {
  ucred who{};
  socklen_t size = sizeof who;
  return ::getsockopt(visitor, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.uid == ::geteuid() &&
         parent_of(parent_of(who.pid)) == ::getpid();
}

/// And neither a passphrase nor whether a host's key is the right one.
bool asks_for_password(const std::string& prompt) {
  return text::contains(prompt, "assword") && !text::contains(prompt, "assphrase");
}

}  // namespace

Askpass::Askpass(std::string password)
    : password_(std::move(password)), key_(make_nonce()), ear_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) {
  sockaddr_un address;
  const socklen_t size = address_of(key_, address);
  int ends[2] = {-1, -1};
  if (!ear_ || ::bind(ear_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(ear_.get(), 4) != 0 ||
      ::pipe2(ends, O_CLOEXEC) != 0)
    throw Error(std::string("ssh cannot be given the password: ") + std::strerror(errno));
  end_ = Fd(ends[0]);
  ending_ = Fd(ends[1]);
  thread_ = std::thread([this] { serve(); });
}

Askpass::~Askpass() {
  ending_.reset();
  thread_.join();
}

void Askpass::add_to(Environment& environment) const {
  environment["SSH_ASKPASS"] = std::filesystem::read_symlink("/proc/self/exe").string();
  environment["SSH_ASKPASS_REQUIRE"] = "force";
  environment[variable] = key_;
  // An ssh older than 8.4 looks for a display before it asks this way.
  environment.emplace("DISPLAY", ":0");
}

void Askpass::serve() {
  for (;;) {
    pollfd ears[] = {{ear_.get(), POLLIN, 0}, {end_.get(), POLLIN, 0}};
    if (::poll(ears, 2, -1) < 0 && errno != EINTR) return;
    if (ears[1].revents != 0) return;
    if (ears[0].revents == 0) continue;
    const Fd visitor(::accept4(ear_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (visitor) answer(visitor.get());
  }
}

void Askpass::answer(int visitor) {
  pollfd ear{visitor, POLLIN, 0};
  if (!is_from_our_ssh(visitor) || ::poll(&ear, 1, 2000) <= 0) return;
  char prompt[longest_prompt];
  const ssize_t got = ::recv(visitor, prompt, sizeof prompt, 0);
  if (got < 0 || !asks_for_password({prompt, static_cast<std::size_t>(got)})) return;
  if (was_asked_.exchange(true)) return;
  // One message, also where the password is empty.
  const std::string line = password_ + "\n";
  [[maybe_unused]] const ssize_t put = ::send(visitor, line.data(), line.size(), MSG_NOSIGNAL);
}

std::optional<int> answer_ssh(int argc, char** argv) {
  const char* key = std::getenv(variable);
  if (!key || argc != 2) return std::nullopt;
  const Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  sockaddr_un address;
  const socklen_t size = address_of(key, address);
  if (!socket || ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), size) != 0) return 1;
  const std::string prompt = std::string(argv[1]).substr(0, longest_prompt);
  char line[4096];
  ssize_t got = -1;
  if (::send(socket.get(), prompt.data(), prompt.size(), MSG_NOSIGNAL) >= 0)
    got = ::recv(socket.get(), line, sizeof line, 0);
  if (got <= 0) return 1;
  std::cout.write(line, got).flush();
  return 0;
}

}  // namespace agent::fleet

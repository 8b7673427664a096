#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <agent/fleet/askpass.hpp>
#include <agent/fleet/nameless_socket.hpp>
#include <agent/fleet/opening.hpp>
#include <agent/host/process_table.hpp>
#include <agent/sdk/error.hpp>
#include <agent/sdk/text.hpp>

namespace agent::fleet {
namespace {

constexpr const char* variable = "AGENT_ASKPASS";
constexpr std::size_t longest_prompt = 4096;

std::string name_of(const std::string& key) {
  return "agent-askpass-" + key;
}

bool is_from_our_ssh(int visitor) {
  pid_t process = 0;
  return is_of_our_user(visitor, &process) && parent_of(parent_of(process)) == ::getpid();
}

/// And neither a passphrase nor whether a host's key is the right one.
bool asks_for_password(const std::string& prompt) {
  return text::contains(prompt, "assword") && !text::contains(prompt, "assphrase");
}

}  // namespace

Askpass::Askpass(std::string password)
    : password_(std::move(password)), key_(make_nonce()), ear_(nameless_ear(name_of(key_))) {
  int ends[2] = {-1, -1};
  if (!ear_ || ::pipe2(ends, O_CLOEXEC) != 0)
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
  const Fd socket = nameless_visit(name_of(key));
  if (!socket) return 1;
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

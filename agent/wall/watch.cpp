#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <seccomp.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <agent/host/passed_fds.hpp>
#include <agent/wall/beside.hpp>
#include <agent/wall/rights.hpp>
#include <agent/wall/watch.hpp>
#include <agent/wall/watcher.hpp>

namespace agent::wall {

namespace {

// System calls that go on after they were told of are from Linux 5.5, descriptors that are handed in from 5.9.
bool can_be_told() {
  utsname kernel{};
  ::uname(&kernel);
  char* rest = nullptr;
  const long major = std::strtol(kernel.release, &rest, 10);
  const long minor = *rest == '.' ? std::strtol(rest + 1, nullptr, 10) : 0;
  return (major > 5 || (major == 5 && minor >= 9)) && seccomp_api_get() >= 5;
}

}  // namespace

std::string text_of(const Refusal& refusal) {
  return refusal.path.empty() ? refusal.call : refusal.call + " '" + refusal.path + "'";
}

std::shared_ptr<Watch> Watch::start(const std::optional<User>& view) {
  if (!can_be_told()) return nullptr;
  auto beside = start_beside([&view, program = ::getpid()](int line) {
    become_watcher(view);
    watch(line, program, view);
  });
  return beside ? std::shared_ptr<Watch>(new Watch(std::move(beside->line), beside->process)) : nullptr;
}

void Watch::listen(Fd listener, const Restraint& restraint) const {
  const std::string terms = {restraint.attributes_too ? 'a' : '-', restraint.network ? 'n' : '-'};
  pass_fds(line_.get(), {listener.get()}, terms + restraint.scratch.string());
}

std::vector<Refusal> Watch::take() const {
  std::vector<Refusal> all;
  char text[8192];
  for (ssize_t size; (size = ::recv(line_.get(), text, sizeof text, MSG_DONTWAIT)) > 3;) {
    const std::string told(text, static_cast<std::size_t>(size));
    const auto name_end = told.find('\0');
    if (name_end == std::string::npos) continue;
    all.push_back({.call = told.substr(3, name_end - 3),
                   .path = told.substr(name_end + 1),
                   .counts = told[0] == 'c',
                   .own = told[1] == 'o',
                   .network = told[2] == 'n'});
  }
  return all;
}

}  // namespace agent::wall

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <agent/sdk/module.hpp>

/// A module that does to its worker what broken modules do: the agent has to name it and go on.
namespace agent::misbehave {
namespace {

struct Want {
  std::string how;
  std::string phase = "check";
};

const SpecOf<Want>& arguments() {
  static const auto spec = SpecOf<Want>("misbehave", "Crashes, hangs, floods or lies, as told.")
                               .required("how", &Want::how, "what goes wrong")
                               .choices({"crash", "abort", "exit", "hang", "flood", "throw", "lie", "grandchild",
                                         "do another thing", "write", "chmod", "chown", "attribute", "daemon", "map",
                                         "ring", "network", "keep a descriptor", "leave a writer"})
                               .optional("phase", &Want::phase, "in which phase")
                               .choices({"check", "apply"});
  return spec;
}

[[noreturn]] void hang() {
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

[[noreturn]] void flood() {
  const std::string line(1023, '#');
  for (;;) std::puts(line.c_str());
}

constexpr const char* victim = "/srv/plays/victim";

// Ways to change the machine, none of which looks at what came of it: what stops and names them is the wall.
void leave_a_writer() {
  if (::fork() != 0) return;
  ::setsid();
  for (;;) {
    std::ofstream(victim) << "x";
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

void ask_a_daemon() {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, "/srv/plays/daemon");
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) (void)!::write(fd, "x", 1);
}

void speak_on_the_network() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(6379);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  (void)!::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
}

void write_to_a_map() {
  const int fd = ::open(victim, O_RDONLY);
  void* map = ::mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map != MAP_FAILED) *static_cast<char*>(map) = 'x';
}

// Opened for reading by one task, to be written to by the next.
void keep_a_descriptor() {
  static const int kept = ::open(victim, O_RDONLY);
  static bool is_later = false;
  if (std::exchange(is_later, true))
    (void)!::write(::open(("/proc/self/fd/" + std::to_string(kept)).c_str(), O_WRONLY), "x", 1);
}

void open_a_ring() {
  char parameters[120] = {};
  ::syscall(425, 4, parameters);
}

const std::map<std::string, void (*)()> changes = {
    {"write", [] { std::ofstream(victim) << "x"; }},
    {"chmod", [] { (void)!::chmod(victim, 0777); }},
    {"chown", [] { (void)!::chown(victim, 12345, 12345); }},
    {"attribute", [] { (void)!::setxattr(victim, "user.misbehave", "x", 1, 0); }},
    {"daemon", ask_a_daemon},
    {"network", speak_on_the_network},
    {"map", write_to_a_map},
    {"ring", open_a_ring},
    {"keep a descriptor", keep_a_descriptor},
    {"leave a writer", leave_a_writer}};

void misbehave(const std::string& how) {
  if (how == "crash") std::raise(SIGSEGV);
  if (how == "abort") std::abort();
  if (how == "exit") _exit(7);
  if (how == "hang") hang();
  if (how == "flood") flood();
  if (how == "throw") throw std::runtime_error("an exception that is no Error");
  if (how == "grandchild") {
    // A process that outlives the module and holds its output open.
    if (fork() == 0) hang();
    hang();
  }
}

class Misbehave : public Module {
 public:
  Plan check(const Args& args, const Host&) const override {
    const Want want = arguments().read(args);
    if (const auto change = changes.find(want.how); change != changes.end()) {
      change->second();
      return {};  // "nothing is to be changed"
    }
    if (want.phase == "check" && want.how != "lie" && want.how != "do another thing") misbehave(want.how);
    return {.steps = {{.changes = {{.subject = want.how, .before = "not done", .after = "done"}},
                       .actions = {Exec{.argv = {"true"}}}}}};
  }

  Outcome apply(const Plan& plan, Host& host) const override {
    const std::string how = plan.steps.front().changes.front().subject;
    if (how == "do another thing") host.perform(WriteFile{.path = victim, .content = "another thing"});
    misbehave(how);
    return Module::apply(plan, host);  // "lie": says it did, and the next check finds that nothing was done
  }
};

constexpr Variant variants[] = {{"any", variant<Misbehave>}};

}  // namespace
}  // namespace agent::misbehave

AGENT_MODULE(agent::misbehave::arguments, agent::misbehave::variants)

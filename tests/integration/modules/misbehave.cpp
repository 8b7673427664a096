#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include <sys/stat.h>
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
                                         "write", "chmod", "leave a writer"})
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

void write_file() {
  std::ofstream file("/srv/written-by-a-check");
  if (!file.put('x').flush()) throw Error(std::string("cannot write: ") + std::strerror(errno));
}

// A check that changes the machine: the wall has to stand in its way, whatever the module says of itself.
void change(const std::string& how) {
  if (how == "write") write_file();
  if (how == "chmod" && ::chmod("/srv/plays", 0777) != 0)
    throw Error(std::string("cannot change the mode: ") + std::strerror(errno));
  if (how == "leave a writer" && ::fork() == 0) {
    ::setsid();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    write_file();
    ::_exit(0);
  }
}

void misbehave(const std::string& how) {
  change(how);
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
    if (want.phase == "check" && want.how != "lie") misbehave(want.how);
    return {.steps = {{.changes = {{.subject = want.how, .before = "not done", .after = "done"}},
                       .actions = {Exec{.argv = {"true"}}}}}};
  }

  Outcome apply(const Plan& plan, Host& host) const override {
    misbehave(plan.steps.front().changes.front().subject);
    return Module::apply(plan, host);  // "lie": says it did, and the next check finds that nothing was done
  }
};

constexpr Variant variants[] = {{"any", variant<Misbehave>}};

}  // namespace
}  // namespace agent::misbehave

AGENT_MODULE(agent::misbehave::arguments, agent::misbehave::variants)

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <set>

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <agent/host/overlay.hpp>
#include <agent/host/process_table.hpp>
#include <agent/host/process_tree.hpp>
#include <agent/host/real.hpp>
#include <agent/host/transient_scope.hpp>
#include <agent/host/users.hpp>
#include <agent/loader/library.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/wall/broker.hpp>
#include <agent/wall/privileged_reads.hpp>
#include <agent/wall/wall.hpp>
#include <agent/wire/channel.hpp>
#include <agent/wire/task.hpp>
#include <agent/worker/become.hpp>
#include <agent/worker/carry_out.hpp>
#include <agent/worker/refusals.hpp>
#include <agent/worker/worker.hpp>
#include <agent/worker/write_index.hpp>

namespace agent {

namespace {

/// A module of a library, on the variant for this machine, as if it were our own.
class LibraryModule : public Module {
 public:
  LibraryModule(const Library& library, std::string variant) : library_(library), variant_(std::move(variant)) {}
  Plan check(const Args& args, const Host& host) const override { return library_.check(variant_, args, host); }
  Outcome apply(const Plan& plan, Host& host) const override { return library_.apply(variant_, plan, host); }

 private:
  const Library& library_;
  std::string variant_;
};

class Worker {
 public:
  explicit Worker(Channel line) : line_(std::move(line)) {}

  int serve() {
    line_.send(Map{{"hello", Map{{"pid", ::getpid()}, {"uid", ::getuid()}}}});
    while (auto message = line_.receive()) line_.send(answer(*message));
    return 0;
  }

 private:
  Value answer(const Value& message) {
    try {
      if (const Value* setup = message.find("setup")) return set_up(*setup);
      if (const Value* subsets = message.find("facts")) return Map{{"facts", real_->facts(strings_from(*subsets))}};
      if (message.find("task")) return to_value(reply_to(message));
      throw Error("the worker was asked what it does not know");
    } catch (const Error& error) {
      return Map{{"error", error.to_value()}};
    }
  }

  Value set_up(const Value& setup) {
    // Opened while we may still pass all directories on the way: the one we become may not.
    const std::string& modules = setup["modules"].string();
    const int directory = ::open(modules.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
      throw Error("the modules' directory '" + modules + "' cannot be opened: " + std::strerror(errno));
    modules_ = "/proc/self/fd/" + std::to_string(directory);
    std::optional<User> user;
    if (const std::string& name = setup["user"].string(); !name.empty()) {
      user = find_user(name);
      if (!user) throw Error("there is no user '" + name + "' to become");
    }
    // While we are root, and before a wall.
    Map ready{{"ready", true}};
    if (const Value* scope = setup.find("scope"); scope && ::getuid() == 0) lead_out(*scope, ready);
    RealHost::Options options{.progress = [this](const std::string& text, double fraction) { say(text, fraction); }};
    if (setup["wall"].is_map()) {
      options.self = user ? *user : current_user();
      options.forced = stand_behind(setup, user, directory);
      options.shows_forced = !setup["check"].boolean();
      if (broker_) options.answer = [this](const Exec& exec) { return answer_of_broker(exec); };
    } else if (user) {
      change_ids(*user);
    }
    real_.emplace(std::move(options));
    if (setup["check"].boolean()) overlay_.emplace(*real_);
    return ready;
  }

  // The login of the agent that started us would end it, and only root may have it moved. That it cannot be had fails
  // nothing.
  static void lead_out(const Value& scope, Map& ready) {
    try {
      const auto agent = static_cast<pid_t>(scope["agent"].integer());
      if (!descends_from(::getpid(), agent)) throw Error("the agent that asks did not start this worker");
      leave_session(agent, scope["name"].string(), Manager::of_machine);
      ready.set("scoped", true);
    } catch (const Error& error) {
      ready.set("scope_missed", error.message());
    }
  }

  Environment stand_behind(const Value& setup, const std::optional<User>& user, int modules) {
    const Value& wanted = setup["wall"];
    if (!setup["check"].boolean()) broker_ = wall::Broker::start(user);
    std::vector<PredictedFile> files;
    const bool only_files = foresees(setup, files);
    const wall::Wall built =
        wall::build({.least = wall::tier_named(wanted["least"].string()).value_or(wall::Tier::full),
                     .network = wanted["network"].boolean(),
                     .user = user,
                     .keep = descriptors_to_keep(modules),
                     .watch = true,
                     .lay = std::move(files),
                     .scratch = wanted["scratch"].string()});
    if (built.tier == wall::Tier::none && user) change_ids(*user);
    watch_ = built.watch;
    laid_ = built.laid && only_files;
    is_walled_ = built.tier != wall::Tier::none;
    return built.environment();
  }

  std::vector<int> descriptors_to_keep(int modules) const {
    std::vector<int> kept = {line_.in(), line_.out(), modules};
    if (broker_) kept.push_back(broker_->line());
    return kept;
  }

  // Of a command that only reads, and that the wall would keep from whom it asks. A shell that has but to split a line
  // into words is left out.
  std::optional<Output> answer_of_broker(const Exec& exec) {
    if (exec.input) return std::nullopt;
    std::optional<Strings> words = exec.argv;
    if (words->size() == 3 && words->at(0) == "/bin/sh" && words->at(1) == "-c")
      words = wall::plain_words(words->at(2));
    auto answer = words ? broker_->answer(*words) : std::nullopt;
    is_brokered_ |= answer.has_value();
    return answer;
  }

  // What earlier tasks would have changed, for a command that looks. False where that is more than files.
  static bool foresees(const Value& setup, std::vector<PredictedFile>& files) {
    const Value* actions = setup.find("lay");
    if (!actions || actions->list().empty()) return false;
    std::vector<Action> earlier;
    for (const Value& action : actions->list()) earlier.push_back(action_from(action));
    const RealHost real{{}};
    const OverlayHost overlay(real, earlier);
    files = overlay.files();
    return overlay.changes_only_files() && overlay.performed().size() == earlier.size();
  }

  // A library that cannot be opened is the task's failure, not the worker's.
  TaskReply reply_to(const Value& message) {
    try {
      const TaskRequest request = task_request_from(message["task"]);
      if (watch_) watch_->take();  // what came before is no work of this task
      is_brokered_ = false;
      TaskReply reply = carry_out(message, request);
      reply.sees_predictions = !request.check_mode && laid_ && !is_brokered_;
      if (is_walled_) judge(request, reply);
      return reply;
    } catch (const Error& error) {
      TaskReply reply;
      reply.status = TaskReply::Status::failed;
      reply.error = error;
      return reply;
    }
  }

  // A check leaves nothing running; and what it was refused says what its answer is worth.
  void judge(const TaskRequest& request, TaskReply& reply) const {
    std::set<pid_t> beside;
    if (watch_) beside.insert(watch_->process());
    if (broker_) beside.insert(broker_->process());
    const bool left = end_children(beside);
    judge_refusals(watch_ ? watch_->take() : std::vector<wall::Refusal>(), request, real_->self().uid == 0, reply);
    if (left && request.check_mode && reply.status != TaskReply::Status::failed) {
      reply.status = TaskReply::Status::failed;
      reply.error = Error("the module '" + request.module + "' left a process of its own running after its check")
                        .hint("this is a bug of the module; the process was ended, and nothing was changed");
    }
  }

  TaskReply carry_out(const Value& message, const TaskRequest& request) {
    const Library& library = open(message);
    const LibraryModule module(library, library.variant_for(real_->system()));
    real_->set_environment(request.environment);
    Carry carry{module, [&]() -> const Spec& { return library.spec(); }, request.args,
                [this](const Action& action) { return real_->missing_right(action); }};
    if (!request.check_mode) return make_so(carry, *real_, request.approved);
    if (!overlay_) throw Error("a worker that was not set up for check mode was asked for it");
    std::vector<Action> earlier;
    for (const Value& action : message["predicted"].list()) earlier.push_back(action_from(action));
    overlay_->foresee(earlier);
    const std::size_t before = overlay_->performed().size();
    carry.missing_right = {};
    TaskReply reply = predict(carry, *overlay_);
    const auto& performed = overlay_->performed();
    reply.predicted.assign(performed.begin() + static_cast<std::ptrdiff_t>(before), performed.end());
    return reply;
  }

  const Library& open(const Value& message) {
    const std::string& file = message["library"].string();
    if (auto found = libraries_.find(file); found != libraries_.end()) return found->second;
    std::optional<Strings> distros;
    if (const Value* known = message.find("distros")) distros = strings_from(*known);
    Library library = Library::open(Path(modules_) / file, message["sha256"].string(), std::move(distros));
    return libraries_.emplace(file, std::move(library)).first->second;
  }

  // A person cannot read faster, and an install has thousands of steps.
  void say(const std::string& text, double fraction) {
    const auto now = std::chrono::steady_clock::now();
    if (now - said_ < std::chrono::milliseconds(50)) return;
    said_ = now;
    line_.send(Map{{"progress", Map{{"text", text}, {"fraction", fraction}}}});
  }

  Channel line_;
  std::string modules_;
  bool is_walled_ = false, laid_ = false, is_brokered_ = false;
  std::shared_ptr<wall::Broker> broker_;
  std::shared_ptr<wall::Watch> watch_;
  std::optional<RealHost> real_;
  std::optional<OverlayHost> overlay_;
  std::map<std::string, Library> libraries_;
  std::chrono::steady_clock::time_point said_{};
};

// The line moves away from 0 and 1, so that nothing that is printed or read by a module can get into it.
Channel take_line() {
  const int in = ::fcntl(0, F_DUPFD_CLOEXEC, 10), out = ::fcntl(1, F_DUPFD_CLOEXEC, 10);
  const int null = ::open("/dev/null", O_RDWR);
  if (in < 0 || out < 0 || null < 0)
    throw Error(std::string("the worker has no line to the agent: ") + std::strerror(errno));
  ::dup2(null, 0);
  ::dup2(2, 1);
  ::close(null);
  return Channel(in, out);
}

int told(const std::function<int()>& work) {
  try {
    return work();
  } catch (const std::exception& error) {
    std::cerr << "agent worker: " << error.what() << "\n";
    return 1;
  }
}

}  // namespace

int worker_main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[1], "--index") == 0) return told([&] { return write_index(argv[2], argv[3]), 0; });
  if (argc > 1 || ::isatty(0)) {
    std::cerr << "agent worker is started by the agent itself; 'agent run' is what you want\n";
    return 1;
  }
  return serve_as_worker();
}

int serve_as_worker() {
  return told([] {
    ::prctl(PR_SET_NAME, "agent worker");
    ::signal(SIGPIPE, SIG_IGN);
    adopt_orphans();
    return Worker(take_line()).serve();
  });
}

}  // namespace agent

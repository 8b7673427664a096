#include "stage.hpp"

#include <algorithm>
#include <fstream>
#include <mutex>

#include <gtest/gtest.h>
#include <unistd.h>

#include <agent/executor/variable_view.hpp>

namespace agent::executor {

class Stage::StageHosts : public Hosts {
 public:
  explicit StageHosts(Stage& stage) : stage_(stage) {}
  Strings match(const std::string& pattern) const override {
    if (pattern == "all") return stage_.order_;
    Strings out;
    std::size_t at = 0;
    while (at <= pattern.size()) {
      const auto end = std::min(pattern.find(',', at), pattern.size());
      const std::string one = pattern.substr(at, end - at);
      if (stage_.hosts_.count(one)) out.push_back(one);
      if (const auto group = stage_.groups_.find(one); group != stage_.groups_.end())
        out.insert(out.end(), group->second.begin(), group->second.end());
      at = end + 1;
    }
    return out;
  }
  bool exists(const std::string& host) const override { return stage_.hosts_.count(host) > 0; }
  std::vector<VariableLayer> variables(const std::string& host) const override {
    const auto found = stage_.hosts_.find(host);
    if (found == stage_.hosts_.end()) return {};
    return {{"host vars", found->second}};
  }
  Strings groups_of(const std::string& host) const override {
    Strings out;
    for (const auto& [name, hosts] : stage_.groups_)
      if (std::find(hosts.begin(), hosts.end(), host) != hosts.end()) out.push_back(name);
    return out;
  }
  Map groups() const override {
    Map out{{"all", stage_.order_}};
    for (const auto& [name, hosts] : stage_.groups_) out.set(name, hosts);
    return out;
  }
  void add_host(const std::string& host, const Strings& groups, const Map& variables) override {
    stage_.host(host, variables, groups);
  }
  void add_group(const std::string& group, const Strings&, const Strings& hosts) override {
    for (const auto& host : hosts) stage_.groups_[group].push_back(host);
  }
  Strings sources() const override { return {"/stage/hosts"}; }

 private:
  Stage& stage_;
};

class Stage::StageMachines : public Machines, public TaskRunner {
 public:
  explicit StageMachines(Stage& stage) : stage_(stage) {}
  TaskRunner& at(const std::string& host, const Login& login) override {
    if (login.connection == "nowhere") throw Error("'" + host + "' cannot be reached");
    return *this;
  }
  TaskReply run(const TaskRequest& request, const ProgressSink&) override {
    Module* module = nullptr;
    {
      const std::lock_guard lock(mutex_);
      stage_.requests.push_back(request);
      module = &stage_.modules_.at(request.module);
    }
    return (*module)(request);
  }
  Value facts(const Strings&, const Identity&) override {
    ++stage_.fact_calls;
    return stage_.facts_;
  }
  void reset() override {}

 private:
  Stage& stage_;
  std::mutex mutex_;
};

class Stage::StageConsole : public Console {
 public:
  explicit StageConsole(Stage& stage) : stage_(stage) {}
  std::optional<std::string> ask(const std::string&, bool) override {
    if (stage_.answers.empty()) return std::nullopt;
    const std::string answer = stage_.answers.front();
    stage_.answers.erase(stage_.answers.begin());
    return answer;
  }

 private:
  Stage& stage_;
};

class Stage::StageEvents : public EventSink {
 public:
  explicit StageEvents(Stage& stage) : stage_(stage) {}
  void on(const Event& event) override {
    const std::lock_guard lock(mutex_);
    stage_.events.push_back(event);
  }

 private:
  Stage& stage_;
  std::mutex mutex_;
};

Stage::Stage() {
  char name[] = "/tmp/agent-stage-XXXXXX";
  directory_ = ::mkdtemp(name);
  options.connection = "local";
  options.version = "test";
  add_usual_modules();
}

Stage::~Stage() {
  std::filesystem::remove_all(directory_);
}

Stage& Stage::file(const std::string& name, const std::string& text) {
  const Path path = Path(directory_) / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
  return *this;
}

Stage& Stage::host(const std::string& name, const Map& variables, const Strings& groups) {
  if (!hosts_.count(name)) order_.push_back(name);
  hosts_[name].merge(variables);
  for (const auto& group : groups) groups_[group].push_back(name);
  return *this;
}

Stage& Stage::module(const std::string& name, Module carry_out) {
  modules_[name] = std::move(carry_out);
  return *this;
}

Stage& Stage::facts(const Map& facts) {
  facts_ = facts;
  return *this;
}

void Stage::add_usual_modules() {
  const auto ok = [](Map result, TaskReply::Status status = TaskReply::Status::ok) {
    TaskReply reply;
    reply.status = status;
    reply.result = std::move(result);
    return reply;
  };
  modules_["debug"] = [=](const TaskRequest& request) {
    if (const Value* var = request.args.find("var")) {
      const Value* value = var->find("value");
      return ok(Map{{(*var)["text"].string(), value ? *value : Value("VARIABLE IS NOT DEFINED!")}});
    }
    const Value* msg = request.args.find("msg");
    return ok(Map{{"msg", msg ? *msg : Value("Hello world!")}});
  };
  modules_["set_fact"] = [=](const TaskRequest& request) { return ok(Map{{"ansible_facts", request.args}}); };
  modules_["ping"] = [=](const TaskRequest&) { return ok(Map{{"ping", "pong"}}); };
  modules_["copy"] = [=](const TaskRequest&) { return ok(Map{}, TaskReply::Status::changed); };
  modules_["fail"] = [](const TaskRequest& request) {
    TaskReply reply;
    reply.status = TaskReply::Status::failed;
    const Value* msg = request.args.find("msg");
    reply.error = Error(msg && msg->is_string() ? msg->string() : "failed as requested");
    return reply;
  };
  // `command: true` succeeds, `command: false` fails, `command: echo x` prints; all of them count as a change.
  modules_["command"] = [=](const TaskRequest& request) {
    const std::string text = request.args.find("cmd")->string();
    if (request.check_mode) {
      TaskReply reply;
      reply.status = TaskReply::Status::unknown;
      reply.reasons = {"the command may write"};
      return reply;
    }
    TaskReply reply = ok(Map{{"rc", text == "false" ? 1 : 0},
                             {"stdout", text.rfind("echo ", 0) == 0 ? text.substr(5) : ""},
                             {"stderr", ""},
                             {"cmd", text},
                             {"changed", true}},
                         TaskReply::Status::changed);
    if (text == "false") {
      reply.status = TaskReply::Status::failed;
      reply.error = Error("non-zero return code");
    }
    return reply;
  };
}

namespace {

Argument argument(std::string name, Type type = Type::any) {
  Argument out;
  out.name = std::move(name);
  out.type = type;
  return out;
}

std::unique_ptr<ModuleIndex> index_of(const std::map<std::string, Stage::Module>& modules) {
  std::vector<ModuleIndex::Entry> entries;
  for (const auto& [name, module] : modules) {
    ModuleIndex::Entry entry;
    entry.name = entry.spec.name = name;
    entry.spec.open = true;
    entry.spec.plain = name == "debug" || name == "set_fact" || name == "fail";
    if (name == "debug") {
      entry.spec.arguments = {argument("msg"), argument("var", Type::expression), argument("verbosity", Type::integer)};
      entry.spec.open = false;
    }
    if (name == "command") {
      entry.spec.arguments = {argument("cmd", Type::text)};
      entry.spec.free_text = "cmd";
      entry.spec.returns = {{"rc", "integer", ""}, {"stdout", "text", ""}, {"stderr", "text", ""}};
    }
    if (name == "copy") {
      entry.spec.arguments = {argument("src", Type::text), argument("dest", Type::path), argument("content"),
                              argument("remote_src", Type::boolean), argument("password", Type::text)};
      entry.spec.arguments[0].source = "files";
      entry.spec.arguments[4].secret = true;
      entry.spec.open = false;
    }
    if (name == "template") {
      entry.spec.arguments = {argument("src", Type::text), argument("dest", Type::path)};
      entry.spec.arguments[0].source = "templates";
    }
    entries.push_back(std::move(entry));
  }
  return make_module_index(std::move(entries));
}

}  // namespace

Stage& Stage::play(const std::string& text) {
  file("site.yml", text);
  return play_file("site.yml");
}

Stage& Stage::play_file(const std::string& name) {
  if (hosts_.empty()) host("localhost");
  std::shared_ptr<ModuleIndex> index = index_of(modules_);
  auto services = std::make_shared<jinja::LocalServices>();
  auto engine = std::make_shared<jinja::Engine>(*services);
  PlaybookLoader::Options loading;
  loading.extra_vars = options.extra_vars;
  loading.files = &files_;
  loading.render = [engine](const Value& value, const Map& variables) {
    return engine->render(value, jinja::MapScope(variables));
  };
  auto loader = std::make_shared<PlaybookLoader>(loading);
  auto hosts = std::make_shared<StageHosts>(*this);
  auto machines = std::make_shared<StageMachines>(*this);
  auto console = std::make_shared<StageConsole>(*this);
  auto sink = std::make_shared<StageEvents>(*this);
  kept_ = {services, index, engine, loader, hosts, machines, console, sink};
  world_.reset(
      new World{*index, *engine, *loader, *hosts, *machines, *console, *sink, options, interrupted, {}, {}, {}});
  world_->approval = approval;
  world_->recorded = &files_;
  world_->services = services.get();
  playbook_ = {loader->load(Path(directory_) / name)};
  recap = Run(*world_).run(playbook_);
  return *this;
}

Luggage Stage::luggage() const {
  return {*world_, playbook_};
}

Strings Stage::results() const {
  Strings out;
  for (const auto& event : events)
    if (const auto* r = std::get_if<event::TaskResult>(&event))
      out.push_back(r->host + " " + r->task + (r->item ? " (" + *r->item + ")" : "") + ": " +
                    std::string(name_of(r->status)));
  return out;
}

Strings Stage::said() const {
  Strings out;
  for (const auto& event : events)
    if (const auto* r = std::get_if<event::TaskResult>(&event); r && r->module == "debug" && (!r->loop || r->item))
      if (r->status == Status::ok)
        if (const auto& [key, value] = *r->result.begin(); true)  // a fake `debug` says its message first
          out.push_back(value.is_string() ? value.string() : value.json());
  return out;
}

const event::TaskResult& Stage::result(const std::string& task) const {
  for (auto event = events.rbegin(); event != events.rend(); ++event)
    if (const auto* r = std::get_if<event::TaskResult>(&*event); r && r->task == task && !r->item) return *r;
  ADD_FAILURE() << "no result of task '" << task << "'";
  static const event::TaskResult none;
  return none;
}

Strings Stage::banners() const {
  Strings out;
  for (const auto& event : events)
    if (const auto* t = std::get_if<event::TaskStarted>(&event))
      out.push_back((t->handler ? "HANDLER " : "TASK ") + t->task);
  return out;
}

Strings Stage::warnings() const {
  Strings out;
  for (const auto& event : events)
    if (const auto* w = std::get_if<event::Warning>(&event)) out.push_back(w->text);
  return out;
}

Counts Stage::counts(const std::string& host) const {
  const auto found = recap.hosts.find(host);
  return found == recap.hosts.end() ? Counts() : found->second;
}

Value Stage::variable(const std::string& name, const std::string& host) const {
  const VariableView view(*world_, nullptr, world_->state_of(host), nullptr, nullptr);
  const auto value = view.find(name);
  return value ? world_->engine.render(*value, view) : Value();
}

}  // namespace agent::executor

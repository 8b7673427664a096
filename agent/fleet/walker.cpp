#include <agent/executor/directives.hpp>
#include <agent/executor/host_run.hpp>
#include <agent/fleet/carried_outcome.hpp>
#include <agent/fleet/heard_event.hpp>
#include <agent/fleet/protocol.hpp>
#include <agent/fleet/walker.hpp>
#include <agent/sdk/codec.hpp>

namespace agent::fleet {

namespace {

Value state_with_facts_of(const executor::HostState& host) {
  try {
    host.need_facts();
  } catch (const Error&) {
    // Whoever asks for one later hears why there is none.
  }
  return state_of(host);
}

}  // namespace

/// This host, and of the others what the controller chose to tell.
class Walker::OneHost : public executor::Hosts {
 public:
  explicit OneHost(std::string name, Strings sources) : name_(std::move(name)), sources_(std::move(sources)) {}
  void know(const Value& with) {
    layers_.clear();
    for (const auto& layer : with["variables"].list())
      layers_.push_back({layer["origin"].string(), protocol::unmarked(layer["variables"]).map()});
    groups_of_ = strings_from(with["groups_of"]);
    groups_.reset();
    if (const Value* groups = with.find("groups")) groups_ = groups->map();
  }
  Strings match(const std::string&) const override { return {name_}; }
  bool exists(const std::string& host) const override { return host == name_; }
  std::vector<executor::VariableLayer> variables(const std::string& host) const override {
    return host == name_ ? layers_ : std::vector<executor::VariableLayer>();
  }
  Strings groups_of(const std::string&) const override { return groups_of_; }
  Map groups() const override {
    if (groups_) return *groups_;
    Map own{{"all", Strings{name_}}};
    for (const auto& group : groups_of_) own.set(group, Strings{name_});
    return own;
  }
  void add_host(const std::string&, const Strings&, const Map&) override { refuse("add_host"); }
  void add_group(const std::string&, const Strings&, const Strings&) override { refuse("group_by"); }
  Strings sources() const override { return sources_; }

 private:
  [[noreturn]] static void refuse(const std::string& what) {
    throw Error("'" + what + "' concerns other hosts, and cannot be done on the machine itself");
  }
  std::string name_;
  Strings sources_, groups_of_;
  std::vector<executor::VariableLayer> layers_;
  std::optional<Map> groups_;
};

/// Lookups look around on the controller.
class Walker::Services : public jinja::LocalServices {
 public:
  explicit Services(Dialogue& controller) : controller_(controller) {}
  std::optional<List> lookup(const jinja::LookupCall& call) const override {
    const Value found = controller_.ask(
        protocol::lookup,
        Map{{"name", call.name}, {"terms", call.terms}, {"options", call.options}, {"path", call.search_path}});
    return found.is_list() ? std::optional(found.list()) : std::nullopt;
  }
  std::optional<jinja::Source> source(const std::string& name, const Strings&) const override {
    throw Error("the template '" + name + "' is on the controller")
        .hint("a template that is named in a way that cannot be told beforehand cannot be used here");
  }
  std::filesystem::file_status status(const Path& path, bool) const override {
    throw Error("whether there is a '" + path.string() + "' on the controller cannot be told here");
  }

 private:
  Dialogue& controller_;
};

class Walker::Here : public executor::Machines {
 public:
  Here(const std::string& host, TaskRunner& runner) : host_(host), runner_(runner) {}
  TaskRunner& at(const std::string& host, const executor::Login&) override {
    if (host != host_) throw Error("'" + host + "' is another machine, and cannot be reached from '" + host_ + "'");
    return runner_;
  }

 private:
  const std::string& host_;
  TaskRunner& runner_;
};

class Walker::Nobody : public executor::Console {
 public:
  std::optional<std::string> ask(const std::string&, bool) override { return std::nullopt; }
};

/// Tells the controller what happens, and the journal, which may have to tell another one.
class Walker::Upwards : public EventSink {
 public:
  Upwards(Dialogue& controller, JournalledRunner& runner) : controller_(controller), runner_(runner) {}
  void on(const Event& event) override {
    const Value value = to_value(event);
    if (const auto* result = std::get_if<event::TaskResult>(&event))
      runner_.note_said(result->item.value_or("") + " " + std::string(name_of(result->status)), Map{{"event", value}});
    controller_.tell(protocol::said, value, Line::Haste::soon);
  }

 private:
  Dialogue& controller_;
  JournalledRunner& runner_;
};

/// Has the controller do what is delegated to it.
class Walker::Sent : public executor::Errands {
 public:
  Sent(Dialogue& controller, JournalledRunner& runner, const executor::HostState& host)
      : controller_(controller), runner_(runner), host_(host) {}
  executor::ErrandReport run(const Task& task) override {
    const auto ask = [&]() -> JournalledRunner::Told {
      try {
        Value report =
            controller_.ask(protocol::errand, Map{{"where", task.where.text()}, {"state", state_with_facts_of(host_)}});
        const Status status = errand_report_from(report).outcome.status;
        return {std::move(report), status};
      } catch (const Dialogue::Gone&) {
        throw executor::Interrupted();
      }
    };
    return errand_report_from(runner_.told("errand", ask));
  }

 private:
  Dialogue& controller_;
  JournalledRunner& runner_;
  const executor::HostState& host_;
};

/// Tells where it is, and asks the controller where it has to wait for others.
class Walker::OnTheWay : public executor::Coordinator {
 public:
  OnTheWay(Dialogue& controller, JournalledRunner& runner, const executor::HostState& host,
           const std::atomic<bool>& interrupted)
      : controller_(controller), runner_(runner), host_(host), interrupted_(interrupted) {}
  executor::Turn arrive(std::size_t, const executor::Arrival& arrival) override {
    if (interrupted_) return executor::Turn::interrupted;
    place_ = protocol::value_of(arrival.position);
    runner_.come_to(place_.json());
    Map with{{"place", place_}, {"counts", protocol::value_of(host_.counts)}};
    if (arrival.banner) {
      const Value banner = to_value(*arrival.banner);
      runner_.note_said("comes", Map{{"event", banner}});
      with.set("banner", banner);
    }
    controller_.tell(protocol::arrived, std::move(with), Line::Haste::soon);
    return executor::Turn::go;
  }
  executor::TaskOutcome once(std::size_t, const std::function<executor::TaskOutcome()>& work, bool& is_first) override {
    const Value done = runner_.told("once", [&]() -> JournalledRunner::Told {
      Value outcome = wait_for(protocol::once, Map{{"place", place_}});
      const Status status = outcome.is_null() ? Status::ok : task_outcome_from(outcome).status;
      return {std::move(outcome), status};
    });
    is_first = done.is_null();
    if (!is_first) return task_outcome_from(done);
    const Value place = place_;
    executor::TaskOutcome outcome = work();
    controller_.tell(protocol::did_once, Map{{"place", place}, {"outcome", value_of(outcome)}});
    return outcome;
  }
  executor::TaskOutcome throttled(std::size_t most, const std::function<executor::TaskOutcome()>& work) override {
    wait_for(protocol::turn, Map{{"most", most}});
    executor::TaskOutcome outcome = work();
    controller_.tell(protocol::turn_over, {});
    return outcome;
  }
  void failed(std::size_t, executor::Failure) override {}
  void end_play() override {}
  void leave(std::size_t) override {}

 private:
  // When others have done what was waited for, a person may have stopped the run, or nobody may be left to say so.
  Value wait_for(const char* what, Map with) {
    try {
      Value said = controller_.ask(what, std::move(with));
      if (!interrupted_) return said;
    } catch (const Dialogue::Gone&) {
    }
    throw executor::Interrupted();
  }

  Dialogue& controller_;
  JournalledRunner& runner_;
  const executor::HostState& host_;
  const std::atomic<bool>& interrupted_;
  Value place_;
};

Walker::Walker(const std::string& host, const ModuleIndex& index, JournalledRunner& runner, Dialogue& controller,
               const std::atomic<bool>& interrupted)
    : host_(host), index_(index), runner_(runner), controller_(controller), interrupted_(interrupted) {}
Walker::~Walker() = default;

void Walker::begin(const Value& world) {
  executor::Options options = protocol::options_from(world["options"]);
  files_ = std::make_unique<AnsweredFiles>(
      world["files"].map(), Path(world["directory"].string()), [this](const FileQuestion& question) {
        return controller_.ask(protocol::file, Map{{"what", question.what}, {"path", question.path.string()}});
      });
  services_ = std::make_unique<Services>(controller_);
  engine_ = std::make_unique<jinja::Engine>(*services_);
  PlaybookLoader::Options loading;
  loading.knows_module = [this](const std::string& name) {
    return index_.find(name) || executor::find_directive(name) || name == "import_tasks" || name == "import_role";
  };
  for (const auto& path : strings_from(world["roles_path"])) loading.roles_path.emplace_back(path);
  loading.extra_vars = options.extra_vars;
  loading.render = [this](const Value& text, const Map& variables) {
    return engine_->render(text, jinja::MapScope(variables));
  };
  loading.files = files_.get();
  loader_ = std::make_unique<PlaybookLoader>(std::move(loading));
  hosts_ = std::make_unique<OneHost>(host_, strings_from(world["sources"]));
  here_ = std::make_unique<Here>(host_, runner_);
  nobody_ = std::make_unique<Nobody>();
  upwards_ = std::make_unique<Upwards>(controller_, runner_);
  world_.reset(new executor::World{
      index_, *engine_, *loader_, *hosts_, *here_, *nobody_, *upwards_, std::move(options), interrupted_, {}, {}, {}});
}

const Playbook& Walker::playbook(const Path& file) {
  const auto found = playbooks_.find(file.string());
  if (found != playbooks_.end()) return found->second;
  // What is wrong with it and lets it run all the same has been told on the controller.
  Problems problems;
  return playbooks_.emplace(file.string(), loader_->load(file, problems)).first->second;
}

Value Walker::walk(const Value& with) {
  if (const Value* world = with.find("world"); world && !world_) begin(*world);
  if (!world_) throw Error("the agent was sent a play before it knew the files");
  hosts_->know(with);
  const Playbook& playbook = this->playbook(with["playbook"].string());
  const auto number = static_cast<std::size_t>(with["number"].integer());
  if (number >= playbook.plays.size()) throw Error("the agent was sent a play that its playbook does not have");
  executor::HostState& host = world_->state_of(host_);
  host.reread_inventory(hosts_->variables(host_));
  if (const Value* state = with.find("state")) take_state(*state, host);
  executor::PlayContext play(*world_, playbook.plays[number]);
  play.playbook = playbook.file;
  play.playbook_directory = with["directory"].string();
  play.name = with["name"].string();
  play.prompts = with["prompts"].map();
  play.all_hosts = strings_from(with["hosts"]);
  play.batch = {host_};
  play.force_handlers = with["force_handlers"].boolean();
  play.prepare();
  play.magic = with["magic"].map();
  const std::string key = playbook.file.string() + "#" + std::to_string(number);
  // An agent that was started in the middle of a run takes up what the one before it knew.
  if (!std::exchange(has_walked_, true)) restore_state(runner_.state_before(key), host);
  runner_.begin_walk(key);
  runner_.note_said("begins", Map{{"begins", key}, {"play", play.name}, {"where", play.play.where.text()}});
  OnTheWay coordinator(controller_, runner_, host, interrupted_);
  Sent errands(controller_, runner_, host);
  executor::HostRun(executor::HostContext{*world_, play, host, coordinator, *upwards_, 0, &errands}).run();
  Map end{{"failed", host.failed},
          {"unreachable", host.unreachable},
          {"counts", protocol::value_of(host.counts)},
          {"has_counts", host.has_counts}};
  if (!interrupted_) runner_.note_said("ends", Map{{"state", kept_state_of(host)}});
  if (with["keep"].boolean()) end.set("state", state_with_facts_of(host));
  runner_.begin_walk("");
  return end;
}

}  // namespace agent::fleet

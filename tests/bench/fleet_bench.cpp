// Ten thousand hosts, as far as the controller is concerned: the inventory is read, a play of 30 tasks is sent to each,
// and every report is written. Only ssh and what is behind it are played: at the other end of each connection a thread
// speaks the protocol, and says what a host with nothing to do would say. Not a test: a machine may be busy.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <agent/cli/inventory_hosts.hpp>
#include <agent/executor/run.hpp>
#include <agent/fleet/dialogue.hpp>
#include <agent/fleet/machines.hpp>
#include <agent/fleet/protocol.hpp>
#include <agent/history/recording.hpp>
#include <agent/history/store.hpp>
#include <agent/host/fd.hpp>
#include <agent/report/html_report.hpp>
#include <agent/report/json_lines_report.hpp>
#include <agent/report/json_report.hpp>
#include <agent/report/junit_report.hpp>
#include <agent/report/prometheus_report.hpp>
#include <agent/report/tee.hpp>
#include <agent/report/text_report.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/wire/module_index.hpp>

namespace {

using namespace agent;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int tasks = 30;

double seconds_of(const std::function<void()>& work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double peak_mib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// A host at the other end of a socket: it walks one play, and everything there is as it should be.
class PlayedHost {
 public:
  PlayedHost(Fd socket, std::string name, const std::string& file)
      : socket_(std::move(socket)),
        name_(std::move(name)),
        file_(std::make_shared<const std::string>(file)),
        dialogue_({socket_.get(), socket_.get()},
                  {[this](std::int64_t number, const std::string& what, const Value&) {
                     if (what == fleet::protocol::walk) walk(number);
                   },
                   [](const std::string&, const Value&) {}},
                  {}) {
    dialogue_.tell(fleet::protocol::hello, Map{{"protocol", fleet::protocol::version}, {"boot", "one"}});
  }

 private:
  void walk(std::int64_t number) {
    Counts counts;
    for (int task = 0; task < tasks; ++task) {
      const Where where{file_, task + 5, 7};
      const std::string title = "task " + std::to_string(task);
      const executor::Position place{{static_cast<std::uint32_t>(task + 1), ""}};
      dialogue_.tell(fleet::protocol::arrived,
                     Map{{"place", fleet::protocol::value_of(place)},
                         {"banner", to_value(event::TaskStarted{"all", title, "copy", false, false, where})},
                         {"counts", fleet::protocol::value_of(counts)}});
      event::TaskResult result;
      result.host = name_;
      result.task = title;
      result.module = "copy";
      result.where = where;
      result.result = Map{{"changed", false}, {"dest", "/srv/x"}, {"mode", "0644"}, {"checksum", std::string(40, 'c')}};
      result.duration = 0.001;
      counts.add(result.status);
      dialogue_.tell(fleet::protocol::said, to_value(Event(result)));
    }
    const Value facts = Map{{"ansible_distribution", "Debian"}, {"ansible_distribution_version", "12"}};
    dialogue_.answer(number, Map{{"failed", false},
                                 {"unreachable", false},
                                 {"has_counts", true},
                                 {"counts", fleet::protocol::value_of(counts)},
                                 {"state", Map{{"set", Map{}}, {"facts", facts}, {"predicted", List{}}}}});
  }

  Fd socket_;
  std::string name_;
  std::shared_ptr<const std::string> file_;
  fleet::Dialogue dialogue_;
};

class PlayedCarrier : public fleet::Carrier {
 public:
  PlayedCarrier(const std::string& host, const std::string& file) {
    int both[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both) != 0) throw Unreachable("no socket");
    ours_ = Fd(both[0]);
    there_ = std::make_unique<PlayedHost>(Fd(both[1]), host, file);
  }
  fleet::Line::Ends ends() override { return {ours_.get(), ours_.get()}; }
  std::string printed() override { return ""; }

 private:
  Fd ours_;
  std::unique_ptr<PlayedHost> there_;
};

class Nobody : public executor::Console {
 public:
  std::optional<std::string> ask(const std::string&, bool) override { return std::nullopt; }
};

/// What is measured of one fleet, in seconds but for the last.
struct Figures {
  double inventory = 0, play = 0, json = 0, html = 0, junit = 0, prometheus = 0, history = 0, mib_of_play = 0, mib = 0;
};

void write_files(const fs::path& folder, int hosts) {
  std::ofstream inventory(folder / "hosts.ini");
  for (int host = 0; host < hosts; ++host) {
    if (host % 100 == 0) inventory << "[rack" << host / 100 << "]\n";
    inventory << "node" << host << " ansible_host=10.0." << host / 250 << '.' << host % 250 << " slot=" << host % 100
              << '\n';
  }
  std::ofstream play(folder / "site.yml");
  play << "- hosts: all\n  gather_facts: false\n  tasks:\n";
  for (int task = 0; task < tasks; ++task)
    play << "    - name: task " << task << "\n      copy: {content: x, dest: /srv/x}\n";
}

std::unique_ptr<ModuleIndex> one_module() {
  ModuleIndex::Entry copy;
  copy.name = copy.spec.name = "copy";
  copy.spec.open = true;
  return make_module_index({std::move(copy)});
}

Figures measure(int hosts, const fs::path& folder) {
  Figures out;
  write_files(folder, hosts);
  const std::string file = (folder / "site.yml").string();
  std::unique_ptr<cli::InventoryHosts> inventory;
  out.inventory = seconds_of(
      [&] { inventory = std::make_unique<cli::InventoryHosts>(Strings{(folder / "hosts.ini").string()}, folder, ""); });

  const auto index = one_module();
  const jinja::LocalServices services;
  const jinja::Engine engine(services);
  RecordedFiles files(local_files());
  PlaybookLoader::Options loading;
  loading.files = &files;
  loading.render = [&](const Value& value, const Map& known) { return engine.render(value, jinja::MapScope(known)); };
  PlaybookLoader loader(loading);

  fleet::Terms terms;
  terms.run = "bench";
  terms.carry = [&](const std::string& host, const executor::Login&, const std::string&, bool) {
    return std::make_unique<PlayedCarrier>(host, file);
  };
  fleet::Machines machines([] { return std::unique_ptr<fleet::Bundle>(); }, terms);
  Nobody nobody;

  report::Tee tee;
  std::ofstream text(folder / "out.txt"), lines(folder / "out.jsonl");
  tee.add(std::make_unique<report::TextReport>(text, text, report::TextStyle{}));
  tee.add(std::make_unique<report::JsonLinesReport>(lines));
  auto recorder = std::make_shared<report::Recorder>();
  struct Recording : EventSink {
    explicit Recording(std::shared_ptr<report::Recorder> in) : recorder(std::move(in)) {}
    void on(const Event& event) override { recorder->hear(event, std::chrono::system_clock::now()); }
    std::shared_ptr<report::Recorder> recorder;
  };
  tee.add(std::make_unique<Recording>(recorder));
  auto history = std::make_unique<history::Recording>();
  history::Recording& kept = *history;
  tee.add(std::move(history));

  const std::atomic<bool> interrupted{false};
  executor::Options options;
  options.connection = "ssh";
  options.run = "bench";
  executor::World world{*index, engine, loader, *inventory, machines, nobody, tee, options, interrupted, {}, {}, {}};
  world.recorded = &files;
  world.services = &services;
  out.play = seconds_of([&] {
    const std::vector<Playbook> playbooks{loader.load(file)};
    const auto recap = executor::Run(world).run(playbooks);
    if (recap.hosts.size() != static_cast<std::size_t>(hosts) || recap.hosts.begin()->second.ok != tasks)
      std::printf("the play went wrong\n"), std::exit(1);
  });
  out.mib_of_play = peak_mib();
  const auto write = [&](void (*report)(const report::Record&, std::ostream&)) {
    return seconds_of([&] {
      std::ofstream to(folder / "report");
      report(recorder->record(), to);
    });
  };
  out.json = write(report::json_report);
  out.html = write(report::html_report);
  out.junit = write(report::junit_report);
  out.prometheus = write(report::prometheus_report);
  out.history =
      seconds_of([&] { history::Store(folder / "history.sqlite", history::Store::Use::writing).add(kept.run()); });
  out.mib = peak_mib();
  return out;
}

/// In a process of its own, so that its peak is its own.
Figures measured_apart(int hosts) {
  int way[2];
  if (::pipe(way) != 0) std::exit(1);
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child == 0) {
    const fs::path folder = fs::temp_directory_path() / ("fleet-bench-" + std::to_string(::getpid()));
    fs::create_directories(folder);
    Figures figures;
    try {
      figures = measure(hosts, folder);
    } catch (const Error& error) {
      std::fprintf(stderr, "fleet_bench: %s\n", error.message().c_str());
      ::_exit(1);
    }
    fs::remove_all(folder);
    ::_exit(::write(way[1], &figures, sizeof figures) == sizeof figures ? 0 : 1);
  }
  ::close(way[1]);
  Figures figures;
  const bool is_whole = ::read(way[0], &figures, sizeof figures) == sizeof figures;
  ::close(way[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!is_whole || status != 0) std::exit(1);
  return figures;
}

void show(const char* what, const char* measured, const char* bar, bool is_reached) {
  std::printf("%s | %s | %s | %s\n", what, measured, bar, is_reached ? "yes" : "no");
}

/// One part, and whether it grows with the fleet and not with its square.
void show_part(const char* what, double small, double large, int times) {
  char measured[128], bar[64];
  std::snprintf(measured, sizeof measured, "%.2f s (of a tenth: %.2f s)", large, small);
  std::snprintf(bar, sizeof bar, "%.2f s: no worse than linear", std::max(0.5, 1.5 * times * small));
  show(what, measured, bar, large <= std::max(0.5, 1.5 * times * small));
}

}  // namespace

int main(int count, char** words) {
  const int hosts = count > 1 ? std::atoi(words[1]) : 10'000;
  const Figures small = measured_apart(hosts / 10), large = measured_apart(hosts);
  const std::string name = std::to_string(hosts) + " played hosts, ";
  const auto part = [&](const char* what, double Figures::*of) {
    show_part((name + what).c_str(), small.*of, large.*of, 10);
  };
  part("the inventory", &Figures::inventory);
  part("a play of 30 tasks, told as text and as JSON lines", &Figures::play);
  part("the report as JSON", &Figures::json);
  part("the report as a page", &Figures::html);
  part("the report for JUnit", &Figures::junit);
  part("the report for Prometheus", &Figures::prometheus);
  char measured[64], bar[64];
  part("the history", &Figures::history);
  std::snprintf(measured, sizeof measured, "%.0f hosts/s", hosts / large.play);
  show((name + "hosts that come and go").c_str(), measured, "200 hosts/s", hosts / large.play >= 200);
  const double most = 48 + hosts * 150.0 / 1024;
  std::snprintf(bar, sizeof bar, "%.0f MiB", most);
  for (const auto& [what, mib] : {std::pair{"memory until the play is through", large.mib_of_play},
                                  std::pair{"memory when every report has been made", large.mib}}) {
    std::snprintf(measured, sizeof measured, "%.0f MiB (%.0f KiB a host)", mib, mib * 1024 / hosts);
    show((name + what).c_str(), measured, bar, mib <= most);
  }
}

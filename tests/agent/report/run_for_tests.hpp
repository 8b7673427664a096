#pragma once

#include <sstream>

#include <agent/report/record.hpp>

namespace agent::report {

/// A report that is written at the end, as text.
inline std::string written(void (*report)(const Record&, std::ostream&), const Record& record) {
  std::ostringstream out;
  report(record, out);
  return out.str();
}

/// A check of two hosts: one as it should be, one with a change, an unknown, and a skipped task.
inline Recorder two_hosts(bool check = true) {
  Recorder recorder;
  const auto file = std::make_shared<const std::string>("site.yml");
  const auto say = [&](const Event& event) { recorder.hear(event, time_of(1'795'000'000)); };
  event::Recap recap;
  recap.check = check;
  recap.wall = "full";
  recap.duration = 1.5;
  say(event::RunStarted{{"plays/site.yml"}, check, "name", "0.1.0", "sha256:p", "sha256:i"});
  say(event::PlayStarted{"web <1>", {"a", "b"}, check, {file, 1, 3}});
  const auto task = [&](const std::string& name, int line, Status first, Status second, std::vector<Change> changes) {
    say(event::TaskStarted{"web <1>", name, "copy", false, check, {file, line, 7}});
    for (const auto& [host, status] : {std::pair("a", first), std::pair("b", second)}) {
      event::TaskResult e;
      e.host = host;
      e.play = "web <1>";
      e.task = name;
      e.module = "copy";
      e.where = {file, line, 7};
      e.status = status;
      e.duration = 0.25;
      if (status == Status::would_change || status == Status::changed) e.changes = changes;
      if (status == Status::unknown) e.reasons = {"nobody knows"};
      recap.hosts[host].add(status);
      say(e);
    }
  };
  const Status changes = check ? Status::would_change : Status::changed;
  task("write & read", 5, Status::ok, changes,
       {{"/etc/motd", "old\n", "new\n", false, true}, {"/etc/motd mode", {}, "0644"}});
  task("ask", 9, Status::ok, check ? Status::unknown : Status::ok, {});
  task("pass", 13, Status::skipped, Status::skipped, {});
  say(recap);
  return recorder;
}

}  // namespace agent::report

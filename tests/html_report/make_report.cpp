// make_report HOSTS TASKS [run]: the HTML report of a made-up fleet, the same each time, on the standard output. With
// one host, that of a workstation.
#include <cstdlib>
#include <cstring>
#include <iostream>

#include <agent/report/html_report.hpp>

namespace {

using namespace agent;

const char* const names[] = {"Install packages",   "Create the users",       "Configure sshd",
                             "Write /etc/motd",    "Enable chrony",          "Mount /data",
                             "Install the driver", "Pin the kernel",         "Create the virtual environment",
                             "Install PyTorch",    "Configure the firewall", "Start the exporter"};
const char* const modules[] = {"apt",           "user", "sshd_config", "copy", "service",  "mount",
                               "nvidia_driver", "apt",  "venv",        "pip",  "template", "systemd_service"};

std::string host_name(int number) {
  const std::string digits = std::to_string(number + 1);
  return "gpu" + std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits;
}

/// How a task ends on a host: nearly always well.
event::TaskResult result_of(int host, int task, bool check) {
  event::TaskResult e;
  e.duration = 0.002 + (host * 7 + task * 13) % 90 * 0.001;
  const auto changed = check ? Status::would_change : Status::changed;
  if (task == 3 && host % 60 == 0) {
    e.status = changed;
    e.changes = {{"/etc/motd", "Welcome.\nAsk ops@example.org.\nThis machine is in rack 4.\n",
                  "Welcome.\nAsk help@example.org.\nThis machine is in rack 4.\nReboots: Sunday.\n", false, true}};
  } else if (task == 2 && host % 140 == 3) {
    e.status = changed;
    e.changes = {{"/etc/ssh/sshd_config.d/10-site.conf", "PermitRootLogin yes\n", "PermitRootLogin no\n", false, true},
                 {"/etc/ssh/sshd_config.d/10-site.conf mode", "0644", "0600"}};
  } else if (task == 6 && host % 250 == 11) {
    e.status = changed;
    e.changes = {{"package nvidia-driver", "535.183.01-1", "550.90.07-1"}};
  } else if (task == 7 && host % 250 == 11) {
    e.status = Status::unknown;
    e.reasons = {"task 'Install the driver' would change the machine, and check mode does not",
                 "so it is not known whether 'driver.reboot_needed' holds"};
  } else if (task == 9 && host == 5) {
    e.status = Status::failed;
    e.error = Error("no package of 'torch==9.9' is to be had").hint("did you mean 'torch==2.4.1'?");
    e.result = Map{{"stderr", "ERROR: No matching distribution found for torch==9.9\n<script>alert(1)</script>"}};
  } else if (task % 9 == 8) {
    e.status = Status::skipped;
    e.result = Map{{"skipped", true}, {"false_condition", "gpu is defined"}};
  }
  return e;
}

}  // namespace

int main(int argc, char** argv) {
  const int hosts = argc > 1 ? std::atoi(argv[1]) : 10, tasks = argc > 2 ? std::atoi(argv[2]) : 12;
  const bool check = !(argc > 3 && std::strcmp(argv[3], "run") == 0);
  report::Recorder recorder;
  report::Time now = report::time_of(1'795'000'000);
  const auto say = [&](const Event& event) { recorder.hear(event, now += std::chrono::milliseconds(3)); };
  Strings all;
  for (int i = 0; i < hosts; ++i) all.push_back(hosts == 1 ? "workstation" : host_name(i));
  const auto file = std::make_shared<const std::string>("site.yml");
  event::Recap recap;
  recap.check = check;
  recap.wall = check ? "full" : "";
  say(event::RunStarted{{"site.yml"},
                        check,
                        "20261118-072640-5eed00",
                        "0.1.0",
                        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                        "sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"});
  say(event::PlayStarted{"GPU fleet", all, check, {file, 1, 3}});
  for (int task = 0; task < tasks; ++task) {
    const int kind = task % 12;
    const std::string name = names[kind] + (task < 12 ? std::string() : " (" + std::to_string(task / 12 + 1) + ")");
    const Where where{file, 5 + 4 * task, 7};
    say(event::TaskStarted{"GPU fleet", name, modules[kind], false, check, where});
    for (int host = 0; host < hosts; ++host) {
      event::TaskResult e = result_of(host, task, check);
      e.host = all[static_cast<std::size_t>(host)];
      e.play = "GPU fleet";
      e.task = name;
      e.module = modules[kind];
      e.where = where;
      recap.hosts[e.host].add(e.status);
      say(e);
    }
  }
  recap.duration = 0.4 + 0.003 * hosts;
  say(recap);
  report::html_report(recorder.record(), std::cout);
  return 0;
}

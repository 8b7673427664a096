#include <array>
#include <cstdio>

#include <agent/report/prometheus_report.hpp>
#include <agent/report/shown_text.hpp>

namespace agent::report {
namespace {

std::string label(std::string_view name, std::string_view value) {
  std::string out = std::string(name) + "=\"";
  for (const char c : shown(value)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string number(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.3f", value);
  return text.data();
}

class Metrics {
 public:
  Metrics(std::ostream& out, std::string common) : out_(out), common_(std::move(common)) {}
  /// What follows belongs to this metric.
  void begin(const std::string& name, std::string_view help) {
    name_ = name;
    out_ << "# HELP " << name << " " << help << "\n# TYPE " << name << " gauge\n";
  }
  void add(const std::string& value, const std::string& labels = {}) {
    out_ << name_ << "{" << common_ << (labels.empty() ? "" : "," + labels) << "} " << value << "\n";
  }

 private:
  std::ostream& out_;
  std::string common_, name_;
};

std::string joined(const Strings& playbooks) {
  std::string out;
  for (const auto& one : playbooks) out += (out.empty() ? "" : ",") + one.substr(one.rfind('/') + 1);
  return out;
}

constexpr std::array counted = {Status::ok,          Status::changed, Status::would_change,
                                Status::unknown,     Status::skipped, Status::failed,
                                Status::unreachable, Status::rescued, Status::ignored};

}  // namespace

void prometheus_report(const Record& record, std::ostream& to) {
  const bool check = record.recap.check;
  const Verdict good = check ? Verdict::compliant : Verdict::converged;
  Metrics out(to, label("playbook", joined(record.about.playbooks)) + "," + label("mode", check ? "check" : "run"));
  out.begin("agent_run_info", "What was run; always 1.");
  out.add("1", label("version", record.about.agent) + "," + label("wall", record.recap.wall) + "," +
                   label("playbook_hash", record.about.playbook_hash));
  out.begin("agent_run_success", "1 when every host is as the playbook says, without a failure or an unknown.");
  out.add(record.verdict() == good ? "1" : "0");
  out.begin("agent_run_end_timestamp_seconds", "When the run ended.");
  out.add(number(seconds_of(record.ended)));
  out.begin("agent_run_duration_seconds", "How long it took.");
  out.add(number(record.recap.duration));
  out.begin("agent_host_success", "1 when the host is as the playbook says, without a failure or an unknown.");
  for (const auto& [host, counts] : record.recap.hosts)
    out.add(record.verdict_of(counts) == good ? "1" : "0", label("host", host));
  std::map<std::string, std::map<Status, int>> tasks;
  for (const auto& task : record.tasks)
    for (const auto& [host, outcome] : task.hosts) ++tasks[host][outcome.result.status];
  out.begin("agent_host_tasks", "How many tasks ended so on the host.");
  for (auto& [host, by_status] : tasks)
    for (const Status status : counted)
      out.add(std::to_string(by_status[status]), label("host", host) + "," + label("status", name_of(status)));
}

}  // namespace agent::report

#include <agent/report/html_data.hpp>
#include <agent/report/html_parts.hpp>
#include <agent/report/html_report.hpp>
#include <agent/report/markup.hpp>
#include <agent/report/shown_text.hpp>
#include <agent/sdk/text.hpp>

namespace agent::report {
namespace {

std::string escaped(std::string_view text) {
  return markup(shown(text));
}

/// "3 of 1,000 hosts".
std::string counted(std::size_t number) {
  std::string out = std::to_string(number);
  for (std::size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, ",");
  return out;
}

std::string plural(std::size_t number, const std::string& one) {
  return counted(number) + " " + one + (number == 1 ? "" : "s");
}

struct Answer {
  std::string headline, sentence;
};

/// What the page opens on, also where no script runs.
Answer answer_of(const Record& record) {
  std::map<Verdict, std::size_t> hosts;
  for (const auto& [host, counts] : record.recap.hosts) ++hosts[record.verdict_of(counts)];
  const std::size_t all = record.recap.hosts.size();
  std::size_t differing = 0, unknown = 0;
  for (const auto& task : record.tasks) {
    bool differs = false, is_unknown = false;
    for (const auto& [host, outcome] : task.hosts) {
      differs |= outcome.result.status == Status::would_change || outcome.result.status == Status::changed;
      is_unknown |= outcome.result.status == Status::unknown;
    }
    differing += differs;
    unknown += is_unknown;
  }
  const std::string tasks = plural(differing, "task");
  const auto share = [&](Verdict verdict) {
    return all == 1 ? std::string("this host") : counted(hosts[verdict]) + " of " + plural(all, "host");
  };
  const std::string not_known = unknown > 0 ? "; of " + plural(unknown, "task") + " it cannot be known" : "";
  if (record.recap.interrupted) return {"Interrupted", "Stopped by a person: what follows is not the whole."};
  if (all == 0) return {"Nothing was done", "No host had a task."};
  switch (record.verdict()) {
    case Verdict::compliant:
      return {"Compliant", all == 1 ? "The host is as the playbook says: nothing would change."
                                    : "All " + counted(all) + " hosts are as the playbook says: nothing would change."};
    case Verdict::drift:
      return {"Not compliant", tasks + " would change " + share(Verdict::drift) + not_known + "."};
    case Verdict::converged:
      return {"Converged",
              all == 1 ? "The host is as the playbook says; " + tasks + " changed it."
                       : "All " + counted(all) + " hosts are as the playbook says; " + tasks + " changed something."};
    case Verdict::failed:
      return {"Failed", "A task failed on " + share(Verdict::failed) + "; " + tasks +
                            (record.recap.check ? " would change something" : " changed something") + not_known + "."};
    case Verdict::unreachable:
      return {"Hosts unreachable", "No connection to " + share(Verdict::unreachable) + "."};
    case Verdict::interrupted:
      break;
  }
  return {};
}

}  // namespace

void html_report(const Record& record, std::ostream& out) {
  const Answer answer = answer_of(record);
  const std::string mode = record.recap.check ? "check" : "run";
  const std::map<std::string_view, std::string> parts = {
      {"title", escaped(answer.headline + " - agent " + mode + " " + text::joined(record.about.playbooks))},
      {"verdict", std::string(name_of(record.verdict()))},
      {"mode", mode},
      {"playbooks", escaped(text::joined(record.about.playbooks))},
      {"headline", escaped(answer.headline)},
      {"sentence", escaped(answer.sentence)},
      {"style", std::string(html::style)},
      {"script", std::string(html::script)},
      {"data", html_data(record)},
  };
  std::string_view rest = html::page;
  for (auto at = rest.find('@'); at != std::string_view::npos; at = rest.find('@')) {
    out << rest.substr(0, at);
    rest.remove_prefix(at + 1);
    const auto end = rest.find('@');
    const auto part = parts.find(rest.substr(0, end));
    if (part == parts.end()) {
      out << '@';
      continue;
    }
    out << part->second;
    rest.remove_prefix(end + 1);
  }
  out << rest;
}

}  // namespace agent::report

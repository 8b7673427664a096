#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include <agent/report/change_text.hpp>
#include <agent/report/differences.hpp>

namespace agent::report {
namespace {

bool differs(Status status) {
  return status != Status::ok && status != Status::skipped && status != Status::rescued;
}

Strings lines_of(const Record::Outcome& outcome) {
  const event::TaskResult& e = outcome.result;
  Strings lines;
  for (const auto& change : outcome.changes()) lines.push_back(change_text(change, e.module));
  for (const auto& reason : e.reasons) lines.push_back((reason.starts_with("so ") ? "" : "because ") + reason);
  if (e.error) lines.push_back(e.error->message());
  return lines;
}

/// The differences among `tasks` that `is_meant` for a host.
template <class IsMeant>
std::vector<Difference> collect(const Record& record, IsMeant&& is_meant) {
  std::vector<Difference> out;
  for (const auto& task : record.tasks) {
    const auto first = static_cast<std::ptrdiff_t>(out.size());
    std::map<std::pair<Status, Strings>, Strings> groups;
    for (const auto& [host, outcome] : task.hosts) {
      if (!differs(outcome.result.status)) continue;
      Strings lines = lines_of(outcome);
      if (is_meant(host, task, outcome.result.status, lines))
        groups[{outcome.result.status, std::move(lines)}].push_back(host);
    }
    for (auto& [said, hosts] : groups)
      out.push_back({record.plays[task.play].name, task.name, task.where, said.first, said.second, std::move(hosts)});
    std::stable_sort(out.begin() + first, out.end(),
                     [](const auto& a, const auto& b) { return a.hosts.size() > b.hosts.size(); });
  }
  return out;
}

/// What was found on a host, by task. A task may come several times: what it said then is put together.
using Found = std::set<std::tuple<std::string, std::string, std::string, Strings>>;

// After a run, what it changed is as it was wanted.
bool lasts(const Record& record, Status status) {
  return record.recap.check || (status != Status::changed);
}

Found found_in(const Record& record) {
  Found out;
  for (const auto& task : record.tasks)
    for (const auto& [host, outcome] : task.hosts)
      if (differs(outcome.result.status) && lasts(record, outcome.result.status))
        out.insert({host, record.plays[task.play].name, task.name, lines_of(outcome)});
  return out;
}

/// What `record` found to be different, and `other` did not find so.
std::vector<Difference> beyond(const Record& record, const Record& other) {
  const Found known = found_in(other);
  return collect(record, [&](const auto& host, const auto& task, Status status, const Strings& lines) {
    return other.recap.hosts.contains(host) && lasts(record, status) &&
           !known.contains({host, record.plays[task.play].name, task.name, lines});
  });
}

Strings hosts_beyond(const Record& record, const Record& other) {
  Strings out;
  for (const auto& [host, counts] : record.recap.hosts)
    if (!other.recap.hosts.contains(host)) out.push_back(host);
  return out;
}

}  // namespace

std::vector<Difference> differences(const Record& record) {
  return collect(record, [](const auto&...) { return true; });
}

Drift drift_between(const Record& then, const Record& now) {
  return {beyond(now, then), beyond(then, now), hosts_beyond(now, then), hosts_beyond(then, now)};
}

}  // namespace agent::report

#include <agent/report/differences_text.hpp>
#include <agent/report/shown_text.hpp>

namespace agent::report {

namespace {

constexpr std::size_t most_hosts = 8;  // that are named where more are meant

std::string status_text(Status status) {
  return status == Status::would_change ? "would change" : std::string(name_of(status));
}

}  // namespace

std::string hosts_text(const Strings& hosts, bool all) {
  std::string out;
  const std::size_t named = all || hosts.size() <= most_hosts ? hosts.size() : most_hosts;
  for (std::size_t i = 0; i < named; ++i) out += (out.empty() ? "" : ", ") + shown(hosts[i]);
  if (named < hosts.size()) out += " and " + std::to_string(hosts.size() - named) + " more";
  return out;
}

std::string differences_text(const std::vector<Difference>& differences, bool all_hosts) {
  std::string out;
  for (const auto& one : differences) {
    const std::string who =
        one.hosts.size() == 1 ? shown(one.hosts.front()) : std::to_string(one.hosts.size()) + " hosts";
    out += "  " + who + ": " + status_text(one.status) + ": " + shown(one.task);
    if (one.where) out += " (" + shown(one.where.text()) + ")";
    out += '\n';
    for (const auto& line : one.lines) out += "    " + shown(line) + '\n';
    if (one.hosts.size() > 1) out += "    on " + hosts_text(one.hosts, all_hosts) + '\n';
  }
  return out;
}

}  // namespace agent::report

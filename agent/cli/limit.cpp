#include <algorithm>
#include <fstream>

#include <agent/cli/limit.hpp>
#include <agent/sdk/text.hpp>

namespace agent::cli {

namespace {

constexpr const char* of_the_past = "@failed";

Strings parts_of(const std::string& limit) {
  Strings parts;
  for (std::size_t at = 0, comma; at <= limit.size(); at = comma + 1) {
    comma = std::min(limit.find(',', at), limit.size());
    parts.push_back(text::trimmed(limit.substr(at, comma - at)));
  }
  return parts;
}

Strings named_in(const std::string& file) {
  std::ifstream in(file);
  if (!in)
    throw Error("the file '" + file + "' of --limit cannot be read")
        .hint("'@FILE' takes the hosts named in a file, one a line; '@failed' those of the last run");
  Strings names;
  for (std::string line; std::getline(in, line);) {
    line = text::trimmed(line.substr(0, line.find('#')));
    if (!line.empty()) names.push_back(line);
  }
  if (names.empty()) throw Error("the file '" + file + "' of --limit names no host");
  return names;
}

Strings failed_in(const history::Store& runs, const Strings& playbooks) {
  const std::string wanted = text::joined(playbooks);
  constexpr int far_enough = 10'000;
  for (const history::Run& run : runs.list(far_enough)) {
    if (run.playbooks != wanted) continue;
    Strings names;
    for (const auto& [when, event] : runs.find(std::to_string(run.number)).events)
      if (const auto* recap = std::get_if<event::Recap>(&event))
        for (const auto& [host, counts] : recap->hosts)
          if (counts.failed > 0 || counts.unreachable > 0) names.push_back(host);
    if (!names.empty()) return names;
    throw Error("'@failed' stands for no host: run " + std::to_string(run.number) + " of " + wanted +
                ", the last one, failed on none");
  }
  throw Error("'@failed' stands for no host: no run of " + wanted + " is in the history")
      .hint("'agent history' lists what there is; a playbook counts by the path it was given by");
}

}  // namespace

std::string limit_of(const std::string& written, const Strings& playbooks,
                     const std::function<history::Store()>& past) {
  Strings all;
  for (const std::string& part : parts_of(written)) {
    if (!part.starts_with('@')) {
      all.push_back(part);
      continue;
    }
    const Strings names = part == of_the_past ? failed_in(past(), playbooks) : named_in(part.substr(1));
    all.insert(all.end(), names.begin(), names.end());
  }
  return text::joined(all, ",");
}

}  // namespace agent::cli

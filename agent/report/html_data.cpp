#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <agent/report/change_text.hpp>
#include <agent/report/html_data.hpp>
#include <agent/report/shown_text.hpp>

namespace agent::report {
namespace {

// Beyond this a difference is no longer read line by line.
constexpr std::size_t most_lines = 400, most_characters = 60'000;

constexpr std::array statuses = {Status::ok,          Status::changed, Status::would_change,
                                 Status::unknown,     Status::skipped, Status::failed,
                                 Status::unreachable, Status::rescued, Status::ignored};

std::string quoted(const std::string& text) {
  return json_shown(Value(text));
}

template <class Range, class Write>
std::string list_of(const Range& range, Write&& write) {
  std::string out = "[";
  for (const auto& one : range) {
    if (out.size() > 1) out += ',';
    out += write(one);
  }
  return out + "]";
}

std::string texts(const Strings& all) {
  return list_of(all, quoted);
}

std::string number_of(Status status) {
  return std::to_string(std::find(statuses.begin(), statuses.end(), status) - statuses.begin());
}

/// The head of a long text, and how much is left out.
std::string shortened(const std::string& text) {
  std::size_t lines = 0, at = 0;
  while (at < text.size() && lines < most_lines) {
    at = text.find('\n', at);
    if (at == std::string::npos || at > most_characters) break;
    ++at, ++lines;
  }
  if (at == std::string::npos ? text.size() <= most_characters : at >= text.size()) return text;
  std::size_t end = std::min({at, text.size(), most_characters});
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
  const auto left = std::count(text.begin() + static_cast<std::ptrdiff_t>(end), text.end(), '\n') + 1;
  return text.substr(0, end) + (end > 0 && text[end - 1] == '\n' ? "" : "\n") + "@ " + std::to_string(left) +
         " more lines are left out here\n";
}

std::string value(const std::optional<std::string>& text) {
  return text ? quoted(shortened(*text)) : "null";
}

std::string change_data(const Change& change, const std::string& module) {
  const std::string subject = quoted(change.subject);
  if (change.secret) return "[" + subject + ",0,0,2]";
  if (!change.text) return "[" + subject + "," + value(change.before) + "," + value(change.after) + "]";
  const std::string summary = change_text(change, module).substr(shown(change.subject).size() + 2);
  const std::string diff = change.after ? shortened(change_diff(change)) : std::string();
  return "[" + subject + "," + quoted(summary) + "," + quoted(diff) + ",1]";
}

Strings reasons_of(const event::TaskResult& e) {
  Strings out = e.reasons;
  if (e.status != Status::skipped) return out;
  if (const Value* condition = e.result.find("false_condition"))
    out.push_back("when: " + (condition->is_string() ? condition->string() : condition->json()));
  else if (const Value* reason = e.result.find("skipped_reason"); reason && reason->is_string())
    out.push_back(reason->string());
  return out;
}

std::string output_of(const event::TaskResult& e) {
  std::string out = e.output;
  // Of `debug` the result is the point; of a failed command, what it said.
  const bool failed = e.status == Status::failed || e.status == Status::ignored || e.status == Status::rescued;
  if (const Value* message = e.result.find("msg"); e.shown && message && !failed)
    out += message->is_string() ? message->string() : json_shown(*message, 2);
  if (failed)
    for (const char* stream : {"stderr", "stdout"})
      if (const Value* said = e.result.find(stream); said && said->is_string() && !said->string().empty())
        out += (out.empty() ? "" : "\n") + said->string();
  return shortened(out);
}

std::string error_of(const event::TaskResult& e) {
  if (!e.error) return "null";
  const std::string place =
      e.error->where() && e.error->where().text() != e.where.text() ? e.error->where().text() + ": " : std::string();
  return "[" + quoted(place + e.error->message()) + "," + texts(e.error->hints()) + "]";
}

/// All members of an outcome behind its status.
std::string said(const event::TaskResult& e) {
  const auto one = [&](const Change& change) { return change_data(change, e.module); };
  // What `changed_when` declares to be no change is not shown as one.
  const std::string changes = e.status == Status::ok ? "[]" : list_of(e.changes, one);
  return changes + "," + texts(reasons_of(e)) + "," + texts(e.notes) + "," + error_of(e) + "," + quoted(output_of(e));
}

std::string outcome_data(const Record::Outcome& outcome) {
  const auto item = [](const event::TaskResult& e) {
    return "[" + quoted(*e.item) + "," + number_of(e.status) + "," + said(e) + "]";
  };
  // That of nothing to do there are many is no news.
  const bool all_well = std::all_of(outcome.items.begin(), outcome.items.end(), [](const auto& e) {
    return e.status == Status::ok || e.status == Status::skipped;
  });
  event::TaskResult whole = outcome.result;
  if (!all_well) {
    // What the loop as a whole says is what its items say.
    whole.error.reset();
    whole.reasons.clear();
  }
  return "[" + number_of(whole.status) + "," + said(whole) + "," + (all_well ? "[]" : list_of(outcome.items, item)) +
         "]";
}

/// Outcomes that read the same are one.
class Outcomes {
 public:
  std::size_t number(const Record::Outcome& outcome) {
    std::string text = outcome_data(outcome);
    const auto [found, is_new] = known_.try_emplace(std::move(text), known_.size());
    if (is_new) order_.push_back(&found->first);
    return found->second;
  }
  std::string data() const {
    return list_of(order_, [](const std::string* text) { return *text; });
  }

 private:
  std::unordered_map<std::string, std::size_t> known_;
  std::vector<const std::string*> order_;
};

std::string cells_of(const Record::Task& task, const std::unordered_map<std::string, std::size_t>& hosts,
                     Outcomes& outcomes) {
  std::string who, what, when;
  const auto add = [](std::string& to, auto number) { to += (to.empty() ? "" : ",") + std::to_string(number); };
  for (const auto& [host, outcome] : task.hosts) {
    add(who, hosts.at(host));
    add(what, outcomes.number(outcome));
    add(when, std::lround(outcome.result.duration * 1000));
  }
  if (task.hosts.size() == hosts.size()) who.clear();  // a map is in the same order as the hosts
  return "[" + (who.empty() && task.hosts.size() == hosts.size() ? "null" : "[" + who + "]") + ",[" + what + "],[" +
         when + "]]";
}

std::string without_tags(std::string text) {
  for (auto at = text.find('<'); at != std::string::npos; at = text.find('<', at + 6)) text.replace(at, 1, "\\u003c");
  return text;
}

}  // namespace

std::string html_data(const Record& record) {
  const event::RunStarted& run = record.about;
  std::map<std::string, Counts> all = record.recap.hosts;
  for (const auto& task : record.tasks)
    for (const auto& [host, outcome] : task.hosts) all.try_emplace(host);
  std::unordered_map<std::string, std::size_t> numbers;
  for (const auto& [host, counts] : all) numbers.emplace(host, numbers.size());

  Outcomes outcomes;
  const std::string cells = list_of(record.tasks, [&](const auto& task) { return cells_of(task, numbers, outcomes); });
  // In the order of html/page.js.
  constexpr std::array verdicts = {Verdict::failed, Verdict::unreachable, Verdict::drift, Verdict::converged,
                                   Verdict::compliant};
  const auto verdict = [&](const auto& host) {
    return std::to_string(std::find(verdicts.begin(), verdicts.end(), record.verdict_of(host.second)) -
                          verdicts.begin());
  };
  std::string out = "{\"mode\":" + quoted(record.recap.check ? "check" : "run");
  const auto put = [&](const char* name, const std::string& data) {
    out += ",\n\"" + std::string(name) + "\":" + data;
  };
  put("verdict", quoted(std::string(name_of(record.verdict()))));
  put("version", quoted(run.agent));
  put("run", quoted(run.run));
  put("started", quoted(utc_text(record.started)));
  put("duration", std::to_string(record.recap.duration));
  put("playbookHash", quoted(run.playbook_hash));
  put("inventoryHash", quoted(run.inventory_hash));
  put("wall", quoted(record.recap.wall));
  put("gaps", texts(record.recap.wall_gaps));
  put("warnings", texts(record.warnings));
  put("statuses", list_of(statuses, [](Status status) { return quoted(std::string(name_of(status))); }));
  put("hosts", list_of(all, [](const auto& host) { return quoted(host.first); }));
  put("verdicts", list_of(all, verdict));
  put("plays", list_of(record.plays, [](const auto& play) {
        return "[" + quoted(play.name) + "," + quoted(play.where.text()) + "]";
      }));
  put("tasks", list_of(record.tasks, [](const auto& task) {
        return "[" + std::to_string(task.play) + "," + quoted(task.name) + "," + quoted(task.module) + "," +
               quoted(task.where.text()) + (task.handler ? ",1]" : ",0]");
      }));
  put("outcomes", outcomes.data());
  put("cells", cells);
  return without_tags(out + "}");
}

}  // namespace agent::report

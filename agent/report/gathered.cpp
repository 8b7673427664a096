#include <algorithm>
#include <cstdio>
#include <ctime>
#include <istream>
#include <map>

#include <agent/report/gathered.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/sdk/error.hpp>

namespace agent::report {
namespace {

using Said = std::pair<Time, Event>;

/// What `utc_text` wrote.
Time time_from(const Value& value) {
  std::tm parts{};
  int micros = 0;
  if (!value.is_string() || std::sscanf(value.string().c_str(), "%d-%d-%dT%d:%d:%d.%6dZ", &parts.tm_year, &parts.tm_mon,
                                        &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &micros) != 7)
    return {};
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return Time(std::chrono::seconds(::timegm(&parts)) + std::chrono::microseconds(micros));
}

/// A task, with all that was said of it.
struct Step {
  std::string key;
  std::vector<Said> events;  ///< the banner first
};

struct PlaySteps {
  std::string key;
  Time when;
  event::PlayStarted play;
  std::vector<Step> steps;
};

/// The place of `key` in a list that several hosts go through in the same order, each passing over what is not for it:
/// at `next` or behind it; put in at `next` where it is not.
template <class T>
T& find_or_insert(std::vector<T>& list, std::size_t& next, const std::string& key) {
  for (std::size_t i = next; i < list.size(); ++i)
    if (list[i].key == key) {
      next = i + 1;
      return list[i];
    }
  T fresh{};
  fresh.key = key;
  return *list.insert(list.begin() + static_cast<std::ptrdiff_t>(next++), std::move(fresh));
}

class Gathering {
 public:
  void take(const Telling& telling) {
    std::size_t next_play = 0, next_step = 0;
    PlaySteps* play = nullptr;
    Step* step = nullptr;
    std::map<std::string, Counts> counted;
    for (const auto& [when, event] : telling.events) {
      last_ = std::max(last_, when);
      if (const auto* started = std::get_if<event::RunStarted>(&event)) {
        begin(*started, when, telling.name);
      } else if (const auto* one = std::get_if<event::PlayStarted>(&event)) {
        play = &find_or_insert(plays_, next_play, one->play + "\n" + one->where.text());
        add_hosts(*play, *one, when);
        next_step = 0;
        step = nullptr;
      } else if (const auto* recap = std::get_if<event::Recap>(&event)) {
        end(*recap, telling.name);
      } else if (!play) {
        before_.emplace_back(when, event);
      } else {
        const auto* task = std::get_if<event::TaskStarted>(&event);
        if (task || !step) {
          const std::string key =
              task ? task->task + "\n" + task->where.text() + (task->handler ? "\nhandler" : "") : "";
          step = &find_or_insert(play->steps, next_step, key);
        }
        // The banner is told once.
        if (!task || step->events.empty()) step->events.emplace_back(when, event);
        if (const auto* result = std::get_if<event::TaskResult>(&event); result && !result->item)
          counted[result->host].add(result->status);
      }
    }
    if (telling.is_whole()) return;
    before_.emplace_back(last_, event::Warning{"'" + telling.name + "' breaks off in the middle of its run", {}, {}});
    for (const auto& [host, counts] : counted) add_counts(host, counts, telling.name);
  }

  std::vector<Said> whole() {
    if (!has_begun_) throw Error("there is no run in what was given").hint("it takes what '--format jsonl' writes");
    std::vector<Said> out;
    out.emplace_back(first_, started_);
    out.insert(out.end(), before_.begin(), before_.end());
    for (auto& play : plays_) {
      out.emplace_back(play.when, std::move(play.play));
      for (auto& step : play.steps) std::move(step.events.begin(), step.events.end(), std::back_inserter(out));
    }
    recap_.check = started_.check;
    recap_.duration = std::chrono::duration<double>(last_ - first_).count();
    out.emplace_back(last_, recap_);
    return out;
  }

 private:
  void begin(const event::RunStarted& started, Time when, const std::string& name) {
    if (!std::exchange(has_begun_, true)) {
      started_ = started;
      first_ = when;
    }
    if (started_.check != started.check)
      throw Error("'" + name + "' is of a " + (started.check ? "check" : "run") + ", and others are not");
    first_ = std::min(first_, when);
    // What differs between them is not said of all.
    if (started_.playbook_hash != started.playbook_hash) started_.playbook_hash.clear();
    if (started_.inventory_hash != started.inventory_hash) started_.inventory_hash.clear();
  }

  static void add_hosts(PlaySteps& to, const event::PlayStarted& play, Time when) {
    if (to.play.hosts.empty()) {
      to.play = play;
      to.when = when;
      return;
    }
    for (const auto& host : play.hosts)
      if (std::find(to.play.hosts.begin(), to.play.hosts.end(), host) == to.play.hosts.end())
        to.play.hosts.push_back(host);
  }

  void end(const event::Recap& recap, const std::string& name) {
    for (const auto& [host, counts] : recap.hosts) add_counts(host, counts, name);
    recap_.interrupted |= recap.interrupted;
    if (!recap.wall.empty()) recap_.wall = recap_.wall.empty() || recap_.wall == recap.wall ? recap.wall : "mixed";
    for (const auto& gap : recap.wall_gaps)
      if (std::find(recap_.wall_gaps.begin(), recap_.wall_gaps.end(), gap) == recap_.wall_gaps.end())
        recap_.wall_gaps.push_back(gap);
  }

  void add_counts(const std::string& host, const Counts& counts, const std::string& name) {
    const auto [other, is_first] = told_by_.emplace(host, name);
    if (!is_first)
      throw Error("'" + host + "' is told of twice: in '" + other->second + "' and in '" + name + "'")
          .hint("one report of each host is wanted");
    recap_.hosts[host] = counts;
  }

  bool has_begun_ = false;
  event::RunStarted started_;
  event::Recap recap_;
  std::vector<Said> before_;
  std::vector<PlaySteps> plays_;
  std::map<std::string, std::string> told_by_;
  Time first_{}, last_{};
};

}  // namespace

bool Telling::is_whole() const {
  return !events.empty() && std::holds_alternative<event::Recap>(events.back().second);
}

std::vector<Telling> tellings(std::istream& lines, const std::string& name) {
  std::vector<Telling> out;
  std::map<std::string, std::size_t> by_label;
  for (std::string line; std::getline(lines, line);) {
    const auto start = line.find('{');
    if (start == std::string::npos) continue;
    std::string label = line.substr(0, start);
    if (!label.empty() && !label.ends_with(": ")) continue;
    if (!label.empty()) label.resize(label.size() - 2);
    try {
      const Value said = parse_json(line.substr(start), name);
      Event event = event_from(said);
      const auto known = by_label.find(label);
      if (known == by_label.end() || std::holds_alternative<event::RunStarted>(event)) {
        by_label[label] = out.size();
        out.push_back({label.empty() ? name : name + ": " + label, {}});
      }
      out[by_label[label]].events.emplace_back(time_from(said["time"]), std::move(event));
    } catch (const std::exception&) {
      // A line of another program, or one that was cut off: the telling is not whole then.
    }
  }
  return out;
}

std::vector<Said> gathered(const std::vector<Telling>& all) {
  Gathering gathering;
  for (const auto& telling : all) gathering.take(telling);
  return gathering.whole();
}

}  // namespace agent::report

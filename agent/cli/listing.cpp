#include <iostream>
#include <set>

#include <agent/cli/listing.hpp>
#include <agent/executor/task_settings.hpp>
#include <agent/report/shown_text.hpp>

namespace agent::cli {
namespace {

using executor::as_text;
using report::shown;

std::string joined(const std::set<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + shown(word);
  return out;
}

Strings texts(const std::vector<Value>& values) {
  Strings out;
  for (const auto& value : values) out.push_back(as_text(value));
  return out;
}

std::string pattern_of(const Play& play) {
  if (!play.hosts.is_list()) return as_text(play.hosts);
  std::string out;
  for (const auto& one : play.hosts.list()) out += (out.empty() ? "" : ",") + as_text(one);
  return out;
}

class Listing {
 public:
  Listing(Session& session, const RunOptions& options) : session_(session), options_(options) {}

  void play(const Play& play, int number) {
    const std::string hosts = pattern_of(play);
    const std::string name = play.name.is_null() ? hosts : as_text(play.name);
    std::set<std::string> tags;
    for (const auto& tag : texts(agent::tags(*play.scope))) tags.insert(tag);
    std::cout << "\n  play #" << number << " (" << shown(hosts) << "): " << shown(name) << "\tTAGS: [" << joined(tags)
              << "]\n";
    if (options_.list_hosts) list_hosts(play.hosts);
    if (options_.list_tasks) std::cout << "    tasks:\n";
    all_tags_.clear();
    for (const Items* items : {&play.pre_tasks, &play.roles, &play.tasks, &play.post_tasks}) walk(*items);
    if (options_.list_tags) std::cout << "      TASK TAGS: [" << joined(all_tags_) << "]\n";
  }

 private:
  void list_hosts(const Value& patterns) {
    std::string all, quoted;
    for (const Value& one : patterns.is_list() ? patterns.list() : List{patterns}) {
      const bool is_first = all.empty();
      all += (is_first ? "" : ",") + as_text(one);
      quoted += (is_first ? "'" : ", '") + as_text(one) + "'";
    }
    const Strings hosts = session_.hosts().match(all);
    std::cout << "    pattern: [" << shown(quoted) << "]\n    hosts (" << hosts.size() << "):\n";
    for (const auto& host : hosts) std::cout << "      " << shown(host) << "\n";
  }
  /// What the play does when nothing fails; so `rescue` and `always` are left out, as people know it.
  void walk(const Items& items) {
    for (const auto& item : items) {
      if (const auto* one = std::get_if<TaskPtr>(&item))
        task(**one);
      else
        walk(std::get<BlockPtr>(item)->block);
    }
  }
  void task(const Task& one) {
    const Strings tags = texts(agent::tags(*one.scope));
    if (!session_.world().options.tags.selects(tags)) return;
    all_tags_.insert(tags.begin(), tags.end());
    if (!options_.list_tasks) return;
    const Role* role = role_of(*one.scope);
    const std::string name = one.name.is_null() ? one.module_as_written : as_text(one.name);
    std::cout << "      " << shown((role ? role->name + " : " : "") + name) << "\tTAGS: ["
              << joined({tags.begin(), tags.end()}) << "]\n";
  }

  Session& session_;
  const RunOptions& options_;
  std::set<std::string> all_tags_;
};

}  // namespace

int list(Session& session, const RunOptions& options) {
  for (const auto& playbook : session.playbooks()) {
    std::cout << "\nplaybook: " << shown(playbook.file.string()) << "\n";
    int number = 0;
    for (const auto& play : playbook.plays) Listing(session, options).play(play, ++number);
  }
  return 0;
}

}  // namespace agent::cli

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <agent/cli/expected.hpp>
#include <agent/report/signature.hpp>
#include <agent/sdk/codec.hpp>

namespace agent::cli {
namespace {

std::string text_of(const Value& value) {
  return value.is_string() ? value.string() : std::string();
}

/// "roles/x/tasks/main.yml:3:5", as Where::text() writes it.
Where place_from(const std::string& text) {
  const auto column = text.rfind(':');
  const auto line = column == std::string::npos ? column : text.rfind(':', column - 1);
  if (line == std::string::npos) return {};
  return {std::make_shared<const std::string>(text.substr(0, line)), std::atoi(text.c_str() + line + 1),
          std::atoi(text.c_str() + column + 1)};
}

/// A result, or an item of one, as the event that it was made of.
event::TaskResult result_from(const Value& said) {
  Map fields{{"v", event::version}, {"event", "task_result"}};
  for (const char* name : {"status", "changes", "item"})
    if (const Value* value = said.find(name)) fields.set(name, *value);
  return std::get<event::TaskResult>(event_from(Value(std::move(fields))));
}

}  // namespace

std::string file_text(const Path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file) throw Error("'" + path.string() + "' cannot be read: " + std::strerror(errno));
  return text.str();
}

Expected::Expected(const Path& report, const std::string& public_key) : file_(report.string()) {
  const std::string text = file_text(report);
  if (!public_key.empty() && !report::is_signed(text, file_text(file_ + ".sig"), public_key))
    throw Error("the signature of '" + file_ + "' is not right: it was changed, or signed with another key");
  const Value whole = parse_json(text, file_);
  const Value& about = whole["agent"];
  if (!about.is_map() || !whole["plays"].is_list())
    throw Error("'" + file_ + "' is no report that --expect can read")
        .hint("make one: agent check PLAYBOOK --format json --output " + file_);
  if (text_of(about["mode"]) != "check")
    throw Error("'" + file_ + "' is the report of a run, and --expect needs that of a check");
  if (text_of(about["verdict"]) == "interrupted")
    throw Error("the check of '" + file_ + "' was interrupted: it does not say all that would change");
  playbook_hash_ = text_of(about["playbook_hash"]);
  for (const auto& play : whole["plays"].list())
    if (play["tasks"].is_list())
      for (const auto& task : play["tasks"].list()) take_task(text_of(play["play"]["name"]), task);
}

void Expected::take_task(const std::string& play, const Value& task) {
  if (!task["hosts"].is_map()) return;
  for (const auto& [host, said] : task["hosts"].map()) {
    event::TaskResult result = result_from(said);
    result.host = host;
    result.play = play;
    result.task = text_of(task["task"]["name"]);
    result.where = place_from(text_of(task["task"]["path"]));
    approval_.add(result);
    if (!said["items"].is_list()) continue;
    for (const auto& one : said["items"].list()) {
      const event::TaskResult item = result_from(one);
      result.item = item.item;
      result.status = item.status;
      result.changes = item.changes;
      approval_.add(result);
    }
  }
}

void Expected::require_same(const std::string& playbook_hash) const {
  if (playbook_hash == playbook_hash_) return;
  throw Error("the playbook is another one than '" + file_ + "' was made of")
      .hint("check again, and have the new report approved");
}

}  // namespace agent::cli

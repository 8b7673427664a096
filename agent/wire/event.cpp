#include <algorithm>
#include <array>
#include <utility>

#include <agent/wire/event.hpp>

namespace agent {
namespace {

constexpr std::array<std::pair<Status, std::string_view>, 9> statuses = {{{Status::ok, "ok"},
                                                                          {Status::changed, "changed"},
                                                                          {Status::would_change, "would_change"},
                                                                          {Status::unknown, "unknown"},
                                                                          {Status::skipped, "skipped"},
                                                                          {Status::failed, "failed"},
                                                                          {Status::unreachable, "unreachable"},
                                                                          {Status::rescued, "rescued"},
                                                                          {Status::ignored, "ignored"}}};

/// Writes the fields of an event; what says nothing is left out.
class Writer {
 public:
  explicit Writer(std::string_view kind) : map_{{"v", event::version}, {"event", kind}} {}
  Writer& put(std::string_view name, const std::string& text) {
    if (!text.empty()) map_.set(name, text);
    return *this;
  }
  Writer& put(std::string_view name, const std::optional<std::string>& text) {
    if (text) map_.set(name, *text);
    return *this;
  }
  Writer& put(std::string_view name, const Strings& texts) {
    if (!texts.empty()) map_.set(name, Value(texts));
    return *this;
  }
  Writer& put(std::string_view name, const Map& map) {
    if (!map.empty()) map_.set(name, Value(map));
    return *this;
  }
  Writer& flag(std::string_view name, bool value) {
    if (value) map_.set(name, true);
    return *this;
  }
  Writer& number(std::string_view name, Value value) {
    map_.set(name, std::move(value));
    return *this;
  }
  Writer& put(const Where& where) {
    if (!where) return *this;
    map_.set("path", *where.file);
    map_.set("line", where.line);
    map_.set("column", where.column);
    return *this;
  }
  Value done() { return std::move(map_); }

 private:
  Map map_;
};

std::string text(const Value& from, std::string_view name) {
  const Value* value = from.find(name);
  return value && value->is_string() ? value->string() : std::string();
}
std::optional<std::string> maybe_text(const Value& from, std::string_view name) {
  const Value* value = from.find(name);
  return value && value->is_string() ? std::optional(value->string()) : std::nullopt;
}
Strings texts(const Value& from, std::string_view name) {
  Strings out;
  if (const Value* value = from.find(name); value && value->is_list())
    for (const auto& item : value->list())
      if (item.is_string()) out.push_back(item.string());
  return out;
}
Map map_of(const Value& from, std::string_view name) {
  const Value* value = from.find(name);
  return value && value->is_map() ? value->map() : Map();
}
bool flag(const Value& from, std::string_view name) {
  const Value* value = from.find(name);
  return value && value->is_boolean() && value->boolean();
}
int integer(const Value& from, std::string_view name) {
  const Value* value = from.find(name);
  return value && value->is_integer() ? static_cast<int>(value->integer()) : 0;
}
double number(const Value& from, std::string_view name, double otherwise = 0) {
  const Value* value = from.find(name);
  return value && value->is_number() ? value->real() : otherwise;
}
Where where(const Value& from) {
  auto file = maybe_text(from, "path");
  if (!file) return {};
  return {std::make_shared<const std::string>(std::move(*file)), integer(from, "line"), integer(from, "column")};
}

Value changes_value(const std::vector<Change>& changes) {
  List out;
  for (const auto& change : changes) {
    Map one{{"subject", change.subject}};
    if (change.secret) {
      one.set("secret", true);
    } else {
      one.set("before", change.before ? Value(*change.before) : Value());
      one.set("after", change.after ? Value(*change.after) : Value());
    }
    if (change.text) one.set("text", true);
    out.push_back(std::move(one));
  }
  return out;
}
std::vector<Change> changes_from(const Value& from, std::string_view name) {
  std::vector<Change> out;
  const Value* list = from.find(name);
  if (!list || !list->is_list()) return out;
  for (const auto& one : list->list())
    out.push_back({text(one, "subject"), maybe_text(one, "before"), maybe_text(one, "after"), flag(one, "secret"),
                   flag(one, "text")});
  return out;
}

struct ToValue {
  Value operator()(const event::RunStarted& e) const {
    return Writer("run_started")
        .put("playbooks", e.playbooks)
        .flag("check", e.check)
        .put("run", e.run)
        .put("agent", e.agent)
        .put("playbook_hash", e.playbook_hash)
        .put("inventory_hash", e.inventory_hash)
        .done();
  }
  Value operator()(const event::PlayStarted& e) const {
    return Writer("play_started").put("play", e.play).put("hosts", e.hosts).flag("check", e.check).put(e.where).done();
  }
  Value operator()(const event::TaskStarted& e) const {
    return Writer("task_started")
        .put("play", e.play)
        .put("task", e.task)
        .put("module", e.module)
        .flag("handler", e.handler)
        .flag("check", e.check)
        .put(e.where)
        .done();
  }
  Value operator()(const event::TaskResult& e) const {
    Writer out("task_result");
    out.put("host", e.host).put("delegate", e.delegate).put("play", e.play).put("task", e.task).put("module", e.module);
    out.put(e.where).put("status", std::string(name_of(e.status))).put("item", e.item).flag("loop", e.loop);
    out.put("result", e.result).put("notes", e.notes).put("reasons", e.reasons).put("output", e.output);
    if (!e.changes.empty()) out.number("changes", changes_value(e.changes));
    if (e.error) out.number("error", e.error->to_value());
    return out.number("duration", e.duration).flag("shown", e.shown).done();
  }
  Value operator()(const event::Retrying& e) const {
    return Writer("retrying")
        .put("host", e.host)
        .put("task", e.task)
        .put("item", e.item)
        .number("left", e.left)
        .put("result", e.result)
        .done();
  }
  Value operator()(const event::Progress& e) const {
    return Writer("progress")
        .put("host", e.host)
        .put("task", e.task)
        .put("text", e.text)
        .number("fraction", e.fraction)
        .done();
  }
  Value operator()(const event::Included& e) const {
    return Writer("included").put("file", e.file).put("hosts", e.hosts).put("item", e.item).done();
  }
  Value operator()(const event::Warning& e) const {
    return Writer("warning").put("text", e.text).put("hints", e.hints).put(e.where).done();
  }
  Value operator()(const event::Notice& e) const { return Writer("notice").put("text", e.text).done(); }
  Value operator()(const event::Prompt& e) const {
    return Writer("prompt").put("host", e.host).put("text", e.text).done();
  }
  Value operator()(const event::Recap& e) const {
    Map hosts;
    for (const auto& [name, c] : e.hosts)
      hosts.set(name, Map{{"ok", c.ok},
                          {"changed", c.changed},
                          {"unreachable", c.unreachable},
                          {"failed", c.failed},
                          {"skipped", c.skipped},
                          {"rescued", c.rescued},
                          {"ignored", c.ignored},
                          {"unknown", c.unknown}});
    return Writer("recap")
        .put("hosts", hosts)
        .flag("check", e.check)
        .put("wall", e.wall)
        .put("wall_gaps", e.wall_gaps)
        .flag("interrupted", e.interrupted)
        .number("duration", e.duration)
        .done();
  }
};

event::TaskResult task_result_from(const Value& v) {
  event::TaskResult out;
  out.host = text(v, "host");
  out.delegate = text(v, "delegate");
  out.play = text(v, "play");
  out.task = text(v, "task");
  out.module = text(v, "module");
  out.where = where(v);
  out.status = status_from(text(v, "status"));
  out.item = maybe_text(v, "item");
  out.loop = flag(v, "loop");
  out.result = map_of(v, "result");
  out.changes = changes_from(v, "changes");
  out.notes = texts(v, "notes");
  out.reasons = texts(v, "reasons");
  if (const Value* error = v.find("error")) out.error = Error::from_value(*error);
  out.output = text(v, "output");
  out.duration = number(v, "duration");
  out.shown = flag(v, "shown");
  return out;
}

event::Recap recap_from(const Value& v) {
  event::Recap out;
  for (const auto& [name, c] : map_of(v, "hosts"))
    out.hosts[name] = {integer(c, "ok"),      integer(c, "changed"), integer(c, "unreachable"), integer(c, "failed"),
                       integer(c, "skipped"), integer(c, "rescued"), integer(c, "ignored"),     integer(c, "unknown")};
  out.check = flag(v, "check");
  out.wall = text(v, "wall");
  out.wall_gaps = texts(v, "wall_gaps");
  out.interrupted = flag(v, "interrupted");
  out.duration = number(v, "duration");
  return out;
}

}  // namespace

std::string_view name_of(Status status) {
  return std::find_if(statuses.begin(), statuses.end(), [&](auto& s) { return s.first == status; })->second;
}

Status status_from(std::string_view name) {
  const auto found = std::find_if(statuses.begin(), statuses.end(), [&](auto& s) { return s.second == name; });
  if (found == statuses.end()) throw Error("'" + std::string(name) + "' is no status of a task");
  return found->first;
}

void Counts::add(Status status) {
  switch (status) {
    case Status::ok:
      ++ok;
      break;
    case Status::changed:
    case Status::would_change:
      ++ok, ++changed;
      break;
    case Status::unknown:
      ++unknown;
      break;
    case Status::skipped:
      ++skipped;
      break;
    case Status::failed:
      ++failed;
      break;
    case Status::unreachable:
      ++unreachable;
      break;
    case Status::rescued:
      ++rescued;
      break;
    case Status::ignored:
      ++ok, ++ignored;
      break;
  }
}

Value to_value(const Event& event) {
  return std::visit(ToValue{}, event);
}

Event event_from(const Value& v) {
  if (integer(v, "v") != event::version)
    throw Error("the event has version " + std::to_string(integer(v, "v")) + ", this program reads version " +
                std::to_string(event::version));
  const std::string kind = text(v, "event");
  if (kind == "run_started")
    return event::RunStarted{texts(v, "playbooks"), flag(v, "check"),         text(v, "run"),
                             text(v, "agent"),      text(v, "playbook_hash"), text(v, "inventory_hash")};
  if (kind == "play_started") return event::PlayStarted{text(v, "play"), texts(v, "hosts"), flag(v, "check"), where(v)};
  if (kind == "task_started")
    return event::TaskStarted{text(v, "play"),    text(v, "task"),  text(v, "module"),
                              flag(v, "handler"), flag(v, "check"), where(v)};
  if (kind == "task_result") return task_result_from(v);
  if (kind == "retrying")
    return event::Retrying{text(v, "host"), text(v, "task"), maybe_text(v, "item"), integer(v, "left"),
                           map_of(v, "result")};
  if (kind == "progress")
    return event::Progress{text(v, "host"), text(v, "task"), text(v, "text"), number(v, "fraction", -1)};
  if (kind == "included") return event::Included{text(v, "file"), texts(v, "hosts"), maybe_text(v, "item")};
  if (kind == "warning") return event::Warning{text(v, "text"), texts(v, "hints"), where(v)};
  if (kind == "notice") return event::Notice{text(v, "text")};
  if (kind == "prompt") return event::Prompt{text(v, "host"), text(v, "text")};
  if (kind == "recap") return recap_from(v);
  throw Error("'" + kind + "' is no kind of event");
}

}  // namespace agent

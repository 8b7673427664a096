#include <agent/fleet/protocol.hpp>
#include <agent/sdk/codec.hpp>

namespace agent::fleet::protocol {
namespace {

// No author would choose this key.
constexpr const char* template_key = "\x01template";

constexpr std::size_t deepest_place = 200, longest_key = 4096;

struct Count {
  const char* name;
  int Counts::*member;
};
constexpr Count all_counts[] = {
    {"ok", &Counts::ok},           {"changed", &Counts::changed}, {"unreachable", &Counts::unreachable},
    {"failed", &Counts::failed},   {"skipped", &Counts::skipped}, {"rescued", &Counts::rescued},
    {"ignored", &Counts::ignored}, {"unknown", &Counts::unknown}};

struct Text {
  const char* name;
  std::string executor::Options::*member;
};
constexpr Text texts[] = {{"wall", &executor::Options::wall},
                          {"become_user", &executor::Options::become_user},
                          {"become_method", &executor::Options::become_method},
                          {"connection", &executor::Options::connection},
                          {"remote_user", &executor::Options::remote_user},
                          {"limit", &executor::Options::limit},
                          {"version", &executor::Options::version},
                          {"run", &executor::Options::run}};

struct Flag {
  const char* name;
  bool executor::Options::*member;
};
constexpr Flag flags[] = {{"check", &executor::Options::check},
                          {"strict", &executor::Options::strict},
                          {"diff", &executor::Options::diff},
                          {"force_handlers", &executor::Options::force_handlers}};

}  // namespace

Value value_of(const executor::Position& place) {
  List out;
  for (const auto& step : place)
    if (step.key.empty())
      out.push_back(step.index);
    else
      out.push_back(List{step.index, step.key});
  return out;
}

executor::Position place_from(const Value& value) {
  if (!value.is_list() || value.list().size() > deepest_place) throw Error("this is no place in a play");
  executor::Position out;
  for (const auto& step : value.list()) {
    const bool has_key = step.is_list() && step.list().size() == 2 && step.list()[1].is_string();
    const Value& index = has_key ? step.list()[0] : step;
    if (!index.is_integer() || index.integer() < 0 || index.integer() > UINT32_MAX)
      throw Error("this is no place in a play");
    std::string key = has_key ? step.list()[1].string() : "";
    if (key.size() > longest_key) throw Error("this is no place in a play");
    out.push_back({static_cast<std::uint32_t>(index.integer()), std::move(key)});
  }
  return out;
}

Value value_of(const Counts& counts) {
  Map out;
  for (const auto& [name, member] : all_counts) out.set(name, counts.*member);
  return out;
}

Counts counts_from(const Value& value) {
  Counts out;
  for (const auto& [name, member] : all_counts)
    if (const Value* number = value.find(name); number && number->is_integer() && number->integer() >= 0)
      out.*member = static_cast<int>(std::min<std::int64_t>(number->integer(), 1 << 30));
  return out;
}

Value value_of(const executor::Options& options) {
  Map out{{"tags", options.tags.only},
          {"skip_tags", options.tags.skip},
          {"extra_vars", marked(Value(options.extra_vars))},
          {"forks", options.forks},
          {"verbosity", options.verbosity}};
  for (const auto& [name, member] : texts) out.set(name, options.*member);
  for (const auto& [name, member] : flags) out.set(name, options.*member);
  if (options.become) out.set("become", *options.become);
  return out;
}

executor::Options options_from(const Value& value) {
  executor::Options out;
  out.tags.only = strings_from(value["tags"]);
  out.tags.skip = strings_from(value["skip_tags"]);
  if (const Value vars = unmarked(value["extra_vars"]); vars.is_map()) out.extra_vars = vars.map();
  out.forks = static_cast<std::size_t>(value["forks"].integer());
  out.verbosity = static_cast<int>(value["verbosity"].integer());
  for (const auto& [name, member] : texts) out.*member = value[name].string();
  for (const auto& [name, member] : flags) out.*member = value[name].boolean();
  if (const Value* become = value.find("become")) out.become = become->boolean();
  return out;
}

Value marked(const Value& value) {
  if (value.is_template()) {
    List out{Value(value.string())};
    if (const Where& where = value.where()) {
      out.push_back(*where.file);
      out.push_back(where.line);
      out.push_back(where.column);
    }
    return Map{{template_key, std::move(out)}};
  }
  if (value.is_list()) {
    List out;
    for (const auto& one : value.list()) out.push_back(marked(one));
    return out;
  }
  if (value.is_map()) {
    Map out;
    for (const auto& [key, one] : value.map()) out.set(key, marked(one));
    return out;
  }
  return value;
}

Value unmarked(const Value& value) {
  if (value.is_list()) {
    List out;
    for (const auto& one : value.list()) out.push_back(unmarked(one));
    return out;
  }
  if (!value.is_map()) return value;
  if (const Value* text = value.find(template_key); text && text->is_list() && !text->list().empty()) {
    const List& parts = text->list();
    Where where;
    if (parts.size() == 4)
      where = {std::make_shared<const std::string>(parts[1].string()), static_cast<int>(parts[2].integer()),
               static_cast<int>(parts[3].integer())};
    return Value::template_text(parts[0].string(), std::move(where));
  }
  Map out;
  for (const auto& [key, one] : value.map()) out.set(key, unmarked(one));
  return out;
}

}  // namespace agent::fleet::protocol

// Plain data to values and back. Each struct names its fields once, in `fields`; a Writer and a Reader walk them.
#include <array>
#include <chrono>
#include <string_view>
#include <type_traits>

#include <agent/sdk/codec.hpp>
#include <agent/sdk/error.hpp>

namespace agent {

namespace {

// ---- what each struct holds ---------------------------------------------------------------------------------------

template <class V, class T>
concept Is = std::same_as<std::remove_const_t<V>, T>;

void fields(auto& a, Is<Attributes> auto& t) {
  a("mode", t.mode), a("owner", t.owner), a("group", t.group);
}
void fields(auto& a, Is<WriteFile> auto& t) {
  a("path", t.path), a("content", t.content), a("attributes", t.attributes), a("backup", t.backup);
  a("validate", t.validate);
}
void fields(auto& a, Is<MakeDirectory> auto& t) {
  a("path", t.path), a("attributes", t.attributes);
}
void fields(auto& a, Is<MakeLink> auto& t) {
  a("path", t.path), a("target", t.target), a("hard", t.hard);
}
void fields(auto& a, Is<SetAttributes> auto& t) {
  a("path", t.path), a("attributes", t.attributes), a("atime", t.access_time), a("mtime", t.modification_time);
  a("follow", t.follow), a("access_now", t.access_now), a("modification_now", t.modification_now);
}
void fields(auto& a, Is<CopyPath> auto& t) {
  a("from", t.from), a("to", t.to), a("attributes", t.attributes), a("backup", t.backup);
}
void fields(auto& a, Is<RemovePath> auto& t) {
  a("path", t.path);
}
void fields(auto& a, Is<Effects> auto& t) {
  a("directories", t.directories), a("files", t.files), a("opaque", t.opaque), a("removed", t.removed);
  a("complete", t.complete);
}
void fields(auto& a, Is<Exec> auto& t) {
  a("argv", t.argv), a("environment", t.environment), a("directory", t.directory), a("input", t.input);
  a("effects", t.effects), a("progress", t.progress), a("any_exit", t.any_exit), a("drops_locale", t.drops_locale);
  a("title", t.title);
}
void fields(auto& a, Is<Package> auto& t) {
  a("name", t.name), a("version", t.version), a("architecture", t.architecture), a("state", t.state), a("held", t.held);
}
void fields(auto& a, Is<PackageOptions> auto& t) {
  a("recommends", t.recommends), a("default_release", t.default_release), a("allow_downgrade", t.allow_downgrade);
  a("allow_held", t.allow_held), a("allow_unauthenticated", t.allow_unauthenticated);
  a("only_upgrade", t.only_upgrade), a("purge", t.purge), a("autoremove", t.autoremove);
  a("dpkg_options", t.dpkg_options), a("policy_rc_d", t.policy_rc_d), a("extra", t.extra);
  a("lock_timeout", t.lock_timeout);
}
void fields(auto& a, Is<InstallPackages> auto& t) {
  a("requests", t.requests), a("afterwards", t.afterwards), a("options", t.options);
}
void fields(auto& a, Is<RemovePackages> auto& t) {
  a("names", t.names), a("options", t.options);
}
void fields(auto& a, Is<UpgradePackages> auto& t) {
  a("kind", t.kind), a("afterwards", t.afterwards), a("options", t.options);
}
void fields(auto& a, Is<RefreshPackageIndex> auto& t) {
  a("lock_timeout", t.lock_timeout), a("retries", t.retries), a("retry_delay", t.retry_delay);
}
void fields(auto& a, Is<RepairPackages> auto& t) {
  a("lock_timeout", t.lock_timeout);
}
void fields(auto& a, Is<TidyPackages> auto& t) {
  a("autoremove", t.autoremove), a("purge", t.purge), a("clean", t.clean);
  a("lock_timeout", t.lock_timeout);
}
void fields(auto& a, Is<HoldPackages> auto& t) {
  a("names", t.names), a("hold", t.hold);
}
void fields(auto& a, Is<Change> auto& t) {
  a("subject", t.subject), a("before", t.before), a("after", t.after), a("secret", t.secret), a("text", t.text);
}
void fields(auto& a, Is<Step> auto& t) {
  a("changes", t.changes), a("actions", t.actions), a("event", t.event), a("renewal", t.renewal);
}
void fields(auto& a, Is<Plan> auto& t) {
  a("steps", t.steps), a("result", t.result), a("notes", t.notes);
}
void fields(auto& a, Is<Output> auto& t) {
  a("rc", t.rc), a("out", t.out), a("err", t.err), a("truncated", t.truncated), a("unknown", t.unknown);
}
void fields(auto& a, Is<Outcome> auto& t) {
  a("outputs", t.outputs), a("result", t.result);
}
void fields(auto& a, Is<FileInfo> auto& t) {
  a("type", t.type), a("mode", t.mode), a("size", t.size), a("uid", t.uid), a("gid", t.gid), a("inode", t.inode);
  a("device", t.device), a("links", t.links), a("atime", t.access_time), a("mtime", t.modification_time);
  a("ctime", t.change_time), a("target", t.target);
}
void fields(auto& a, Is<User> auto& t) {
  a("name", t.name), a("uid", t.uid), a("gid", t.gid), a("home", t.home), a("shell", t.shell), a("comment", t.comment);
}
void fields(auto& a, Is<Group> auto& t) {
  a("name", t.name), a("gid", t.gid), a("members", t.members);
}
void fields(auto& a, Is<System> auto& t) {
  a("id", t.id), a("like", t.like), a("version", t.version), a("codename", t.codename), a("name", t.name);
  a("architecture", t.architecture), a("kernel", t.kernel), a("hostname", t.hostname);
}
void fields(auto& a, Is<Query> auto& t) {
  a("argv", t.argv), a("environment", t.environment), a("directory", t.directory), a("deadline", t.deadline);
  a("as_it_is", t.as_it_is);
}

// The names of the actions on the wire, in the order of the variant.
constexpr std::array<std::string_view, std::variant_size_v<Action>> action_names = {
    "write_file",    "make_directory",   "make_link",       "set_attributes",   "copy_path",        "remove_path",
    "exec",          "install_packages", "remove_packages", "upgrade_packages", "refresh_packages", "repair_packages",
    "tidy_packages", "hold_packages"};

// ---- how a field is written and read --------------------------------------------------------------------------------

struct Writer;
struct Reader;
template <class T>
concept Fielded = requires(Writer& writer, const T& value) {
  fields(writer, value);
};

template <class T>
Value write(const T& value);
template <class T>
void read(const Value& from, T& into);

struct Writer {
  Map map;
  template <class T>
  void operator()(std::string_view name, const T& value) {
    map.set(name, write(value));
  }
};

struct Reader {
  const Map& map;
  template <class T>
  void operator()(std::string_view name, T& value) {
    if (const Value* found = map.find(name)) read(*found, value);
  }
};

template <class T>
constexpr bool is_optional = false;
template <class T>
constexpr bool is_optional<std::optional<T>> = true;
template <class T>
constexpr bool is_vector = false;
template <class T>
constexpr bool is_vector<std::vector<T>> = true;
template <class T>
constexpr bool is_pair = false;
template <class A, class B>
constexpr bool is_pair<std::pair<A, B>> = true;
template <class T>
constexpr bool is_duration = false;
template <class R, class P>
constexpr bool is_duration<std::chrono::duration<R, P>> = true;

template <class T>
Value write(const T& value) {
  if constexpr (std::same_as<T, Path>)
    return value.string();
  else if constexpr (std::same_as<T, Action>)
    return to_value(value);
  else if constexpr (std::same_as<T, Map> || std::is_arithmetic_v<T> || std::same_as<T, std::string>)
    return Value(value);
  else if constexpr (std::is_enum_v<T>)
    return static_cast<std::int64_t>(value);
  else if constexpr (is_duration<T>)
    return static_cast<std::int64_t>(value.count());
  else if constexpr (is_optional<T>)
    return value ? write(*value) : Value();
  else if constexpr (is_pair<T>)
    return List{write(value.first), write(value.second)};
  else if constexpr (is_vector<T>) {
    List list;
    list.reserve(value.size());
    for (const auto& item : value) list.push_back(write(item));
    return list;
  } else if constexpr (std::same_as<T, Environment>) {
    Map map;
    for (const auto& [name, text] : value) map.set(name, text);
    return map;
  } else {
    static_assert(Fielded<T>);
    Writer writer;
    fields(writer, value);
    return std::move(writer.map);
  }
}

[[noreturn]] void wrong(const Value& found, std::string_view expected) {
  throw Error("a message holds " + std::string(name_of(found.kind())) + " where " + std::string(expected) +
              " was expected");
}

template <class T>
void read(const Value& from, T& into) {
  if constexpr (is_optional<T>) {
    if (from.is_null()) return into.reset();
    read(from, into.emplace());
  } else if constexpr (std::same_as<T, bool>) {
    if (!from.is_boolean()) wrong(from, "a boolean");
    into = from.boolean();
  } else if constexpr (std::integral<T> || std::is_enum_v<T>) {
    if (!from.is_integer()) wrong(from, "a whole number");
    into = static_cast<T>(from.integer());
  } else if constexpr (std::floating_point<T>) {
    if (!from.is_number()) wrong(from, "a number");
    into = from.real();
  } else if constexpr (is_duration<T>) {
    if (!from.is_integer()) wrong(from, "a duration");
    into = T(from.integer());
  } else if constexpr (std::same_as<T, std::string> || std::same_as<T, Path>) {
    if (!from.is_string()) wrong(from, "text");
    into = from.string();
  } else if constexpr (std::same_as<T, Action>) {
    into = action_from(from);
  } else if constexpr (is_pair<T>) {
    if (!from.is_list() || from.list().size() != 2) wrong(from, "a pair");
    read(from.list()[0], into.first);
    read(from.list()[1], into.second);
  } else if constexpr (is_vector<T>) {
    if (!from.is_list()) wrong(from, "a list");
    into.clear();
    for (const Value& item : from.list()) read(item, into.emplace_back());
  } else {
    if (!from.is_map()) wrong(from, "a mapping");
    if constexpr (std::same_as<T, Map>) {
      into = from.map();
    } else if constexpr (std::same_as<T, Environment>) {
      for (const auto& [name, text] : from.map()) read(text, into[name]);
    } else {
      Reader reader{from.map()};
      fields(reader, into);
    }
  }
}

template <class T>
T read(const Value& from) {
  T value{};
  read(from, value);
  return value;
}

template <std::size_t... I>
Action read_action(std::size_t index, const Value& body, std::index_sequence<I...>) {
  Action action;
  ((I == index ? void(action = read<std::variant_alternative_t<I, Action>>(body)) : void()), ...);
  return action;
}

}  // namespace

Value to_value(const Action& action) {
  return Map{{std::string(action_names[action.index()]), std::visit([](const auto& a) { return write(a); }, action)}};
}

Action action_from(const Value& value) {
  if (!value.is_map() || value.map().size() != 1) wrong(value, "an action");
  const auto& [name, body] = *value.map().begin();
  for (std::size_t i = 0; i < action_names.size(); ++i)
    if (action_names[i] == name) return read_action(i, body, std::make_index_sequence<std::variant_size_v<Action>>());
  throw Error("an action '" + name + "' is not known to this agent")
      .hint("the module was built for a newer agent: update the agent, or rebuild the module");
}

Value to_value(const Change& change) {
  return write(change);
}
Change change_from(const Value& value) {
  return read<Change>(value);
}
Value to_value(const Plan& plan) {
  return write(plan);
}
Plan plan_from(const Value& value) {
  return read<Plan>(value);
}
Value to_value(const Output& output) {
  return write(output);
}
Output output_from(const Value& value) {
  return read<Output>(value);
}
Value to_value(const Outcome& outcome) {
  return write(outcome);
}
Outcome outcome_from(const Value& value) {
  return read<Outcome>(value);
}
Value to_value(const Package& package) {
  return write(package);
}
Package package_from(const Value& value) {
  return read<Package>(value);
}
Value to_value(const FileInfo& info) {
  return write(info);
}
FileInfo file_info_from(const Value& value) {
  return read<FileInfo>(value);
}
Value to_value(const User& user) {
  return write(user);
}
User user_from(const Value& value) {
  return read<User>(value);
}
Value to_value(const Group& group) {
  return write(group);
}
Group group_from(const Value& value) {
  return read<Group>(value);
}
Value to_value(const System& system) {
  return write(system);
}
System system_from(const Value& value) {
  return read<System>(value);
}
Value to_value(const Query& query) {
  return write(query);
}
Query query_from(const Value& value) {
  return read<Query>(value);
}

}  // namespace agent

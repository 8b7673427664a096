#include <algorithm>
#include <cmath>

#include <agent/executor/task_settings.hpp>
#include <agent/sdk/real_number.hpp>

namespace agent::executor {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// A variable of `view`, rendered; nothing when it is not there.
std::optional<Value> variable(const World& world, const VariableView& view, std::string_view name) {
  const auto raw = view.find(name);
  if (!raw) return std::nullopt;
  Value value = world.engine.render(*raw, view);
  if (value.is_null() || jinja::is_omit(value)) return std::nullopt;
  return value;
}

}  // namespace

std::optional<bool> as_flag(const Value& value) {
  if (value.is_boolean()) return value.boolean();
  if (value.is_integer()) return value.integer() != 0;
  if (value.is_null()) return false;
  if (!value.is_string()) return std::nullopt;
  const std::string word = lower(value.string());
  for (const char* yes : {"yes", "on", "1", "true", "t", "y"})
    if (word == yes) return true;
  for (const char* no : {"no", "off", "0", "false", "f", "n", "", "none"})
    if (word == no) return false;
  return std::nullopt;
}

std::string as_text(const Value& value) {
  if (value.is_string()) return value.string();
  if (value.is_boolean()) return value.boolean() ? "True" : "False";
  if (value.is_null()) return "";
  return value.json();
}

std::optional<double> as_number(const Value& value) {
  if (value.is_number()) return value.real();
  if (!value.is_string()) return std::nullopt;
  return real_number(value.string());
}

bool TaskSettings::flag(std::optional<Value> Settings::*member, bool otherwise) const {
  const Value* raw = view_.scope() ? nearest(*view_.scope(), member) : nullptr;
  if (!raw) return otherwise;
  if (raw->is_boolean()) return raw->boolean();
  const Value value = world_.engine.render(*raw, view_);
  if (jinja::is_omit(value)) return otherwise;
  if (value.is_unknown()) throw Unknown(value.reasons());
  if (const auto flag = as_flag(value)) return *flag;
  throw Error("this must be yes or no, not " + (value.is_string() ? "'" + value.string() + "'" : value.json()))
      .at(raw->where());
}

std::optional<std::string> TaskSettings::text(std::optional<Value> Settings::*member) const {
  const Value* raw = view_.scope() ? nearest(*view_.scope(), member) : nullptr;
  if (!raw || raw->is_null()) return std::nullopt;
  const Value value = world_.engine.render(*raw, view_);
  if (jinja::is_omit(value) || value.is_null()) return std::nullopt;
  if (value.is_unknown()) throw Unknown(value.reasons());
  return as_text(value);
}

std::optional<double> TaskSettings::number(std::optional<Value> Settings::*member) const {
  const Value* raw = view_.scope() ? nearest(*view_.scope(), member) : nullptr;
  if (!raw || raw->is_null()) return std::nullopt;
  const Value value = world_.engine.render(*raw, view_);
  if (jinja::is_omit(value) || value.is_null()) return std::nullopt;
  if (value.is_unknown()) throw Unknown(value.reasons());
  if (const auto number = as_number(value)) return number;
  throw Error("this must be a number, not '" + as_text(value) + "'").at(raw->where());
}

bool TaskSettings::check_mode() const {
  return flag(&Settings::check_mode, world_.options.check);
}

Environment TaskSettings::environment() const {
  Environment out;
  if (!view_.scope()) return out;
  for (const auto* scope : chain(*view_.scope()))
    if (scope->settings.environment) add_environment(out, *scope->settings.environment);
  return out;
}

void TaskSettings::add_environment(Environment& out, const Value& raw) const {
  const Value value = jinja::without_omitted(world_.engine.render(raw, view_));
  if (value.is_unknown()) throw Unknown(value.reasons());
  if (value.is_null() || (value.is_string() && value.string().empty())) return;
  const auto merge = [&](const Value& map) {
    if (!map.is_map())
      throw Error("environment must be a mapping, or a list of them, not " + map.json()).at(raw.where());
    for (const auto& [name, item] : map.map()) {
      if (item.is_unknown()) throw Unknown(item.reasons());
      out[name] = as_text(item);
    }
  };
  if (!value.is_list()) return merge(value);
  for (const auto& map : value.list()) merge(map);
}

std::string TaskSettings::connection(const VariableView& target) const {
  std::string name = world_.options.connection.empty() ? "ssh" : world_.options.connection;
  if (const auto value = variable(world_, target, "ansible_connection"))
    name = as_text(*value);
  else if (const auto said = text(&Settings::connection))
    name = *said;
  constexpr std::string_view collection = "ansible.builtin.";
  if (name.compare(0, collection.size(), collection) == 0) name.erase(0, collection.size());
  // What Ansible calls "smart" is its choice between two ways of doing the same.
  return name == "smart" || name == "paramiko" || name == "paramiko_ssh" ? "ssh" : name;
}

Login TaskSettings::login(const VariableView& target) const {
  const Options& options = world_.options;
  Login out;
  out.connection = connection(target);
  if (out.connection == "local") return out;
  const auto first = [&](std::initializer_list<const char*> names, std::optional<Value> Settings::*member,
                         const std::string& otherwise) {
    for (const char* name : names)
      if (const auto value = variable(world_, target, name)) return as_text(*value);
    // What a task says of the connection is of its own host, and not of the one that it is delegated to.
    if (member && &target == &view_)
      if (const auto value = text(member)) return *value;
    return otherwise;
  };
  out.address = first({"ansible_host", "ansible_ssh_host"}, nullptr, "");
  out.port = first({"ansible_port", "ansible_ssh_port"}, &Settings::port, "");
  out.user = first({"ansible_user", "ansible_ssh_user"}, &Settings::remote_user, options.remote_user);
  out.key = first({"ansible_private_key_file", "ansible_ssh_private_key_file"}, nullptr, options.private_key);
  out.executable = first({"ansible_ssh_executable"}, nullptr, "");
  out.timeout = first({"ansible_timeout", "ansible_ssh_timeout"}, nullptr, options.connect_timeout);
  out.retries = first({"ansible_ssh_retries"}, nullptr, options.connect_retries);
  out.password =
      first({"ansible_password", "ansible_ssh_pass", "ansible_ssh_password"}, nullptr, options.login_password);
  for (const auto& part : {first({"ansible_ssh_args"}, nullptr, ""),
                           first({"ansible_ssh_common_args"}, nullptr, options.ssh_common_arguments),
                           first({"ansible_ssh_extra_args"}, nullptr, options.ssh_extra_arguments)})
    if (!part.empty()) out.arguments += (out.arguments.empty() ? "" : " ") + part;
  return out;
}

Identity TaskSettings::identity(const VariableView& target) const {
  Identity out;
  out.connection = connection(target);
  const auto from_variable = variable(world_, target, "ansible_become");
  out.become = from_variable ? as_flag(*from_variable).value_or(true)
                             : flag(&Settings::become, world_.options.become.value_or(false));
  if (!out.become) return out;
  const auto choose = [&](std::string_view name, std::optional<Value> Settings::*member, const std::string& option,
                          const std::string& otherwise) {
    if (const auto value = variable(world_, target, name)) return as_text(*value);
    if (const auto value = text(member)) return *value;
    return option.empty() ? otherwise : option;
  };
  out.user = choose("ansible_become_user", &Settings::become_user, world_.options.become_user, "root");
  out.method = choose("ansible_become_method", &Settings::become_method, world_.options.become_method, "sudo");
  if (const auto dot = out.method.rfind('.'); dot != std::string::npos) out.method = out.method.substr(dot + 1);
  out.executable = choose("ansible_become_exe", &Settings::become_exe, "", "");
  out.flags = choose("ansible_become_flags", &Settings::become_flags, "", "");
  return out;
}

}  // namespace agent::executor

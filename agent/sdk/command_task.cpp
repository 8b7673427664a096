#include <chrono>
#include <cstdio>
#include <ctime>

#include <agent/sdk/command_task.hpp>
#include <agent/sdk/paths.hpp>

namespace agent {
namespace {

using Clock = std::chrono::system_clock;
using std::chrono::microseconds;

std::string time_text(Clock::time_point when) {
  const std::time_t seconds = Clock::to_time_t(when);
  const auto fraction = std::chrono::duration_cast<microseconds>(when.time_since_epoch()).count() % 1000000;
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  char text[48];
  const auto size = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  std::snprintf(text + size, sizeof text - size, ".%06ld", static_cast<long>(fraction));
  return text;
}

std::string delta_text(Clock::duration taken) {
  const auto all = std::chrono::duration_cast<microseconds>(taken).count();
  const auto seconds = all / 1000000;
  char text[48];
  std::snprintf(text, sizeof text, "%ld:%02ld:%02ld.%06ld", static_cast<long>(seconds / 3600),
                static_cast<long>(seconds / 60 % 60), static_cast<long>(seconds % 60),
                static_cast<long>(all % 1000000));
  return text;
}

// The length of the line end at `i`, as Python's str.splitlines() knows them; 0: none.
std::size_t line_end(const std::string& text, std::size_t i) {
  const std::string_view rest = std::string_view(text).substr(i);
  if (rest.substr(0, 2) == "\r\n") return 2;
  if (std::string_view("\n\r\v\f\x1c\x1d\x1e").find(rest[0]) != std::string_view::npos) return 1;
  if (rest.substr(0, 2) == "\xc2\x85") return 2;
  return rest.substr(0, 3) == "\xe2\x80\xa8" || rest.substr(0, 3) == "\xe2\x80\xa9" ? 3 : 0;
}

List lines_of(const std::string& text) {
  List lines;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = line_end(text, i);
    if (end == 0) {
      ++i;
      continue;
    }
    lines.emplace_back(text.substr(start, i - start));
    start = i += end;
  }
  if (start < text.size()) lines.emplace_back(text.substr(start));
  return lines;
}

std::string stripped(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

void put_text(Map& result, const std::string& name, std::string text, bool strip) {
  if (strip) text = stripped(std::move(text));
  result.set(name + "_lines", lines_of(text));
  result.set(name, std::move(text));
}

// The program of `exec` is nowhere to be found. Only asked when something went wrong.
bool is_missing(const Exec& exec, const Host& host) {
  const std::string& program = exec.argv.front();
  if (program.find('/') != std::string::npos) {
    const Path path = program;
    return !host.stat(path.is_absolute() ? path : exec.directory.value_or(host.self().home) / path);
  }
  const auto own = exec.environment.find("PATH");
  const std::string path = own != exec.environment.end() ? own->second : host.environment("PATH").value_or("");
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t colon = std::min(path.find(':', start), path.size());
    if (colon > start && path[start] == '/' && host.stat(Path(path.substr(start, colon - start)) / program))
      return false;
    start = colon + 1;
  }
  return true;
}

Error missing_program(const Exec& exec) {
  Error error("there is no program '" + exec.argv.front() + "'");
  if (exec.argv.size() == 1 && exec.argv.front().find(' ') != std::string::npos)
    error.hint("the first item of 'argv' is the program alone, and each argument is an item of its own");
  else
    error.hint("install the package that brings it, or name it by its full path");
  return std::move(error).with({{"rc", 2}, {"changed", false}});
}

Output perform(const Exec& exec, Host& host) {
  try {
    Output output = host.perform(exec);
    if (output.unknown.empty() && (output.rc == 127 || output.rc == 126) && is_missing(exec, host))
      throw missing_program(exec);
    return output;
  } catch (const Error& error) {
    if (error.result().empty() && is_missing(exec, host)) throw missing_program(exec);
    throw;
  }
}

Map unknown_result(const Strings& reasons) {
  Map result;
  for (const char* key : {"rc", "stdout", "stderr", "stdout_lines", "stderr_lines"})
    result.set(key, Value::unknown(reasons));
  return result;
}

}  // namespace

std::optional<Path> working_directory(const CommandOptions& options, const Host& host) {
  if (!options.chdir) return std::nullopt;
  const Path directory = path_argument(*options.chdir, host);
  const auto info = host.stat(directory);
  if (!info || !info->is_directory())
    throw Error("there is no directory '" + directory.string() + "' to run the command in")
        .hint("make it first: file: {path: " + directory.string() + ", state: directory}")
        .about("chdir");
  return directory;
}

std::optional<SkipReason> reason_to_skip(const CommandOptions& options, const Host& host) {
  const Path base = working_directory(options, host).value_or(host.self().home);
  const auto exists = [&](const std::string& pattern) {
    return !glob(expand_user_and_variables(pattern, host), base, host).empty();
  };
  if (options.creates && exists(*options.creates)) return SkipReason{*options.creates, "exists"};
  if (options.removes && !exists(*options.removes)) return SkipReason{*options.removes, "does not exist"};
  return std::nullopt;
}

Step command_step(Strings argv, const std::string& line, const CommandOptions& options, const Host& host) {
  Exec exec{.argv = std::move(argv), .directory = working_directory(options, host), .any_exit = true, .title = line};
  if (options.input) exec.input = *options.input + (options.input_ends_in_newline ? "\n" : "");
  const auto named = [&](const std::optional<std::string>& pattern) -> std::optional<Path> {
    if (!pattern || pattern->find_first_of("*?[") != std::string::npos) return std::nullopt;
    const Path path = expand_user_and_variables(*pattern, host);
    return path.is_absolute() ? path : exec.directory.value_or(host.self().home) / path;
  };
  if (const auto made = named(options.creates)) exec.effects.opaque.push_back(*made);
  // It may be what the command takes away, or only what it needs.
  if (const auto there = named(options.removes)) {
    exec.effects.removed.push_back(*there);
    exec.effects.opaque.push_back(*there);
  }
  return {.changes = {{"command", std::nullopt, line}}, .actions = {std::move(exec)}, .event = true};
}

Plan CommandModule::plan_command(Strings argv, const std::string& line, Value shown, const CommandOptions& options,
                                 const Host& host) {
  Plan plan;
  if (!shown.is_null()) plan.result.set("cmd", std::move(shown));
  if (const auto reason = reason_to_skip(options, host)) {
    plan.result.merge({{"rc", 0}, {"msg", "Did not run command since '" + reason->path + "' " + reason->why}});
    put_text(plan.result, "stdout", "skipped, since " + reason->path + " " + reason->why, false);
    put_text(plan.result, "stderr", "", false);
    for (const char* key : {"start", "end", "delta"}) plan.result.set(key, nullptr);
    return plan;
  }
  plan.steps.push_back(command_step(std::move(argv), line, options, host));
  if (!options.strip_empty_ends) plan.result.set("strip_empty_ends", false);
  return plan;
}

Outcome CommandModule::apply(const Plan& plan, Host& host) const {
  Outcome outcome;
  const Value* keep = plan.result.find("strip_empty_ends");
  for (const Step& step : plan.steps)
    for (const Action& action : step.actions) {
      const auto start = Clock::now();
      const auto* exec = std::get_if<Exec>(&action);
      outcome.outputs.push_back(exec != nullptr ? perform(*exec, host) : host.perform(action));
      if (exec == nullptr) continue;
      const Output& output = outcome.outputs.back();
      if (!output.unknown.empty()) {
        outcome.result = unknown_result(output.unknown);
        continue;
      }
      const auto end = Clock::now();
      Map& result = outcome.result;
      result = {{"rc", output.rc},
                {"msg", ""},
                {"start", time_text(start)},
                {"end", time_text(end)},
                {"delta", delta_text(end - start)}};
      put_text(result, "stdout", output.out, keep == nullptr);
      put_text(result, "stderr", output.err, keep == nullptr);
      if (output.rc == 0) continue;
      Map all = plan.result;
      all.merge(result);
      all.erase("msg");
      all.set("changed", true);
      throw Error("non-zero return code").with(std::move(all));
    }
  return outcome;
}

}  // namespace agent

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>

#include <glob.h>
#include <pwd.h>
#include <sys/wait.h>

#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/local_lookups.hpp>
#include <agent/template/local_tables.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t largest_file = std::uintmax_t{64} << 20;

bool flag(const LookupCall& call, std::string_view name, bool otherwise) {
  const Value* value = call.options.find(name);
  return value ? truth(*value) : otherwise;
}

List env(const LookupCall& call) {
  const Value* otherwise = call.options.find("default");
  List values;
  for (const Value& term : call.terms) {
    const std::string name = print(term);
    const char* value = std::getenv(name.c_str());
    values.push_back(value ? Value(value) : otherwise && !otherwise->is_null() ? *otherwise : Value(""));
  }
  return values;
}

fs::path need_file(const LookupCall& call, const std::string& name) {
  const auto found = find_local_file(name, call.search_path, "files");
  if (found) return *found;
  Error error("there is no file '" + name + "'");
  std::string searched;
  for (const std::string& directory : call.search_path) searched += (searched.empty() ? "" : ", ") + directory;
  if (!searched.empty()) error.hint("searched in 'files' of, and in, " + searched);
  throw error;
}

List file(const LookupCall& call) {
  List contents;
  for (const Value& term : call.terms) {
    const bool left = flag(call, "lstrip", false), right = flag(call, "rstrip", true);
    const std::string text = read_local_file(need_file(call, print(term)));
    contents.emplace_back(left || right ? strip(text, left, right) : text);
  }
  return contents;
}

Strings globbed(const std::string& pattern) {
  glob_t found{};
  Strings names;
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0)
    for (std::size_t i = 0; i < found.gl_pathc; ++i) names.emplace_back(found.gl_pathv[i]);
  globfree(&found);
  return names;
}

List file_glob(const LookupCall& call) {
  List names;
  const auto add = [&](const std::string& pattern) {
    bool any = false;
    for (const std::string& name : globbed(pattern))
      if (std::error_code error; fs::is_regular_file(name, error)) names.emplace_back(name), any = true;
    return any;
  };
  for (const Value& term : call.terms) {
    const std::string pattern = print(term);
    if (!pattern.empty() && pattern.front() == '/') {
      add(pattern);
      continue;
    }
    for (const std::string& directory : call.search_path)
      if (add(directory + "/files/" + pattern) || add(directory + "/" + pattern)) break;
  }
  return names;
}

struct Finished {
  std::string output;
  int status;
};

Finished shell(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "re");
  if (!pipe) throw Error("'" + command + "' could not be started");
  Finished finished{};
  char buffer[4096];
  while (const std::size_t size = fread(buffer, 1, sizeof buffer, pipe)) {
    finished.output.append(buffer, size);
    if (finished.output.size() > largest_file) break;
  }
  finished.status = pclose(pipe);
  return finished;
}

std::string output_of(const std::string& command) {
  Finished finished = shell(command);
  if (finished.output.size() > largest_file) throw Error("'" + command + "' printed too much");
  if (finished.status != 0)
    throw Error(
        "'" + command + "' failed with exit code " +
        std::to_string(WIFEXITED(finished.status) ? WEXITSTATUS(finished.status) : 128 + WTERMSIG(finished.status)));
  return std::move(finished.output);
}

List pipe(const LookupCall& call) {
  List outputs;
  for (const Value& term : call.terms) outputs.emplace_back(strip(output_of(print(term)), false, true));
  return outputs;
}

List lines(const LookupCall& call) {
  List result;
  for (const Value& term : call.terms)
    for (std::string& line : split_lines(output_of(print(term)))) result.emplace_back(std::move(line));
  return result;
}

// A list of names, or mappings with `files`, `paths`, `skip`: the first file that is there.
List first_found(const LookupCall& call) {
  bool skip = flag(call, "skip", false);
  Strings names, tried;
  const auto texts = [](const Value& value) {
    Strings found;
    if (const List* items = as_list(value))
      for (const Value& item : *items) found.push_back(print(item));
    else
      for (const std::string& part : split(replace_all(replace_all(print(value), ";", ","), ":", ","), ","))
        found.push_back(strip(part));
    return found;
  };
  const auto add_map = [&](const Map& map) {
    const Strings files = map.contains("files") ? texts(*map.find("files")) : Strings();
    const Strings paths = map.contains("paths") ? texts(*map.find("paths")) : Strings();
    if (const Value* given = map.find("skip")) skip = truth(*given);
    for (const std::string& name : files) {
      if (paths.empty()) names.push_back(name);
      for (const std::string& path : paths) names.push_back((fs::path(path) / name).string());
    }
    if (files.empty()) names.insert(names.end(), paths.begin(), paths.end());
  };
  std::function<void(const Value&)> add = [&](const Value& term) {
    if (term.is_map())
      add_map(term.map());
    else if (const List* items = as_list(term))
      for (const Value& item : *items) add(item);
    else
      names.push_back(print(term));
  };
  add_map(call.options);
  for (const Value& term : call.terms) add(term);
  for (const std::string& name : names) {
    for (const char* kind : {"files", "templates", "vars", "tasks"})
      if (const auto found = find_local_file(name, call.search_path, kind)) return {found->string()};
    tried.push_back(name);
  }
  if (skip) return {};
  std::string all;
  for (const std::string& name : tried) all += (all.empty() ? "'" : ", '") + name + "'";
  throw Error("none of these files is there: " + all).hint("'skip: true' makes that no error");
}

// Every file below a directory, with what a copy of it needs.
List file_tree(const LookupCall& call) {
  List entries;
  for (const Value& term : call.terms) {
    const std::string name = print(term);
    for (const std::string& directory : call.search_path.empty() ? Strings{"."} : call.search_path) {
      fs::path root = name.front() == '/' ? fs::path(name) : fs::path(directory) / "files" / name;
      if (!fs::is_directory(root)) root = fs::path(directory) / name;
      if (!fs::is_directory(root)) continue;
      std::vector<fs::path> paths;
      for (const auto& entry : fs::recursive_directory_iterator(root)) paths.push_back(entry.path());
      std::sort(paths.begin(), paths.end());
      for (const fs::path& path : paths) entries.push_back(tree_entry(root, path));
      break;
    }
  }
  return entries;
}

List unvault(const LookupCall& call) {
  List contents;
  for (const Value& term : call.terms) contents.emplace_back(read_local_file(need_file(call, print(term))));
  return contents;
}

// The rows of tables are asked for by name, so that a term may say which file it means.
ReadFile files_of(const LookupCall& call) {
  return [&call](const std::string& name) { return read_local_file(need_file(call, name)); };
}

List ini(const LookupCall& call) {
  return ini_values(call, files_of(call));
}

List csv_file(const LookupCall& call) {
  return csv_values(call, files_of(call));
}

}  // namespace

std::optional<fs::path> find_local_file(const std::string& name, const Strings& search_path, const std::string& kind) {
  std::error_code error;
  const auto is_file = [&](const fs::path& path) { return fs::exists(path, error) && !fs::is_directory(path, error); };
  std::string expanded = name;
  if (name.rfind("~/", 0) == 0)
    if (const char* home = std::getenv("HOME")) expanded = home + name.substr(1);
  if (!expanded.empty() && expanded.front() == '/')
    return is_file(expanded) ? std::optional<fs::path>(expanded) : std::nullopt;
  for (const std::string& directory : search_path)
    for (const fs::path& candidate : {fs::path(directory) / kind / expanded, fs::path(directory) / expanded})
      if (is_file(candidate)) return candidate;
  return search_path.empty() && is_file(expanded) ? std::optional<fs::path>(expanded) : std::nullopt;
}

std::string read_local_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw Error("'" + file.string() + "' cannot be read");
  std::string text;
  char buffer[65536];
  while (stream.read(buffer, sizeof buffer) || stream.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(stream.gcount()));
    if (text.size() > largest_file) throw Error("'" + file.string() + "' is larger than 64 MiB");
  }
  return text;
}

std::string run_program(const Strings& argv) {
  // Quoted word by word: popen has no other way in, and each word reaches the program as it is.
  std::string command;
  for (const std::string& word : argv)
    command += (command.empty() ? "'" : " '") + replace_all(word, "'", "'\\''") + "'";
  return output_of(command);
}

std::optional<List> local_lookup(const LookupCall& call) {
  using Lookup = List (*)(const LookupCall&);
  static const std::map<std::string_view, Lookup> known = {{"env", env},
                                                           {"file", file},
                                                           {"fileglob", file_glob},
                                                           {"pipe", pipe},
                                                           {"lines", lines},
                                                           {"first_found", first_found},
                                                           {"filetree", file_tree},
                                                           {"unvault", unvault},
                                                           {"ini", ini},
                                                           {"csvfile", csv_file},
                                                           {"password", password},
                                                           {"url", url},
                                                           {"config", config}};
  const auto found = known.find(call.name);
  if (found == known.end()) return std::nullopt;
  return found->second(call);
}

}  // namespace agent::jinja

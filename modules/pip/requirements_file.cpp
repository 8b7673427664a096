#include <algorithm>
#include <set>

#include <agent/sdk/shell_words.hpp>
#include <agent/sdk/text.hpp>

#include "request.hpp"

namespace agent::pip {

namespace {

/// A comment begins at a '#' that starts the line or follows white space.
std::string without_comment(const std::string& line) {
  for (std::size_t i = 0; i < line.size(); ++i)
    if (line[i] == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t')) return line.substr(0, i);
  return line;
}

/// The options of one requirement ("--hash=...") tell pip how, not what.
std::string without_options(const std::string& line) {
  const auto option = line.find(" --");
  return text::trimmed(option == std::string::npos ? line : line.substr(0, option));
}

/// "${NAME}" from the environment, as pip does it.
std::string with_variables(std::string line, const Host& host) {
  for (auto begin = line.find("${"); begin != std::string::npos; begin = line.find("${", begin + 1)) {
    const auto end = line.find('}', begin);
    if (end == std::string::npos) break;
    if (const auto value = host.environment(line.substr(begin + 2, end - begin - 2)))
      line.replace(begin, end + 1 - begin, *value);
  }
  return line;
}

/// Reads a file and those that it names, each once.
class Reader {
 public:
  explicit Reader(const Host& host) : host_(host) {}

  void read(const Path& file, bool as_constraints) {
    if (!seen_.insert(file).second) return;
    const auto text = host_.read(file);
    if (!text) throw Error("there is no requirements file '" + file.string() + "'");
    std::string line;
    int number = 0, first = 1;
    for (std::size_t start = 0; start < text->size();) {
      const auto end = std::min(text->find('\n', start), text->size());
      line += text->substr(start, end - start);
      start = end + 1;
      ++number;
      while (!line.empty() && line.back() == '\r') line.pop_back();
      if (line.ends_with('\\') && start < text->size()) {
        line.pop_back();
        continue;
      }
      read_line(text::trimmed(with_variables(without_comment(line), host_)), {file, first, as_constraints});
      line.clear();
      first = number + 1;
    }
  }

  RequirementsFile found;

 private:
  struct Place {
    Path file;
    int line;
    bool as_constraints;
  };

  void read_line(const std::string& line, const Place& place) {
    if (line.empty()) return;
    try {
      if (line.front() == '-') return read_option(line, place);
      auto request = read_request(without_options(line), false, place.file.parent_path());
      if (place.as_constraints)
        found.constraints.push_back(request.requirement);
      else
        found.requests.push_back(std::move(request));
    } catch (const Error& error) {
      if (error.where()) throw;
      throw Error(error).at({std::make_shared<const std::string>(place.file.string()), place.line, 1});
    }
  }

  void read_option(const std::string& line, const Place& place) {
    const auto split = line.find_first_of(" =\t");
    std::string option = line.substr(0, split);
    std::string value = split == std::string::npos ? "" : text::trimmed(line.substr(split + 1));
    if (option.size() > 2 && option[1] != '-') {  // -rfile
      value = text::trimmed(line.substr(2));
      option.resize(2);
    }
    const Path beside = place.file.parent_path();
    const auto path = [&] { return (Path(value).is_absolute() ? Path(value) : beside / value).lexically_normal(); };
    if (option == "-r" || option == "--requirement")
      read(path(), place.as_constraints);
    else if (option == "-c" || option == "--constraint")
      read(path(), true);
    else if (option == "-e" || option == "--editable")
      found.requests.push_back(read_request(without_options(value), true, beside));
    else if (option == "--pre")
      found.pre = true;
    // All other options tell pip where and how to look, which it reads from the file itself.
  }

  const Host& host_;
  std::set<Path> seen_;
};

}  // namespace

RequirementsFile read_requirements(const Path& file, bool as_constraints, const Host& host) {
  Reader reader(host);
  reader.read(file, as_constraints);
  return std::move(reader.found);
}

}  // namespace agent::pip

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include <agent/inventory/literal.hpp>
#include <agent/inventory/names.hpp>
#include <agent/inventory/sources.hpp>
#include <agent/sdk/text.hpp>
#include <agent/yaml/source.hpp>

namespace agent::inventory {
namespace {

/// A word of a host line, quotes taken off, and where it began.
struct Word {
  std::string text;
  std::size_t begin = 0;
};

class IniReader {
 public:
  IniReader(std::string_view text, Reading& reading)
      : reading_(reading), source_(text, std::make_shared<const std::string>(reading.source)) {}

  void run() {
    for (line_ = 0; line_ < source_.lines(); ++line_) {
      raw_ = source_.line(line_);
      const std::string_view line = text::trimmed_view(raw_);
      if (line.empty() || line.front() == '#' || line.front() == ';') continue;
      if (line.front() == '[' && section(line)) continue;
      entry(line);
    }
    for (const auto& [name, pending] : pending_) undefined(name, pending);
  }

 private:
  enum class State { hosts, children, variables };
  /// A group that is spoken of and not defined yet.
  struct Pending {
    Where where;
    bool only_variables = false;
    std::string parent;
  };

  Where at(std::string_view part) const {
    return source_.place(static_cast<std::size_t>(part.data() - source_.text().data()));
  }

  /// `[group]`, `[group:children]`, `[group:vars]`; false for a host such as `[::1]:22`.
  bool section(std::string_view line) {
    std::string_view header = line;
    const std::size_t close = header.find(']');
    const std::string_view behind = close == header.npos ? header : text::trimmed_view(header.substr(close + 1));
    if (!behind.empty() && behind.front() != '#' && behind.front() != ';') {
      if (close != header.npos && behind.front() == ':') return false;
      throw Error("this header of a group has no ']' at its end").at(at(line)).hint("write '[group]'");
    }
    const std::string_view inside = header.substr(1, close - 1);
    const std::size_t colon = inside.find(':');
    const std::string_view name = inside.substr(0, colon);
    if (colon != inside.npos && looks_like_address(inside)) return false;
    const std::string_view kind = colon == inside.npos ? std::string_view("hosts") : inside.substr(colon + 1);
    if (kind != "hosts" && kind != "children" && kind != "vars")
      throw Error("'[" + std::string(inside) + "]' is no kind of section")
          .at(at(inside))
          .spanning(static_cast<int>(inside.size()))
          .hint("it is '[group]', '[group:children]' or '[group:vars]'");
    state_ = kind == "vars" ? State::variables : kind == "children" ? State::children : State::hosts;
    define(std::string(name), at(name));
    return true;
  }

  static bool looks_like_address(std::string_view inside) {
    return std::count(inside.begin(), inside.end(), ':') > 1 &&
           inside.find_first_not_of("0123456789abcdefABCDEF:.") == inside.npos;
  }

  void define(const std::string& name, const Where& where) {
    const bool is_new = !reading_.graph.find_group(name);
    group_ = reading_.graph.add_group(name, where);
    if (state_ == State::variables) {
      if (is_new) pending_[name] = {where, true, {}};
      return;
    }
    pending_.erase(name);
  }

  void entry(std::string_view line) {
    switch (state_) {
      case State::hosts:
        return host(line);
      case State::variables:
        return variable(line);
      case State::children:
        return child(line);
    }
  }

  void child(std::string_view line) {
    const std::size_t end = std::min(line.find_first_of(" \t#"), line.size());
    const std::string name(line.substr(0, end));
    const std::string_view behind = text::trimmed_view(line.substr(end));
    if (!behind.empty() && behind.front() != '#')
      throw Error("expected the name of a group, and found more").at(at(behind)).hint("one group a line");
    const Where where = at(line);
    const bool is_new = !reading_.graph.find_group(name);
    const Graph::Index index = reading_.graph.add_group(name, where);
    if (is_new) pending_[name] = {where, false, reading_.graph.group(group_).name};
    reading_.graph.nest(group_, index, where);
  }

  void variable(std::string_view line) {
    const std::size_t equals = line.find('=');
    if (equals == line.npos)
      throw Error("expected 'name=value', and found '" + std::string(line) + "'")
          .at(at(line))
          .spanning(static_cast<int>(line.size()));
    const std::string_view value = text::trimmed_view(line.substr(equals + 1));
    reading_.graph.set_group_variable(group_, std::string(text::trimmed_view(line.substr(0, equals))),
                                      literal_or_text(value, at(value)));
  }

  void host(std::string_view line) {
    const std::vector<Word> words = split(line);
    if (words.empty()) return;
    const Where where = at(line);
    if (words[0].text == "---")
      throw Error("'---' begins a YAML file, and this one is read as INI").at(where).hint("name it .yml");
    const HostPattern pattern = expand_hosts(words[0].text, where);
    Map variables;
    if (pattern.port) variables.set("ansible_port", *pattern.port);
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::size_t equals = words[i].text.find('=');
      const Where place = source_.place(source_.start_of(line_) + words[i].begin);
      if (equals == std::string::npos)
        throw Error("expected 'name=value' after the host, and found '" + words[i].text + "'")
            .at(place)
            .spanning(static_cast<int>(words[i].text.size()))
            .hint("one host a line; a value with blanks needs quotes");
      variables.set(words[i].text.substr(0, equals), literal_or_text(words[i].text.substr(equals + 1), place));
    }
    for (const std::string& name : pattern.names) {
      const Graph::Index index = reading_.graph.add_host(name, reading_.source, where);
      reading_.graph.join(group_, index);
      for (const auto& [key, value] : variables) reading_.graph.set_host_variable(index, key, value);
    }
  }

  /// Words as a shell splits them: quotes, backslashes, and a comment behind '#'.
  std::vector<Word> split(std::string_view line) const {
    std::vector<Word> words;
    const auto offset = static_cast<std::size_t>(line.data() - raw_.data());
    for (std::size_t i = 0; i < line.size();) {
      if (text::is_blank(line[i])) {
        ++i;
        continue;
      }
      if (line[i] == '#') break;
      Word word{{}, offset + i};
      const bool ended = take_word(line, i, word.text);
      words.push_back(std::move(word));
      if (ended) break;
    }
    return words;
  }

  /// True: a comment follows, and the line is done.
  bool take_word(std::string_view line, std::size_t& i, std::string& text) const {
    for (; i < line.size() && !text::is_blank(line[i]); ++i) {
      const char c = line[i];
      if (c == '#') return true;
      if (c == '\\') {
        if (i + 1 >= line.size()) throw Error("nothing stands behind this '\\'").at(at(line.substr(i)));
        text += line[++i];
      } else if (c == '"' || c == '\'') {
        const std::size_t begin = i;
        for (++i; i < line.size() && line[i] != c; ++i) {
          if (c == '"' && line[i] == '\\' && i + 1 < line.size() && (line[i + 1] == '"' || line[i + 1] == '\\')) ++i;
          text += line[i];
        }
        if (i >= line.size()) throw Error("this quote is never closed").at(at(line.substr(begin)));
      } else {
        text += c;
      }
    }
    return false;
  }

  void undefined(const std::string& name, const Pending& pending) const {
    Strings known;
    for (const Graph::Group& group : reading_.graph.groups())
      if (group.name != name && !pending_.count(group.name)) known.push_back(group.name);
    Error error = Error(pending.only_variables ? "'[" + name + ":vars]' speaks of a group that is not defined"
                                               : "'[" + pending.parent + ":children]' names the group '" + name +
                                                     "', which is not defined")
                      .at(pending.where)
                      .spanning(static_cast<int>(name.size()));
    if (const auto hint = did_you_mean(name, known))
      error.hint(*hint);
    else
      error.hint("add a section '[" + name + "]'");
    throw error;
  }

  Reading& reading_;
  yaml::Source source_;
  std::size_t line_ = 0;
  std::string_view raw_;
  State state_ = State::hosts;
  Graph::Index group_ = Graph::ungrouped;
  std::map<std::string, Pending> pending_;
};

}  // namespace

void read_ini(std::string_view text, Reading& reading) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  IniReader(text, reading).run();
}

}  // namespace agent::inventory

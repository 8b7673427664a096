// What a text of a play names, as far as it concerns other machines. It is words that are looked for, and not meanings:
// a word too many only keeps a play where it is.
#include <algorithm>
#include <array>
#include <cctype>

#include <agent/executor/packing.hpp>

namespace agent::executor {
namespace {

constexpr std::string_view tying[] = {"hostvars",   "ansible_play_hosts", "play_hosts",         "ansible_play_batch",
                                      "now",        "strftime",           "realpath",           "expanduser",
                                      "expandvars", "fileglob",           "inventory_hostnames"};
/// Tests that look at files.
constexpr std::string_view looking[] = {"exists",  "file",      "directory",   "link",    "link_exists",
                                        "mount",   "same_file", "samefile",    "is_file", "is_dir",
                                        "is_link", "is_mount",  "is_same_file"};

bool is_part(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}

template <std::size_t N>
bool is_one_of(std::string_view word, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

std::string without_collection(std::string name) {
  const auto dot = name.rfind('.');
  return dot == std::string::npos ? name : name.substr(dot + 1);
}

/// A text between quotes at `at`, which is moved behind it.
std::optional<std::string> quoted(const std::string& text, std::size_t& at) {
  at = std::min(text.find_first_not_of(" \t\n", at), text.size());
  if (at >= text.size() || (text[at] != '\'' && text[at] != '"')) return std::nullopt;
  const auto end = text.find(text[at], at + 1);
  if (end == std::string::npos) return std::nullopt;
  std::string out = text.substr(at + 1, end - at - 1);
  at = std::min(text.find_first_not_of(" \t\n", end + 1), text.size());
  return out;
}

}  // namespace

void Packing::tie(const std::string& what, const Where& where, std::string_view why) {
  const bool is_told_here = is_done_here_ && why != concerns_others;
  if (!tie_ && !is_told_here) tie_ = where ? what + " (" + where.text() + ")" : what;
  bond(what, where, why);
}

void Packing::bond(const std::string& what, const Where& where, std::string_view why) {
  if (luggage_.amount_ == Luggage::Amount::everything && told_.insert(what + where.text()).second)
    bonds_.push_back(Error(what + " cannot travel: " + std::string(why)).at(where));
}

void Packing::text(const Value& value) {
  if (value.is_object()) encrypted_.push_back(value.where());
  if (value.is_list())
    for (const auto& one : value.list()) text(one);
  if (value.is_map())
    for (const auto& [key, one] : value.map()) {
      text(key, value.where());
      text(one);
    }
  if (value.is_string()) text(value.string(), value.where());
}

void Packing::text(const std::string& text, const Where& where) {
  if (text.size() < 256 && text.find('{') == std::string::npos && text.find('\n') == std::string::npos)
    literals_.insert(text);
  std::string_view before;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_part(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_part(text[end])) ++end;
    const std::string_view word = std::string_view(text).substr(at, end - at);
    if (word == "groups" || word == "ansible_play_hosts_all") names_groups_ = true;
    if (word == "ansible_play_hosts_all") bond("'ansible_play_hosts_all'", where, concerns_others);
    if (word == "ansible_become") becomes_ = true;
    // Prose has such words, too: of these only a call counts.
    const bool is_call = end < text.size() && text[end] == '(';
    if (is_one_of(word, tying) && (word != "now" || is_call))
      tie("'" + std::string(word) + "'", where,
          word.find("host") == std::string_view::npos && word != "ansible_play_batch" ? looks_here : concerns_others);
    if (is_one_of(word, looking) && (before == "is" || before == "not"))
      tie("'is " + std::string(word) + "'", where, looks_here);
    before = word;
    at = end;
  }
  lookups(text, where);
}

void Packing::lookups(const std::string& text, const Where& where) {
  for (const std::string_view call : {"lookup", "query", "q"})
    for (std::size_t at = text.find(call); at != std::string::npos; at = text.find(call, at + 1)) {
      if (at > 0 && is_part(text[at - 1])) continue;
      std::size_t next = text.find_first_not_of(' ', at + call.size());
      if (next == std::string::npos || text[next] != '(') continue;
      ++next;
      const auto name = quoted(text, next);
      if (!name) return tie("a lookup whose name is made", where, looks_here);
      const std::string plain = without_collection(*name);
      const auto& outside = jinja::outside_lookups();
      if (plain == "template") return tie("the lookup 'template'", where, looks_here);
      if (std::find(outside.begin(), outside.end(), plain) == outside.end()) continue;
      // Of those that look around on the controller only what is written out may be asked for.
      std::optional<std::string> term;
      if (next < text.size() && text[next] == ',') term = quoted(text, ++next);
      if (!term || next >= text.size() || text[next] != ')')
        return tie("the lookup '" + plain + "' of what is not written out", where, looks_here);
      looked_up(plain, *term, where);
    }
}

void Packing::loop(const Task& task) {
  if (!task.loop) return;
  text(task.loop->value);
  const std::string kind = without_collection(task.loop->kind);
  const auto& outside = jinja::outside_lookups();
  if (kind == "template") tie("'with_template'", task.loop->where, looks_here);
  if (std::find(outside.begin(), outside.end(), kind) == outside.end()) return;
  const Value& terms = task.loop->value;
  for (const auto& term : terms.is_list() ? terms.list() : List{terms}) {
    if (!term.is_string() || jinja::Engine::has_templates(term))
      return tie("'with_" + kind + "' of what is not written out", task.loop->where, looks_here);
    looked_up(kind, term.string(), task.loop->where);
  }
}

// A variable of the environment and a file are answers that can be taken along; a program's output is of its hour.
void Packing::looked_up(const std::string& name, const std::string& term, const Where& where) {
  luggage_.lookups_.insert({name, term});
  if ((name != "env" && name != "file") || term.starts_with("~")) bond("the lookup '" + name + "'", where, looks_here);
}

}  // namespace agent::executor

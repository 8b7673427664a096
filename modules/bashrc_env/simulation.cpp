#include "simulation.hpp"

#include <algorithm>

namespace agent::bashrc_env {
namespace {

constexpr std::string_view ours = "# agent:", added_word = "# agent: added ";

std::string_view without_return(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

// `case ":${NAME-}:" in *":ENTRY:"*) export NAME ;; *) export NAME="..." ;; esac`, as edit.cpp writes it.
Mark guard_of(std::string_view statement) {
  constexpr std::string_view head = "case \":${", middle = "-}:\" in *\":", tail = ":\"*) export ";
  if (statement.substr(0, head.size()) != head) return {};
  const auto name_end = statement.find(middle, head.size());
  if (name_end == std::string_view::npos) return {};
  const auto entry_start = name_end + middle.size(), entry_end = statement.find(tail, entry_start);
  if (entry_end == std::string_view::npos) return {};
  Mark mark{.kind = Mark::Kind::guard};
  mark.name = statement.substr(head.size(), name_end - head.size());
  mark.entry = statement.substr(entry_start, entry_end - entry_start);
  mark.appends = statement.find("=\"${" + mark.name + ":+$", entry_end) != std::string_view::npos;
  return is_name(mark.name) ? mark : Mark{};
}

}  // namespace

Strings list_of(std::string_view text) {
  Strings parts;
  for (std::size_t start = 0; !text.empty() && start <= text.size();) {
    const std::size_t colon = std::min(text.find(':', start), text.size());
    parts.emplace_back(text.substr(start, colon - start));
    start = colon + 1;
  }
  return parts;
}

Mark mark_of(std::string_view text, const Statement& statement) {
  if (!statement.comment || !statement.alone || statement.comment->begin < statement.range.end) return {};
  const std::string_view comment = without_return(statement.comment->of(text));
  if (const auto added = comment.rfind(added_word); added != std::string_view::npos) {
    if (!statement.certain || statement.words.empty()) return {};
    const std::string_view word = statement.words.back().of(text);
    const auto to = assignment(word);
    if (!to) return {};
    return {.kind = Mark::Kind::added, .name = to->name, .added = list_of(comment.substr(added + added_word.size()))};
  }
  if (comment.substr(0, ours.size()) != ours) return {};
  if (!statement.certain) return guard_of(statement.range.of(text));
  if (statement.words.size() != 2 || statement.words[0].of(text) != "export") return {};
  const auto to = assignment(statement.words[1].of(text));
  return to ? Mark{.kind = Mark::Kind::value, .name = to->name} : Mark{};
}

void Simulation::run(std::string_view text, const Script& script) {
  last_.clear();
  for (std::size_t i = 0; i < script.statements.size(); ++i) {
    const Statement& statement = script.statements[i];
    if (script.stop && statement.range.begin >= *script.stop) return;
    if (const Mark mark = mark_of(text, statement); mark.kind == Mark::Kind::guard)
      run_guard(mark, i);
    else if (statement.certain)
      run_statement(text, statement, i);
  }
}

std::optional<std::string> Simulation::value(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? inherited_(name) : found->second;
}

const Effect* Simulation::last(const std::string& name) const {
  const auto found = last_.find(name);
  return found == last_.end() ? nullptr : &found->second;
}

Lookup Simulation::lookup() const {
  return [this](const std::string& name) {
    if (!is_known(name)) throw NeedsRunning{};
    return value(name);
  };
}

void Simulation::run_statement(std::string_view text, const Statement& statement, std::size_t index) {
  Strings words;
  for (const Range& word : statement.words) words.emplace_back(word.of(text));
  if (words.empty()) return;
  if (std::all_of(words.begin(), words.end(), [](const auto& word) { return assignment(word).has_value(); })) {
    for (const std::string& word : words) assign(word, *assignment(word), index);
    return;
  }
  const std::string& command = words.front();
  const bool declares = command == "declare" || command == "typeset";
  if (!declares && command != "export" && command != "readonly" && command != "unset") return;
  std::string flags;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i][0] == '-') {
      flags += words[i];
      continue;
    }
    if (flags.find_first_of("fFp") != std::string::npos) continue;
    if (command == "unset") {
      set(words[i], std::nullopt, index);
      exported_.erase(words[i]);
    } else if (command == "export" && flags.find('n') != std::string::npos) {
      exported_.erase(words[i]);
    } else {
      declare(words[i], command == "export" || (declares && flags.find('x') != std::string::npos), index);
      // Arrays, numbers, references, letter case: values that are not simply the text.
      if (declares && flags.find_first_of("aAinlu") != std::string::npos)
        if (const auto to = assignment(words[i])) unknown_.insert(to->name);
    }
  }
}

void Simulation::declare(std::string_view word, bool exports, std::size_t index) {
  std::string name(word);
  if (const auto to = assignment(word)) {
    assign(word, *to, index);
    name = to->name;
  } else if (!is_name(word)) {
    // export "NAME=value": quoted as a whole
    const auto text =
        word.find('$') == std::string_view::npos || word[0] == '"' ? expanded(word, lookup(), false) : std::nullopt;
    const auto inside = text ? assignment(*text) : std::nullopt;
    if (!inside || inside->appends) return;
    name = inside->name;
    set(name, text->substr(inside->value), index);
  }
  if (exports) exported_.insert(name);
}

void Simulation::assign(std::string_view word, const Assignment& to, std::size_t index) {
  auto text = to.appends && !is_known(to.name) ? std::nullopt : expanded(word.substr(to.value), lookup(), true);
  if (text && to.appends) text = value(to.name).value_or("") + *text;
  const bool known = text.has_value();
  set(to.name, std::move(text), index);
  if (known) return;
  unknown_.insert(to.name);
  last_[to.name].known = false;
}

void Simulation::set(const std::string& name, std::optional<std::string> text, std::size_t index) {
  last_[name] = {index, value(name), text, true};
  unknown_.erase(name);
  values_[name] = std::move(text);
}

void Simulation::run_guard(const Mark& mark, std::size_t index) {
  const auto entry = expanded("\"" + mark.entry + "\"", lookup(), false);
  exported_.insert(mark.name);
  if (!entry) return;
  const std::string now = value(mark.name).value_or("");
  const Strings parts = list_of(now);
  if (std::find(parts.begin(), parts.end(), *entry) != parts.end()) return;
  const bool known = is_known(mark.name);
  set(mark.name, now.empty() ? *entry : mark.appends ? now + ":" + *entry : *entry + ":" + now, index);
  if (!known) unknown_.insert(mark.name);
}

}  // namespace agent::bashrc_env

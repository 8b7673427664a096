#include "edit.hpp"

#include <algorithm>

#include "simulation.hpp"

namespace agent::bashrc_env {
namespace {

using Kind = Wish::Kind;

/// A value that the shell would inherit stands for itself: its name between two characters that no value has.
std::string inherited_mark(const std::string& name) {
  return "\x1f" + name + "\x1f";
}

Lookup symbolic(const Surroundings& around) {
  return [home = around.home, user = around.user](const std::string& name) -> std::optional<std::string> {
    if (name == "HOME") return home;
    if (name == "USER" || name == "LOGNAME") return user;
    return inherited_mark(name);
  };
}

bool contains(const Strings& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

/// The script with what is known of it. Made anew after each change of the text.
struct Look {
  Look(const std::string& text_, const Wish& wish_, const Surroundings& around)
      : text(text_), wish(wish_), script(parse_script(text_)), shell(symbolic(around)) {
    shell.mark_exported("PATH");
    shell.mark_exported("HOME");
    shell.run(around.prelude, parse_script(around.prelude));
    before_last = shell.last(wish_.name) ? *shell.last(wish_.name) : Effect{};
    in_prelude = shell.last(wish_.name) != nullptr;
    shell.run(text_, script);
    if (const Effect* last = shell.last(wish_.name)) {
      before_last = *last;
      in_prelude = false;
      here = true;
    }
  }

  const std::string& text;
  const Wish& wish;
  Script script;
  Simulation shell;
  Effect before_last;  // the last sure assignment, here or in the prelude
  bool in_prelude = false, here = false;

  std::string_view of(const Statement& statement) const { return statement.range.of(text); }
};

// A statement that may run, and if it does sets `name`: 0 no, 1 it keeps what was there, 2 it does not.
int may_set(std::string_view statement, const std::string& name) {
  bool sets = false;
  for (std::size_t at = statement.find(name); at != std::string_view::npos; at = statement.find(name, at + 1)) {
    const char before = at == 0 ? ' ' : statement[at - 1];
    const std::string_view after = statement.substr(at + name.size());
    const bool starts = std::string_view(" \t\n;&|({\"'").find(before) != std::string_view::npos;
    if (starts && (after.substr(0, 1) == "=" || after.substr(0, 2) == "+=")) sets = true;
    if (starts && at >= 6 && statement.substr(at - 6, 6) == "unset ") return 2;
  }
  if (!sets) return 0;
  const bool keeps = statement.find("$" + name) != std::string_view::npos ||
                     statement.find("${" + name) != std::string_view::npos ||
                     statement.find(name + "+=") != std::string_view::npos;
  return keeps ? 1 : 2;
}

// What unsure statements behind the last sure assignment may do to the variable, at worst.
int unsure_afterwards(const Look& look) {
  int worst = 0;
  for (std::size_t i = look.here ? look.before_last.statement + 1 : 0; i < look.script.statements.size(); ++i) {
    const Statement& statement = look.script.statements[i];
    if (statement.certain || mark_of(look.text, statement).kind == Mark::Kind::guard) continue;
    worst = std::max(worst, may_set(look.of(statement), look.wish.name));
  }
  return worst;
}

std::string marker(const Wish& wish) {
  std::string text = wish.comment.empty() ? "set by bashrc_env" : wish.comment;
  std::replace(text.begin(), text.end(), '\n', ' ');
  // Read back, "# agent: added" would mean something else.
  if (text.rfind("added ", 0) == 0) text = ": " + text;
  return "  # agent: " + text;
}

std::string value_line(const Wish& wish) {
  return "export " + wish.name + "=\"" + for_double_quotes(wish.value) + "\"" + marker(wish);
}

// Adds the entry where it is missing, also in a shell that was started from a shell. An unset variable makes no empty
// entry, which would mean the current directory.
std::string guard_line(const Wish& wish, const std::string& entry) {
  const std::string& name = wish.name;
  const std::string quoted = for_double_quotes(entry);
  const std::string joined = wish.kind == Kind::append ? "${" + name + ":+$" + name + ":}" + quoted
                                                       : quoted + "${" + name + ":+:$" + name + "}";
  return "case \":${" + name + "-}:\" in *\":" + quoted + ":\"*) export " + name + " ;; *) export " + name + "=\"" +
         joined + "\" ;; esac" + marker(wish);
}

std::string with_line(const std::string& text, const std::optional<std::size_t>& stop, const std::string& line) {
  const std::size_t at = stop.value_or(text.size());
  std::string head = text.substr(0, at);
  if (!head.empty() && head.back() != '\n') head += '\n';
  return head + line + "\n" + text.substr(at);
}

std::string without_lines(const std::string& text, const Statement& statement) {
  return text.substr(0, statement.lines.begin) + text.substr(statement.lines.end);
}

const Statement* own(const Look& look, Mark::Kind kind, const std::string& entry = "") {
  for (const Statement& statement : look.script.statements) {
    const Mark mark = mark_of(look.text, statement);
    if (mark.kind == kind && mark.name == look.wish.name && (kind == Mark::Kind::value || mark.entry == entry))
      return &statement;
  }
  return nullptr;
}

// ---- one value ------------------------------------------------------------------------------------------------------

bool has_value(const Look& look) {
  if (!look.here && !look.in_prelude) return false;
  const Effect& last = look.before_last;
  // The wish may speak of the variable itself ("/opt/bin:$PATH"): then of what it was before that statement.
  const Lookup then = [&](const std::string& name) {
    return name == look.wish.name ? last.before : look.shell.value(name);
  };
  const auto wanted = expanded("\"" + for_double_quotes(look.wish.value) + "\"", then, false);
  return last.known && look.shell.is_known(look.wish.name) && look.shell.is_exported(look.wish.name) && wanted &&
         wanted == look.shell.value(look.wish.name) && unsure_afterwards(look) == 0;
}

std::string with_value(const std::string& text, const Wish& wish, const Surroundings& around) {
  const Look look(text, wish, around);
  const Statement* line = own(look, Mark::Kind::value);
  const bool is_last = line && look.here && &look.script.statements[look.before_last.statement] == line;
  if (has_value(look)) {
    const bool comment_is_right =
        wish.comment.empty() || !is_last || text.substr(line->range.begin).rfind(value_line(wish), 0) == 0;
    if (comment_is_right) return text;
  }
  if (is_last && unsure_afterwards(look) == 0)
    return text.substr(0, line->lines.begin) + value_line(wish) + "\n" + text.substr(line->lines.end);
  const std::string rest = line ? without_lines(text, *line) : text;
  return with_line(rest, parse_script(rest).stop, value_line(wish));
}

// ---- entries of a list ----------------------------------------------------------------------------------------------

bool has_entry(const Look& look, const std::string& entry) {
  const auto text = expanded("\"" + for_double_quotes(entry) + "\"", look.shell.lookup(), false);
  const auto now = look.shell.value(look.wish.name);
  return text && now && contains(list_of(*now), *text) && look.shell.is_exported(look.wish.name) &&
         unsure_afterwards(look) < 2;
}

/// How an entry is written into the word of a person's assignment.
struct Insertion {
  std::size_t at = 0;
  std::string text;
};

bool is_plain(const std::string& text) {
  return text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+@%,${}") ==
         std::string::npos;
}

Insertion insertion(const std::string& text, const Statement& statement, const Wish& wish, const std::string& entry) {
  const Range word = statement.words.back();
  const std::size_t value = word.begin + assignment(word.of(text))->value;
  const bool empty = value == word.end || text.substr(value, word.end - value) == "\"\"";
  std::string quoted = for_double_quotes(entry);
  if (wish.kind == Kind::prepend) {
    const bool inside = value < word.end && text[value] == '"';
    if (!inside && !is_plain(quoted)) quoted = "\"" + quoted + "\"";
    return {value + (inside ? 1 : 0), quoted + (empty ? "" : ":")};
  }
  // Only a word that is one pair of double quotes can be entered at its end.
  const std::string_view whole = std::string_view(text).substr(value, word.end - value);
  const bool inside = whole.size() > 1 && whole.front() == '"' && whole.find('"', 1) == whole.size() - 1 &&
                      whole.find('\\') == std::string_view::npos;
  if (!inside && !is_plain(quoted)) quoted = "\"" + quoted + "\"";
  return {word.end - (inside ? 1 : 0), (empty ? "" : ":") + quoted};
}

// The person's own line that decides about the variable, where it is as guides write it: `export PATH=...`, one line,
// nothing else on it, and nothing unsure that has a say.
const Statement* persons_line(const Look& look, const std::string& entry, const Surroundings& around) {
  // What the shell may have inherited would be there twice: that takes a line that looks first.
  const auto meaning = expanded("\"" + for_double_quotes(entry) + "\"", look.shell.lookup(), false);
  if (!meaning || contains(around.inherited, *meaning) || around.login.find(entry) != std::string::npos) return nullptr;
  if (!look.here || !look.before_last.known || !look.shell.is_exported(look.wish.name)) return nullptr;
  const Statement& statement = look.script.statements[look.before_last.statement];
  const Mark mark = mark_of(look.text, statement);
  if (mark.kind != Mark::Kind::none && mark.kind != Mark::Kind::added) return nullptr;
  if (!statement.certain || !statement.alone || look.of(statement).find('\n') != std::string_view::npos) return nullptr;
  if (look.text.find('\r', statement.lines.begin) < statement.lines.end) return nullptr;
  const auto to = assignment(statement.words.back().of(look.text));
  if (!to || to->appends || to->name != look.wish.name) return nullptr;
  const bool exports = statement.words.size() == 2 && statement.words[0].of(look.text) == "export";
  if (!exports && statement.words.size() != 1) return nullptr;
  for (const Statement& other : look.script.statements)
    if (!other.certain &&
        (may_set(look.of(other), look.wish.name) != 0 || look.of(other).find(entry) != std::string_view::npos))
      return nullptr;
  return &statement;
}

std::string with_entry(std::string text, const Wish& wish, const std::string& entry, const Surroundings& around) {
  {
    const Look look(text, wish, around);
    const Statement* guard = own(look, Mark::Kind::guard, for_double_quotes(entry));
    if (has_entry(look, entry)) {
      if (!guard || text.substr(guard->range.begin).rfind(guard_line(wish, entry), 0) == 0) return text;
      const bool same_place = mark_of(text, *guard).appends == (wish.kind == Kind::append);
      if (same_place && wish.comment.empty()) return text;
      return text.substr(0, guard->lines.begin) + guard_line(wish, entry) + "\n" + text.substr(guard->lines.end);
    }
    if (guard) text = without_lines(std::string(text), *guard);
  }
  const Look look(text, wish, around);
  if (has_entry(look, entry)) return text;
  const Statement* line = persons_line(look, entry, around);
  if (!line) return with_line(text, look.script.stop, guard_line(wish, entry));
  const Insertion put = insertion(text, *line, wish, entry);
  const Mark mark = mark_of(text, *line);
  const std::size_t line_end = line->comment ? line->comment->end : line->range.end;
  const std::string note = mark.kind == Mark::Kind::added ? ":" + entry : "  # agent: added " + entry;
  return text.substr(0, put.at) + put.text + text.substr(put.at, line_end - put.at) + note + text.substr(line_end);
}

// Takes an entry out of a person's line again, and the note with it.
std::string without_added(const std::string& text, const Statement& statement, const Mark& mark,
                          const std::string& entry) {
  std::string note = "# agent: added ", rest;
  for (const std::string& added : mark.added) {
    note += (&added == &mark.added.front() ? "" : ":") + added;
    if (added != entry) rest += (rest.empty() ? "" : ":") + added;
  }
  const Range word = statement.words.back();
  std::string value(word.of(text));
  const std::size_t start = assignment(value)->value;
  const std::string quoted = for_double_quotes(entry);
  for (const std::string& candidate :
       {"\"" + quoted + "\":", quoted + ":", ":\"" + quoted + "\"", ":" + quoted, "\"" + quoted + "\"", quoted}) {
    const std::size_t at = value.find(candidate, start);
    if (at == std::string::npos) continue;
    const char before = at == 0 ? '=' : value[at - 1],
               after = at + candidate.size() < value.size() ? value[at + candidate.size()] : '\0';
    const bool whole_before = candidate[0] == ':' || before == '=' || before == '"' || before == ':';
    const bool whole_after = candidate.back() == ':' || after == '\0' || after == '"' || after == ':';
    if (!whole_before || !whole_after) continue;
    value.erase(at, candidate.size());
    break;
  }
  std::string line_end(std::string_view(text).substr(word.end, statement.comment->end - word.end));
  if (const std::size_t at = line_end.rfind(note); at != std::string::npos) {
    line_end = line_end.substr(0, at);
    if (!rest.empty()) {
      line_end += "# agent: added " + rest;
    } else if (line_end.size() >= 2 && line_end.substr(line_end.size() - 2) == "  ") {
      line_end.resize(line_end.size() - 2);
    }
  }
  return text.substr(0, word.begin) + value + line_end + text.substr(statement.comment->end);
}

// One thing less that this module wrote; nothing when there is no more.
std::optional<std::string> without_one(const std::string& text, const Wish& wish, const Surroundings& around) {
  const Look look(text, wish, around);
  for (const Statement& statement : look.script.statements) {
    const Mark mark = mark_of(text, statement);
    if (mark.name != wish.name) continue;
    const bool any = wish.kind == Kind::any;
    const bool list = wish.kind == Kind::prepend || wish.kind == Kind::append;
    if (mark.kind == Mark::Kind::value && !list) return without_lines(text, statement);
    if (mark.kind == Mark::Kind::guard)
      for (const std::string& entry : any ? Strings{""} : wish.entries)
        if (any || mark.entry == for_double_quotes(entry)) return without_lines(text, statement);
    if (mark.kind == Mark::Kind::added)
      for (const std::string& entry : any ? mark.added : wish.entries)
        if (contains(mark.added, entry)) return without_added(text, statement, mark, entry);
  }
  return std::nullopt;
}

}  // namespace

std::string with_wish(const std::string& script, const Wish& wish, const Surroundings& around) {
  if (wish.kind == Kind::value) return with_value(script, wish, around);
  std::string text = script;
  Strings entries = wish.entries;
  if (wish.kind == Kind::prepend) std::reverse(entries.begin(), entries.end());  // the first ends up in front
  for (const std::string& entry : entries) text = with_entry(text, wish, entry, around);
  return text;
}

std::string without_wish(const std::string& script, const Wish& wish, const Surroundings& around) {
  std::string text = script;
  while (auto less = without_one(text, wish, around)) text = std::move(*less);
  return text;
}

std::optional<std::string> seen_value(const std::string& script, const std::string& name, const Surroundings& around,
                                      const Lookup& inherited) {
  Simulation shell([&](const std::string& variable) -> std::optional<std::string> {
    if (variable == "HOME") return around.home;
    if (variable == "USER" || variable == "LOGNAME") return around.user;
    return inherited(variable);
  });
  shell.run(around.prelude, parse_script(around.prelude));
  shell.run(script, parse_script(script));
  return shell.is_known(name) ? shell.value(name) : std::nullopt;
}

int line_of_person(const std::string& script, const std::string& name) {
  Simulation shell([](const std::string& variable) { return std::optional(inherited_mark(variable)); });
  const Script parsed = parse_script(script);
  shell.run(script, parsed);
  const Effect* last = shell.last(name);
  if (!last || mark_of(script, parsed.statements[last->statement]).kind != Mark::Kind::none) return 0;
  const std::size_t at = parsed.statements[last->statement].range.begin;
  return 1 + static_cast<int>(std::count(script.begin(), script.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

}  // namespace agent::bashrc_env

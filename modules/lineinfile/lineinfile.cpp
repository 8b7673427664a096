#include <algorithm>

#include <agent/sdk/file_edit.hpp>
#include <agent/sdk/regex.hpp>

namespace agent::lineinfile {
namespace {

struct Want : FileEdit {
  std::string state = "present";
  std::optional<std::string> line, regexp, search_string, insertafter, insertbefore;
  bool backrefs = false, firstmatch = false;
};

const SpecOf<Want>& arguments() {
  static const auto spec =
      with_edit_options(
          edit_spec<Want>("lineinfile", "Keeps one line in a text file, or keeps lines out of it.")
              .description("With `regexp` the last line that matches becomes `line`; where none matches, `line` is "
                           "added, unless it is "
                           "there already. Let `regexp` match `line` itself too: otherwise each run finds another line "
                           "to replace.\n\n"
                           "Patterns are those of Python's `re`. For several lines use `blockinfile`.")
              .optional("line", &Want::line, "the line")
              .alias("value")
              .optional("regexp", &Want::regexp, "which line to replace or remove")
              .alias("regex")
              .optional("search_string", &Want::search_string, "the same, as plain text that the line contains")
              .optional("state", &Want::state, "whether the line shall be there")
              .choices({"present", "absent"})
              .optional("insertafter", &Want::insertafter,
                        "where to add it: behind the last line that matches this pattern, or at the end (EOF)")
              .optional("insertbefore", &Want::insertbefore,
                        "where to add it: before the last line that matches this pattern, or at the beginning (BOF)")
              .optional("backrefs", &Want::backrefs,
                        "put groups of `regexp` into `line` (\\1, \\g<name>); no match, no change")
              .optional("firstmatch", &Want::firstmatch, "take the first line that matches instead of the last")
              .optional("create", static_cast<bool Want::*>(&Want::create), "make the file where it does not exist"))
          .exclusive({"insertbefore", "insertafter"})
          .exclusive({"regexp", "search_string"})
          .exclusive({"backrefs", "search_string"})
          .example("A setting",
                   "- lineinfile:\n    path: /etc/ssh/sshd_config\n    regexp: '^#?\\s*PermitRootLogin\\b'\n"
                   "    line: PermitRootLogin no\n    validate: sshd -t -f %s\n  notify: restart ssh")
          .example("Never this line", "- lineinfile: {path: /etc/hosts, regexp: 'old-server', state: absent}")
          .returns("msg", "text", "\"line added\", \"line replaced\", \"2 line(s) removed\", or nothing")
          .returns("found", "integer", "with `state: absent`, how many lines were found")
          .returns("backup", "text", "the old file, where one was kept");
  return spec;
}

std::string without_end(const std::string& line) {
  std::size_t size = line.size();
  while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r')) --size;
  return line.substr(0, size);
}

std::string joined(const Strings& lines) {
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

Regex pattern(const std::string& text, const char* argument) {
  try {
    return Regex(text, {.bytes = true});
  } catch (const Error& error) {
    throw Error(error.message()).about(argument);
  }
}

/// Where things were found: numbers of lines, or none.
struct Found {
  std::optional<std::size_t> line;    ///< the one to replace
  std::optional<std::size_t> insert;  ///< the one to insert before
  std::optional<Match> match;         ///< of `regexp`
  bool by_pattern = false;
};

Found find_line(const Want& want, const Strings& lines) {
  Found found;
  const auto expression = want.regexp ? std::optional(pattern(*want.regexp, "regexp")) : std::nullopt;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto match = expression ? expression->search(lines[i]) : std::nullopt;
    const bool matches = match || (want.search_string && lines[i].find(*want.search_string) != std::string::npos);
    if (!matches) continue;
    found.line = i;
    found.match = std::move(match);
    found.by_pattern = true;
    if (want.firstmatch) break;
  }
  return found;
}

// Only where no line was found to replace.
void find_place(const Want& want, const Strings& lines, Found& found) {
  const bool after = want.insertafter && *want.insertafter != "EOF" && *want.insertafter != "BOF";
  const bool before = want.insertbefore && *want.insertbefore != "BOF";
  std::optional<Regex> place;
  if (after) place = pattern(*want.insertafter, "insertafter");
  if (before) place = pattern(*want.insertbefore, "insertbefore");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (without_end(lines[i]) == *want.line) {
      found.line = i;
    } else if (place && place->search(lines[i])) {
      found.insert = after ? i + 1 : i;
      if (want.firstmatch) break;
    }
  }
}

Edited with_line(const Want& want, const std::optional<std::string>& before) {
  Strings lines = lines_with_ends(before.value_or(""));
  Found found = find_line(want, lines);
  if (!found.line) find_place(want, lines, found);
  std::string line = *want.line;
  if (found.line) {
    if (want.backrefs && found.match) line = found.match->expanded(line);
    if (line.empty() || line.back() != '\n') line += '\n';
    if (lines[*found.line] == line) return {before, ""};
    lines[*found.line] = line;
    return {joined(lines), "line replaced"};
  }
  if (want.backrefs) return {before, ""};
  const bool at_start = want.insertbefore == "BOF" || want.insertafter == "BOF";
  const std::size_t at = at_start ? 0 : found.insert.value_or(lines.size());
  const bool there = want.insertafter && found.insert && at < lines.size() && without_end(lines[at]) == line;
  if (there) return {before, ""};
  if (at == lines.size() && !lines.empty() && lines.back().back() != '\n' && lines.back().back() != '\r')
    lines.back() += '\n';
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), line + "\n");
  return {joined(lines), "line added"};
}

std::size_t removed(const Want& want, Strings& lines) {
  const auto expression = want.regexp ? std::optional(pattern(*want.regexp, "regexp")) : std::nullopt;
  return static_cast<std::size_t>(std::erase_if(lines, [&](const std::string& line) {
    if (expression) return expression->search(line).has_value();
    if (want.search_string) return line.find(*want.search_string) != std::string::npos;
    return without_end(line) == *want.line;
  }));
}

Edited without_line(const Want& want, const std::optional<std::string>& before) {
  Strings lines = lines_with_ends(before.value_or(""));
  const std::size_t count = removed(want, lines);
  return {joined(lines), count == 0 ? "" : std::to_string(count) + " line(s) removed"};
}

void check_arguments(const Want& want) {
  if (want.state == "present") {
    if (want.backrefs && !want.regexp)
      throw Error("'backrefs' needs 'regexp': its groups are what is put in").about("backrefs");
    if (!want.line) throw Error("lineinfile needs 'line': the line that shall be there");
  } else if (!want.line && !want.regexp && !want.search_string) {
    throw Error("lineinfile needs 'line', 'regexp' or 'search_string': what shall not be there");
  }
}

class LineInFile : public FileModule {
 public:
  Plan check(const Args& args, const Host& host) const override {
    const Want want = arguments().read(args);
    check_arguments(want);
    if (want.state == "absent") return plan_absent(want, host);
    Plan plan = plan_edit(
        want, [&](const auto& before) { return with_line(want, before); }, host);
    finish(want, plan);
    return plan;
  }

  Outcome apply(const Plan& plan, Host& host) const override {
    Outcome outcome = FileModule::apply(plan, host);
    if (const Value* kept = outcome.result.find("backup_file")) outcome.result.set("backup", Value(*kept));
    return outcome;
  }

 private:
  static Plan plan_absent(const Want& want, const Host& host) {
    const Path file = edited_file(want, host);
    if (!host.stat(file)) return {.steps = {}, .result = {{"msg", "file not present"}}};
    Plan plan = plan_edit(
        want, [&](const auto& before) { return without_line(want, before); }, host);
    Strings lines = lines_with_ends(host.read(file).value_or(""));
    plan.result.set("found", removed(want, lines));
    finish(want, plan);
    return plan;
  }

  static void finish(const Want& want, Plan& plan) {
    plan.result.set("backup", "");
    if (want.regexp == "" || want.search_string == "")
      plan.notes.push_back("an empty pattern matches every line; if that is meant, write '^'");
  }
};

constexpr Variant variants[] = {{"any", variant<LineInFile>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::lineinfile

AGENT_MODULE(agent::lineinfile::arguments, agent::lineinfile::variants)

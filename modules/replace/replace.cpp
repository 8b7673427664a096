#include <agent/sdk/file_edit.hpp>
#include <agent/sdk/regex.hpp>

namespace agent::replace {
namespace {

struct Want : FileEdit {
  std::string regexp, replace, encoding = "utf-8";
  std::optional<std::string> after, before;
};

const SpecOf<Want>& arguments() {
  static const auto spec =
      with_edit_options(
          edit_spec<Want>("replace", "Replaces all that matches a pattern in a text file.")
              .description(
                  "Patterns are those of Python's `re`, `^` and `$` at each line. To be a state and no event, what is "
                  "put in should not match again.")
              .required("regexp", &Want::regexp, "what to replace")
              .optional("replace", &Want::replace, "what to put there (\\1, \\g<name> are groups); nothing removes it")
              .optional("after", &Want::after, "only behind what this pattern matches")
              .optional("before", &Want::before, "only before what this pattern matches")
              .optional("encoding", &Want::encoding, "of the file")
              .choices({"utf-8", "ascii", "latin-1"}))
          .example("Other mirrors",
                   "- replace:\n    path: /etc/apt/sources.list\n    regexp: 'http://deb\\.debian\\.org/'\n"
                   "    replace: 'https://mirror.example.org/'")
          .example("Only in one section",
                   "- replace: {path: /etc/app.ini, after: '\\[gpu\\]', before: '\\[', regexp: 'memory = \\d+', "
                   "replace: 'memory = 80'}")
          .returns("msg", "text", "\"3 replacements made\", or nothing")
          .returns("rc", "integer", "0; 256 and 257 where there is no file to edit")
          .returns("backup_file", "text", "the old file, where one was kept");
  return spec;
}

Regex pattern(const std::string& text, RegexOptions options, const char* argument) {
  try {
    return Regex(text, options);
  } catch (const Error& error) {
    throw Error(error.message()).about(argument);
  }
}

/// The part of the text that may be changed, or nothing when `after` and `before` do not match.
struct Section {
  std::size_t begin = 0, end = 0;
};

std::optional<std::string> section_pattern(const Want& want) {
  const auto given = [](const std::optional<std::string>& text) { return text && !text->empty(); };
  if (given(want.after) && given(want.before)) return *want.after + "(?P<subsection>.*?)" + *want.before;
  if (given(want.after)) return *want.after + "(?P<subsection>.*)";
  if (given(want.before)) return "(?P<subsection>.*)" + *want.before;
  return std::nullopt;
}

std::optional<Section> section(const Want& want, const std::string& text, bool bytes) {
  const auto around = section_pattern(want);
  if (!around) return Section{0, text.size()};
  const Regex expression = pattern(*around, {.dot_all = true, .bytes = bytes}, want.after ? "after" : "before");
  const auto match = expression.search(text);
  if (!match) return std::nullopt;
  for (const auto& [name, number] : expression.names())
    if (name == "subsection")
      if (const auto span = match->span(number)) return Section{span->first, span->second};
  return std::nullopt;
}

Edited edited(const Want& want, const std::string& text) {
  const bool bytes = want.encoding != "utf-8" || !is_text(text);
  const auto part = section(want, text, bytes);
  if (!part) return {text, "Pattern for before/after params did not match the given file: " + *section_pattern(want)};
  const Regex expression = pattern(want.regexp, {.multiline = true, .bytes = bytes}, "regexp");
  const std::string inside = text.substr(part->begin, part->end - part->begin);
  const auto [replaced, count] = [&] {
    try {
      return expression.replaced(inside, want.replace);
    } catch (const Error& error) {
      throw Error(error.message()).about("replace");
    }
  }();
  if (count == 0 || replaced == inside) return {text, ""};
  return {text.substr(0, part->begin) + replaced + text.substr(part->end),
          std::to_string(count) + " replacements made"};
}

class Replace : public FileModule {
 public:
  Plan check(const Args& args, const Host& host) const override {
    const Want want = arguments().read(args);
    Plan plan = plan_edit(
        want, [&](const auto& before) { return edited(want, before.value_or("")); }, host);
    plan.result.set("rc", 0);
    return plan;
  }
};

constexpr Variant variants[] = {{"any", variant<Replace>}};

}  // namespace

Manifest manifest() {
  return {[]() -> const Spec& { return arguments(); }, variants};
}

}  // namespace agent::replace

AGENT_MODULE(agent::replace::arguments, agent::replace::variants)

#include <agent/cli/doc_page.hpp>

namespace agent::cli {
namespace {

std::string joined(const Strings& words, const std::string& before = "", const std::string& after = "") {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + before + word + after;
  return out;
}

/// `text` in lines of at most `width` columns, each behind `indent`.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t width = 88) {
  std::string out, line;
  const std::string margin(indent, ' ');
  std::size_t at = 0;
  while (at < text.size()) {
    const auto end = std::min(text.find_first_of(" \n", at), text.size());
    const std::string word = text.substr(at, end - at);
    if (!line.empty() && indent + line.size() + 1 + word.size() > width) {
      out += margin + line + "\n";
      line.clear();
    }
    if (!word.empty()) line += (line.empty() ? "" : " ") + word;
    at = end + 1;
  }
  return line.empty() ? out : out + margin + line + "\n";
}

std::string indented(const std::string& text, std::size_t indent) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto end = std::min(text.find('\n', at), text.size());
    out += std::string(indent, ' ') + text.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return out;
}

std::string about(const Argument& argument) {
  std::string out(name_of(argument.type));
  if (argument.required) out += ", required";
  if (argument.secret) out += ", secret";
  if (!argument.choices.empty()) out += ", one of " + joined(argument.choices);
  if (!argument.default_text.empty()) out += ", default " + argument.default_text;
  if (!argument.aliases.empty()) out += ", also " + joined(argument.aliases);
  return out;
}

/// A cell of a table: bars and newlines would end it.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : c == '\n' ? std::string(" ") : std::string(1, c);
  return out;
}

std::string argument_rows(const Spec& spec) {
  std::string out = "| argument | type | default | |\n|---|---|---|---|\n";
  for (const auto& a : spec.arguments) {
    std::string help = a.help;
    if (!a.choices.empty()) help += "; one of " + joined(a.choices, "`", "`");
    if (!a.aliases.empty()) help += "; also " + joined(a.aliases, "`", "`");
    if (a.secret) help += "; never shown";
    const std::string fallback = a.required ? "**required**" : a.default_text.empty() ? "" : "`" + a.default_text + "`";
    out +=
        "| `" + a.name + "` | " + std::string(name_of(a.type)) + " | " + cell(fallback) + " | " + cell(help) + " |\n";
  }
  return out;
}

}  // namespace

std::string text_page(const Spec& spec, const Strings& distros) {
  std::string out = spec.name + "\n\n" + wrapped(spec.summary, 2);
  if (!spec.description.empty()) out += "\n" + wrapped(spec.description, 2);
  if (!distros.empty()) out += "\n  for: " + joined(distros) + "\n";
  if (!spec.arguments.empty()) out += "\narguments\n";
  for (const auto& argument : spec.arguments)
    out += "  " + argument.name + "  (" + about(argument) + ")\n" + wrapped(argument.help, 6);
  if (spec.open) out += "  and any other name\n";
  for (const auto& group : spec.exclusive) out += "  at most one of: " + joined(group) + "\n";
  for (const auto& group : spec.one_of) out += "  at least one of: " + joined(group) + "\n";
  if (!spec.returns.empty()) out += "\nresults\n";
  for (const auto& one : spec.returns) out += "  " + one.name + "  (" + one.type + ")\n" + wrapped(one.help, 6);
  if (!spec.examples.empty()) out += "\nexamples\n";
  for (const auto& one : spec.examples) out += "  # " + one.title + "\n" + indented(one.yaml, 2) + "\n";
  return out;
}

std::string markdown_page(const Spec& spec, const Strings& distros) {
  std::string out = "# " + spec.name + "\n\n" + spec.summary + "\n";
  if (!spec.description.empty()) out += "\n" + spec.description + "\n";
  if (!distros.empty()) out += "\nServes: " + joined(distros) + ".\n";
  if (!spec.arguments.empty()) out += "\n## Arguments\n\n" + argument_rows(spec);
  if (spec.open) out += "\nAny other name is taken, too.\n";
  for (const auto& group : spec.exclusive) out += "\nAt most one of " + joined(group, "`", "`") + " may be given.\n";
  for (const auto& group : spec.one_of) out += "\nAt least one of " + joined(group, "`", "`") + " must be given.\n";
  if (!spec.returns.empty()) {
    out += "\n## Results\n\n| name | type | |\n|---|---|---|\n";
    for (const auto& one : spec.returns)
      out += "| `" + one.name + "` | " + cell(one.type) + " | " + cell(one.help) + " |\n";
  }
  if (!spec.examples.empty()) out += "\n## Examples\n";
  for (const auto& one : spec.examples) out += "\n" + one.title + ":\n\n```yaml\n" + one.yaml + "\n```\n";
  return out;
}

}  // namespace agent::cli

#include <algorithm>

#include <agent/template/template_header.hpp>

namespace agent::jinja {

std::size_t read_header(Program& program, Syntax& syntax) {
  constexpr std::string_view mark = "#jinja2:";
  if (program.text.compare(0, mark.size(), mark) != 0) return 0;
  const std::size_t end = std::min(program.text.find('\n'), program.text.size());
  const auto fail = [&](std::string message, std::size_t at, std::size_t width) {
    program.mistakes.push_back(
        {Error(std::move(message)).hint("expected '#jinja2: trim_blocks: True, lstrip_blocks: False', or one of them"),
         static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(width)});
  };
  std::size_t at = mark.size();
  while (at < end) {
    const std::size_t comma = std::min(program.text.find(',', at), end);
    const std::string_view pair = std::string_view(program.text).substr(at, comma - at);
    const std::size_t colon = pair.find(':');
    const auto trimmed = [](std::string_view part) {
      const std::size_t first = part.find_first_not_of(" \t'\""), last = part.find_last_not_of(" \t'\"");
      return first == part.npos ? std::string() : std::string(part.substr(first, last - first + 1));
    };
    const std::string name = trimmed(pair.substr(0, colon));
    const std::string value = colon == pair.npos ? "" : trimmed(pair.substr(colon + 1));
    const bool on = value == "True" || value == "true";
    const std::map<std::string, std::string*> marks = {
        {"block_start_string", &syntax.block_start},       {"block_end_string", &syntax.block_end},
        {"variable_start_string", &syntax.variable_start}, {"variable_end_string", &syntax.variable_end},
        {"comment_start_string", &syntax.comment_start},   {"comment_end_string", &syntax.comment_end}};
    if (const auto found = marks.find(name); found != marks.end() && !value.empty())
      *found->second = value;
    else if (name == "trim_blocks" || name == "lstrip_blocks") {
      if (!on && value != "False" && value != "false") fail("'" + name + "' has to be True or False", at, comma - at);
      (name == "trim_blocks" ? syntax.trim_blocks : syntax.lstrip_blocks) = on;
    } else if (!name.empty() && name != "keep_trailing_newline" && name != "newline_sequence") {
      fail("the '#jinja2:' line knows no '" + name + "'", at, comma - at);
    }
    at = comma + 1;
  }
  return std::min(end + 1, program.text.size());
}

}  // namespace agent::jinja

#include <algorithm>
#include <fstream>

#include <agent/report/diagnostic.hpp>
#include <agent/report/shown_text.hpp>

namespace agent::report {
namespace {

/// `count` characters of `text`, as blanks that keep its tabs, so that what is put after them stands below.
std::string blank(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < text.size() && count > 0; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0u) == 0x80u) continue;
    out += text[i] == '\t' ? '\t' : ' ';
    --count;
  }
  return out;
}

std::string excerpt(const Error& error, const std::string& line) {
  const std::string number = std::to_string(error.where().line);
  const std::size_t column = static_cast<std::size_t>(std::max(1, error.where().column)) - 1;
  const std::size_t length = columns_of(line);
  std::string out = "  " + number + " | " + shown(line, true) + "\n";
  if (column > length) return out;
  const std::size_t room = std::max<std::size_t>(length - column, 1);
  const std::size_t width = std::clamp<std::size_t>(static_cast<std::size_t>(std::max(1, error.width())), 1, room);
  return out + "  " + std::string(number.size(), ' ') + " | " + blank(line, column) + "^" +
         std::string(width - 1, '~') + "\n";
}

}  // namespace

std::optional<std::string> source_line(const std::string& file, int line) {
  std::ifstream in(file);
  std::string text;
  for (int i = 0; i < line; ++i)
    if (!std::getline(in, text)) return std::nullopt;
  if (!text.empty() && text.back() == '\r') text.pop_back();
  return line > 0 ? std::optional(text) : std::nullopt;
}

std::string diagnostic(const Error& error, std::string_view kind, const SourceLine& lines) {
  std::string out;
  if (error.where()) out += shown(error.where().text()) + ": ";
  out += std::string(kind) + ": " + shown(error.message(), true) + "\n";
  if (error.where())
    if (const auto line = lines(*error.where().file, error.where().line)) out += excerpt(error, *line);
  for (const auto& hint : error.hints()) out += "  hint: " + shown(hint, true) + "\n";
  for (const auto& step : error.trail()) {
    out += "  " + shown(step.what);
    if (step.where) out += " (" + shown(step.where.text()) + ")";
    out += "\n";
  }
  return out;
}

}  // namespace agent::report

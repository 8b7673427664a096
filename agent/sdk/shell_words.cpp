#include <agent/sdk/error.hpp>
#include <agent/sdk/shell_words.hpp>

namespace agent {
namespace {

// Takes the text of a double-quoted part that starts at `i`, just behind its quote, and leaves `i` behind its end.
std::string double_quoted(std::string_view line, std::size_t& i) {
  std::string text;
  for (; i < line.size(); ++i) {
    if (line[i] == '"') {
      ++i;
      return text;
    }
    if (line[i] == '\\' && i + 1 < line.size() && (line[i + 1] == '"' || line[i + 1] == '\\')) ++i;
    text += line[i];
  }
  throw Error("the command line '" + std::string(line) + "' has a \" without its end");
}

std::string single_quoted(std::string_view line, std::size_t& i) {
  const std::size_t end = line.find('\'', i);
  if (end == std::string_view::npos)
    throw Error("the command line '" + std::string(line) + "' has a ' without its end");
  const std::string text(line.substr(i, end - i));
  i = end + 1;
  return text;
}

}  // namespace

Strings split_words(std::string_view line) {
  Strings words;
  std::string word;
  bool inside = false;
  for (std::size_t i = 0; i < line.size();) {
    const char c = line[i];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      if (inside) words.push_back(std::move(word));
      word.clear();
      inside = false;
      ++i;
      continue;
    }
    inside = true;
    ++i;
    if (c == '"') {
      word += double_quoted(line, i);
    } else if (c == '\'') {
      word += single_quoted(line, i);
    } else if (c == '\\') {
      if (i == line.size()) throw Error("the command line '" + std::string(line) + "' ends in a lone backslash");
      word += line[i++];
    } else {
      word += c;
    }
  }
  if (inside) words.push_back(std::move(word));
  return words;
}

std::string quoted_word(std::string_view word) {
  constexpr std::string_view safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%_-+=:,./";
  if (!word.empty() && word.find_first_not_of(safe) == std::string_view::npos) return std::string(word);
  std::string text = "'";
  for (const char c : word) {
    if (c == '\'')
      text += "'\"'\"'";
    else
      text += c;
  }
  return text + "'";
}

}  // namespace agent

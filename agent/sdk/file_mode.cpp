#include <algorithm>
#include <string_view>

#include <agent/sdk/error.hpp>
#include <agent/sdk/file_mode.hpp>

namespace agent {
namespace {

constexpr unsigned set_user = 04000, set_group = 02000, sticky = 01000;
constexpr unsigned of_user = 0700 | set_user, of_group = 070 | set_group, of_others = 07 | sticky;
/// What chmod takes away from a clause that names nobody ("+w"). A module cannot see the task's umask.
constexpr unsigned usual_umask = 022;

Error bad_mode(const std::string& text) {
  return Error("'" + text + "' is not a file mode")
      .hint("write octal digits in quotes, \"0644\", or symbols, \"u=rw,go=r\"");
}

std::optional<unsigned> octal(const std::string& text) {
  const std::size_t start = text.rfind("0o", 0) == 0 ? 2 : 0;
  if (text.size() == start) return std::nullopt;
  unsigned bits = 0;
  for (std::size_t i = start; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '7') return std::nullopt;
    bits = bits * 8 + static_cast<unsigned>(text[i] - '0');
    if (bits > 07777) return std::nullopt;
  }
  return bits;
}

/// The three bits of one class, given to all three.
unsigned spread(unsigned three) {
  return three * 0111U;
}

}  // namespace

FileMode FileMode::parse(const std::string& text) {
  FileMode mode;
  if (!text.empty() && text.find_first_not_of("01234567o") == std::string::npos) {
    mode.bits_ = octal(text);
    if (!mode.bits_) throw bad_mode(text);
    return mode;
  }
  std::size_t start = 0;
  while (true) {
    const std::size_t comma = text.find(',', start);
    mode.add_clauses(text.substr(start, comma - start), text);
    if (comma == std::string::npos) return mode;
    start = comma + 1;
  }
}

// One comma's worth: "u=rw-x+X" names its classes once and does several things to them.
void FileMode::add_clauses(const std::string& text, const std::string& whole) {
  Clause clause;
  std::size_t i = 0;
  for (; i < text.size() && std::string_view("ugoa").find(text[i]) != std::string_view::npos; ++i)
    clause.who |= text[i] == 'u' ? of_user : text[i] == 'g' ? of_group : text[i] == 'o' ? of_others : 07777U;
  clause.everybody_by_default = clause.who == 0;
  if (clause.everybody_by_default) clause.who = 07777;
  if (i == text.size() || std::string_view("+-=").find(text[i]) == std::string_view::npos) throw bad_mode(whole);
  while (i < text.size()) {
    clause.sign = text[i++];
    const std::size_t end = std::min(text.find_first_of("+-=", i), text.size());
    clause.what = text.substr(i, end - i);
    const bool copies = clause.what == "u" || clause.what == "g" || clause.what == "o";
    if (!copies && clause.what.find_first_not_of("rwxXst") != std::string::npos) throw bad_mode(whole);
    clauses_.push_back(clause);
    i = end;
  }
}

unsigned FileMode::bits_of(const Clause& clause, unsigned current, bool directory) {
  unsigned bits = 0;
  for (const char letter : clause.what) {
    switch (letter) {
      case 'u':
        bits |= spread((current >> 6U) & 7U);
        break;
      case 'g':
        bits |= spread((current >> 3U) & 7U);
        break;
      case 'o':
        bits |= spread(current & 7U);
        break;
      case 'r':
        bits |= spread(4);
        break;
      case 'w':
        bits |= spread(2);
        break;
      case 'x':
        bits |= spread(1);
        break;
      case 'X':
        bits |= directory || (current & 0111U) != 0 ? spread(1) : 0U;
        break;
      case 's':
        bits |= set_user | set_group;
        break;
      case 't':
        bits |= sticky;
        break;
      default:
        break;
    }
  }
  bits &= clause.who;
  return clause.everybody_by_default ? bits & ~usual_umask : bits;
}

unsigned FileMode::on(unsigned current, bool directory) const {
  if (bits_) return *bits_;
  unsigned result = current & 07777U;
  for (const Clause& clause : clauses_) {
    const unsigned bits = bits_of(clause, result, directory);
    if (clause.sign == '=') result &= ~clause.who;
    if (clause.sign == '-')
      result &= ~bits;
    else
      result |= bits;
  }
  return result;
}

std::string FileMode::text(unsigned bits) {
  std::string digits = "0000";
  for (int i = 3; i >= 0; --i, bits >>= 3U) digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + (bits & 7U));
  return digits;
}

}  // namespace agent

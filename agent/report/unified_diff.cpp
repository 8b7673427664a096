#include <algorithm>
#include <vector>

#include <agent/report/unified_diff.hpp>

namespace agent::report {
namespace {

using Lines = std::vector<std::string_view>;

Lines split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto length = end == std::string_view::npos ? text.size() : end + 1;
    lines.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return lines;
}

struct Edit {
  char kind;  // ' ', '-', '+'
  std::string_view line;
};

/// Above this many cells the middle is shown as replaced whole: a diff that size is not read line by line.
constexpr std::size_t most_cells = 4'000'000;

/// Longest common subsequence of the parts that differ; equal heads and tails are cut off first.
std::vector<Edit> edits(const Lines& a, const Lines& b) {
  std::size_t head = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head]) ++head;
  std::size_t tail = 0;
  while (tail < a.size() - head && tail < b.size() - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
  const std::size_t n = a.size() - head - tail, m = b.size() - head - tail;
  std::vector<Edit> out;
  for (std::size_t i = 0; i < head; ++i) out.push_back({' ', a[i]});
  std::vector<std::uint32_t> length;
  const bool fits = n * m <= most_cells;
  if (fits) {
    length.assign((n + 1) * (m + 1), 0);
    for (std::size_t i = n; i-- > 0;)
      for (std::size_t j = m; j-- > 0;)
        length[i * (m + 1) + j] = a[head + i] == b[head + j]
                                      ? length[(i + 1) * (m + 1) + j + 1] + 1
                                      : std::max(length[(i + 1) * (m + 1) + j], length[i * (m + 1) + j + 1]);
  }
  std::size_t i = 0, j = 0;
  while (i < n || j < m) {
    if (fits && i < n && j < m && a[head + i] == b[head + j])
      out.push_back({' ', a[head + i]}), ++i, ++j;
    else if (i < n && (!fits || j == m || length[(i + 1) * (m + 1) + j] >= length[i * (m + 1) + j + 1]))
      out.push_back({'-', a[head + i]}), ++i;
    else
      out.push_back({'+', b[head + j]}), ++j;
  }
  for (std::size_t k = a.size() - tail; k < a.size(); ++k) out.push_back({' ', a[k]});
  return out;
}

std::string range(std::size_t start, std::size_t count) {
  if (count == 1) return std::to_string(start + 1);
  return std::to_string(count == 0 ? start : start + 1) + "," + std::to_string(count);
}

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after, std::string_view before_title,
                         std::string_view after_title) {
  if (before == after) return {};
  constexpr std::size_t context = 3;
  const auto all = edits(split(before), split(after));
  std::string out = "--- " + std::string(before_title) + "\n+++ " + std::string(after_title) + "\n";
  std::size_t at = 0, old_line = 0, new_line = 0;
  while (at < all.size()) {
    std::size_t change = at;
    while (change < all.size() && all[change].kind == ' ') ++change;
    if (change == all.size()) break;
    const std::size_t start = change - std::min(context, change - at);
    old_line += start - at, new_line += start - at;
    // A hunk goes on while the next change is within twice the context.
    std::size_t end = change, equal = 0;
    for (std::size_t i = change; i < all.size() && equal <= 2 * context; ++i) {
      equal = all[i].kind == ' ' ? equal + 1 : 0;
      if (equal == 0) end = i + 1;
    }
    end = std::min(end + context, all.size());
    std::size_t old_count = 0, new_count = 0;
    std::string body;
    for (std::size_t i = start; i < end; ++i) {
      old_count += all[i].kind != '+';
      new_count += all[i].kind != '-';
      body += all[i].kind;
      body += all[i].line;
      if (all[i].line.back() != '\n') body += "\n\\ No newline at end of file\n";
    }
    out += "@@ -" + range(old_line, old_count) + " +" + range(new_line, new_count) + " @@\n" + body;
    old_line += old_count, new_line += new_count;
    at = end;
  }
  return out;
}

}  // namespace agent::report

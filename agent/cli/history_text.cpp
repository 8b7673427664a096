#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>

#include <agent/cli/history_text.hpp>
#include <agent/report/shown_text.hpp>

namespace agent::cli {
namespace {

std::string local_time(report::Time time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  return text.data();
}

std::string seconds_text(const history::Run& run) {
  const double seconds = std::chrono::duration<double>(run.ended - run.started).count();
  if (seconds < 1) return std::to_string(std::lround(seconds * 1000)) + " ms";
  const auto tenths = static_cast<long>(std::lround(seconds * 10));
  if (tenths >= 600) return std::to_string(tenths / 600) + " min " + std::to_string(tenths / 10 % 60) + " s";
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

std::string history_table(const std::vector<history::Run>& runs) {
  using Row = std::array<std::string, 10>;
  std::vector<Row> rows = {
      {"RUN", "BEGAN", "TOOK", "WHAT", "HOSTS", "CHANGED", "UNKNOWN", "FAILED", "CAME TO", "PLAYBOOKS"}};
  for (const auto& run : runs)
    rows.push_back({std::to_string(run.number), local_time(run.started), seconds_text(run), run.check ? "check" : "run",
                    std::to_string(run.hosts), std::to_string(run.counts.changed), std::to_string(run.counts.unknown),
                    std::to_string(run.counts.failed + run.counts.unreachable), run.verdict,
                    report::shown(run.playbooks)});
  std::array<std::size_t, std::tuple_size_v<Row>> widths{};
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], report::columns_of(row[i]));
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i)
      out += row[i] + std::string(widths[i] - report::columns_of(row[i]) + 2, ' ');
    out += row.back() + '\n';
  }
  return out;
}

std::string history_line(const history::Run& run) {
  return "run " + std::to_string(run.number) + ": " + (run.check ? "check of " : "") + report::shown(run.playbooks) +
         ", " + local_time(run.started) + ", " + seconds_text(run) + ": " + run.verdict;
}

}  // namespace agent::cli

#include <algorithm>
#include <charconv>

#include <agent/host/pip_progress.hpp>

namespace agent {
namespace {

bool take(std::string_view& text, std::string_view start) {
  if (text.substr(0, start.size()) != start) return false;
  text.remove_prefix(start.size());
  return true;
}

double bytes(std::string_view& text) {
  std::int64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value).ptr;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return static_cast<double>(value);
}

}  // namespace

std::optional<PipProgress::News> PipProgress::read(std::string_view line) {
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  if (take(line, "Collecting ")) return News{"collecting " + std::string(line.substr(0, line.find(' ')))};
  if (take(line, "Downloading ")) {  // "Downloading https://.../torch-2.3.1-....whl (797.3 MB)"
    const std::string_view file = line.substr(0, line.find(' '));
    const auto slash = file.rfind('/');
    downloading_ = slash == std::string_view::npos ? file : file.substr(slash + 1);
    const auto size = line.find('(');
    return News{
        "downloading " + downloading_ + (size == std::string_view::npos ? "" : " " + std::string(line.substr(size))),
        0};
  }
  if (take(line, "Progress ")) {  // of --progress-bar=raw: "Progress 1048576 of 797300000"
    const double done = bytes(line);
    if (!take(line, " of ")) return std::nullopt;
    const double all = bytes(line);
    return News{"downloading " + downloading_, all > 0 ? std::min(done / all, 1.0) : -1};
  }
  if (take(line, "Installing collected packages: ")) {
    const auto count = std::count(line.begin(), line.end(), ',') + 1;
    return News{"installing " + (count == 1 ? std::string(line) : std::to_string(count) + " packages")};
  }
  if (take(line, "Building wheel for ")) return News{"building " + std::string(line.substr(0, line.find(' ')))};
  return std::nullopt;
}

}  // namespace agent

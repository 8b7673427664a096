#include <algorithm>
#include <array>
#include <charconv>

#include <agent/fleet/elf.hpp>
#include <agent/host/process.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

/// What glibc is made of: it belongs to the system, with its loader, its name services and its locales.
bool is_of_the_c_library(std::string_view name) {
  static constexpr std::array<std::string_view, 9> parts = {"libc.so.",    "libm.so.",       "libdl.so.",
                                                            "librt.so.",   "libpthread.so.", "libresolv.so.",
                                                            "libutil.so.", "ld-linux",       "linux-vdso"};
  return std::any_of(parts.begin(), parts.end(), [&](auto part) { return name.starts_with(part); });
}

}  // namespace

std::vector<Path> libraries_of(const Path& file, const Path& brought) {
  Command command;
  command.argv = {"ldd", file.string()};
  command.environment = own_environment();
  // A module names no folder: the program that opens it has loaded what it needs before.
  if (!brought.empty()) command.environment["LD_LIBRARY_PATH"] = brought.string();
  const Finished done = run(command);
  if (done.output.rc != 0)
    throw Error("the libraries of '" + file.string() + "' cannot be listed: " + done.output.err)
        .hint("'ldd " + file.string() + "' has to work");
  std::vector<Path> out;
  const std::string& text = done.output.out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    const auto begin = line.find_first_not_of(" \t");
    const auto arrow = line.find(" => ");
    if (begin == std::string_view::npos || arrow == std::string_view::npos) continue;
    const std::string_view name = line.substr(begin, arrow - begin);
    const std::string_view path = line.substr(arrow + 4, line.find(" (", arrow) - arrow - 4);
    if (is_of_the_c_library(name) || name.starts_with("libagent-")) continue;
    if (!path.starts_with('/'))
      throw Error("'" + file.string() + "' needs the library '" + std::string(name) + "', which is not here");
    // The name is what programs ask for; the file behind it may be called otherwise.
    out.push_back(Path(path).parent_path() / name);
  }
  return out;
}

std::string newest_glibc_in(std::string_view bytes) {
  constexpr std::string_view mark = "GLIBC_2.";
  int newest = -1;
  for (auto at = bytes.find(mark); at != std::string_view::npos; at = bytes.find(mark, at + 1)) {
    int minor = -1;
    const char* begin = bytes.data() + at + mark.size();
    std::from_chars(begin, bytes.data() + bytes.size(), minor);
    if (minor < 1000) newest = std::max(newest, minor);
  }
  return newest < 0 ? "" : "2." + std::to_string(newest);
}

}  // namespace agent::fleet

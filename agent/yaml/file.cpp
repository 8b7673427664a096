#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <agent/yaml/yaml.hpp>

namespace agent::yaml {

std::string load(const Path& file, const Limits& limits) {
  const auto fail = [&](const std::string& why) -> Error {
    return Error("cannot read '" + file.string() + "': " + why);
  };
  std::error_code failure;
  const auto status = std::filesystem::status(file, failure);
  if (status.type() == std::filesystem::file_type::not_found) throw fail("there is no such file");
  if (failure) throw fail(failure.message());
  if (std::filesystem::is_directory(status)) throw fail("it is a directory");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw fail(std::strerror(errno));
  // Not by the size that the file system tells: pipes and /proc have none.
  std::string text;
  char block[65536];
  while (stream.read(block, sizeof block) || stream.gcount() > 0) {
    text.append(block, static_cast<std::size_t>(stream.gcount()));
    if (text.size() > limits.file)
      throw fail("it is larger than the limit of " + std::to_string(limits.file >> 20) + " MiB");
  }
  return text;
}

}  // namespace agent::yaml

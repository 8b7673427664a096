#include <fstream>
#include <random>
#include <sstream>

#include <agent/template/local_lookups.hpp>
#include <agent/template/services.hpp>

namespace agent::jinja {

namespace fs = std::filesystem;

std::optional<List> LocalServices::lookup(const LookupCall& call) const {
  return local_lookup(call);
}

std::optional<Source> LocalServices::source(const std::string& name, const Strings& search_path) const {
  const auto found = find_local_file(name, search_path, "templates");
  if (!found) return std::nullopt;
  return Source{read_local_file(*found), found->string()};
}

std::chrono::system_clock::time_point LocalServices::now() const {
  return std::chrono::system_clock::now();
}

std::uint64_t LocalServices::random() const {
  std::random_device device;
  return static_cast<std::uint64_t>(device()) << 32 | device();
}

fs::file_status LocalServices::status(const fs::path& path, bool follow) const {
  std::error_code error;
  return follow ? fs::status(path, error) : fs::symlink_status(path, error);
}

}  // namespace agent::jinja

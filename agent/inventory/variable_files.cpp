#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include <agent/inventory/variable_files.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent::inventory {
namespace {

namespace fs = std::filesystem;

bool is_variables_name(const Path& file) {
  const std::string extension = file.extension().string();
  return extension.empty() || extension == ".yml" || extension == ".yaml" || extension == ".json";
}

/// The files of one entry, in order: the entry itself, or all in the directory that it is.
void files_of(const Path& entry, int depth, std::vector<Path>& files) {
  std::error_code failure;
  if (!fs::is_directory(entry, failure)) return files.push_back(entry);
  std::vector<Path> inside;
  for (const auto& item : fs::directory_iterator(entry, failure)) inside.push_back(item.path());
  std::sort(inside.begin(), inside.end());
  for (const Path& path : inside) {
    const std::string name = path.filename().string();
    if (name.front() == '.' || name.back() == '~' || !is_variables_name(path)) continue;
    if (depth < 16) files_of(path, depth + 1, files);
  }
}

class FolderReader {
 public:
  FolderReader(const Path& folder, std::vector<Error>& warnings) : folder_(folder), warnings_(warnings) {
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator(folder, failure)) names_.insert(entry.path().filename().string());
  }

  bool is_empty() const { return names_.empty(); }

  /// The layers of `name`, or none. Of NAME, NAME.yml, NAME.yaml and NAME.json the first that exists counts.
  std::vector<Layer> read(const std::string& name) {
    static constexpr std::array<const char*, 4> extensions = {"", ".yml", ".yaml", ".json"};
    std::vector<Layer> layers;
    for (const char* extension : extensions) {
      if (!names_.count(name + extension)) continue;
      std::vector<Path> files;
      files_of(folder_ / (name + extension), 0, files);
      for (const Path& file : files)
        if (Map variables = read_file(file); !variables.empty())
          layers.push_back({file.string(), std::move(variables)});
      break;
    }
    return layers;
  }

 private:
  Map read_file(const Path& file) {
    yaml::Document document = yaml::read(yaml::load(file), file.string());
    for (Error& warning : document.warnings) warnings_.push_back(std::move(warning));
    if (document.root.is_null()) return {};
    if (!document.root.is_map())
      throw Error("a file of variables holds a mapping, not " + std::string(name_of(document.root.kind())))
          .at(document.root.where())
          .hint("write 'name: value' lines");
    return document.root.map();
  }

  Path folder_;
  std::vector<Error>& warnings_;
  std::set<std::string> names_;
};

}  // namespace

void VariableFiles::read(const Path& directory, const Graph& graph, std::vector<Error>& warnings) {
  Directory result;
  if (FolderReader groups(directory / "group_vars", warnings); !groups.is_empty())
    for (const Graph::Group& group : graph.groups())
      if (auto layers = groups.read(group.name); !layers.empty()) result.groups.emplace(group.name, std::move(layers));
  if (FolderReader hosts(directory / "host_vars", warnings); !hosts.is_empty()) {
    for (const Graph::Host& host : graph.hosts())
      if (auto layers = hosts.read(host.name); !layers.empty()) result.hosts.emplace(host.name, std::move(layers));
    if (!graph.find_host("localhost"))
      if (auto layers = hosts.read("localhost"); !layers.empty()) result.hosts.emplace("localhost", std::move(layers));
  }
  directories_.push_back(std::move(result));
}

const std::vector<Layer>* VariableFiles::of_group(std::size_t directory, const std::string& name) const {
  const auto found = directories_[directory].groups.find(name);
  return found == directories_[directory].groups.end() ? nullptr : &found->second;
}

const std::vector<Layer>* VariableFiles::of_host(std::size_t directory, const std::string& name) const {
  const auto found = directories_[directory].hosts.find(name);
  return found == directories_[directory].hosts.end() ? nullptr : &found->second;
}

}  // namespace agent::inventory

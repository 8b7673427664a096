#include <algorithm>
#include <filesystem>
#include <fstream>

#include <agent/loader/library.hpp>
#include <agent/sdk/error.hpp>
#include <agent/wire/module_index.hpp>
#include <agent/worker/write_index.hpp>

namespace agent {

void write_index(const Path& directory, const Path& file) {
  std::vector<Path> libraries;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    if (entry.path().extension() == ".so") libraries.push_back(entry.path());
  std::sort(libraries.begin(), libraries.end());
  std::vector<ModuleIndex::Entry> entries;
  for (const Path& path : libraries) {
    const Library library = Library::open(path);
    if (library.spec().name != path.stem())
      throw Error("the module library '" + path.string() + "' calls itself '" + library.spec().name + "'")
          .hint("a module's folder, library and Spec have one name");
    entries.push_back({library.spec().name, path, fingerprint_of(path), library.distros(), library.spec()});
  }
  const Path beside = file.string() + ".new";
  std::ofstream stream(beside, std::ios::binary | std::ios::trunc);
  stream << module_index_bytes(entries);
  stream.close();
  if (!stream) throw Error("the module index '" + beside.string() + "' cannot be written");
  std::filesystem::rename(beside, file);
}

}  // namespace agent

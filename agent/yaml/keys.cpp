#include <agent/yaml/yaml.hpp>

namespace agent::yaml {

Where KeyPlaces::find(const Map& map, std::string_view key) const {
  const auto found = places_.find(&map);
  if (found == places_.end()) return {};
  std::size_t index = 0;
  for (const auto& [name, value] : map) {
    if (name == key) return index < found->second.size() ? found->second[index] : Where{};
    ++index;
  }
  return {};
}

const std::vector<Where>* KeyPlaces::all(const Map& map) const {
  const auto found = places_.find(&map);
  return found == places_.end() ? nullptr : &found->second;
}

void KeyPlaces::put(const Map& map, std::vector<Where> places) {
  places_.insert_or_assign(&map, std::move(places));
}

}  // namespace agent::yaml

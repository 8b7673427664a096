#include <agent/template/services.hpp>

namespace agent::jinja {

Value Services::open(const Value& object) const {
  throw Error(std::string(object.object()->what()) + " cannot be opened here");
}

const Strings& outside_lookups() {
  static const Strings names = {
      "config", "csvfile",  "env",  "file",    "fileglob", "filetree", "first_found", "ini", "inventory_hostnames",
      "lines",  "password", "pipe", "unvault", "url"};
  return names;
}

}  // namespace agent::jinja

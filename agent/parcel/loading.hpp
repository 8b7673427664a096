#pragma once

#include <map>
#include <string>
#include <vector>

#include <agent/executor/luggage.hpp>
#include <agent/executor/world.hpp>
#include <agent/parcel/manifest.hpp>

namespace agent::parcel {

/// What plays need to be done on machines that nobody is connected to.
struct Load {
  Value plays;                         ///< the same for all: files, options, lookups
  std::map<std::string, Value> hosts;  ///< what each may see: its variables and groups
  std::vector<Addressee> addressees;
};

/// Takes the plays of a run with all that they name. `files` are the loader's, and keep everything. A value in a vault
/// is taken along, opened, only with `takes_secrets`. What cannot travel is put into `refused`, all of it.
Load load(executor::World& world, const std::vector<Playbook>& playbooks, const RecordedFiles& files,
          bool takes_secrets, std::vector<Error>& refused);

/// Finds the file that `lookup('file', name)` means, as on the controller: below each place in `files`, then in it.
/// Throws Error when there is none.
std::string looked_up_file(const Files& files, const std::string& name, const Strings& places);

}  // namespace agent::parcel

#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include <agent/executor/world.hpp>
#include <agent/template/services.hpp>

namespace agent::executor {

/// Why a play cannot leave the controller, or what it needs on its way. A machine that walks a play by itself must not
/// be able to say what is done elsewhere, so whatever concerns other machines ties a play to the controller
/// (docs/fleets.md lists all of it).
struct Departure {
  /// "'delegate_to' (site.yml:3:5)"; nothing: the play can leave.
  std::optional<std::string> tie;
  bool names_groups = false;     ///< it may see which hosts there are
  bool reads_variables = false;  ///< include_vars
  bool becomes = false;          ///< some task of it may become somebody
  bool gathers = false;          ///< its hosts wait for each other on the way (`run_once`)
  /// The tasks that are delegated to the controller, by where they stand.
  std::map<std::string, const Task*> errands = {};
  /// Where everything is taken along: all that needs the controller, each with its place.
  std::vector<Error> bonds = {};
  std::vector<Where> encrypted = {};  ///< values of the play that only a vault's password opens
};

/// Whether a host is the controller itself, as far as the inventory and the command line say.
bool is_here(const World& world, const std::string& host);

/// What plays take along to the machines that walk them, and what those may ask for later: files and lookups that the
/// plays name, and nothing else.
class Luggage {
 public:
  enum class Amount {
    ahead,       ///< what is small; the rest may be asked for on the way
    everything,  ///< nobody will be there to ask
  };
  Luggage(World& world, const std::vector<Playbook>& playbooks, Amount amount = Amount::ahead);
  /// Whether some host may have to be travelled to, as far as the inventory says.
  static bool is_of_use(const World& world);

  const Departure& of(const Play& play) const { return departures_.at(&play); }
  /// Some plays stay: what a host learns has to be known on both sides.
  bool keeps_both_sides_informed() const { return is_mixed_; }

  /// What was known of the controller's files when the plays were packed (RecordedFiles::answers): what is read later,
  /// for a play that stays or a task that is delegated, is nobody else's business.
  const Map& files() const { return files_; }
  /// Throws Error for what the plays do not name.
  Value answer(const FileQuestion& question) const;
  List lookup(const jinja::LookupCall& call) const;

  /// What the inventory and the extra variables say that needs the controller, as of a play.
  const Departure& of_variables() const { return of_variables_; }
  /// Name and term of each lookup that looks around on the controller, as they are written.
  const std::set<std::pair<std::string, std::string>>& lookups() const { return lookups_; }
  /// The directories in which such lookups may look.
  const std::set<std::string>& directories() const { return directories_; }

 private:
  friend class Packing;
  bool is_within(const Path& path) const;

  World& world_;
  Amount amount_;
  Departure of_variables_;
  std::map<const Play*, Departure> departures_;
  Map files_;
  std::set<std::string> named_;  // all that was looked at for the plays
  std::set<std::string> roots_, directories_;
  std::set<std::pair<std::string, std::string>> lookups_;  ///< name and term, as they are written
  bool is_mixed_ = false;
};

}  // namespace agent::executor

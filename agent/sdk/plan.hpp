#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <agent/sdk/value.hpp>

namespace agent {

using Path = std::filesystem::path;
using Environment = std::map<std::string, std::string>;

// ---- what a person sees -----------------------------------------------------------------------------------------

/// One difference between what is and what is wanted. No value: absent.
struct Change {
  std::string subject;  ///< "package nginx", "/etc/motd", "/etc/motd mode"
  std::optional<std::string> before, after;
  bool secret = false;  ///< the values are hidden in every output
  bool text = false;    ///< the values are whole texts, shown as a unified diff
  friend bool operator==(const Change&, const Change&) = default;
};

// ---- what is done -----------------------------------------------------------------------------------------------

/// Owner and mode of a file. What is not named stays as it is (or follows the umask where the file is new).
struct Attributes {
  std::optional<unsigned> mode;
  std::optional<std::string> owner, group;  ///< a name, or a number in digits
  friend bool operator==(const Attributes&, const Attributes&) = default;
};

/// Makes `path` hold exactly `content`, whole or not at all (reliability R1). An existing file keeps owner, mode and
/// labels unless `attributes` says otherwise. `validate` is a command that must accept the new file before it is put
/// in place; "%s" in it is the path of the new content. `backup` keeps the old file beside it.
struct WriteFile {
  Path path;
  std::string content;
  Attributes attributes = {};
  bool backup = false;
  Strings validate = {};
  friend bool operator==(const WriteFile&, const WriteFile&) = default;
};
/// Makes a directory and its missing parents; `attributes` are for every directory that is made.
struct MakeDirectory {
  Path path;
  Attributes attributes = {};
  friend bool operator==(const MakeDirectory&, const MakeDirectory&) = default;
};
/// Makes `path` a symbolic link to `target`, or a second name of the same file where `hard`. Replaces a link or file.
struct MakeLink {
  Path path;
  std::string target;
  bool hard = false;
  friend bool operator==(const MakeLink&, const MakeLink&) = default;
};
/// Changes owner, mode and times of what is there. Times are seconds since the epoch; links are followed unless told.
struct SetAttributes {
  Path path;
  Attributes attributes = {};
  std::optional<double> access_time, modification_time;
  bool follow = true;
  /// The time at which it is done, for which the right to write is enough.
  bool access_now = false, modification_now = false;
  friend bool operator==(const SetAttributes&, const SetAttributes&) = default;
};
/// Copies what is at `from` on the machine itself to `to`, content and mode, a directory with all that is in it.
struct CopyPath {
  Path from, to;
  Attributes attributes = {};
  bool backup = false;
  friend bool operator==(const CopyPath&, const CopyPath&) = default;
};
/// Removes a file, a link, or a directory with all that is in it.
struct RemovePath {
  Path path;
  friend bool operator==(const RemovePath&, const RemovePath&) = default;
};

/// What a command leaves behind, as far as its author knows it. This is what check mode lays over the machine; what is
/// not named here is unknown afterwards, unless `complete`.
struct Effects {
  std::vector<Path> directories;                    ///< there afterwards
  std::vector<std::pair<Path, std::string>> files;  ///< there afterwards, with this content
  std::vector<Path> opaque;                         ///< there afterwards, content not known
  std::vector<Path> removed;                        ///< gone afterwards, with what is below
  bool complete = false;                            ///< nothing else that a later task could look at changes
  friend bool operator==(const Effects&, const Effects&) = default;
};

/// Which tool's progress lines to read on the way and show to a person.
enum class Progress { none, lines, pip };

/// Runs a command; it must exit with 0 unless `any_exit`. `argv` is a list and never a shell string; argv[0] is
/// searched in PATH unless it holds a slash. Stdin is /dev/null unless `input` is given.
struct Exec {
  Strings argv;
  Environment environment = {};  ///< set over the task's own
  std::optional<Path> directory = {};
  std::optional<std::string> input = {};
  Effects effects = {};
  Progress progress = Progress::none;
  bool any_exit = false;
  bool drops_locale = false;  ///< run in LC_ALL=C, for output that is parsed
  std::string title = {};     ///< what a person calls it ("installing torch"); empty: the argv
  friend bool operator==(const Exec&, const Exec&) = default;
};

/// A package as the machine's package manager knows it.
struct Package {
  enum class State { installed, half_installed, half_configured, unpacked, config_files };
  std::string name;
  std::string version;       ///< in the manager's own spelling, epoch and revision included; empty: not known yet
  std::string architecture;  ///< "amd64", "x86_64", "all", ...
  State state = State::installed;
  bool held = false;
  friend bool operator==(const Package&, const Package&) = default;
};

/// How the package manager goes about it; the defaults are those of a careful unattended run.
struct PackageOptions {
  std::optional<bool> recommends;  ///< no value: as the manager is configured
  std::string default_release;
  bool allow_downgrade = false;
  bool allow_held = false;
  bool allow_unauthenticated = false;
  bool only_upgrade = false;
  bool purge = false;
  bool autoremove = false;
  Strings dpkg_options = {"force-confdef", "force-confold"};
  /// With which exit code policy-rc.d answers while packages are set up (101: services are not started); none: as is.
  std::optional<unsigned> policy_rc_d = {};
  /// Further words for the manager's command line ("--enablerepo=cuda").
  Strings extra = {};
  std::chrono::seconds lock_timeout{60};
  friend bool operator==(const PackageOptions&, const PackageOptions&) = default;
};

/// Installs packages: names, "name=version", "name/release", or the absolute path of a package file. `afterwards` is
/// what the package database is expected to say then: it is what check mode predicts.
struct InstallPackages {
  Strings requests;
  std::vector<Package> afterwards = {};
  PackageOptions options = {};
  friend bool operator==(const InstallPackages&, const InstallPackages&) = default;
};
struct RemovePackages {
  Strings names;
  PackageOptions options = {};
  friend bool operator==(const RemovePackages&, const RemovePackages&) = default;
};
/// Upgrades all that can be: `safe` removes nothing and installs nothing new beside what is needed, `full` may.
struct UpgradePackages {
  enum class Kind { safe, full };
  Kind kind = Kind::safe;
  std::vector<Package> afterwards = {};
  PackageOptions options = {};
  friend bool operator==(const UpgradePackages&, const UpgradePackages&) = default;
};
/// Fetches the indexes of all repositories. A repository that does not answer is a failure, whatever the tool's exit
/// code.
struct RefreshPackageIndex {
  std::chrono::seconds lock_timeout{60};
  /// How often a download that broke off is tried again, and how long it is waited before at most.
  unsigned retries = 3;
  std::chrono::seconds retry_delay{12};
  friend bool operator==(const RefreshPackageIndex&, const RefreshPackageIndex&) = default;
};
/// Finishes what an interrupted package run left half done.
struct RepairPackages {
  std::chrono::seconds lock_timeout{60};
  friend bool operator==(const RepairPackages&, const RepairPackages&) = default;
};
/// Takes out what was installed only for something that is gone (`clean` false), or empties the download cache.
struct TidyPackages {
  bool autoremove = true;
  bool purge = false;
  bool clean = false;
  std::chrono::seconds lock_timeout{60};
  friend bool operator==(const TidyPackages&, const TidyPackages&) = default;
};
/// Keeps packages at their version, or lets them go.
struct HoldPackages {
  Strings names;
  bool hold = true;
  friend bool operator==(const HoldPackages&, const HoldPackages&) = default;
};

/// One typed, complete, printable step of doing. Plain data: it can be shown, compared, stored, sent and predicted.
using Action =
    std::variant<WriteFile, MakeDirectory, MakeLink, SetAttributes, CopyPath, RemovePath, Exec, InstallPackages,
                 RemovePackages, UpgradePackages, RefreshPackageIndex, RepairPackages, TidyPackages, HoldPackages>;

/// "write /etc/motd", "install vim, git", "run make install": one line for a person.
std::string describe(const Action& action);

// ---- the plan -----------------------------------------------------------------------------------------------------

/// Changes, and the actions that make them. Neither list is empty.
struct Step {
  std::vector<Change> changes;
  std::vector<Action> actions;
  /// Done each time it is asked for, like a command without `creates`: there is no state to check again afterwards.
  bool event = false;
  /// Renews what is known (a package index) and counts as no change: done first, then the module checks again and what
  /// it finds then is carried out. In check mode the rest of the plan stands as it is.
  bool renewal = false;
  friend bool operator==(const Step&, const Step&) = default;
};

/// What a module wants to do. No steps: the machine is as it should be.
struct Plan {
  std::vector<Step> steps;
  /// What `register` sees beside what the engine adds (changed, failed, msg, diff, ...).
  Map result = {};
  /// For the person: "python3-torch satisfies this already". Shown, never a failure.
  Strings notes = {};

  bool empty() const { return steps.empty(); }
  friend bool operator==(const Plan&, const Plan&) = default;
};

/// What a command said. `unknown` holds reasons when the command was not run because its answer would not be the true
/// one (check mode, after a predicted change): then nothing else counts.
struct Output {
  int rc = 0;
  std::string out, err;
  bool truncated = false;  ///< the middle was dropped: more than the limit was written
  Strings unknown = {};
  friend bool operator==(const Output&, const Output&) = default;
};

/// What came of applying a plan: what each action said, and what `register` sees over the plan's own result.
struct Outcome {
  std::vector<Output> outputs;
  Map result = {};
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

}  // namespace agent

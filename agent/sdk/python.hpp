#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <agent/sdk/host.hpp>
#include <agent/sdk/pep508.hpp>

namespace agent {

/// One installed distribution, as its .dist-info or .egg-info says.
struct PythonPackage {
  std::string name;     ///< normalised: "ruamel-yaml"
  std::string version;  ///< as written; empty: predicted by check mode, and not known before it is installed
  Path metadata;        ///< the .dist-info or .egg-info, a directory or (old) a file
  Path site;            ///< the directory on Python's search path that it was found in
};

/// What a distribution says of itself.
struct PythonMetadata {
  std::string name;  ///< as written
  std::string version;
  std::string requires_python;
  Strings requires_dist;   ///< as written, with markers
  Strings extras;          ///< normalised
  bool predicted = false;  ///< check mode put it there: what it requires is not known
};

/// Where a distribution that does not come from an index was installed from (PEP 610).
struct DirectUrl {
  std::string url;
  bool editable = false;
  std::string revision, commit;  ///< of a repository: what was asked for, and what that was
};

/// A Python and the packages that it sees: a virtual environment, or an interpreter outside one. Read from files;
/// Python itself is only asked where they do not tell (a shim in place of an interpreter). Keeps a reference to the
/// host.
class PythonEnvironment {
 public:
  /// The virtual environment in `directory`, be it whole or broken; nothing where there is no pyvenv.cfg.
  static std::optional<PythonEnvironment> in(const Host& host, const Path& directory);
  /// The environment that `program` runs in: a path, a name that is looked for in PATH, or a version such as "3.11".
  /// Nothing where there is no such program. In check mode also the python3 of a package that would be installed.
  static std::optional<PythonEnvironment> of(const Host& host, const std::string& program);

  /// The virtual environment that `base` would make in `directory`, where there is none yet.
  static PythonEnvironment planned(const Host& host, const PythonEnvironment& base, const Path& directory,
                                   bool sees_system_packages);

  const Path& prefix() const { return prefix_; }
  const Path& python() const { return python_; }           ///< the program to start
  const std::string& version() const { return version_; }  ///< "3.11"; empty in a venv too broken to tell
  std::string full_version() const;                        ///< "3.11.2"
  const Path& base_prefix() const { return base_prefix_; }
  /// The interpreter at the end of the links, "/usr/bin/python3.11".
  const Path& interpreter() const { return interpreter_; }
  bool is_virtual() const { return is_virtual_; }
  bool sees_system_packages() const { return sees_system_; }
  /// The settings of pyvenv.cfg, keys in lower case.
  const std::map<std::string, std::string>& settings() const { return settings_; }
  /// Why Python cannot start here or does not find its packages any more; nothing when all is well.
  const std::optional<std::string>& broken() const { return broken_; }
  /// The directory of the standard library, nothing where it is not (yet) there: "/usr/lib/python3.11".
  std::optional<Path> standard_library() const;
  /// The version of the pip that ensurepip brings along, empty where it does not tell; nothing without ensurepip.
  std::optional<std::string> bundled_pip() const;
  /// The marker by which a distribution keeps pip out of its own Python (PEP 668), where there is one.
  std::optional<Path> externally_managed() const;

  /// Where packages are looked for, in Python's order.
  const std::vector<Path>& sites() const { return sites_; }
  /// Where this user's pip puts packages; with `user`, always below the home.
  Path site(bool user = false) const;
  Path user_site() const;
  /// True for what a pip of this environment may replace: not the system's packages that a venv only sees.
  bool owns(const PythonPackage& package) const;

  /// All packages by name; of one that is there twice, the one that Python imports.
  const std::map<std::string, PythonPackage>& packages() const;
  const PythonPackage* find(std::string_view name) const;
  PythonMetadata metadata(const PythonPackage& package) const;
  std::optional<DirectUrl> direct_url(const PythonPackage& package) const;
  /// False for what an interrupted installation left: unpacked but never recorded, recorded twice, or, where pip left
  /// other traces of an interruption, with files missing.
  bool is_whole(const PythonPackage& package) const;
  /// Every record that one site has of the package; more than one after an interrupted upgrade.
  std::vector<PythonPackage> records(const PythonPackage& package) const;
  /// What pip moved aside while it replaced `name` ("~umpy-1.26.4.dist-info"), and never took away.
  std::vector<Path> leftovers(std::string_view name) const;
  /// False for a record without the list of its files: only a removal by hand takes that away.
  bool is_recorded(const PythonPackage& package) const;
  /// What markers ask about.
  pep508::MarkerValues markers() const;

 private:
  explicit PythonEnvironment(const Host& host) : host_(&host) {}
  /// The virtual environment that `program` lies in.
  static std::optional<PythonEnvironment> of_path(const Host& host, const Path& program);
  /// In a dry run: the Python of a package that an earlier task would install. The package database knows of it, the
  /// disk does not yet. Throws Unknown where its version is not known either.
  static std::optional<PythonEnvironment> promised(const Host& host, const std::string& name);
  void find_fault();
  void find_sites();
  void add_site(const Path& site);
  void add_system_sites();
  bool read_layout(const Path& program);
  bool ask(const Path& program);
  void scan(const Path& site, std::vector<Path>& more) const;
  void add_package(const std::string& entry, const Path& site) const;
  bool has_all_files(const PythonPackage& package) const;

  const Host* host_;
  Path prefix_, base_prefix_, python_, interpreter_;
  std::string version_, asked_version_;
  bool is_virtual_ = false, sees_system_ = false, has_dist_packages_ = false;
  std::map<std::string, std::string> settings_;
  std::optional<std::string> broken_;
  std::vector<Path> sites_;
  mutable std::optional<std::map<std::string, PythonPackage>> packages_;
  mutable std::map<std::string, std::vector<PythonPackage>> doubles_;  ///< by name, records behind the first one
  mutable std::vector<Path> leftovers_;
};

/// The header of a METADATA or PKG-INFO file.
PythonMetadata parse_python_metadata(std::string_view text);
/// The requirements of an .egg-info's requires.txt, as PEP 508 texts.
Strings parse_egg_requirements(std::string_view text);

/// The files by which check mode shows later tasks a package that a pip would install into `site`. Without a version
/// it is one that will only be known then.
std::vector<std::pair<Path, std::string>> predicted_package(const Path& site, const std::string& name,
                                                            const std::optional<std::string>& version);

/// The absolute path of the program `name` in the PATH of the task; a name with a slash is itself, if it is there.
std::optional<Path> find_program(const Host& host, const std::string& name);
/// The names "python3.N" of the interpreters in the PATH of the task, the newest first.
Strings python_programs(const Host& host);

}  // namespace agent

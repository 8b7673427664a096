#include "dnf.hpp"

namespace agent::dnf {

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("dnf", "Installs, upgrades and removes packages on Fedora and its relatives.")
          .description(
              "What is installed is read from rpm's own database. A name may be a package (`vim-enhanced`), one of an "
              "architecture (`glibc.i686`), of a version (`nginx-1.24*`), a group (`@development-tools`), a file that "
              "a "
              "package owns (`/usr/bin/python3`), a path or an address of an `.rpm`. What another package provides "
              "counts "
              "as present. dnf 4 and dnf 5 are both driven.\n\n"
              "dnf fetches the index of the repositories by itself when it is old; `update_cache` fetches it at once. "
              "With "
              "packages named that is no change. A repository that does not answer fails the task, though dnf itself "
              "may "
              "go on without it.")
          .optional("name", &Want::name,
                    "packages, groups (`@group`), files, or addresses; `*` with `latest` means all")
          .alias("pkg")
          .optional("state", &Want::state,
                    "`present`: installed in any version; `latest`: in the newest offered; `absent`")
          .choices({"present", "installed", "latest", "absent", "removed"})
          .optional("autoremove", &Want::autoremove,
                    "remove packages that were only installed for others and are not needed")
          .optional("update_cache", &Want::update_cache, "fetch the index of the repositories now")
          .alias("expire-cache")
          .optional("update_only", &Want::update_only, "with `latest`: upgrade what is installed, install nothing new")
          .optional("security", &Want::security, "with `latest`: only upgrades that mend security")
          .optional("bugfix", &Want::bugfix, "with `latest`: only upgrades that mend faults")
          .optional("disable_gpg_check", &Want::disable_gpg_check, "take packages that are not signed")
          .optional("allow_downgrade", &Want::allow_downgrade, "a version asked for may be older than what is there")
          .optional("allowerasing", &Want::allowerasing, "packages in the way may be removed")
          .optional("skip_broken", &Want::skip_broken, "leave out what cannot be installed")
          .optional("nobest", &Want::nobest, "an older version will do where the newest cannot be installed")
          .optional("cacheonly", &Want::cacheonly, "use the index as it was fetched before")
          .optional("download_only", &Want::download_only, "only download")
          .optional("install_weak_deps", &Want::install_weak_deps, "install recommended packages too")
          .optional("enablerepo", &Want::enablerepo, "repositories to enable for this task")
          .optional("disablerepo", &Want::disablerepo, "repositories to disable for this task")
          .optional("exclude", &Want::exclude, "packages to leave alone")
          .optional("disable_excludes", &Want::disable_excludes,
                    "whose excludes do not count: `all`, `main` or a repository")
          .optional("releasever", &Want::releasever, "the release to take packages from")
          .optional("conf_file", &Want::conf_file, "another configuration file for dnf")
          .optional("lock_timeout", &Want::lock_timeout, "seconds to wait for another package manager")
          .optional("validate_certs", &Want::validate_certs, "verify the certificates of https repositories")
          .optional("sslverify", &Want::sslverify, "the same")
          .optional("use_backend", &Want::use_backend, "taken for Ansible's sake: the dnf that is there is used")
          .one_of({"name", "autoremove", "update_cache"})
          .example("Packages", "- dnf: {name: [git, python3-devel], state: present}")
          .example("A version", "- dnf: {name: nginx-1.24.0}")
          .example("From one repository only",
                   "- dnf:\n    name: cuda-toolkit-12-4\n    enablerepo: cuda-fedora39-x86_64")
          .example("All upgrades", "- dnf: {name: \"*\", state: latest}")
          .returns("stdout", "text", "what dnf said")
          .returns("stderr", "text", "what dnf complained about");
  return spec;
}

}  // namespace agent::dnf

#include <algorithm>

#include "apt.hpp"

namespace agent::apt {

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("apt", "Installs, upgrades and removes packages on Debian and Ubuntu.")
          .description(
              "What is installed is read from dpkg's own file, so a task with nothing to do costs microseconds. Before "
              "a "
              "change apt itself is asked what it would do: the report shows the packages asked for with their "
              "versions, "
              "packages that are upgraded or removed on the way, and what else comes along.\n\n"
              "A package that is provided by another one (`awk` by `mawk`) counts as present. Locks of other package "
              "managers are waited for up to `lock_timeout`, and their holder is named. What an interrupted run left "
              "half done is repaired first, as a change that is reported.\n\n"
              "**Different from Ansible.** With `update_cache` *and* packages the index is fetched only when something "
              "has to be installed or upgraded, or it is older than a given `cache_valid_time`; fetching it is then no "
              "change, so that a play which changes nothing says so. On its own `update_cache` counts as a change each "
              "time it fetches. An index that was never fetched is fetched when a package is missing. A repository "
              "that "
              "does not answer fails the task, though apt-get itself would go on with old data. `force_apt_get` is "
              "ignored: aptitude is never used.\n\n"
              "On Fedora the same task is carried out with dnf; the few packages that are named differently there are "
              "translated (`build-essential`, `python3-dev`), and the task says so.")
          .optional("name", &Want::name,
                    "packages: `vim`, `vim=2:9.0*` (a version, or a glob of it), `vim/bookworm-backports` (a release), "
                    "`libc6:i386`, `php8.*` (all that match)")
          .alias("package")
          .alias("pkg")
          .optional(
              "state", &Want::state,
              "`present`: installed in any version; `latest`: in the newest that is offered; `absent`; `fixed`: "
              "installed, and broken dependencies put right; `build-dep`: what is needed to build it is installed")
          .choices({"present", "latest", "absent", "fixed", "build-dep", "installed", "removed"})
          .optional("update_cache", &Want::update_cache, "fetch the index of the repositories where it is needed")
          .alias("update-cache")
          .optional("cache_valid_time", &Want::cache_valid_time,
                    "an index fetched within so many seconds is new enough; implies `update_cache`")
          .optional("update_cache_retries", &Want::update_cache_retries,
                    "how often an index whose download broke off is tried again; what a server refuses (404) is not")
          .optional("update_cache_retry_max_delay", &Want::update_cache_retry_max_delay,
                    "seconds to wait before the next try at most; the first ones come sooner")
          .optional("install_recommends", &Want::install_recommends,
                    "install recommended packages too; by default as apt is configured")
          .alias("install-recommends")
          .optional("default_release", &Want::default_release, "the release to prefer (`apt-get -t`)")
          .alias("default-release")
          .optional("only_upgrade", &Want::only_upgrade, "upgrade what is installed, install nothing new")
          .optional("allow_downgrade", &Want::allow_downgrade, "a version asked for may be older than what is there")
          .alias("allow-downgrade")
          .alias("allow_downgrades")
          .alias("allow-downgrades")
          .optional("allow_change_held_packages", &Want::allow_change_held_packages, "packages on hold may change")
          .optional("allow_unauthenticated", &Want::allow_unauthenticated,
                    "take packages from repositories that are not signed")
          .alias("allow-unauthenticated")
          .optional("force", &Want::force,
                    "the same as `allow_downgrade`, `allow_change_held_packages` and `allow_unauthenticated` together")
          .optional(
              "deb", &Want::deb,
              "a package file to install: a path on the machine, or an http(s) address; one that does not name its "
              "package (`latest.deb`) is fetched in each run, to see what is in it")
          .optional("upgrade", &Want::upgrade,
                    "upgrade all packages: `yes` or `safe` removes nothing, `full` or `dist` may")
          .choices({"no", "yes", "safe", "full", "dist"})
          .optional("purge", &Want::purge, "with `absent` and `autoremove`: remove configuration files too")
          .optional("autoremove", &Want::autoremove,
                    "remove packages that were only installed for others and are not needed")
          .optional("autoclean", &Want::autoclean, "remove downloaded packages that are no longer offered")
          .optional("clean", &Want::clean, "remove all downloaded packages")
          .optional("fail_on_autoremove", &Want::fail_on_autoremove,
                    "fail when something would be removed by installing")
          .optional("dpkg_options", &Want::dpkg_options, "options for dpkg, without the leading dashes")
          .optional("policy_rc_d", &Want::policy_rc_d,
                    "the exit code of policy-rc.d while packages are set up; 101 keeps services from starting")
          .optional("lock_timeout", &Want::lock_timeout, "seconds to wait for another package manager")
          .optional("force_apt_get", &Want::force_apt_get, "taken for Ansible's sake: apt-get is always used")
          .exclusive({"name", "deb"})
          .one_of({"name", "deb", "upgrade", "update_cache", "cache_valid_time", "autoremove", "autoclean", "clean"})
          .example(
              "Packages for Python work",
              "- apt:\n    name: [python3-venv, python3-pip, git]\n    update_cache: true\n    cache_valid_time: 3600")
          .example("One version, with a glob", "- apt: {name: \"nginx=1.22.*\"}")
          .example("From the backports", "- apt: {name: linux-image-amd64/bookworm-backports, state: latest}")
          .example("Gone, with its configuration", "- apt: {name: apache2, state: absent, purge: true}")
          .example("A package file", "- apt: {deb: https://example.org/tool_1.2_amd64.deb}")
          .example("All upgrades, once a day at most",
                   "- apt: {upgrade: dist, update_cache: true, cache_valid_time: 86400}")
          .returns("cache_updated", "boolean", "whether the index was fetched")
          .returns("cache_update_time", "integer", "when the index was fetched last, in seconds since 1970")
          .returns("stdout", "text", "what apt-get said")
          .returns("stderr", "text", "what apt-get complained about");
  return spec;
}

PackageOptions options_of(const Want& want) {
  PackageOptions options;
  options.recommends = want.install_recommends;
  options.default_release = want.default_release;
  options.only_upgrade = want.only_upgrade;
  options.allow_downgrade = want.allow_downgrade || want.force;
  options.allow_held = want.allow_change_held_packages || want.force;
  options.allow_unauthenticated = want.allow_unauthenticated || want.force;
  options.purge = want.purge;
  options.autoremove = want.autoremove;
  options.dpkg_options = want.dpkg_options;
  if (want.policy_rc_d) options.policy_rc_d = static_cast<unsigned>(*want.policy_rc_d);
  options.lock_timeout = std::chrono::seconds(want.lock_timeout);
  return options;
}

RefreshPackageIndex refresh_of(const Want& want) {
  return {.lock_timeout = std::chrono::seconds(want.lock_timeout),
          .retries = static_cast<unsigned>(std::clamp<std::int64_t>(want.update_cache_retries, 0, 100)),
          .retry_delay = std::chrono::seconds(std::max<std::int64_t>(want.update_cache_retry_max_delay, 0))};
}

}  // namespace agent::apt

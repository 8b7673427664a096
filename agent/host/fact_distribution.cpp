#include <algorithm>
#include <cctype>

#include <agent/host/fact_groups.hpp>
#include <agent/host/os_release.hpp>

namespace agent::facts {
namespace {

struct Known {
  std::string_view id, name, family;
};

/// os-release IDs that Ansible calls something else than their capital form, and the families.
constexpr Known known[] = {{"debian", "Debian", "Debian"},
                           {"ubuntu", "Ubuntu", "Debian"},
                           {"raspbian", "Debian", "Debian"},
                           {"linuxmint", "Linux Mint", "Debian"},
                           {"pop", "Pop!_OS", "Debian"},
                           {"kali", "Kali", "Debian"},
                           {"devuan", "Devuan", "Debian"},
                           {"neon", "Neon", "Debian"},
                           {"fedora", "Fedora", "RedHat"},
                           {"rhel", "RedHat", "RedHat"},
                           {"centos", "CentOS", "RedHat"},
                           {"rocky", "Rocky", "RedHat"},
                           {"almalinux", "AlmaLinux", "RedHat"},
                           {"ol", "OracleLinux", "RedHat"},
                           {"amzn", "Amazon", "RedHat"},
                           {"openeuler", "openEuler", "RedHat"},
                           {"arch", "Archlinux", "Archlinux"},
                           {"manjaro", "Manjaro", "Archlinux"},
                           {"opensuse-leap", "openSUSE Leap", "Suse"},
                           {"opensuse-tumbleweed", "openSUSE Tumbleweed", "Suse"},
                           {"sles", "SLES", "Suse"},
                           {"alpine", "Alpine", "Alpine"},
                           {"gentoo", "Gentoo", "Gentoo"}};

const Known* find(std::string_view id) {
  const auto* found = std::find_if(std::begin(known), std::end(known), [&](const Known& one) { return one.id == id; });
  return found == std::end(known) ? nullptr : found;
}

std::string capital(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

std::string name_of(const System& system) {
  const Known* entry = find(system.id);
  return entry != nullptr ? std::string(entry->name) : capital(system.id);
}

std::string family_of(const System& system) {
  if (const Known* entry = find(system.id)) return std::string(entry->family);
  for (const auto& like : system.like)
    if (const Known* entry = find(like)) return std::string(entry->family);
  return name_of(system);
}

void debian_versions(Map& facts, const Host& host, std::string& version) {
  const auto exact = text_of(host, "/etc/debian_version");
  if (!exact || std::isdigit(static_cast<unsigned char>(exact->front())) == 0) return;
  version = *exact;
  const auto dot = exact->find('.');
  if (dot != std::string::npos) facts.set("distribution_minor_version", exact->substr(dot + 1));
}

}  // namespace

void distribution(Map& facts, const Host& host) {
  const System& system = host.system();
  const std::string family = family_of(system);
  std::string version = system.version.empty() ? "NA" : system.version;
  facts.set("distribution", name_of(system));
  if (name_of(system) == "Debian") debian_versions(facts, host, version);
  facts.set("distribution_version", version);
  facts.set("distribution_major_version", version.substr(0, version.find('.')));
  facts.set("distribution_release", system.codename);
  facts.set("os_family", family);
  const bool is_red_hat = family == "RedHat" && exists(host, "/etc/redhat-release");
  facts.set("distribution_file_path", is_red_hat ? "/etc/redhat-release" : "/etc/os-release");
  facts.set("distribution_file_variety", is_red_hat ? "RedHat" : family);
  facts.set("distribution_file_parsed", true);
}

void lsb(Map& facts, const Host& host) {
  const System& system = host.system();
  auto file = parse_os_release(text_of(host, "/etc/lsb-release").value_or(""));
  Map found;
  if (!file["DISTRIB_ID"].empty()) {
    found = {{"id", file["DISTRIB_ID"]},
             {"release", file["DISTRIB_RELEASE"]},
             {"description", file["DISTRIB_DESCRIPTION"]},
             {"codename", file["DISTRIB_CODENAME"]}};
  } else if (exists(host, "/usr/bin/lsb_release")) {  // which says what os-release says
    found = {{"id", name_of(system)},
             {"release", system.version.empty() ? "n/a" : system.version},
             {"description", system.name},
             {"codename", system.codename.empty() ? "n/a" : system.codename}};
  }
  if (!found.empty()) {
    const std::string release = found.find("release")->string();
    found.set("major_release", release.substr(0, release.find('.')));
  }
  facts.set("lsb", found);
}

void pkg_mgr(Map& facts, const Host& host) {
  const std::string family = family_of(host.system());
  std::string name = "unknown";
  if (family == "Debian") {
    name = "apt";
  } else if (exists(host, "/run/ostree-booted")) {
    name = "atomic_container";
  } else if (exists(host, "/usr/bin/dnf") || exists(host, "/usr/bin/microdnf")) {
    const auto info = host.stat("/usr/bin/dnf", false);
    name = info && info->is_link() && Path(info->target).filename() == "dnf5" ? "dnf5" : "dnf";
  } else {
    static constexpr std::pair<const char*, const char*> tools[] = {
        {"/usr/bin/apt-get", "apt"}, {"/usr/bin/zypper", "zypper"},  {"/usr/bin/pacman", "pacman"},
        {"/sbin/apk", "apk"},        {"/usr/bin/emerge", "portage"}, {"/usr/bin/xbps-install", "xbps"}};
    for (const auto& [path, manager] : tools)
      if (exists(host, path)) name = manager;
  }
  facts.set("pkg_mgr", name);
}

}  // namespace agent::facts

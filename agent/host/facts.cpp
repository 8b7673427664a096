#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <set>

#include <agent/host/fact_groups.hpp>
#include <agent/host/facts.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/sdk/text.hpp>

namespace agent {
namespace {

struct FactGroup {
  std::string_view name;
  std::string_view subset;  ///< the large one it belongs to; empty: only "all"
  Strings facts;            ///< names that select it as well
  void (*gather)(Map& facts, const Host& host);
};

const std::vector<FactGroup>& groups() {
  static const std::vector<FactGroup> all = {
      {"platform",
       "min",
       {"system", "kernel", "kernel_version", "machine", "architecture", "hostname", "nodename", "fqdn", "domain",
        "machine_id", "userspace_bits", "userspace_architecture"},
       facts::platform},
      {"distribution",
       "min",
       {"distribution_version", "distribution_release", "distribution_major_version", "os_family"},
       facts::distribution},
      {"lsb", "min", {}, facts::lsb},
      {"pkg_mgr", "min", {}, facts::pkg_mgr},
      {"service_mgr", "min", {}, facts::service_mgr},
      {"python", "min", {"python_version"}, facts::python},
      {"user",
       "min",
       {"user_id", "user_uid", "user_gid", "user_gecos", "user_dir", "user_shell", "real_user_id", "effective_user_id",
        "effective_group_ids"},
       facts::user},
      {"date_time", "min", {}, facts::date_time},
      {"selinux", "min", {}, facts::selinux},
      {"apparmor", "min", {}, facts::apparmor},
      {"fips", "min", {}, facts::fips},
      {"cmdline", "min", {"proc_cmdline"}, facts::cmdline},
      {"dns", "min", {}, facts::dns},
      {"ssh_pub_keys",
       "min",
       {"ssh_host_pub_keys", "ssh_host_key_rsa_public", "ssh_host_key_ed25519_public"},
       facts::ssh_pub_keys},
      {"local", "min", {}, facts::local},
      {"memory", "hardware", {"memory_mb", "memtotal_mb", "memfree_mb", "swaptotal_mb", "swapfree_mb"}, facts::memory},
      {"processor",
       "hardware",
       {"processor_cores", "processor_count", "processor_vcpus", "processor_nproc", "processor_threads_per_core",
        "flags"},
       facts::processor},
      {"uptime", "hardware", {"uptime_seconds"}, facts::uptime},
      {"dmi",
       "hardware",
       {"product_name", "product_serial", "product_uuid", "product_version", "system_vendor", "bios_version",
        "bios_vendor", "bios_date", "board_name", "board_vendor", "form_factor", "chassis_vendor"},
       facts::dmi},
      {"mounts", "hardware", {}, facts::mounts},
      {"devices", "hardware", {"device_links"}, facts::devices},
      {"gpu", "hardware", {}, facts::gpu},
      {"network",
       "network",
       {"interfaces", "default_ipv4", "default_ipv6", "all_ipv4_addresses", "all_ipv6_addresses"},
       facts::network},
      {"virtual",
       "virtual",
       {"virtualization_type", "virtualization_role", "virtualization_tech_guest", "virtualization_tech_host"},
       facts::virtualization},
      {"loadavg", "", {}, facts::loadavg},
      {"chroot", "", {"is_chroot"}, facts::chroot},
  };
  return all;
}

using Selection = std::set<std::string_view>;

Selection meant_by(std::string_view subset) {
  Selection selection;
  for (const auto& group : groups()) {
    const bool named =
        group.name == subset || std::find(group.facts.begin(), group.facts.end(), subset) != group.facts.end();
    if (subset == "all" || group.subset == subset || named) selection.insert(group.name);
  }
  if (subset == "env" || subset == "all" || subset == "min") selection.insert("env");
  return selection;
}

/// As gather_subset has it: "!all" leaves "min", "!min" takes that as well, and what is named is there in any case.
Selection selected(const Strings& subsets) {
  Selection wanted, unwanted;
  bool names_some = false, keeps_min = true;
  for (const std::string& subset : subsets) {
    const bool is_no = !subset.empty() && subset[0] == '!';
    const std::string_view name = std::string_view(subset).substr(is_no ? 1 : 0);
    names_some |= !is_no;
    if (is_no && name == "min") keeps_min = false;
    if (is_no && name == "all") names_some = true;
    (is_no ? unwanted : wanted).merge(meant_by(name));
  }
  if (!names_some) wanted = meant_by("all");
  if (keeps_min) wanted.merge(meant_by("min"));
  Selection explicit_ones;
  for (const std::string& subset : subsets)
    if (!subset.empty() && subset[0] != '!' && subset != "all") explicit_ones.merge(meant_by(subset));
  const Selection minimum = keeps_min ? meant_by("min") : Selection{};
  const bool takes_all_out = std::find(subsets.begin(), subsets.end(), "!all") != subsets.end();
  for (const auto& name : unwanted) {
    const bool stays = explicit_ones.count(name) != 0 || (takes_all_out && minimum.count(name) != 0);
    if (!stays) wanted.erase(name);
  }
  return wanted;
}

/// Maps are merged key by key; anything else takes the place of what was there.
void lay_over(Map& facts, const Map& injected) {
  for (const auto& [name, value] : injected) {
    const Value* here = facts.find(name);
    if (!here || !here->is_map() || !value.is_map()) {
      facts.set(name, value);
      continue;
    }
    Map merged = here->map();
    lay_over(merged, value.map());
    facts.set(name, std::move(merged));
  }
}

/// For tests: the JSON file that AGENT_FACTS names says what this machine pretends to be.
void inject(Map& facts, const Selection& wanted, const std::string& file) {
  std::ifstream stream(file);
  if (!stream) throw Error("AGENT_FACTS names '" + file + "', which cannot be read");
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  const Value injected = parse_json(text, file);
  if (!injected.is_map()) throw Error("AGENT_FACTS names '" + file + "', which holds no JSON object");
  Map chosen;
  for (const auto& [name, value] : injected.map()) {
    const Selection groups_of_it = meant_by(name);
    const bool is_wanted = groups_of_it.empty() || std::any_of(groups_of_it.begin(), groups_of_it.end(),
                                                               [&](auto group) { return wanted.count(group) != 0; });
    if (is_wanted) chosen.set(name, value);
  }
  lay_over(facts, chosen);
}

}  // namespace

Value gather_facts(const Strings& subsets, const Host& host, const Environment& environment) {
  const Selection wanted = selected(subsets);
  Map facts;
  for (const auto& group : groups()) {
    if (wanted.count(group.name) == 0) continue;
    Map found;
    try {
      group.gather(found, host);
    } catch (const Error&) {  // a fact that cannot be had is one that is not there
    } catch (const Unknown&) {
    }
    facts.merge(found);
  }
  if (wanted.count("env") != 0) {
    Map shown;
    for (const auto& [name, value] : environment) shown.set(name, value);
    facts.set("env", shown);
  }
  if (const auto file = environment.find("AGENT_FACTS"); file != environment.end() && !file->second.empty())
    inject(facts, wanted, file->second);
  return facts;
}

namespace facts {

std::optional<std::string> text_of(const Host& host, const Path& file) {
  try {
    auto text = host.read(file);
    if (!text) return std::nullopt;
    std::string content = text::trimmed(*text);
    return content.empty() ? std::nullopt : std::optional(std::move(content));
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::int64_t number_of(std::string_view text) {
  const std::string copy(text);
  return std::strtoll(copy.c_str(), nullptr, 10);
}

Value or_null(const std::optional<std::string>& text) {
  return text ? Value(*text) : Value();
}

bool exists(const Host& host, const Path& path) {
  try {
    return host.stat(path).has_value();
  } catch (const Error&) {
    return false;
  }
}

}  // namespace facts
}  // namespace agent

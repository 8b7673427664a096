#include <algorithm>
#include <set>

#include <agent/host/fact_groups.hpp>
#include <agent/sdk/text.hpp>

namespace agent::facts {
namespace {

/// What the machine runs in or on. The first thing found is its type and role; all are listed.
class Findings {
 public:
  void guest(const std::string& tech) { found(tech, "guest", guests_); }
  void host(const std::string& tech) { found(tech, "host", hosts_); }
  void also_guest(const std::string& tech) { guests_.insert(tech); }
  bool is_guest_of_any(std::initializer_list<const char*> techs) const {
    return std::any_of(techs.begin(), techs.end(), [this](const char* tech) { return guests_.count(tech) != 0; });
  }
  void put(Map& facts) const {
    facts.set("virtualization_type", type_.empty() ? "NA" : type_);
    facts.set("virtualization_role", role_.empty() ? "NA" : role_);
    facts.set("virtualization_tech_guest", Strings(guests_.begin(), guests_.end()));
    facts.set("virtualization_tech_host", Strings(hosts_.begin(), hosts_.end()));
  }

 private:
  void found(const std::string& tech, const char* role, std::set<std::string>& list) {
    list.insert(tech);
    if (!type_.empty()) return;
    type_ = tech;
    role_ = role;
  }
  std::string type_, role_;
  std::set<std::string> guests_, hosts_;
};

void look_for_containers(Findings& findings, const Host& host) {
  const std::string groups = text_of(host, "/proc/1/cgroup").value_or("");
  if (text::contains(groups, "/docker/") || text::contains(groups, "/docker-")) findings.guest("docker");
  if (text::contains(groups, "/lxc/") || text::contains(groups, "/machine.slice/machine-lxc")) findings.guest("lxc");
  if (text::contains(groups, "/system.slice/containerd.service")) findings.guest("containerd");
  const std::string variables = std::string(1, '\0') + text_of(host, "/proc/1/environ").value_or("");
  const std::string container = std::string(1, '\0') + "container=";
  for (const char* name : {"lxc", "podman"})
    if (text::contains(variables, container + name)) findings.guest(name);
  if (const auto at = variables.find(container);
      at != std::string::npos && at + container.size() < variables.size() && variables[at + container.size()] != '\0')
    findings.guest("container");
  if (exists(host, "/proc/vz") && !exists(host, "/proc/lve"))
    exists(host, "/proc/bc") ? findings.host("openvz") : findings.guest("openvz");
  const auto systemd = text_of(host, "/run/systemd/container");
  if (systemd) findings.guest(*systemd);
  if (exists(host, "/.dockerenv") || exists(host, "/.dockerinit")) findings.guest("docker");
  if (systemd || findings.is_guest_of_any({"docker", "lxc", "podman", "openvz", "containerd"}))
    findings.also_guest("container");
}

void look_at_firmware(Findings& findings, const Host& host) {
  const Path directory = "/sys/devices/virtual/dmi/id";
  const std::string product = text_of(host, directory / "product_name").value_or(""),
                    vendor = text_of(host, directory / "sys_vendor").value_or(""),
                    bios = text_of(host, directory / "bios_vendor").value_or("");
  const auto is_one_of = [](const std::string& text, std::initializer_list<const char*> names) {
    return std::find(names.begin(), names.end(), text) != names.end();
  };
  if (is_one_of(product, {"KVM", "KVM Server", "Bochs", "AHV", "CloudStack KVM Hypervisor"})) findings.guest("kvm");
  if (vendor == "oVirt") findings.guest("oVirt");
  if (product.rfind("VMware", 0) == 0) findings.guest("VMware");
  if (is_one_of(product, {"OpenStack Compute", "OpenStack Nova"})) findings.guest("openstack");
  if (bios == "Xen") findings.guest("xen");
  if (bios == "innotek GmbH") findings.guest("virtualbox");
  if (is_one_of(bios, {"Amazon EC2", "DigitalOcean", "Hetzner", "Linode"})) findings.guest("kvm");
  if (is_one_of(vendor, {"QEMU", "Amazon EC2", "DigitalOcean", "Google", "Scaleway", "Nutanix"})) findings.guest("kvm");
  if (vendor == "KubeVirt") findings.guest("KubeVirt");
  if (vendor == "Microsoft Corporation") findings.guest("VirtualPC");
  if (vendor == "Parallels Software International Inc.") findings.guest("parallels");
  if (vendor == "OpenStack Foundation") findings.guest("openstack");
}

void look_at_kernel(Findings& findings, const Host& host) {
  const std::string processors = text_of(host, "/proc/cpuinfo").value_or("");
  if (text::contains(processors, "QEMU Virtual CPU")) findings.guest("kvm");
  if (text::contains(processors, "User Mode Linux")) findings.guest("uml");
  const std::string modules = "\n" + text_of(host, "/proc/modules").value_or("");
  if (text::contains(modules, "\nkvm ")) findings.host("kvm");
  if (text::contains(modules, "\nvboxdrv ")) findings.host("virtualbox");
  if (exists(host, "/dev/kvm")) findings.host("kvm");
}

}  // namespace

void virtualization(Map& facts, const Host& host) {
  Findings findings;
  look_for_containers(findings, host);
  if (exists(host, "/proc/xen")) {
    const bool controls = text::contains(text_of(host, "/proc/xen/capabilities").value_or(""), "control_d");
    controls ? findings.host("xen") : findings.guest("xen");
  }
  look_at_firmware(findings, host);
  look_at_kernel(findings, host);
  findings.put(facts);
}

}  // namespace agent::facts

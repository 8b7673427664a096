#include <netdb.h>
#include <sys/socket.h>

#include <agent/host/fact_groups.hpp>
#include <agent/host/patience.hpp>
#include <agent/sdk/text.hpp>

namespace agent::facts {
namespace {

using namespace std::chrono_literals;

/// The names that /etc/hosts has for a host name, the canonical one first: those of the first line with its address.
Strings names_in_hosts_file(const Host& host, const std::string& name) {
  std::string address;
  std::vector<Strings> lines;
  for (const auto& line : text::lines_of(text_of(host, "/etc/hosts").value_or(""))) {
    Strings words = text::words_of(line.substr(0, line.find('#')));
    if (words.size() < 2) continue;
    for (std::size_t i = 1; i < words.size() && address.empty(); ++i)
      if (words[i] == name) address = words[0];
    lines.push_back(std::move(words));
  }
  for (const auto& words : lines)
    if (words[0] == address) return {words.begin() + 1, words.end()};
  return {};
}

/// Asks the name service, which may ask the network.
std::optional<std::string> canonical_name(const std::string& name) {
  return within<std::string>(500ms, [name] {
    addrinfo wanted{};
    wanted.ai_flags = AI_CANONNAME;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(name.c_str(), nullptr, &wanted, &found) != 0) return name;
    const std::string canonical = found->ai_canonname != nullptr ? found->ai_canonname : name;
    ::freeaddrinfo(found);
    return canonical;
  });
}

std::string full_name(const Host& host, const std::string& name) {
  Strings names = names_in_hosts_file(host, name);
  if (names.empty()) {
    const std::string canonical = canonical_name(name).value_or(name);
    return canonical.find('.') == std::string::npos ? name : canonical;
  }
  for (const auto& one : names)
    if (one.find('.') != std::string::npos) return one;
  return names.front();
}

std::string userspace_of(const std::string& machine, bool wide) {
  if (machine == "x86_64") return wide ? "x86_64" : "i386";
  return "";
}

/// "3.11.2" out of "2:3.11.2-6+deb12u1".
std::string upstream(std::string version) {
  if (const auto colon = version.find(':'); colon != std::string::npos) version = version.substr(colon + 1);
  return version.substr(0, version.find_first_not_of("0123456789."));
}

/// From the package that the program belongs to, since that is known a hundred times faster than Python starts; else
/// by asking it.
std::string python_version(const std::string& program, const Host& host) {
  if (program.rfind("/usr/bin/", 0) == 0) {
    const auto info = host.stat(program, false);
    const std::string name = info && info->is_link() ? Path(info->target).filename().string() : "python3";
    for (const auto& package : {name, std::string("python3")})
      for (const auto& found : host.packages().find(package))
        if (found.state == Package::State::installed && upstream(found.version).rfind("3.", 0) == 0 &&
            (package != "python3" || host.packages().manager() == "dnf"))  // Debian's python3 has a version of its own
          return upstream(found.version);
  }
  const Output answer = host.query({{program, "-V"}, {}, {}, 2s});
  const auto words = text::words_of(answer.out);
  return answer.unknown.empty() && answer.rc == 0 && words.size() > 1 ? words[1] : "";
}

}  // namespace

void platform(Map& facts, const Host& host) {
  const System& system = host.system();
  const bool wide = sizeof(void*) == 8;
  facts.set("system", "Linux");
  facts.set("kernel", system.kernel);
  facts.set("kernel_version", text_of(host, "/proc/sys/kernel/version").value_or(""));
  facts.set("machine", system.architecture);
  facts.set("architecture", system.architecture);
  facts.set("userspace_bits", wide ? "64" : "32");
  if (const auto userspace = userspace_of(system.architecture, wide); !userspace.empty())
    facts.set("userspace_architecture", userspace);
  facts.set("nodename", system.hostname);
  facts.set("hostname", system.hostname.substr(0, system.hostname.find('.')));
  const std::string full = full_name(host, system.hostname);
  const auto dot = full.find('.');
  facts.set("fqdn", full);
  facts.set("domain", dot == std::string::npos ? "" : full.substr(dot + 1));
  for (const char* file : {"/var/lib/dbus/machine-id", "/etc/machine-id"})
    if (const auto id = text_of(host, file); id && !facts.contains("machine_id")) facts.set("machine_id", *id);
}

void python(Map& facts, const Host& host) {
  std::string program = "/usr/bin/python3";
  if (!exists(host, program)) program = "python3";
  const std::string version = python_version(program, host);
  const auto first = version.find('.');
  const auto second = first == std::string::npos ? first : version.find('.', first + 1);
  if (second == std::string::npos) return;
  const std::int64_t major = number_of(version), minor = number_of(version.substr(first + 1)),
                     micro = number_of(version.substr(second + 1));
  facts.set("python_version", version);
  facts.set("python",
            Map{{"version",
                 Map{{"major", major}, {"minor", minor}, {"micro", micro}, {"releaselevel", "final"}, {"serial", 0}}},
                {"version_info", List{major, minor, micro, "final", 0}},
                {"executable", program},
                {"has_sslcontext", true},
                {"type", "cpython"}});
}

}  // namespace agent::facts

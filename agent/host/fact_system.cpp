#include <algorithm>

#include <sys/stat.h>

#include <agent/host/fact_groups.hpp>
#include <agent/host/os_release.hpp>
#include <agent/sdk/text.hpp>

namespace agent::facts {
namespace {

bool has_systemctl(const Host& host) {
  return exists(host, "/usr/bin/systemctl") || exists(host, "/bin/systemctl");
}

/// The kernel's command line as words; quotes hold spaces together.
Strings kernel_words(const std::string& text) {
  Strings words(1);
  char quote = '\0';
  for (const char c : text) {
    if (quote != '\0' ? c == quote : c == '"' || c == '\'')
      quote = quote != '\0' ? '\0' : c;
    else if (quote == '\0' && c == ' ')
      words.emplace_back();
    else
      words.back() += c;
  }
  words.erase(std::remove(words.begin(), words.end(), ""), words.end());
  return words;
}

std::string mode_name(const std::optional<std::string>& enforce) {
  return enforce == "1" ? "enforcing" : enforce == "0" ? "permissive" : "unknown";
}

}  // namespace

void service_mgr(Map& facts, const Host& host) {
  // What process 1 is called says it, unless it is "init", which may be anything, or a shell in a container.
  const std::string first = text_of(host, "/proc/1/comm").value_or("init");
  std::string name = "service";
  if (first != "init" && !first.ends_with("sh")) {
    static constexpr std::pair<const char*, const char*> other_names[] = {
        {"procd", "openwrt_init"}, {"runit-init", "runit"}, {"svscan", "svc"}, {"openrc-init", "openrc"}};
    name = first;
    for (const auto& [process, manager] : other_names)
      if (first == process) name = manager;
  } else if (has_systemctl(host) && exists(host, "/run/systemd/system")) {
    name = "systemd";
  } else if (exists(host, "/sbin/openrc")) {
    name = "openrc";
  } else if (const auto init = host.stat("/sbin/init", false);
             has_systemctl(host) && init && init->is_link() && Path(init->target).filename() == "systemd") {
    name = "systemd";
  } else if (exists(host, "/etc/init.d")) {
    name = "sysvinit";
  }
  facts.set("service_mgr", name);
}

void selinux(Map& facts, const Host& host) {
  Map found{{"status", "disabled"}};
  if (const auto enforce = text_of(host, "/sys/fs/selinux/enforce")) {
    auto configuration = parse_os_release(text_of(host, "/etc/selinux/config").value_or(""));
    const std::string wanted = configuration["SELINUX"], type = configuration["SELINUXTYPE"];
    found = {{"status", "enabled"},
             {"policyvers", number_of(text_of(host, "/sys/fs/selinux/policyvers").value_or("0"))},
             {"config_mode", wanted.empty() ? "unknown" : wanted},
             {"mode", mode_name(enforce)},
             {"type", type.empty() ? "unknown" : type}};
  }
  facts.set("selinux", found);
  facts.set("selinux_python_present", true);
}

void apparmor(Map& facts, const Host& host) {
  const bool enabled = exists(host, "/sys/kernel/security/apparmor");
  facts.set("apparmor", Map{{"status", enabled ? "enabled" : "disabled"}});
}

void fips(Map& facts, const Host& host) {
  facts.set("fips", text_of(host, "/proc/sys/crypto/fips_enabled") == "1");
}

void cmdline(Map& facts, const Host& host) {
  Map last, all;
  for (const auto& word : kernel_words(text_of(host, "/proc/cmdline").value_or(""))) {
    const auto equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const Value value = equals == std::string::npos ? Value(true) : Value(word.substr(equals + 1));
    last.set(name, value);
    const Value* before = all.find(name);
    if (before == nullptr || equals == std::string::npos) {
      all.set(name, value);
      continue;
    }
    List values = before->is_list() ? before->list() : List{*before};
    values.push_back(value);
    all.set(name, std::move(values));
  }
  facts.set("cmdline", last);
  facts.set("proc_cmdline", all);
}

void dns(Map& facts, const Host& host) {
  Map found;
  List servers;
  for (const auto& line : text::lines_of(text_of(host, "/etc/resolv.conf").value_or(""))) {
    const Strings words = text::words_of(line);
    if (words.empty() || words[0][0] == '#' || words[0][0] == ';') continue;
    const Strings rest(words.begin() + 1, words.end());
    if (words[0] == "nameserver") {
      servers.insert(servers.end(), rest.begin(), rest.end());
      found.set("nameservers", servers);
    } else if (words[0] == "domain" && !rest.empty()) {
      found.set("domain", rest[0]);
    } else if (words[0] == "search" || words[0] == "sortlist") {
      found.set(words[0], rest);
    } else if (words[0] == "options") {
      Map options;
      for (const auto& option : rest) {
        const auto colon = option.find(':');
        options.set(option.substr(0, colon),
                    colon == std::string::npos ? Value(true) : Value(option.substr(colon + 1)));
      }
      found.set("options", options);
    }
  }
  facts.set("dns", found);
}

void ssh_pub_keys(Map& facts, const Host& host) {
  for (const char* kind : {"dsa", "rsa", "ecdsa", "ed25519"}) {
    const std::string name = std::string("ssh_host_key_") + kind + "_public";
    const Strings words =
        text::words_of(text_of(host, std::string("/etc/ssh/ssh_host_") + kind + "_key.pub").value_or(""));
    if (words.size() < 2) continue;
    facts.set(name, words[1]);
    facts.set(name + "_keytype", words[0]);
  }
}

void loadavg(Map& facts, const Host& host) {
  const Strings words = text::words_of(text_of(host, "/proc/loadavg").value_or(""));
  if (words.size() < 3) return;
  facts.set("loadavg", Map{{"1m", std::stod(words[0])}, {"5m", std::stod(words[1])}, {"15m", std::stod(words[2])}});
}

void chroot(Map& facts, const Host& host) {
  struct stat ours {
  }, first{};
  if (!host.environment("debian_chroot").value_or("").empty()) {
    facts.set("is_chroot", true);
  } else if (::stat("/", &ours) == 0 && ::stat("/proc/1/root/.", &first) == 0) {
    facts.set("is_chroot", ours.st_ino != first.st_ino || ours.st_dev != first.st_dev);
  } else {
    facts.set("is_chroot", ours.st_ino != 2 && ours.st_ino != 128 && ours.st_ino != 256);  // ext4, xfs, btrfs
  }
}

}  // namespace agent::facts

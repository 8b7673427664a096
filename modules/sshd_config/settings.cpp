#include "settings.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <tuple>

#include <agent/sdk/error.hpp>
#include <agent/sdk/text.hpp>

namespace agent::sshd_config {

namespace {

// sshd_config(5) of OpenSSH 10.
constexpr std::array keywords = {"AcceptEnv",
                                 "AddressFamily",
                                 "AllowAgentForwarding",
                                 "AllowGroups",
                                 "AllowStreamLocalForwarding",
                                 "AllowTcpForwarding",
                                 "AllowUsers",
                                 "AuthenticationMethods",
                                 "AuthorizedKeysCommand",
                                 "AuthorizedKeysCommandUser",
                                 "AuthorizedKeysFile",
                                 "AuthorizedPrincipalsCommand",
                                 "AuthorizedPrincipalsCommandUser",
                                 "AuthorizedPrincipalsFile",
                                 "Banner",
                                 "CASignatureAlgorithms",
                                 "ChallengeResponseAuthentication",
                                 "ChannelTimeout",
                                 "ChrootDirectory",
                                 "Ciphers",
                                 "ClientAliveCountMax",
                                 "ClientAliveInterval",
                                 "Compression",
                                 "DebianBanner",
                                 "DenyGroups",
                                 "DenyUsers",
                                 "DisableForwarding",
                                 "ExposeAuthInfo",
                                 "FingerprintHash",
                                 "ForceCommand",
                                 "GatewayPorts",
                                 "GSSAPIAuthentication",
                                 "GSSAPICleanupCredentials",
                                 "GSSAPIKeyExchange",
                                 "GSSAPIStoreCredentialsOnRekey",
                                 "GSSAPIStrictAcceptorCheck",
                                 "HostCertificate",
                                 "HostKey",
                                 "HostKeyAgent",
                                 "HostKeyAlgorithms",
                                 "HostbasedAcceptedAlgorithms",
                                 "HostbasedAuthentication",
                                 "HostbasedUsesNameFromPacketOnly",
                                 "IPQoS",
                                 "IgnoreRhosts",
                                 "IgnoreUserKnownHosts",
                                 "KbdInteractiveAuthentication",
                                 "KerberosAuthentication",
                                 "KerberosGetAFSToken",
                                 "KerberosOrLocalPasswd",
                                 "KerberosTicketCleanup",
                                 "KexAlgorithms",
                                 "ListenAddress",
                                 "LogLevel",
                                 "LogVerbose",
                                 "LoginGraceTime",
                                 "MACs",
                                 "MaxAuthTries",
                                 "MaxSessions",
                                 "MaxStartups",
                                 "ModuliFile",
                                 "PAMServiceName",
                                 "PasswordAuthentication",
                                 "PermitEmptyPasswords",
                                 "PermitListen",
                                 "PermitOpen",
                                 "PermitRootLogin",
                                 "PermitTTY",
                                 "PermitTunnel",
                                 "PermitUserEnvironment",
                                 "PermitUserRC",
                                 "PerSourceMaxStartups",
                                 "PerSourceNetBlockSize",
                                 "PerSourcePenalties",
                                 "PerSourcePenaltyExemptList",
                                 "PidFile",
                                 "Port",
                                 "PrintLastLog",
                                 "PrintMotd",
                                 "PubkeyAcceptedAlgorithms",
                                 "PubkeyAcceptedKeyTypes",
                                 "PubkeyAuthOptions",
                                 "PubkeyAuthentication",
                                 "RefuseConnection",
                                 "RekeyLimit",
                                 "RequiredRSASize",
                                 "RevokedKeys",
                                 "SecurityKeyProvider",
                                 "SetEnv",
                                 "SshdAuthPath",
                                 "SshdSessionPath",
                                 "StreamLocalBindMask",
                                 "StreamLocalBindUnlink",
                                 "StrictModes",
                                 "Subsystem",
                                 "SyslogFacility",
                                 "TCPKeepAlive",
                                 "TrustedUserCAKeys",
                                 "UnusedConnectionTimeout",
                                 "UseDNS",
                                 "UsePAM",
                                 "VersionAddendum",
                                 "X11DisplayOffset",
                                 "X11Forwarding",
                                 "X11UseLocalhost",
                                 "XAuthLocation"};
// Lists of these stand in one line with commas; of those, in lines of their own; of all others, with blanks.
constexpr std::array comma_lists = {"Ciphers",
                                    "MACs",
                                    "KexAlgorithms",
                                    "HostKeyAlgorithms",
                                    "PubkeyAcceptedAlgorithms",
                                    "CASignatureAlgorithms",
                                    "HostbasedAcceptedAlgorithms",
                                    "PubkeyAuthOptions"};
constexpr std::array repeated = {"Port",      "ListenAddress", "HostKey",  "HostCertificate",
                                 "AcceptEnv", "SetEnv",        "Subsystem"};

template <class Table>
bool holds(const Table& table, const std::string& keyword) {
  return std::find(table.begin(), table.end(), keyword) != table.end();
}

/// How many letters are to be changed to get from one word to the other.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1)});
      corner = above;
    }
  }
  return row.back();
}

std::string canonical(const std::string& written) {
  const char* nearest = nullptr;
  std::size_t least = 4;
  for (const char* keyword : keywords) {
    if (text::lower(keyword) == text::lower(written)) return keyword;
    if (const auto d = distance(text::lower(keyword), text::lower(written)); d < least) least = d, nearest = keyword;
  }
  Error error("sshd has no setting '" + written + "'");
  if (nearest) error.hint(std::string("did you mean '") + nearest + "'?");
  throw std::move(error).about("settings");
}

std::string value_text(const std::string& keyword, const Value& value) {
  std::string text = value.is_boolean()  ? (value.boolean() ? "yes" : "no")
                     : value.is_string() ? value.string()
                                         : value.json();
  if (text.empty() || text.find('\n') != std::string::npos)
    throw Error("'" + keyword + "' needs a value in one line").about("settings");
  return text;
}

/// The word that a line begins with in lower case, and the rest; "Keyword=value" is one way to write it.
std::pair<std::string, std::string> parts(const std::string& line) {
  const std::string text = text::trimmed(line);
  if (text.empty() || text[0] == '#') return {};
  const auto end = std::min(text.find_first_of(" \t="), text.size());
  std::string rest = text::trimmed(text.substr(end));
  if (rest.starts_with("=")) rest = text::trimmed(rest.substr(1));
  return {text::lower(text.substr(0, end)), rest};
}

std::string joined(const Strings& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

std::string block_of(const std::vector<Setting>& settings, const char* indent) {
  std::string text;
  for (const auto& setting : settings)
    for (const auto& value : setting.values) text += indent + setting.keyword + " " + value + "\n";
  return text;
}

/// First line of the Match block with these criteria, and the line behind it.
std::pair<std::size_t, std::size_t> find_match(const Strings& lines, const std::string& match) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto [word, rest] = parts(lines[i]);
    if (word != "match" || text::lower(rest) != text::lower(match)) continue;
    std::size_t end = i + 1;
    while (end < lines.size() && parts(lines[end]).first != "match") ++end;
    return {i, end};
  }
  return {lines.size(), lines.size()};
}

/// Puts the settings into lines[begin, end).
void put(Strings& lines, std::size_t begin, std::size_t end, const std::vector<Setting>& settings, const char* indent) {
  for (const auto& setting : settings) {
    const std::string word = text::lower(setting.keyword);
    Strings wanted;
    for (const auto& value : setting.values) wanted.push_back(indent + setting.keyword + " " + value);
    std::vector<std::size_t> present;
    std::optional<std::size_t> remark;
    for (std::size_t i = begin; i < end; ++i) {
      if (parts(lines[i]).first == word) present.push_back(i);
      const std::string text = text::trimmed(lines[i]);
      if (text.starts_with("#") && parts(text.substr(1)).first == word) remark = i;
    }
    Strings now;
    for (const std::size_t i : present) now.push_back(parts(lines[i]).second);
    if (now == setting.values) continue;
    std::size_t at = !present.empty() ? present.front() : remark ? *remark + 1 : end;
    for (auto i = present.rbegin(); i != present.rend(); ++i)
      lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(*i)), --end;
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), wanted.begin(), wanted.end());
    end += wanted.size();
  }
}

}  // namespace

std::vector<Setting> read_settings(const Map& map) {
  std::vector<Setting> settings;
  for (const auto& [written, value] : map) {
    Setting setting{canonical(written), {}};
    if (!value.is_list()) {
      setting.values = {value_text(written, value)};
    } else {
      const bool own_lines = holds(repeated, setting.keyword);
      std::string all;
      for (const auto& item : value.list()) {
        const std::string text = value_text(written, item);
        if (own_lines) setting.values.push_back(text);
        all += (all.empty() ? "" : holds(comma_lists, setting.keyword) ? "," : " ") + text;
      }
      if (!own_lines) setting.values = {all};
      if (all.empty()) throw Error("'" + written + "' is an empty list").about("settings");
    }
    settings.push_back(std::move(setting));
  }
  return settings;
}

std::vector<SetLine> set_lines(const std::string& text, const std::string& file) {
  std::vector<SetLine> found;
  int number = 0;
  for (const auto& line : text::lines_of(text)) {
    ++number;
    const auto [word, rest] = parts(line);
    if (word == "match") break;
    if (!word.empty()) found.push_back({file, number, word, rest});
  }
  return found;
}

std::string drop_in_text(const std::vector<Setting>& settings, const std::string& match) {
  const std::string head = "# Written by agent (sshd_config). The first value that sshd reads counts.\n";
  return head + (match.empty() ? block_of(settings, "") : "Match " + match + "\n" + block_of(settings, "    "));
}

std::string with_settings(const std::string& text, const std::vector<Setting>& settings, const std::string& match) {
  Strings lines = text::lines_of(text);
  if (match.empty()) {
    std::size_t end = 0;
    while (end < lines.size() && parts(lines[end]).first != "match") ++end;
    put(lines, 0, end, settings, "");
    return joined(lines);
  }
  auto [begin, end] = find_match(lines, match);
  if (begin == lines.size()) return joined(lines) + "\nMatch " + match + "\n" + block_of(settings, "    ");
  while (end > begin + 1 && text::trimmed(lines[end - 1]).empty()) --end;
  put(lines, begin + 1, end, settings, "    ");
  return joined(lines);
}

std::string without_settings(const std::string& text, const std::vector<Setting>& settings, const std::string& match) {
  Strings lines = text::lines_of(text);
  std::size_t begin = 0, end = 0;
  if (match.empty()) {
    while (end < lines.size() && parts(lines[end]).first != "match") ++end;
  } else {
    std::tie(begin, end) = find_match(lines, match);
    if (begin == lines.size()) return text;
    ++begin;
  }
  for (std::size_t i = end; i-- > begin;)
    if (std::any_of(settings.begin(), settings.end(),
                    [&](const Setting& setting) { return text::lower(setting.keyword) == parts(lines[i]).first; }))
      lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i)), --end;
  // A block with nothing in it goes as well.
  if (!match.empty() &&
      std::all_of(lines.begin() + static_cast<std::ptrdiff_t>(begin), lines.begin() + static_cast<std::ptrdiff_t>(end),
                  [](const auto& line) { return parts(line).first.empty(); }))
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(begin) - 1,
                lines.begin() + static_cast<std::ptrdiff_t>(end));
  return joined(lines);
}

Strings includes(const std::string& text) {
  Strings patterns;
  for (const auto& line : set_lines(text, ""))
    if (line.keyword == "include") patterns.push_back(line.value);
  return patterns;
}

}  // namespace agent::sshd_config

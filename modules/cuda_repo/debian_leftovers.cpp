// What older guides left on Debian and Ubuntu: keys that apt trusts for every repository, and entries that name
// NVIDIA's repositories a second time, on which apt stops ("Conflicting values set for option Signed-By").
#include <algorithm>
#include <cctype>

#include <agent/sdk/text.hpp>

#include "cuda_repo.hpp"

namespace agent::cuda_repo {

namespace {

bool is_blank(const std::string& line) {
  return line.find_first_not_of(" \t\r") == std::string::npos;
}

bool is_ours(std::string address, const std::string& url) {
  while (address.ends_with('/')) address.pop_back();
  return is_nvidia_address(address + "/") || (!url.empty() && address == url);
}

// "deb [arch=amd64 signed-by=...] URI SUITE ...": the URI.
std::string address_of(const std::string& line) {
  std::string rest = line;
  if (const auto open = rest.find('['); open != std::string::npos)
    if (const auto close = rest.find(']', open); close != std::string::npos) rest.erase(open, close - open + 1);
  const Strings words = text::words_of(rest);
  if (words.size() < 2 || (words[0] != "deb" && words[0] != "deb-src")) return "";
  return words[1];
}

// The addresses that a stanza names in its field "URIs", continued lines included.
Strings addresses_of(const std::vector<std::string>& stanza) {
  Strings found;
  bool inside = false;
  for (const std::string& line : stanza) {
    if (line.empty() || line[0] == '#') continue;
    if (line[0] != ' ' && line[0] != '\t') {
      std::string field = line.substr(0, line.find(':'));
      for (char& c : field) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      inside = field == "uris";
    }
    if (!inside) continue;
    const auto colon = line[0] == ' ' || line[0] == '\t' ? std::string::npos : line.find(':');
    for (std::string& word : text::words_of(colon == std::string::npos ? line : line.substr(colon + 1)))
      found.push_back(std::move(word));
  }
  return found;
}

bool says_nothing(const std::string& text) {
  for (const std::string& line : text::lines_of(text))
    if (!is_blank(line) && line[line.find_first_not_of(" \t")] != '#') return false;
  return true;
}

void plan_entries(const Path& file, const Source& source, const Host& host, Plan& plan) {
  if (file == source.file) return;
  const auto text = host.read(file);
  if (!text) return;
  const auto rest = file.extension() == ".sources" ? without_nvidia_stanzas(*text, source.url)
                                                   : without_nvidia_lines(*text, source.url);
  if (!rest) return;
  if (says_nothing(*rest) && file != "/etc/apt/sources.list") {
    plan_absence(file, "an older entry of NVIDIA's repository", host, plan);
    return;
  }
  plan.steps.push_back({.changes = {{.subject = file.string(), .before = *text, .after = *rest, .text = true}},
                        .actions = {WriteFile{.path = file, .content = *rest}}});
}

// A keyring that apt trusts for everything, without NVIDIA's keys. They are needed nowhere but in our own keyring.
void plan_trusted(const Path& file, const Host& host, Plan& plan) {
  std::vector<OpenPgpKey> keys;
  std::string content;
  try {
    content = host.read(file).value_or("");
    if (content.empty()) return;
    keys = openpgp_keys(content);
  } catch (const Error&) {
    return;  // not readable, or no keyring: then apt does not trust it either
  }
  const Strings known = nvidia_fingerprints();
  std::string rest;
  Step step;
  for (const OpenPgpKey& key : keys) {
    if (std::find(known.begin(), known.end(), key.fingerprint) == known.end()) {
      rest += key.bytes;
      continue;
    }
    const bool withdrawn = key.fingerprint == nvidia_withdrawn_key;
    step.changes.push_back(
        {file.string() + ": key " + key.fingerprint,
         withdrawn ? "withdrawn by NVIDIA, trusted for every repository" : "trusted for every repository",
         std::nullopt});
  }
  if (step.changes.empty()) return;
  const bool is_text = file.extension() == ".asc";
  if (rest.empty())
    step.actions.push_back(RemovePath{file});
  else
    step.actions.push_back(WriteFile{.path = file, .content = is_text ? armoured_key(rest) : rest});
  plan.steps.push_back(std::move(step));
}

}  // namespace

std::optional<std::string> without_nvidia_lines(const std::string& text, const std::string& url) {
  std::string rest;
  bool found = false;
  for (const std::string& line : text::lines_of(text)) {
    if (const std::string address = address_of(line); !address.empty() && is_ours(address, url))
      found = true;
    else
      rest += line + "\n";
  }
  return found ? std::optional(rest) : std::nullopt;
}

std::optional<std::string> without_nvidia_stanzas(const std::string& text, const std::string& url) {
  std::string rest;
  bool found = false;
  std::vector<std::string> stanza, lines = text::lines_of(text);
  lines.emplace_back();
  for (const std::string& line : lines) {
    if (!is_blank(line)) {
      stanza.push_back(line);
      continue;
    }
    const Strings addresses = addresses_of(stanza);
    const bool ours = !addresses.empty() && std::all_of(addresses.begin(), addresses.end(),
                                                        [&](const std::string& a) { return is_ours(a, url); });
    found |= ours;
    if (!ours && !stanza.empty()) {
      if (!rest.empty()) rest += "\n";
      for (const std::string& kept : stanza) rest += kept + "\n";
    }
    stanza.clear();
  }
  return found ? std::optional(rest) : std::nullopt;
}

void DebianCudaRepo::plan_leftovers(const Source& source, const Host& host, Plan& plan) const {
  plan_trusted("/etc/apt/trusted.gpg", host, plan);
  for (const std::string& name : host.list("/etc/apt/trusted.gpg.d"))
    if (name.ends_with(".gpg") || name.ends_with(".asc"))
      plan_trusted(Path("/etc/apt/trusted.gpg.d") / name, host, plan);
  plan_entries("/etc/apt/sources.list", source, host, plan);
  for (const std::string& name : host.list("/etc/apt/sources.list.d"))
    if (name.ends_with(".list") || name.ends_with(".sources"))
      plan_entries(Path("/etc/apt/sources.list.d") / name, source, host, plan);
}

}  // namespace agent::cuda_repo

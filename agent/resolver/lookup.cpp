#include <algorithm>
#include <cctype>

#include <agent/resolver/lookup.hpp>
#include <agent/sdk/error.hpp>
#include <agent/sdk/text.hpp>

namespace agent::resolver {
namespace {

bool is_alphanumeric(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

/// Without "NVIDIA" and the names of product lines, in lower case with single blanks: "rtx 3070 laptop gpu".
std::string plain_name(std::string_view text) {
  std::string words;
  for (const char c : text::lower(text)) {
    const bool is_letter = is_alphanumeric(c);
    if (is_letter)
      words += c;
    else if (!words.empty() && words.back() != ' ')
      words += ' ';
  }
  while (words.ends_with(' ')) words.pop_back();
  for (const char* brand : {"nvidia ", "geforce ", "tesla ", "quadro "})
    if (words.starts_with(brand)) words.erase(0, std::string_view(brand).size());
  return words;
}

std::string without_blanks(std::string text) {
  std::erase(text, ' ');
  return text;
}

Card card_of(const Gpu& gpu, const Tables& tables) {
  Card card{gpu.name, gpu.capability, tables.architecture(gpu.architecture), 0, {}, &gpu};
  card.first_branch = card.architecture->first_branch;
  card.last_branch = card.architecture->last_branch;
  for (const BranchException& one : tables.exceptions)
    if (one.capability == card.capability) card.first_branch = one.first_branch;
  return card;
}

std::optional<Card> card_of_capability(const std::string& text, const Tables& tables) {
  std::string number = text;
  if (text.starts_with("sm_") && text.size() > 4) number = text.substr(3, text.size() - 4) + "." + text.back();
  const auto capability = capability_from(number);
  if (!capability) return std::nullopt;
  for (const Architecture& one : tables.architectures) {
    if (std::find(one.capabilities.begin(), one.capabilities.end(), *capability) == one.capabilities.end()) continue;
    Card card{"a GPU of capability " + number, *capability, &one, one.first_branch, one.last_branch, nullptr};
    for (const BranchException& exception : tables.exceptions)
      if (exception.capability == *capability) card.first_branch = exception.first_branch;
    return card;
  }
  throw Error("there is no architecture with compute capability " + number)
      .hint("known are 3.0 to 12.1, see `architectures` in gpus.yml");
}

[[noreturn]] void refuse_card(const std::string& text, const Tables& tables) {
  // Near by name first; then the cards that share the number in it.
  const std::string wanted = plain_name(text);
  Strings plain, near;
  for (const Gpu& gpu : tables.gpus) plain.push_back(plain_name(gpu.name));
  for (const std::string& name : nearest(wanted, plain, 3))
    for (const Gpu& gpu : tables.gpus)
      if (plain_name(gpu.name) == name && std::find(near.begin(), near.end(), gpu.name) == near.end())
        near.push_back(gpu.name);
  Error error("no table has a GPU '" + text + "'");
  std::string all;
  for (const std::string& name : near) all += (all.empty() ? "'" : ", '") + name + "'";
  if (!near.empty()) error.hint("did you mean " + all + "?");
  throw error.hint(std::to_string(tables.gpus.size()) +
                   " GPUs are known by name, and any by its compute capability: --gpu 8.6; a site may add rows in "
                   "/etc/agent/compat/gpus.yml");
}

struct Spelled {
  std::string id, version;
};

/// "ubuntu2204" -> {"ubuntu", "22.04"}, "rocky9.4" -> {"rocky", "9.4"}.
Spelled spelled(const std::string& text) {
  std::string plain = text::lower(text);
  std::erase_if(plain, [](char c) { return c == ' ' || c == ':' || c == '/' || c == '_'; });
  const auto digit = plain.find_first_of("0123456789");
  Spelled found{plain.substr(0, digit), digit == std::string::npos ? "" : plain.substr(digit)};
  while (found.id.ends_with('-')) found.id.pop_back();
  if (found.id == "ubuntu" && found.version.size() == 4 && found.version.find('.') == std::string::npos)
    found.version.insert(2, ".");
  for (const auto& [other, id] : {std::pair{"opensuse", "opensuse-leap"},
                                  {"opensuseleap", "opensuse-leap"},
                                  {"redhat", "rhel"},
                                  {"oraclelinux", "ol"},
                                  {"amazon", "amzn"},
                                  {"alma", "almalinux"}})
    if (found.id == other) found.id = id;
  return found;
}

bool is_rebuild(const std::string& id) {
  return id == "rocky" || id == "almalinux" || id == "ol" || id == "centos";
}

std::string major_of(const std::string& version) {
  return version.substr(0, version.find('.'));
}

[[noreturn]] void refuse_release(const std::string& text, const Spelled& wanted, const Tables& tables) {
  std::string releases;
  Strings names;
  for (const Distribution& one : tables.distributions) {
    names.push_back(one.id + one.release);
    if (one.id == wanted.id || (is_rebuild(wanted.id) && one.id == "rhel"))
      releases += (releases.empty() ? "" : ", ") + one.release;
  }
  Error error("no table has the release '" + text + "'");
  if (auto hint = did_you_mean(wanted.id + wanted.version, names); hint && releases.empty()) error.hint(*hint);
  if (!releases.empty()) throw error.hint("known of " + wanted.id + " are " + releases);
  Strings ids;
  for (const Distribution& one : tables.distributions)
    if (std::find(ids.begin(), ids.end(), one.id) == ids.end()) ids.push_back(one.id);
  std::string all;
  for (const std::string& id : ids) all += (all.empty() ? "" : ", ") + id;
  throw error.hint("known are releases of " + all);
}

}  // namespace

const Gpu* gpu_of_device(const std::string& device, const Tables& tables) {
  for (const Gpu& gpu : tables.gpus)
    if (std::find(gpu.pci.begin(), gpu.pci.end(), device) != gpu.pci.end()) return &gpu;
  return nullptr;
}

const Gpu* gpu_of_name(const std::string& name, const Tables& tables) {
  const std::string reported = plain_name(name);
  const Gpu* best = nullptr;
  std::size_t length = 0;
  for (const Gpu& gpu : tables.gpus) {
    const std::string known = plain_name(gpu.name);
    const bool begins =
        reported.starts_with(known) && (reported.size() == known.size() || reported[known.size()] == ' ');
    if (begins && known.size() > length) {
      best = &gpu;
      length = known.size();
    }
  }
  return best;
}

Card card_from(const std::string& text, const Tables& tables) {
  const std::string plain = text::lower(text);
  if (const auto card = card_of_capability(plain, tables)) return *card;
  const std::string device = plain.starts_with("10de:") ? plain.substr(5) : plain;
  const bool is_device = device.size() == 4 && device.find_first_not_of("0123456789abcdef") == std::string::npos;
  const Gpu* gpu = is_device ? gpu_of_device(device, tables) : nullptr;
  if (!gpu) gpu = gpu_of_name(text, tables);
  for (std::size_t i = 0; !gpu && i < tables.gpus.size(); ++i)
    if (without_blanks(plain_name(tables.gpus[i].name)) == without_blanks(plain_name(text))) gpu = &tables.gpus[i];
  if (!gpu) refuse_card(text, tables);
  if (gpu->name.starts_with("Jetson"))
    throw Error("'" + gpu->name + "' takes its driver and CUDA from JetPack, which these tables do not cover")
        .hint("NVIDIA's wheels for Jetson name the JetPack that they are for");
  return card_of(*gpu, tables);
}

Release release_from(const std::string& text, const Tables& tables) {
  const Spelled wanted = spelled(text);
  const std::string id = is_rebuild(wanted.id) ? "rhel" : wanted.id;
  Release found;
  for (const Distribution& one : tables.distributions) {
    const bool is_codename = !one.codename.empty() && one.codename == text::lower(text);
    const bool is_release = one.id == id && (one.release == wanted.version || one.release == major_of(wanted.version));
    if (!is_codename && !is_release) continue;
    found = {is_codename ? one.id : wanted.id, is_codename ? one.release : wanted.version, &one, nullptr};
    break;
  }
  if (!found.python) refuse_release(text, wanted, tables);
  for (const Repository& one : tables.repositories) {
    const bool serves = std::find(one.ids.begin(), one.ids.end(), found.id) != one.ids.end();
    const auto has = [&](const std::string& version) {
      return std::find(one.versions.begin(), one.versions.end(), version) != one.versions.end();
    };
    if (serves && (has(found.version) || has(major_of(found.version)))) found.repository = &one;
  }
  return found;
}

}  // namespace agent::resolver

#include "cuda_repo.hpp"

namespace agent::cuda_repo {

namespace {

constexpr const char* pin_file = "/etc/apt/preferences.d/cuda-repository-pin-600";
constexpr const char* exclude_file = "/etc/apt/preferences.d/cuda-repository-excludes";

std::string stanza(const std::string& packages, const std::string& pin, std::int64_t priority) {
  return "Package: " + packages + "\nPin: " + pin + "\nPin-Priority: " + std::to_string(priority) + "\n";
}

// As cuda-keyring's own: the profilers come from here and not from the distribution, and what is here wins without ever
// downgrading.
std::string pins(std::int64_t priority) {
  return stanza("nsight-compute", "origin *ubuntu.com*", -1) + "\n" +
         stanza("nsight-systems", "origin *ubuntu.com*", -1) + "\n" + stanza("*", "release l=NVIDIA CUDA", priority);
}

std::string excludes(const Want& want) {
  Strings names = want.drivers ? Strings{} : driver_packages("apt");
  names.insert(names.end(), want.exclude.begin(), want.exclude.end());
  if (names.empty()) return "";
  std::string words;
  for (const std::string& name : names) words += (words.empty() ? "" : " ") + name;
  return stanza(words, "release l=NVIDIA CUDA", -1);
}

std::string lower_hex(unsigned char c) {
  constexpr char digits[] = "0123456789abcdef";
  return {'%', digits[c >> 4], digits[c & 15]};
}

}  // namespace

std::string list_name(const std::string& url) {
  const auto scheme = url.find("://");
  std::string name;
  for (const char c : scheme == std::string::npos ? url : url.substr(scheme + 3)) {
    if (c == '/')
      name += '_';
    else if (std::string_view("\\|{}[]<>\"^~_=!@#$%^&*").find(c) != std::string_view::npos)
      name += lower_hex(static_cast<unsigned char>(c));
    else
      name += c;
  }
  return name;
}

void DebianCudaRepo::place(Source& source) const {
  source.file = "/etc/apt/sources.list.d/" + source.id + ".list";
  source.keyring = "/usr/share/keyrings/cuda-archive-keyring.gpg";
}

// apt's own downloader: it is always there, and goes the ways that apt is told to go (proxies, certificates).
Strings DebianCudaRepo::fetch(const std::string& url, const Path& to) const {
  return {"/usr/lib/apt/apt-helper",
          "-o",
          "Acquire::Retries=3",
          "-o",
          "Acquire::http::Timeout=30",
          "-o",
          "Acquire::https::Timeout=30",
          "download-file",
          url,
          to.string()};
}

void DebianCudaRepo::plan_source(const Source& source, const Want& want, const Host& host, Plan& plan) const {
  plan_text(pin_file, pins(want.priority.value_or(600)), host, plan);
  if (const std::string text = excludes(want); !text.empty())
    plan_text(exclude_file, text, host, plan);
  else
    plan_absence(exclude_file, "packages never taken from the repository", host, plan);
  plan_text(source.file, "deb [signed-by=" + source.keyring.string() + "] " + source.url + "/ /\n", host, plan);
}

void DebianCudaRepo::plan_removal(const Source& source, const Host& host, Plan& plan) const {
  plan_absence(source.file, "repository " + source.url, host, plan);
  plan_absence(pin_file, "its priority", host, plan);
  plan_absence(exclude_file, "packages never taken from it", host, plan);
  plan_absence(source.keyring, "its key", host, plan);
}

bool DebianCudaRepo::has_index(const Source& source, const Host& host) const {
  const std::string name = list_name(source.url + "/") + "Packages";
  for (const std::string& file : host.list("/var/lib/apt/lists"))
    if (file.starts_with(name)) return true;
  return false;
}

}  // namespace agent::cuda_repo

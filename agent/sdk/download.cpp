#include <algorithm>

#include <agent/sdk/download.hpp>

namespace agent {

std::vector<Action> download(const Download& wanted, const Host& host) {
  Exec fetch{.title = wanted.title};
  fetch.effects = {.opaque = {wanted.to}, .complete = true};
  const std::string to = wanted.to.string();
  if (wanted.url.starts_with("/"))
    fetch.argv = {"cp", "--", wanted.url, to};
  else if (host.packages().manager() == "apt")
    fetch.argv = {"/usr/lib/apt/apt-helper", "-o", "Acquire::Retries=3", "download-file", wanted.url, to};
  else
    fetch.argv = {"curl", "-fsSL", "--retry", "3", "--proto", "=https,http,file", "-o", to, "--", wanted.url};
  Exec compare{.argv = {"sha256sum", "--check", "--status", "--strict", "-"}, .title = "comparing its checksum"};
  compare.input = wanted.sha256 + "  " + to + "\n";
  compare.effects.complete = true;
  return {fetch, compare};
}

std::string sha256_argument(const std::string& text, const std::string& argument) {
  std::string sum = text.starts_with("sha256:") ? text.substr(7) : text;
  std::transform(sum.begin(), sum.end(), sum.begin(),
                 [](unsigned char c) { return c >= 'A' && c <= 'F' ? c + 32 : c; });
  if (sum.size() == 64 && sum.find_first_not_of("0123456789abcdef") == std::string::npos) return sum;
  throw Error("'" + text + "' is no SHA-256: 64 hexadecimal digits are expected").about(argument);
}

}  // namespace agent

#include "cpu_index.hpp"

#include <algorithm>

#include <agent/sdk/text.hpp>

namespace agent::ml_stack {
namespace {

constexpr std::chrono::milliseconds patience{4000};  // three seconds for the index, one to start

/// Without user and password: https://user:secret@host/simple -> https://host/simple.
std::string without_login(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const auto path = std::min(url.find('/', scheme + 3), url.size());
  const auto at = url.rfind('@', path);
  return at == std::string::npos || at < scheme ? url : url.substr(0, scheme + 3) + url.substr(at + 1);
}

void add_words(Strings& urls, const std::string& text) {
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find_first_of(" \t", start), text.size());
    if (end > start) urls.push_back(without_login(text.substr(start, end - start)));
    start = end + 1;
  }
}

struct Configured {
  Strings index, extra;
};

/// The `index-url` and `extra-index-url` of a pip.conf; further lines of a value are indented.
void read_file(Configured& found, const Host& host, const Path& file) {
  std::optional<std::string> text;
  try {
    text = host.read(file);
  } catch (const Error&) {  // not for us to read, and so not for pip
    return;
  }
  if (!text) return;
  Strings* value = nullptr;
  for (std::size_t start = 0; start < text->size();) {
    const auto end = std::min(text->find('\n', start), text->size());
    const std::string line = text->substr(start, end - start);
    start = end + 1;
    const auto sign = line.find('=');
    const bool goes_on = !line.empty() && (line[0] == ' ' || line[0] == '\t');
    if (goes_on && value) {
      add_words(*value, text::trimmed(line));
    } else if (sign != std::string::npos) {
      const std::string key = text::trimmed(std::string_view(line).substr(0, sign));
      value = key == "index-url" ? &found.index : key == "extra-index-url" ? &found.extra : nullptr;
      if (value) value->clear();
      if (value) add_words(*value, text::trimmed(std::string_view(line).substr(sign + 1)));
    } else {
      value = nullptr;
    }
  }
}

/// Only the loopback device: the wall that a check runs behind, or a machine without a network.
bool has_network(const Host& host) {
  const auto devices = host.read("/proc/net/dev");
  if (!devices) return true;
  std::size_t count = 0;
  for (std::size_t start = 0; start < devices->size();) {
    const auto end = std::min(devices->find('\n', start), devices->size());
    const std::string line = text::trimmed(std::string_view(*devices).substr(start, end - start));
    if (const auto colon = line.find(':'); colon != std::string::npos && line.substr(0, colon) != "lo") ++count;
    start = end + 1;
  }
  return count > 0;
}

enum class Answer { yes, no, cannot_ask };

Answer asked(const Host& host, const std::string& url) {
  const Strings commands[] = {
      {"python3", "-c", "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=3)", url},
      {"curl", "-fsS", "-o", "/dev/null", "--max-time", "3", url}};
  for (const Strings& argv : commands) {
    try {
      const Output output = host.query({.argv = argv, .deadline = patience});
      if (!output.unknown.empty()) return Answer::cannot_ask;
      if (output.rc != 127) return output.rc == 0 ? Answer::yes : Answer::no;
    } catch (const Error&) {  // no answer in time
      return Answer::no;
    }
  }
  return Answer::cannot_ask;
}

/// torch==2.14.0+cpu -> torch==2.14.0: other indexes have no labels.
Strings without_labels(const Value& packages) {
  Strings plain;
  for (const Value& package : packages.list()) plain.push_back(package.string().substr(0, package.string().find('+')));
  return plain;
}

}  // namespace

Strings indexes_of_pip(const Host& host) {
  Configured found;
  const std::string home = host.self().home;
  const std::string config = host.environment("XDG_CONFIG_HOME").value_or(home + "/.config");
  for (const Path& file : {Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf"), Path(home) / ".pip/pip.conf",
                           Path(config) / "pip/pip.conf"})
    read_file(found, host, file);
  if (const auto named = host.environment("PIP_CONFIG_FILE")) read_file(found, host, *named);
  if (const auto url = host.environment("PIP_INDEX_URL")) found.index = {without_login(*url)};
  if (const auto urls = host.environment("PIP_EXTRA_INDEX_URL")) {
    found.extra.clear();
    add_words(found.extra, *urls);
  }
  if (found.index.empty()) found.index = {"https://pypi.org/simple"};
  found.index.insert(found.index.end(), found.extra.begin(), found.extra.end());
  return found.index;
}

void choose_cpu_index(Plan& plan, const Host& host) {
  Map& result = plan.result;
  result.set("index", "pip");
  const Value* url = result.find("index_url");
  if (!url || !url->is_string()) return;  // a framework whose builds are on PyPI anyway
  const std::string index = url->string();
  const Answer answer = has_network(host) ? asked(host, index + "/") : Answer::cannot_ask;
  if (answer != Answer::no) {
    result.set("index", "pytorch");
    result.set("index_why", answer == Answer::yes ? index + " answers"
                                                  : "whether " + index + " answers could not be tried from here");
    return;
  }
  const Strings own = indexes_of_pip(host);
  const std::string why = index + " did not answer within 3 s: the packages come from " + text::joined(own) +
                          ", as pip is configured, and may be built for CUDA";
  result.set("index_why", why);
  result.set("pip_indexes", own);
  result.set("index_url", Value());
  result.set("tag", Value());
  result.set("packages", without_labels(*result.find("packages")));
  plan.notes.push_back(why);
}

}  // namespace agent::ml_stack

#include "request.hpp"

#include <algorithm>
#include <array>

namespace agent::pip {

namespace {

constexpr std::array archive_endings = {".whl", ".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz"};

bool ends_as_archive(const std::string& text) {
  return std::any_of(archive_endings.begin(), archive_endings.end(),
                     [&](const char* end) { return text.ends_with(end); });
}

std::string without_fragment(const std::string& url) {
  return url.substr(0, url.find('#'));
}

/// The name in "#egg=name" or "#egg=name[extra]&...".
std::string egg_name(const std::string& url) {
  const auto begin = url.find("egg=");
  if (begin == std::string::npos || url.find('#') > begin) return "";
  return url.substr(begin + 4, url.find_first_of("&[", begin) - begin - 4);
}

std::string decoded(std::string text) {
  for (auto at = text.find("%2B"); at != std::string::npos; at = text.find("%2B")) text.replace(at, 3, "+");
  return text;
}

/// Name and version that the name of a wheel or source archive tells.
pep508::Requirement from_archive(const std::string& path) {
  pep508::Requirement found;
  std::string name = decoded(path.substr(path.find_last_of('/') + 1));
  for (const char* end : archive_endings)
    if (name.ends_with(end)) name.resize(name.size() - std::string_view(end).size());
  const bool wheel = path.ends_with(".whl");
  const auto dash = wheel ? name.find('-') : name.rfind('-');
  if (dash == std::string::npos) return found;
  const std::string version =
      wheel ? name.substr(dash + 1, name.find('-', dash + 1) - dash - 1) : name.substr(dash + 1);
  const auto exactly = pep440::SpecifierSet::parse("==" + version);
  if (!exactly) return found;
  found.name = name.substr(0, dash);
  found.versions = *exactly;
  return found;
}

/// "git+https://host/x.git@v1#egg=x" -> source "https://host/x.git", revision "v1".
void read_repository(Request& request) {
  const std::string url = without_fragment(request.text);
  const std::string plain = url.substr(url.find('+') + 1);
  const auto at = plain.rfind('@');
  const bool has_revision = at != std::string::npos && plain.find('/', at) == std::string::npos &&
                            at > plain.find("://") + 3 && plain.find('/', plain.find("://") + 3) < at;
  request.source = has_revision ? plain.substr(0, at) : plain;
  if (has_revision) request.revision = plain.substr(at + 1);
  request.requirement.name = egg_name(request.text);
}

bool is_repository(const std::string& text) {
  for (const char* kind : {"git+", "hg+", "svn+", "bzr+"})
    if (text.starts_with(kind)) return true;
  return false;
}

void read_location(Request& request, const Path& directory) {
  std::string text = request.text;
  std::string extras;
  if (text.ends_with(']') && text.find('[') != std::string::npos && text.find("://") == std::string::npos) {
    extras = text.substr(text.find('['));
    text.resize(text.find('['));
  }
  if (is_repository(text)) return read_repository(request);
  const bool is_url = text.find("://") != std::string::npos;
  if (!is_url) {
    text = ((Path(text).is_absolute() ? Path(text) : directory / text)).lexically_normal().string();
    if (text.size() > 1 && text.ends_with('/')) text.pop_back();
    request.text = text + extras;
  }
  request.source = is_url ? without_fragment(text) : "file://" + text;
  if (ends_as_archive(without_fragment(text))) request.requirement = from_archive(without_fragment(text));
  if (request.requirement.name.empty()) request.requirement.name = egg_name(text);
}

bool is_location(const std::string& text) {
  const auto url = text.find("://");
  if (url != std::string::npos) return text.find(" @ ") == std::string::npos && text.find('@') > url;
  return text.starts_with('.') || text.starts_with('/') || text.starts_with("file:") ||
         (text.find_first_of("<>=! ;@") == std::string::npos &&
          (ends_as_archive(text) || text.find('/') != std::string::npos));
}

/// A text was split at its commas before we saw it: "numpy>=1.26" and "<3" belong together, as do "a[x" and "y]".
Strings rejoined(const Strings& names) {
  Strings whole;
  for (const auto& name : names) {
    const bool goes_on = !name.empty() && std::string_view("<>=!~").find(name.front()) != std::string_view::npos;
    const bool is_open = !whole.empty() && std::count(whole.back().begin(), whole.back().end(), '[') >
                                               std::count(whole.back().begin(), whole.back().end(), ']');
    if (!whole.empty() && (goes_on || is_open))
      whole.back() += "," + name;
    else
      whole.push_back(name);
  }
  return whole;
}

}  // namespace

Request read_request(const std::string& text, bool editable, const Path& directory) {
  Request request;
  request.text = text;
  request.editable = editable;
  if (editable || is_location(text)) {
    read_location(request, directory);
    return request;
  }
  request.requirement = pep508::Requirement::parse(text);
  request.text = request.requirement.text();
  if (!request.requirement.url.empty()) {
    Request location;
    location.text = request.requirement.url;
    read_location(location, directory);
    request.source = location.source;
    request.revision = location.revision;
  }
  return request;
}

std::vector<Request> named_requests(const Want& want, const Path& directory) {
  const Strings names = rejoined(want.name);
  if (want.version && names.size() != 1)
    throw Error("'version' goes with one name, and there are " + std::to_string(names.size()))
        .about("version")
        .hint("write the versions into the names: \"numpy==1.26.4\"");
  std::vector<Request> requests;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string about = names.size() == 1 ? "name" : "name[" + std::to_string(i) + "]";
    std::string text = names[i];
    if (text.starts_with('-'))
      throw Error("'" + text + "' is an option of pip, not a package").about(about).hint("options go to extra_args");
    try {
      if (want.version) {
        if (!pep508::Requirement::parse(text).versions.empty())
          throw Error("'" + text + "' has a version already, and 'version' gives another").about("version");
        const bool is_plain = pep440::Version::parse(*want.version) || want.version->ends_with(".*");
        text += (is_plain ? "==" : "") + *want.version;
      }
      requests.push_back(read_request(text, want.editable, directory));
    } catch (Error& error) {
      if (want.version && error.argument().empty()) throw Error(error.message()).about("version");
      throw std::move(error).about(about);
    }
  }
  return requests;
}

}  // namespace agent::pip

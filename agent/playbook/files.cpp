#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <sys/stat.h>

#include <agent/playbook/files.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/sdk/error.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent {
namespace {

namespace fs = std::filesystem;

/// Beyond this a file does not fit into a message.
constexpr std::uintmax_t largest_file = std::uintmax_t{1} << 30;
/// What is larger is not kept for later askers.
constexpr std::size_t largest_kept = 256u << 10;

std::string read_whole(const Path& file) {
  std::error_code error;
  if (const auto size = fs::file_size(file, error); !error && size > largest_file)
    throw Error("'" + file.string() + "' is larger than 1 GiB").hint("fetch it on the machine itself with get_url");
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  if (in) out << in.rdbuf();
  if (!in) throw Error("'" + file.string() + "' cannot be read: " + std::strerror(errno));
  return std::move(out).str();
}

std::int64_t mode_of(const Path& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return 0644;
  return static_cast<std::int64_t>(info.st_mode & 07777U);
}

class LocalFiles : public Files {
 public:
  Kind kind(const Path& path) const override {
    std::error_code error;
    const auto status = fs::status(path, error);
    return fs::is_regular_file(status) ? Kind::file : fs::is_directory(status) ? Kind::directory : Kind::none;
  }
  std::string text(const Path& file) const override { return yaml::load(file); }
  std::string content(const Path& file) const override { return read_whole(file); }
  std::int64_t mode(const Path& file) const override { return mode_of(fs::canonical(file)); }

  List tree(const Path& directory, bool follow) const override {
    List out;
    auto options = fs::directory_options::none;
    if (follow) options |= fs::directory_options::follow_directory_symlink;
    for (const auto& entry : fs::recursive_directory_iterator(directory, options)) {
      Map one{{"path", entry.path().lexically_relative(directory).string()}};
      if (entry.is_symlink() && !follow) {
        one.set("link", fs::read_symlink(entry.path()).string());
      } else {
        one.set("mode", mode_of(follow && entry.is_symlink() ? fs::canonical(entry.path()) : entry.path()));
        if (!entry.is_directory()) one.set("content", read_whole(entry.path()));
      }
      out.push_back(std::move(one));
    }
    std::sort(out.begin(), out.end(),
              [](const Value& a, const Value& b) { return a["path"].string() < b["path"].string(); });
    return out;
  }

  std::vector<Path> below(const Path& directory) const override {
    std::vector<Path> files;
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(directory, error))
      if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
  }

  Path working_directory() const override { return fs::current_path(); }
};

constexpr std::string_view kinds[] = {"none", "file", "directory"};

Files::Kind kind_from(const Value& said) {
  for (std::size_t i = 0; i < std::size(kinds); ++i)
    if (said.is_string() && said.string() == kinds[i]) return static_cast<Files::Kind>(i);
  throw Error("this is no kind of file: " + said.json());
}

std::vector<Path> paths_from(const Value& list) {
  const Strings texts = strings_from(list);
  return {texts.begin(), texts.end()};
}

}  // namespace

const Files& local_files() {
  static const LocalFiles files;
  return files;
}

Value answer(const Files& files, const FileQuestion& question) {
  const auto& [what, path] = question;
  try {
    if (what == "kind") return std::string(kinds[static_cast<std::size_t>(files.kind(path))]);
    if (what == "text") return files.text(path);
    if (what == "content") return files.content(path);
    if (what == "mode") return files.mode(path);
    if (what == "tree") return files.tree(path, false);
    if (what == "tree followed") return files.tree(path, true);
    if (what == "below") {
      Strings out;
      for (const auto& one : files.below(path)) out.push_back(one.string());
      return out;
    }
  } catch (const fs::filesystem_error& error) {
    throw Error("'" + path.string() + "' cannot be read: " + error.code().message());
  }
  throw Error("nothing is known of files by the name '" + what + "'");
}

Files::Kind AskedFiles::kind(const Path& path) const {
  return kind_from(asked({"kind", path}));
}
std::string AskedFiles::text(const Path& file) const {
  return asked({"text", file}).string();
}
std::string AskedFiles::content(const Path& file) const {
  return asked({"content", file}).string();
}
std::int64_t AskedFiles::mode(const Path& file) const {
  return asked({"mode", file}).integer();
}
List AskedFiles::tree(const Path& directory, bool follow) const {
  return asked({follow ? "tree followed" : "tree", directory}).list();
}
std::vector<Path> AskedFiles::below(const Path& directory) const {
  return paths_from(asked({"below", directory}));
}

// ---- recorded -------------------------------------------------------------------------------------------------------

Value RecordedFiles::asked(const FileQuestion& question) const {
  {
    const std::lock_guard lock(mutex_);
    paths_.insert(question.path.lexically_normal().string());
  }
  Value said = answer(files_, question);
  const bool is_large = question.what.starts_with("tree") ||
                        (said.is_string() && question.what == "content" && said.string().size() > largest_kept);
  if (is_large && !keeps_everything_) return said;
  const std::lock_guard lock(mutex_);
  answers_.set(question.key(), said);
  return said;
}

Map RecordedFiles::answers() const {
  const std::lock_guard lock(mutex_);
  return answers_;
}

std::set<std::string> RecordedFiles::paths() const {
  const std::lock_guard lock(mutex_);
  return paths_;
}

// ---- answered -------------------------------------------------------------------------------------------------------

Value AnsweredFiles::asked(const FileQuestion& question) const {
  {
    const std::lock_guard lock(mutex_);
    if (const Value* known = answers_.find(question.key())) return *known;
  }
  Value said = ask_(question);
  const std::lock_guard lock(mutex_);
  if (said.is_string() && said.string().size() <= largest_kept) answers_.set(question.key(), said);
  return said;
}

}  // namespace agent

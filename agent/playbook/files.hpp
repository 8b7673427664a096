#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <agent/sdk/plan.hpp>
#include <agent/sdk/value.hpp>

namespace agent {

/// The controller's files, as loader and executor see them: those of this machine, or, on a target, what the controller
/// shows of its own. Any thread may ask.
class Files {
 public:
  enum class Kind { none, file, directory };
  virtual ~Files() = default;
  /// What is there, links followed; `none` also for what cannot be looked at, and for devices and the like.
  virtual Kind kind(const Path& path) const = 0;
  /// The text of a YAML file. Throws Error that says why it cannot be read.
  virtual std::string text(const Path& file) const = 0;
  /// All bytes of a file, at most 1 GiB. Throws Error.
  virtual std::string content(const Path& file) const = 0;
  virtual std::int64_t mode(const Path& file) const = 0;
  /// A folder as modules take it: [{path, mode, content} or {path, link}], sorted. Throws Error.
  virtual List tree(const Path& directory, bool follow) const = 0;
  /// Every file below a folder, at any depth, sorted.
  virtual std::vector<Path> below(const Path& directory) const = 0;
  /// What relative names are relative to.
  virtual Path working_directory() const = 0;

  bool is_file(const Path& path) const { return kind(path) == Kind::file; }
  bool is_directory(const Path& path) const { return kind(path) == Kind::directory; }
};

/// Those of this machine.
const Files& local_files();

/// A question about the controller's files as data, so that it can be kept, sent and answered later.
struct FileQuestion {
  std::string what;  ///< "kind", "text", "content", "mode", "tree", "tree followed", "below"
  Path path;
  /// Unlike for unlike questions.
  std::string key() const { return what + ' ' + path.string(); }
};
/// Throws Error for what `files` throws, and for a question that is none.
Value answer(const Files& files, const FileQuestion& question);

/// Files that are a matter of question and answer, whoever answers.
class AskedFiles : public Files {
 public:
  Kind kind(const Path& path) const override;
  std::string text(const Path& file) const override;
  std::string content(const Path& file) const override;
  std::int64_t mode(const Path& file) const override;
  List tree(const Path& directory, bool follow) const override;
  std::vector<Path> below(const Path& directory) const override;

 private:
  virtual Value asked(const FileQuestion& question) const = 0;
};

/// Files that remember what was asked of them: whoever asks the same questions later needs no more than the answers.
/// Large contents are not kept, but that they were asked for is.
class RecordedFiles : public AskedFiles {
 public:
  explicit RecordedFiles(const Files& files) : files_(files) {}
  Path working_directory() const override { return files_.working_directory(); }

  /// From now on large contents and folders are kept, too.
  void keep_everything() { keeps_everything_ = true; }
  /// All answers by the key of their question.
  Map answers() const;
  /// All paths that anybody has asked anything about, as they are without "." and "..".
  std::set<std::string> paths() const;

 private:
  Value asked(const FileQuestion& question) const override;

  const Files& files_;
  mutable std::mutex mutex_;
  mutable Map answers_;
  mutable std::set<std::string> paths_;
  bool keeps_everything_ = false;
};

/// Files made of answers; what they do not hold is asked of `Ask`.
class AnsweredFiles : public AskedFiles {
 public:
  using Ask = std::function<Value(const FileQuestion&)>;
  AnsweredFiles(Map answers, Path working_directory, Ask ask)
      : answers_(std::move(answers)), working_directory_(std::move(working_directory)), ask_(std::move(ask)) {}
  Path working_directory() const override { return working_directory_; }

 private:
  Value asked(const FileQuestion& question) const override;

  mutable std::mutex mutex_;
  mutable Map answers_;
  Path working_directory_;
  Ask ask_;
};

}  // namespace agent

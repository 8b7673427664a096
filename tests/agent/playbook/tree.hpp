#pragma once

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <agent/playbook/loader.hpp>

namespace agent {

/// A directory of files that is gone with the test.
class Tree {
 public:
  Tree(std::initializer_list<std::pair<std::string, std::string>> files) {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    std::string name = std::string(test->test_suite_name()) + "." + test->name();
    for (char& c : name)
      if (c == '/') c = '_';
    root_ = std::filesystem::temp_directory_path() / ("agent-playbook-" + std::to_string(getpid()) + "-" + name);
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
    for (const auto& [file, text] : files) write(file, text);
  }
  ~Tree() { std::filesystem::remove_all(root_); }
  Tree(const Tree&) = delete;

  void write(const std::string& file, const std::string& text) {
    std::filesystem::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  Path operator/(const std::string& file) const { return root_ / file; }
  const Path& root() const { return root_; }

  /// "site.yml:3:5: message | hint", without the directory's own name.
  std::string show(const Problem& problem) const {
    std::string text = problem.error.where().text() + ": ";
    if (problem.severity == Problem::Severity::warning) text += "warning: ";
    text += problem.error.message();
    for (const std::string& hint : problem.error.hints()) text += " | " + hint;
    for (std::size_t at = text.find(root_.string()); at != text.npos; at = text.find(root_.string()))
      text.erase(at, root_.string().size() + 1);
    return text;
  }
  Strings show(const Problems& problems) const {
    Strings all;
    for (const Problem& problem : problems.all()) all.push_back(show(problem));
    return all;
  }

 private:
  Path root_;
};

}  // namespace agent

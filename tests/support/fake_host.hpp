#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <agent/sdk/host.hpp>

#include "fake_package_db.hpp"

namespace agent::test {

System debian();  ///< Debian 12
System ubuntu();  ///< Ubuntu 24.04
System fedora();  ///< Fedora 40
User root();
User alice();  ///< uid 1000, /home/alice, /bin/bash

/// A machine made of maps. It fails the test when it is asked what it was not told: a query or command without an
/// answer, facts nobody gave. A path that it was not told of does not exist.
///
///     FakeHost host;                                       // Debian 12, worked on by root
///     host.with_user(alice()).with_file("/etc/motd", "hello\n", 0644)
///         .answers({"nproc"}, {.out = "8\n"});
///     host.package_db().installed("vim", "2:9.0.1378-2");
///
/// `perform` carries actions out on the maps and keeps them for `performed()`.
class FakeHost : public Host {
 public:
  /// `dnf` is the package manager where `system` is Fedora or like it, else `apt`.
  explicit FakeHost(System system = debian());
  /// A machine of its own, with the same state.
  FakeHost(const FakeHost& other);
  FakeHost(FakeHost&&) = default;
  FakeHost& operator=(FakeHost&&) = default;

  /// The user that the tasks run as; also one of the machine's users.
  FakeHost& as(User user);
  /// Parents that are missing are made, 0755, for the owner of the directory that they are made in.
  FakeHost& with_file(const Path& path, std::string content, unsigned mode = 0644, const std::string& owner = "root",
                      const std::string& group = "");
  FakeHost& with_directory(const Path& path, unsigned mode = 0755, const std::string& owner = "root",
                           const std::string& group = "");
  /// A link that belongs to the owner of its directory.
  FakeHost& with_link(const Path& path, std::string target);
  /// There, but reading it is refused.
  FakeHost& with_unreadable(const Path& path);
  /// A user, the group of the same name and number where there is none, and the home directory.
  FakeHost& with_user(User user);
  FakeHost& with_group(Group group);
  FakeHost& with_environment(std::string name, std::string value);
  FakeHost& with_facts(Map facts);
  /// What a command says, as a query, an Exec or a `validate` (there "%s" stands in `argv` as the plan has it).
  FakeHost& answers(Strings argv, Output output);
  /// The same for commands that match no fixed answer; the last one given is asked first, and `nullopt` passes on.
  using Script = std::function<std::optional<Output>(FakeHost& host, const Strings& argv)>;
  FakeHost& answers_with(Script script);
  FakePackageDb& package_db() { return packages_; }

  /// All actions so far, in order.
  const std::vector<Action>& performed() const { return performed_; }
  /// The argv of all queries so far, in order.
  const std::vector<Strings>& queried() const { return queried_; }
  /// The whole content, or a failed test.
  std::string content(const Path& file) const;

  const System& system() const override { return system_; }
  const User& self() const override { return self_; }
  const PackageDb& packages() const override { return packages_; }
  std::optional<std::string> read(const Path& file) const override;
  std::optional<FileInfo> stat(const Path& path, bool follow = true) const override;
  Strings list(const Path& directory) const override;
  std::optional<User> user(const std::string& name_or_uid) const override;
  std::optional<Group> group(const std::string& name_or_gid) const override;
  std::optional<std::string> environment(const std::string& name) const override;
  Output query(const Query& query) const override;
  Value facts(const Strings& subsets) const override;
  Output perform(const Action& action) override;
  void progress(const std::string&, double) const override {}

 private:
  struct Node {
    FileInfo info;
    std::string content;
    bool unreadable = false;
  };
  std::string resolve(const Path& path, bool follow) const;
  Node* find(const Path& path, bool follow) const;
  Node& make(const Path& path, FileInfo::Type type, unsigned mode);
  void make_parents(const Path& path);
  void require_parent(const std::string& path) const;
  void attribute(Node& node, const Attributes& attributes);
  void erase(const std::string& path);
  std::vector<std::string> below(const std::string& path) const;
  std::optional<Output> answer(const Strings& argv) const;

  Output carry_out(const WriteFile& action);
  Output carry_out(const MakeDirectory& action);
  Output carry_out(const MakeLink& action);
  Output carry_out(const SetAttributes& action);
  Output carry_out(const CopyPath& action);
  Output carry_out(const RemovePath& action);
  Output carry_out(const Exec& action);
  template <class PackageAction>
  Output carry_out(const PackageAction& action) {
    packages_.perform(action);
    return {};
  }

  System system_;
  User self_ = root();
  FakePackageDb packages_;
  std::map<std::string, std::shared_ptr<Node>> nodes_;  // by absolute path; two names of a file share the node
  std::vector<User> users_;
  std::vector<Group> groups_;
  Environment environment_;
  std::optional<Map> facts_;
  std::map<Strings, Output> answers_;
  std::vector<Script> scripts_;
  std::vector<Action> performed_;
  mutable std::vector<Strings> queried_;
  double clock_ = 1700000000;  // of the files' times; one second passes with every action
  std::uint64_t next_inode_ = 1;
};

}  // namespace agent::test

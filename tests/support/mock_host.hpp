#pragma once

#include <gmock/gmock.h>

#include "fake_host.hpp"

namespace agent::test {

/// A host for failures and for calls that must not happen. What is not expected of it, the fake behind it answers.
///
///     NiceMock<MockHost> host;
///     EXPECT_CALL(host, perform).WillOnce(Throw(Error("the package database is locked")));
class MockHost : public Host {
 public:
  explicit MockHost(FakeHost behind = FakeHost()) : fake(std::move(behind)) {
    ON_CALL(*this, system).WillByDefault([this]() -> const System& { return fake.system(); });
    ON_CALL(*this, self).WillByDefault([this]() -> const User& { return fake.self(); });
    ON_CALL(*this, packages).WillByDefault([this]() -> const PackageDb& { return fake.packages(); });
    ON_CALL(*this, read).WillByDefault([this](const Path& file) { return fake.read(file); });
    ON_CALL(*this, stat).WillByDefault([this](const Path& path, bool follow) { return fake.stat(path, follow); });
    ON_CALL(*this, list).WillByDefault([this](const Path& directory) { return fake.list(directory); });
    ON_CALL(*this, user).WillByDefault([this](const std::string& name) { return fake.user(name); });
    ON_CALL(*this, group).WillByDefault([this](const std::string& name) { return fake.group(name); });
    ON_CALL(*this, environment).WillByDefault([this](const std::string& name) { return fake.environment(name); });
    ON_CALL(*this, query).WillByDefault([this](const Query& asked) { return fake.query(asked); });
    ON_CALL(*this, facts).WillByDefault([this](const Strings& subsets) { return fake.facts(subsets); });
    ON_CALL(*this, perform).WillByDefault([this](const Action& action) { return fake.perform(action); });
  }

  MOCK_METHOD(const System&, system, (), (const, override));
  MOCK_METHOD(const User&, self, (), (const, override));
  MOCK_METHOD(const PackageDb&, packages, (), (const, override));
  MOCK_METHOD(std::optional<std::string>, read, (const Path&), (const, override));
  MOCK_METHOD(std::optional<FileInfo>, stat, (const Path&, bool), (const, override));
  MOCK_METHOD(Strings, list, (const Path&), (const, override));
  MOCK_METHOD(std::optional<User>, user, (const std::string&), (const, override));
  MOCK_METHOD(std::optional<Group>, group, (const std::string&), (const, override));
  MOCK_METHOD(std::optional<std::string>, environment, (const std::string&), (const, override));
  MOCK_METHOD(Output, query, (const Query&), (const, override));
  MOCK_METHOD(Value, facts, (const Strings&), (const, override));
  MOCK_METHOD(Output, perform, (const Action&), (override));
  MOCK_METHOD(void, progress, (const std::string&, double), (const, override));

  FakeHost fake;  ///< the one behind; tell it what it needs to know
};

}  // namespace agent::test

#include <gtest/gtest.h>
#include <unistd.h>

#include <agent/host/login_session.hpp>

#include "temporary_directory.hpp"

namespace agent {
namespace {

// Of Debian 12, of a host with the first generation of control groups, and of a container on such a host.
constexpr const char* unified = "0::/user.slice/user-1000.slice/session-3.scope\n";
constexpr const char* first_generation =
    "9:name=systemd:/user.slice/user-1000.slice/session-21224.scope\n8:pids:/\n4:memory:/session-7.scope\n0::/\n";
constexpr const char* contained =
    "9:name=systemd:/libpod_parent/libpod-8dfc/user.slice/user-1000.slice/session-21224.scope\n"
    "8:pids:/libpod_parent/libpod-8dfc\n0::/libpod_parent/libpod-8dfc\n";

TEST(APlaceAmongControlGroups, IsTheOneThatSystemdGoesBy) {
  EXPECT_EQ(systemd_place(unified), "/user.slice/user-1000.slice/session-3.scope");
  EXPECT_EQ(systemd_place(first_generation), "/user.slice/user-1000.slice/session-21224.scope");
  EXPECT_EQ(systemd_place(contained), "/libpod_parent/libpod-8dfc/user.slice/user-1000.slice/session-21224.scope");
  EXPECT_EQ(systemd_place("3:cpu:/a\n"), "");
  EXPECT_EQ(systemd_place("no line of it"), "");
}

TEST(APlaceAmongControlGroups, NamesTheSessionAndTheSliceOfTheUser) {
  EXPECT_EQ(session_at("/user.slice/user-1000.slice/session-3.scope"), "session-3.scope");
  EXPECT_EQ(session_at("/user.slice/user-1000.slice/session-c2.scope/within"), "session-c2.scope");
  EXPECT_EQ(slice_of_session_at("/user.slice/user-1000.slice/session-c2.scope/within"), "user-1000.slice");
}

TEST(APlaceAmongControlGroups, HasNoSessionInAServiceOrAScopeOfOurs) {
  for (const char* place : {"/system.slice/ssh.service", "/user.slice/user-1000.slice/agent-20261122-1.scope", "/", "",
                            "/user.slice/user-1000.slice/user@1000.service/app.slice/session-.service"}) {
    EXPECT_EQ(session_at(place), "") << place;
    EXPECT_EQ(slice_of_session_at(place), "") << place;
  }
}

TEST(APlaceAmongControlGroups, IsNoneOfAProcessThatIsGone) {
  EXPECT_EQ(systemd_place_of(0x7fffffff), "");
}

TEST(ALogin, EndsNothingWhereLogindIsNotToldTo) {
  const test::TemporaryDirectory root;
  EXPECT_FALSE(ends_with_login(root.path()));
}

TEST(ALogin, EndsWhatIsInItsSessionAndNothingElse) {
  const test::TemporaryDirectory root;
  root.put("etc/systemd/logind.conf", "[Login]\nKillUserProcesses=yes\nKillExcludeUsers=\n");
  EXPECT_EQ(ends_with_login(root.path()), !session_at(systemd_place_of(::getpid())).empty());
}

}  // namespace
}  // namespace agent

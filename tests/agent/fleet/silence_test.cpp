// What OpenSSH 8.4 to 10.0 print, as ssh_failure reads it.
#include <gtest/gtest.h>

#include <agent/fleet/silence.hpp>
#include <agent/fleet/ssh.hpp>

namespace agent::fleet {
namespace {

bool is_silent(const std::string& printed) {
  executor::Login login;
  login.address = "192.0.2.7";
  return is_silence(ssh_failure("web", login, printed));
}

TEST(Silence, IsWhereNobodyAnswers) {
  for (const char* printed :
       {"ssh: connect to host 192.0.2.7 port 22: Connection refused\r\n",
        "ssh: connect to host 192.0.2.7 port 22: Connection timed out\r\n",
        "ssh: connect to host 192.0.2.7 port 22: No route to host\r\n",
        "ssh: connect to host 192.0.2.7 port 22: Network is unreachable\r\n",
        "Connection timed out during banner exchange\r\nConnection to 192.0.2.7 port 22 timed out\r\n",
        "kex_exchange_identification: read: Connection reset by peer\r\nConnection reset by 192.0.2.7 port 22\r\n",
        "kex_exchange_identification: Connection closed by remote host\r\nConnection closed by 192.0.2.7 port 22\r\n",
        "Connection closed by 192.0.2.7 port 22\r\n",
        "ssh_exchange_identification: Connection closed by remote host\r\n"})
    EXPECT_TRUE(is_silent(printed)) << printed;
}

TEST(Silence, IsNotWhereTheHostSaysNoOrThereIsNone) {
  for (const char* printed :
       {"@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\nHost key verification failed.\r\n",
        "No ED25519 host key is known for 192.0.2.7 and you have requested strict checking.\r\nHost key verification "
        "failed.\r\n",
        "root@192.0.2.7: Permission denied (publickey,password).\r\n",
        "Received disconnect from 192.0.2.7 port 22:2: Too many authentication failures\r\nDisconnected from 192.0.2.7 "
        "port "
        "22\r\n",
        "ssh: Could not resolve hostname nowhere: Name or service not known\r\n",
        "Bad configuration option: nonsense\r\n", ""})
    EXPECT_FALSE(is_silent(printed)) << printed;
  EXPECT_FALSE(is_silence(Unreachable("cannot use 'web': it is a machine of kind 'riscv'")));
}

}  // namespace
}  // namespace agent::fleet

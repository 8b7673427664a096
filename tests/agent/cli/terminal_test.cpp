#include <cstdlib>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <agent/cli/terminal.hpp>

namespace agent::cli {
namespace {

/// A child process that asks a person for a password, and the terminal's other end.
class Asked {
 public:
  Asked() : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    ::grantpt(master_);
    ::unlockpt(master_);
    child_ = ::fork();
    if (child_ != 0) return;
    ::setsid();
    const int own = ::open(::ptsname(master_), O_RDWR);  // the first terminal opened becomes the session's
    const auto answer = own < 0 ? std::nullopt : Terminal().ask("password:", false);
    ::_exit(answer == "secret" ? 0 : 1);
  }
  ~Asked() {
    ::close(master_);
    if (child_ > 0) ::waitpid(child_, nullptr, 0);
  }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

  std::string read_until(const std::string& text) {
    std::string shown;
    char piece[256];
    while (shown.find(text) == std::string::npos) {
      const auto n = ::read(master_, piece, sizeof piece);
      if (n <= 0) break;
      shown.append(piece, static_cast<std::size_t>(n));
    }
    return shown;
  }
  bool echoes() const {
    termios now{};
    ::tcgetattr(master_, &now);
    return (now.c_lflag & ECHO) != 0;
  }
  void type(const std::string& text) {
    ASSERT_EQ(::write(master_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  int exit_code() {
    int status = 0;
    ::waitpid(std::exchange(child_, 0), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  int master_;
  pid_t child_ = 0;
};

TEST(Terminal, TakesAPasswordThatIsTypedTheMomentThePromptIsShown) {
  Asked asked;
  asked.read_until("password:");
  EXPECT_FALSE(asked.echoes()) << "the echo has to be off before anybody can answer";
  asked.type("secret\n");
  EXPECT_EQ(asked.read_until("\n").find("secret"), std::string::npos);
  EXPECT_EQ(asked.exit_code(), 0);
}

}  // namespace
}  // namespace agent::cli

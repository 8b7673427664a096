#include <cstdlib>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <agent/cli/terminal.hpp>

namespace agent::cli {
namespace {

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value && *value && std::string(value) != "0" && std::string(value) != "false" && std::string(value) != "False";
}

/// Turns the echo off while it lives. What was typed before is thrown away: it was not meant as an answer, so the
/// prompt is shown only afterwards.
class Silence {
 public:
  explicit Silence(int fd) : fd_(fd) {
    if (::tcgetattr(fd_, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    active_ = ::tcsetattr(fd_, TCSAFLUSH, &silent) == 0;
  }
  ~Silence() {
    if (active_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  int fd_;
  termios before_{};
  bool active_ = false;
};

void write_all(int fd, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const auto n = ::write(fd, text.data() + done, text.size() - done);
    if (n <= 0) return;
    done += static_cast<std::size_t>(n);
  }
}

std::optional<std::string> read_line(int fd) {
  std::string line;
  char c = 0;
  while (true) {
    const auto n = ::read(fd, &c, 1);
    if (n <= 0) return line.empty() ? std::nullopt : std::optional(line);
    if (c == '\n') return line;
    line += c;
  }
}

}  // namespace

std::optional<std::string> Terminal::ask(const std::string& prompt, bool echo) {
  const int tty = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
  const int in = tty >= 0 ? tty : STDIN_FILENO;
  const int out = tty >= 0 ? tty : STDERR_FILENO;
  std::optional<std::string> line;
  {
    std::optional<Silence> silence;
    if (!echo) silence.emplace(in);
    write_all(out, prompt + " ");
    line = read_line(in);
  }
  if (!echo) write_all(out, "\n");
  if (tty >= 0) ::close(tty);
  return line;
}

bool is_terminal(int fd) {
  return ::isatty(fd) == 1;
}

TerminalSize terminal_size(int fd) {
  winsize size{};
  if (is_terminal(fd) && ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0)
    return {size.ws_col, size.ws_row};
  return {80, 24};
}

bool wants_colour(int fd) {
  if (is_set("NO_COLOR") || is_set("ANSIBLE_NOCOLOR")) return false;
  if (is_set("ANSIBLE_FORCE_COLOR") || is_set("CLICOLOR_FORCE")) return true;
  const char* term = std::getenv("TERM");
  return is_terminal(fd) && !(term && std::string(term) == "dumb");
}

}  // namespace agent::cli

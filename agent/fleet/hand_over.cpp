#include <cerrno>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <agent/fleet/hand_over.hpp>
#include <agent/fleet/nameless_socket.hpp>
#include <agent/fleet/seal.hpp>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/error.hpp>

namespace agent::fleet {
namespace {

// It tells nothing of the key.
std::string name_of(const std::string& key) {
  return "agent-run-" + hexadecimal(derived_key(key, "hand over")).substr(0, 32);
}

}  // namespace

HandOver::HandOver(const std::string& key, std::function<void()> asked) {
  point_ = nameless_ear(name_of(key));
  if (!point_) return;
  stop_ = Fd(::eventfd(0, EFD_CLOEXEC));
  thread_ = std::thread([this, asked = std::move(asked)] { listen(asked); });
}

HandOver::~HandOver() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t put = ::write(stop_.get(), &one, sizeof one);
  thread_.join();
}

void HandOver::listen(const std::function<void()>& asked) {
  for (;;) {
    pollfd ears[2] = {{point_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    if (::poll(ears, 2, -1) < 0 && errno != EINTR) return;
    if (ears[1].revents) return;
    if (!ears[0].revents) continue;
    Fd visitor(::accept4(point_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!visitor || !is_of_our_user(visitor.get())) continue;
    // Who asks sees the end of this process by the end of the connection, which therefore stays open.
    [[maybe_unused]] const int kept = visitor.release();
    asked();
    return;
  }
}

bool HandOver::ask(const std::string& key, const std::function<void()>& waiting,
                   const std::function<bool()>& is_patient) {
  const Fd point = nameless_visit(name_of(key));
  if (!point) return false;
  for (bool is_told = false;; is_told = true) {
    pollfd ear{point.get(), POLLIN, 0};
    if (::poll(&ear, 1, is_told ? 200 : 1000) > 0) return true;
    if (!is_told && waiting) waiting();
    if (!is_patient()) throw Error("the agent that leads the run there still works on its task");
  }
}

}  // namespace agent::fleet

#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <agent/fleet/bundle.hpp>
#include <agent/fleet/connection.hpp>

namespace agent::fleet {

/// The machines that are reached over SSH: one connection for each host, opened when first needed and kept for the run.
/// A host that could not be reached is not tried again, until its connection is reset; one that does not answer is, as
/// often as its login says.
class Machines : public executor::Machines {
 public:
  /// `bundle` makes the bundle, when the first host needs it.
  Machines(std::function<std::unique_ptr<Bundle>()> bundle, Terms terms);
  ~Machines() override;
  TaskRunner& at(const std::string& host, const executor::Login& login) override;
  executor::Outpost* outpost(const std::string& host, const executor::Login& login) override;
  /// Whether a host could not be had because another run works on it.
  bool was_busy() const { return was_busy_; }

 private:
  class Host;
  Host& host_named(const std::string& name);
  Bundle& bundle();
  void end_in_a_while(std::shared_ptr<Connection> connection);

  std::function<std::unique_ptr<Bundle>()> make_bundle_;
  Terms terms_;
  std::atomic<bool> was_busy_{false};
  std::once_flag bundle_made_;
  std::unique_ptr<Bundle> bundle_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Host>> hosts_;
  std::mutex ends_mutex_;
  std::condition_variable ended_;
  std::size_t ending_ = 0;  // connections that are on their way out
};

}  // namespace agent::fleet

#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <agent/host/fd.hpp>
#include <agent/sdk/plan.hpp>

namespace agent::fleet {

/// That one run at a time works on a machine (reliability R5). The kernel gives it back however its holder ends. What
/// stands in its file is for people; only while somebody has the lock is the number of its process read, too (`take`).
class RunLock {
 public:
  /// The lock of all runs whose agents are kept in the same folder: root's, or those of one user.
  static Path beside(const Path& executable);
  /// The lock of this user's runs on this machine, for a program that may be installed anywhere: the same file as of
  /// runs that come over SSH.
  static Path of_this_machine(const Path& executable);
  /// How a run is named to others that wait for it.
  static std::string holder(const std::string& run);

  /// `may_be_made`: where no agent is kept on the machine there is no folder for it either. One that is made for the
  /// lock goes with it, so that a run that changed nothing leaves nothing.
  enum class Folder { is_there, may_be_made };
  /// Throws Error when the file cannot be had.
  explicit RunLock(Path file, Folder folder = Folder::is_there);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

  /// Takes it, and writes down who has it. Nothing when that worked; else who has it, in the holder's words. A run that
  /// a task of the holder has started is no other run: it goes on, and the lock stays the holder's.
  std::optional<std::string> take(const std::string& who);
  /// The same, again and again until then. `waiting` hears once who has it, where there is any patience.
  std::optional<std::string> take_within(std::chrono::seconds patience, const std::string& who,
                                         const std::function<void(const std::string& holder)>& waiting,
                                         const std::function<bool()>& is_stopped);

 private:
  void open();
  bool is_still_in_place() const;

  const Path path_;
  const Folder folder_;
  Fd file_;
  bool is_held_ = false;
  std::vector<Path> made_;  // folders, the innermost first
};

}  // namespace agent::fleet

#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include <agent/fleet/seal.hpp>
#include <agent/host/fd.hpp>
#include <agent/sdk/plan.hpp>
#include <agent/sdk/value.hpp>

namespace agent::fleet {

/// What a run did on this machine, in a file that only grows (reliability R6): a line that says what it is, then
/// records of four bytes of length (network order), the same four inverted, and that much of a sealed CBOR map. The
/// seal is the checksum: a record that was not written whole, was altered or stands elsewhere does not open. For any
/// thread.
class Journal {
 public:
  enum class Durable { no, yes };

  /// The folder of the journals of all runs whose agents are kept in the same folder as this program.
  static Path folder_beside(const Path& executable);
  /// Whether there is a journal of that run.
  static bool is_there(const Path& folder, const std::string& run);
  /// The runs whose journals nobody has taken over yet.
  static Strings uncollected(const Path& folder);
  /// Removes old journals: those of the last runs stay, of so much in all.
  static void remove_old(const Path& folder, std::size_t most_runs = 20, std::uintmax_t most_bytes = 64u << 20);

  /// Opens the journal of a run, or begins it: a file of 0600 in a folder of 0700. What stands in it is read; an end
  /// that does not open is cut off. Throws Error when it cannot be had, or another key has closed it.
  Journal(const Path& folder, const std::string& run, const std::string& key);

  /// What stood in it when it was opened. To be called once.
  std::vector<Value> take_records() { return std::move(records_); }
  /// What is wrong with it, a sentence; empty: nothing. (A last record that was cut off is nothing.)
  const std::string& damage() const { return damage_; }

  /// Writes a record; a durable one, and all before it, has reached the disk when this returns. False, once, when
  /// that cannot be done: the disk is full, or it has become too large. Nothing more is written then.
  bool add(const Value& record, Durable durable);
  /// All of it is known elsewhere.
  void set_collected();

 private:
  void read(const std::string& text);
  void sync_folder();

  Path folder_, file_;
  std::string run_;
  Seal seal_;
  std::mutex mutex_;
  Fd fd_;
  std::vector<Value> records_;
  std::string damage_;
  std::uint64_t next_ = 0, size_ = 0;
  bool is_lasting_ = false, has_failed_ = false;
};

}  // namespace agent::fleet

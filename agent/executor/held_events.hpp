#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include <agent/sdk/codec.hpp>
#include <agent/wire/event.hpp>

namespace agent::executor {

/// Keeps events that wait to be told: of each host so much in memory, and what is beyond in a file without a name, so
/// that a host that says much while another one holds its lines back costs no more memory than a quiet one. For one
/// thread at a time.
class HeldEvents {
 public:
  explicit HeldEvents(std::size_t hosts, std::size_t most_of_a_host = std::size_t{64} << 10)
      : in_memory_(hosts), most_(most_of_a_host) {}

  /// Events in the order in which they came.
  class Row {
   public:
    bool empty() const { return held_.empty(); }

   private:
    friend class HeldEvents;
    struct Kept {
      std::unique_ptr<Event> event;
      std::size_t host, size;
    };
    /// Some in the file, one behind the other.
    struct Away {
      long at, end;
    };
    std::vector<std::variant<Kept, Away>> held_;
  };

  void hold(Row& row, std::size_t host, Event event);
  /// Tells them all, and forgets them.
  void tell(Row& row, EventSink& events);
  /// What is in memory now of a host.
  std::size_t in_memory(std::size_t host) const { return in_memory_[host]; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  bool put_away(Row& row, const Event& event);
  std::optional<Bytes> read_back(long at);

  std::vector<std::size_t> in_memory_;
  const std::size_t most_;
  std::unique_ptr<std::FILE, Close> file_;
  long end_ = 0, away_ = 0;  // of the file: where it ends, and how much of it waits
};

}  // namespace agent::executor

#include <fcntl.h>
#include <unistd.h>

#include <agent/executor/held_events.hpp>

namespace agent::executor {
namespace {

std::size_t size_of(const std::string& text) {
  return sizeof(std::string) + (text.size() > 15 ? text.size() : 0);
}

std::size_t size_of(const Value& value) {
  std::size_t out = sizeof value;
  if (value.is_string()) out += 24 + value.string().size();
  if (value.is_list())
    for (const auto& one : value.list()) out += size_of(one);
  if (value.is_map())
    for (const auto& [key, one] : value.map()) out += size_of(key) + size_of(one);
  return out;
}

/// About how much memory an event takes.
std::size_t size_of(const Event& event) {
  std::size_t out = sizeof event;
  if (const auto* result = std::get_if<event::TaskResult>(&event)) {
    out += size_of(Value(result->result)) + result->output.size();
    for (const auto& change : result->changes)
      out +=
          sizeof change + change.subject.size() + change.before.value_or("").size() + change.after.value_or("").size();
    for (const auto& note : result->notes) out += size_of(note);
  }
  if (const auto* retrying = std::get_if<event::Retrying>(&event)) out += size_of(Value(retrying->result));
  if (const auto* warning = std::get_if<event::Warning>(&event)) out += warning->text.size();
  return out;
}

/// A file that nobody else can open, on a disk rather than in memory.
std::FILE* nameless_file() {
  const int fd = ::open("/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  return fd < 0 ? std::tmpfile() : ::fdopen(fd, "w+b");
}

}  // namespace

void HeldEvents::hold(Row& row, std::size_t host, Event event) {
  const std::size_t size = size_of(event);
  if (in_memory_[host] + size > most_ && put_away(row, event)) return;
  // Where there is no room on the disk: memory it is, nothing is lost.
  in_memory_[host] += size;
  row.held_.push_back(Row::Kept{std::make_unique<Event>(std::move(event)), host, size});
}

bool HeldEvents::put_away(Row& row, const Event& event) {
  if (!file_) file_.reset(nameless_file());
  if (!file_) return false;
  const Bytes bytes = to_cbor(to_value(event));
  const std::size_t size = bytes.size();
  if (std::fseek(file_.get(), end_, SEEK_SET) != 0 || std::fwrite(&size, sizeof size, 1, file_.get()) != 1 ||
      std::fwrite(bytes.data(), size, 1, file_.get()) != 1 || std::fflush(file_.get()) != 0)
    return false;
  const long next = end_ + static_cast<long>(sizeof size + size);
  auto* last = row.held_.empty() ? nullptr : std::get_if<Row::Away>(&row.held_.back());
  if (last && last->end == end_)
    last->end = next;
  else
    row.held_.push_back(Row::Away{end_, next});
  away_ += next - end_;
  end_ = next;
  return true;
}

std::optional<Bytes> HeldEvents::read_back(long at) {
  std::size_t size = 0;
  if (std::fseek(file_.get(), at, SEEK_SET) != 0 || std::fread(&size, sizeof size, 1, file_.get()) != 1)
    return std::nullopt;
  Bytes bytes(size);
  if (std::fread(bytes.data(), size, 1, file_.get()) != 1) return std::nullopt;
  return bytes;
}

void HeldEvents::tell(Row& row, EventSink& events) {
  for (auto& one : row.held_) {
    if (auto* kept = std::get_if<Row::Kept>(&one)) {
      in_memory_[kept->host] -= kept->size;
      events.on(*kept->event);
      continue;
    }
    const auto [at, end] = std::get<Row::Away>(one);
    away_ -= end - at;
    for (long next = at; next < end;) {
      const auto bytes = read_back(next);
      if (!bytes) {
        events.on(event::Warning{"results of this play cannot be read back from /var/tmp, and are not shown", {}, {}});
        break;
      }
      events.on(event_from(from_cbor(*bytes)));
      next += static_cast<long>(sizeof(std::size_t) + bytes->size());
    }
  }
  row.held_.clear();
  // The file is begun anew when nobody waits in it: it does not grow with the length of a play.
  if (away_ == 0 && end_ > 0) end_ = ::ftruncate(::fileno(file_.get()), 0) == 0 ? 0 : end_;
}

}  // namespace agent::executor

#include <agent/executor/alone.hpp>

namespace agent::executor {

Turn Alone::arrive(std::size_t, const Arrival& arrival) {
  if (interrupted_) return Turn::interrupted;
  if (ended_ && !arrival.insists) return Turn::end;
  const Event* banner = arrival.banner;
  if (!banner) return Turn::go;
  if (const auto* included = std::get_if<event::Included>(banner)) {
    event::Included whole = *included;
    whole.hosts = {host_};
    events_.on(whole);
  } else {
    events_.on(*banner);
  }
  return Turn::go;
}

TaskOutcome Alone::once(std::size_t, const std::function<TaskOutcome()>& work, bool& is_first) {
  is_first = true;
  return work();
}

}  // namespace agent::executor

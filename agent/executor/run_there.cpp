// A play whose hosts walk it themselves, each on its own machine.
#include <thread>

#include <agent/executor/departures.hpp>
#include <agent/executor/outpost.hpp>
#include <agent/executor/run.hpp>
#include <agent/executor/task_settings.hpp>

namespace agent::executor {
namespace {

Login login_of(World& world, PlayContext& context, HostState& host) {
  const VariableView view(world, &context, host, nullptr, context.play.scope.get());
  return TaskSettings(world, view).login(view);
}

/// What is shown of a host that cannot be had, or is lost: the place where it was, or the beginning of the play.
event::TaskResult unreachable(const PlayContext& context, const std::string& host, const Error& error,
                              const std::optional<Event>& banner) {
  event::TaskResult result;
  result.host = host;
  result.play = context.name;
  result.where = context.play.where;
  if (const auto* started = banner ? std::get_if<event::TaskStarted>(&*banner) : nullptr) {
    result.task = started->task;
    result.module = started->module;
    result.where = started->where;
  }
  result.status = Status::unreachable;
  result.result = Map{{"changed", false}, {"msg", error.message()}, {"unreachable", true}};
  result.error = error;
  result.error->at(result.where);
  return result;
}

}  // namespace

bool Run::can_leave(PlayContext& context) {
  if (!luggage_) return false;
  const Departure& departure = luggage_->of(context.play);
  bool is_remote = true;
  for (const auto& host : context.batch) {
    try {
      is_remote = is_remote && login_of(world_, context, world_.state_of(host)).connection == "ssh";
    } catch (const std::exception&) {
      // Whatever is wrong with it is told where the host is first needed.
      return false;
    }
  }
  if (!is_remote) return false;
  std::optional<std::string> tie = departure.tie;
  // Whoever waits keeps its place among the forks, and would wait for those that have not set out.
  if (!tie && departure.gathers && context.batch.size() > std::max<std::size_t>(1, world_.options.forks))
    tie = "'run_once' with more hosts than --forks";
  if (tie && world_.options.verbosity >= 2)
    world_.events.on(event::Notice{"this play is walked from here, task by task: " + *tie});
  return !tie;
}

void Run::walk_there(PlayContext& context) {
  Procession procession(context.batch, world_.events);
  Gathering gathering(context.batch.size());
  Departures departures(context.batch.size(), world_.interrupted);
  const auto set_out = [&](std::optional<std::size_t> host) {
    if (host) procession.set_out(*host);
    return host;
  };
  const auto work = [&](std::optional<std::size_t> host) {
    while (host) {
      const std::size_t at = *host;
      const auto pause = world_.interrupted ? std::nullopt : send(context, procession, gathering, at);
      if (pause) {
        procession.set_aside(at, "does not answer yet; it is tried again");
        departures.put_off(at, *pause);
      }
      // The next one first: with nobody on the way everything is told, and banners would come again.
      host = set_out(departures.next_now());
      if (!pause) {
        procession.left(at);
        gathering.left(at);
      }
      if (!host) host = set_out(departures.next());
    }
  };
  // As many as may go at once set out together, so that none of them misses the first banners.
  std::vector<std::size_t> first;
  while (first.size() < std::max<std::size_t>(1, world_.options.forks))
    if (const auto host = set_out(departures.next_now()))
      first.push_back(*host);
    else
      break;
  std::vector<std::thread> threads;
  threads.reserve(first.size());
  for (const std::size_t host : first) threads.emplace_back(work, host);
  for (auto& thread : threads) thread.join();
}

std::optional<std::chrono::milliseconds> Run::send(PlayContext& context, Procession& procession, Gathering& gathering,
                                                   std::size_t number) {
  HostState& host = world_.state_of(context.batch[number]);
  const Journey journey{context,
                        host,
                        *luggage_,
                        gathering,
                        number,
                        [&](const Position& place, std::optional<Event> banner) {
                          procession.arrived(number, place, std::move(banner));
                          gathering.arrived(number, place);
                        },
                        [&](Event event) { procession.said(number, std::move(event)); }};
  const auto lose = [&](const Error& error) {
    if (!procession.banner_of(number))
      procession.arrived(number, {{0, {}}},
                         event::TaskStarted{context.name, "Gathering Facts", "setup", false, world_.options.check,
                                            context.play.where});
    procession.said(number, unreachable(context, host.name(), error, procession.banner_of(number)));
    host.counts.add(Status::unreachable);
    host.has_counts = host.unreachable = true;
  };
  try {
    Outpost& outpost = *world_.machines.outpost(host.name(), login_of(world_, context, host));
    outpost.walk(journey);
    // Ten thousand hosts that are done need no ten thousand connections.
    if (is_last_play_) outpost.leave();
  } catch (const NotYet& later) {
    return later.pause();
  } catch (const Error& error) {
    lose(error);
  } catch (const Unknown& unknown) {
    lose(Error("how '" + host.name() + "' is reached is not known: " + unknown.reasons().front()));
  }
  return std::nullopt;
}

}  // namespace agent::executor

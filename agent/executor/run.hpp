#pragma once

#include <chrono>
#include <vector>

#include <agent/executor/gathering.hpp>
#include <agent/executor/luggage.hpp>
#include <agent/executor/play_context.hpp>
#include <agent/executor/procession.hpp>
#include <agent/executor/world.hpp>

namespace agent::executor {

/// The hosts that a play is for, as a pattern; with the variables that are known before there is a host. Throws Error
/// where that is not known.
std::string host_pattern(const World& world, const Play& play);

/// Runs playbooks, play by play and batch by batch, and says the recap. A failed host takes no part in later plays;
/// when a whole batch has failed, nothing more is run.
class Run {
 public:
  explicit Run(World& world) : world_(world) {}
  /// Throws Error for what is wrong with a play as a whole (a pattern, `serial`), after the recap.
  event::Recap run(const std::vector<Playbook>& playbooks);

 private:
  /// False: the run ends here.
  bool play(const Playbook& playbook, std::size_t number);
  bool batch(PlayContext& context);
  /// The hosts walk the play in step, from here.
  void walk_in_step(PlayContext& context);
  /// Each walks it on its own machine, at its own pace.
  void walk_there(PlayContext& context);
  /// Nothing, or the pause after which it is to be tried again.
  std::optional<std::chrono::milliseconds> send(PlayContext& context, Procession& procession, Gathering& gathering,
                                                std::size_t number);
  bool can_leave(PlayContext& context);
  std::string shown_name(const Play& play, const jinja::Scope& scope) const;
  Strings in_inventory_order(const Strings& hosts) const;
  Strings hosts_of(const Play& play, const jinja::Scope& scope) const;
  std::vector<Strings> batches(const Play& play, const Strings& hosts, const jinja::Scope& scope) const;
  Map ask(const Play& play) const;
  event::Recap recap(double seconds) const;

  World& world_;
  std::optional<Luggage> luggage_;
  bool is_last_play_ = false;
};

}  // namespace agent::executor

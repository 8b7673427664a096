#include <algorithm>

#include <agent/worker/carry_out.hpp>
#include <agent/worker/shown_host.hpp>

namespace agent {

namespace {

using Status = TaskReply::Status;

std::vector<Change> changes_of(const Plan& plan) {
  std::vector<Change> changes;
  for (const Step& step : plan.steps) changes.insert(changes.end(), step.changes.begin(), step.changes.end());
  return changes;
}

bool all_events(const Plan& plan) {
  return std::all_of(plan.steps.begin(), plan.steps.end(), [](const Step& step) { return step.event; });
}

// The steps that only renew what is known, taken out of the plan.
Plan take_renewals(Plan& plan) {
  Plan renewals{.steps = {}, .result = plan.result};  // apply may have put there what it needs
  const auto renews = [](const Step& step) { return step.renewal; };
  std::copy_if(plan.steps.begin(), plan.steps.end(), std::back_inserter(renewals.steps), renews);
  std::erase_if(plan.steps, renews);
  return renewals;
}

// One change in a few words: "package nginx: 1.18 -> 1.22".
std::string told(const Change& change) {
  if (change.secret) return change.subject;
  if (change.text)
    return change.subject + (!change.before ? " (a new file)" : !change.after ? " (removed)" : " (another text)");
  if (!change.before && !change.after) return change.subject;
  return change.subject + ": " + change.before.value_or("absent") + " -> " + change.after.value_or("absent");
}

// What is left to do, in a few words: "package nginx: absent, should be 1.22".
std::string remaining(const Plan& plan) {
  std::string text;
  for (const Step& step : plan.steps) {
    if (step.event) continue;
    for (const Change& change : step.changes) {
      text += text.empty() ? "" : "; ";
      text += change.subject;
      if (change.secret || change.text) continue;
      text += ": is " + change.before.value_or("absent") + ", should be " + change.after.value_or("absent");
    }
  }
  return text;
}

// A second look says what is; only the message of what was done is the first one's to say.
void merge(Map& result, const Map& again) {
  for (const auto& [key, value] : again)
    if (key != "msg" || !result.contains("msg")) result.set(key, value);
}

void check_rights(const Carry& carry, const Plan& plan) {
  if (!carry.missing_right) return;
  for (const Step& step : plan.steps)
    for (const Action& action : step.actions)
      if (auto missing = carry.missing_right(action)) throw *missing;
}

void check_approval(const Plan& plan, const std::vector<Change>& approved) {
  for (const Step& step : plan.steps)
    for (const Change& change : step.changes) {
      if (is_approved(change, approved)) continue;
      const auto same_subject = std::find_if(approved.begin(), approved.end(),
                                             [&](const Change& one) { return one.subject == change.subject; });
      Error error("this was not approved: " + told(change));
      if (same_subject == approved.end())
        error.hint(approved.empty() ? "the check's report knows of no change here"
                                    : "the check's report knows of other changes here, not of this one");
      else
        error.hint("the check's report has this instead: " + told(*same_subject));
      throw std::move(error).hint("the machine, the playbook or a variable is another than at the check: check again");
    }
}

Outcome applied(const Carry& carry, const Plan& plan, Host& host) {
  ShownHost shown(host, plan, carry.spec().name);
  return carry.module.apply(plan, shown);
}

// What a command did is only known when it was run: all that the module would have told of it is unknown.
void forget_answers(const Spec& spec, const std::string& reason, Map& result) {
  for (const Returned& returned : spec.returns)
    if (!result.contains(returned.name)) result.set(returned.name, Value::unknown(reason));
}

// A command whose effects nobody declared: whether it would change anything is exactly what cannot be known.
bool undeclared(const Action& action) {
  const auto* exec = std::get_if<Exec>(&action);
  return exec && !exec->effects.complete && exec->effects == Effects{};
}

template <class Work>
TaskReply guarded(Work&& work) {
  TaskReply reply;
  try {
    work(reply);
  } catch (const Error& error) {
    reply.status = Status::failed;
    reply.error = error;
  } catch (const Unknown& unknown) {
    reply.status = Status::unknown;
    reply.reasons = unknown.reasons();
  } catch (const std::exception& error) {
    reply.status = Status::failed;
    reply.error = Error(std::string("the task failed in an unforeseen way: ") + error.what());
  }
  return reply;
}

}  // namespace

TaskReply make_so(const Carry& carry, Host& host, const std::optional<std::vector<Change>>& approved) {
  return guarded([&](TaskReply& reply) {
    Plan plan = carry.module.check(carry.args, host);
    Map renewed;
    if (const Plan renewals = take_renewals(plan); !renewals.empty()) {
      check_rights(carry, plan);
      check_rights(carry, renewals);
      renewed = applied(carry, renewals, host).result;
      plan = carry.module.check(carry.args, host);
      take_renewals(plan);  // once is enough
    }
    reply.notes = plan.notes;
    reply.result = plan.result;
    reply.result.merge(renewed);
    if (plan.empty()) return;
    if (approved) {
      reply.refused = true;
      check_approval(plan, *approved);
      reply.refused = false;
    }
    check_rights(carry, plan);
    // From here on something may have changed, whatever goes wrong: the changes belong into the report.
    reply.changes = changes_of(plan);
    const Outcome outcome = applied(carry, plan, host);
    if (!all_events(plan)) {
      Plan again = carry.module.check(carry.args, host);
      take_renewals(again);
      merge(reply.result, again.result);
      if (!all_events(again))
        throw Error("the task did not converge: after the change it is still not as asked: " + remaining(again))
            .hint("something undoes the change, or the module '" + carry.spec().name +
                  "' is at fault; run with -vvv and please report it");
    }
    reply.result.merge(renewed);
    reply.result.merge(outcome.result);
    reply.status = Status::changed;
  });
}

TaskReply predict(const Carry& carry, Host& overlay) {
  TaskReply made = guarded([&](TaskReply& reply) {
    Plan plan = carry.module.check(carry.args, overlay);
    reply.notes = plan.notes;
    reply.result = plan.result;
    const Plan renewals = take_renewals(plan);
    check_rights(carry, renewals);
    for (const Step& step : renewals.steps)
      for (const Action& action : step.actions) overlay.perform(action);
    if (plan.empty()) return;
    check_rights(carry, plan);
    reply.changes = changes_of(plan);
    reply.status = Status::would_change;
    for (const Step& step : plan.steps)
      for (const Action& action : step.actions) {
        overlay.perform(action);
        if (step.event && undeclared(action)) {
          reply.status = Status::unknown;
          reply.reasons.push_back("'" + describe(action) + "' was not run: it may write");
        }
      }
    if (all_events(plan)) {
      forget_answers(carry.spec(), "the task was not carried out in check mode", reply.result);
      return;
    }
    Plan again = carry.module.check(carry.args, overlay);
    take_renewals(again);
    merge(reply.result, again.result);
    if (!all_events(again)) reply.notes.push_back("it is not certain that this would converge: " + remaining(again));
  });
  made.from_look = made.status == Status::failed;
  return made;
}

}  // namespace agent

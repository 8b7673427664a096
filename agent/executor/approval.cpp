#include <algorithm>

#include <agent/executor/approval.hpp>
#include <agent/executor/redaction.hpp>

namespace agent::executor {

void Approval::add(const event::TaskResult& result) {
  Foreseen& known = foreseen_[key_of({result.host, result.play, result.task, result.where, result.item})];
  known.is_unknown |= result.status == Status::unknown;
  // Whoever approved it has read that something changes, and that what it is stays hidden.
  known.is_unknown |= std::any_of(result.changes.begin(), result.changes.end(),
                                  [](const Change& change) { return change.subject == hidden_subject; });
  // What `changed_when` takes for no change is one for the machine all the same.
  known.changes.insert(known.changes.end(), result.changes.begin(), result.changes.end());
}

// The folder is left out: the check may have been made from another one. That the files are the same is not ours to
// say.
Approval::Key Approval::key_of(const Asked& asked) {
  const std::string place = asked.where.text();
  return {asked.host, asked.play, asked.task, place.substr(place.rfind('/') + 1), asked.item};
}

std::optional<std::vector<Change>> Approval::changes(const Asked& asked) const {
  Key key = key_of(asked);
  auto found = foreseen_.find(key);
  if (found == foreseen_.end() && asked.item) {
    // An item that the check did not have: the loop's items were not known, or it has others now.
    std::get<4>(key).reset();
    found = foreseen_.find(key);
    if (found != foreseen_.end() && found->second.is_unknown) return std::nullopt;
    return std::vector<Change>();
  }
  if (found == foreseen_.end()) return std::vector<Change>();
  if (found->second.is_unknown) return std::nullopt;
  return found->second.changes;
}

}  // namespace agent::executor

#include "study/behaviour.hpp"

#include "base/vocabulary.hpp"
#include "study/counting.hpp"

namespace crosstalk::study {
namespace {

constexpr const char *algorithm = "learner.algorithm", *behaviour = "task.behaviour";

/// What the agent has not, though its learner does: it lives to the end.
bool is_of_learner(const std::string& key) { return key == "probe.until"; }

/// Another algorithm's target network is not the agent's.
bool is_of_target(const std::string& key) {
  return key == "learner.target-every" || key == "learner.target" || key == "learner.tau";
}

}  // namespace

std::optional<KeyValues::Map> agent_behind(const Configuration& run) {
  const Lookup said = lookup_in(run.values);
  const Json& whose = said(behaviour);  // nothing in runs that were stored before the key was there
  if (whose.is_null() || whose == word_for(behaviours, Behaviour::own) || !counts(*find_key(behaviour), said))
    return std::nullopt;
  KeyValues::Map agent = run.values;
  agent[algorithm] = "double-dqn";
  agent[behaviour] = word_for(behaviours, Behaviour::own);
  const bool is_double = said(algorithm) == agent[algorithm];
  const Setup setup = setup_of(agent);
  for (const Key* key : keys_deciding_first()) {
    const auto value = agent.find(key->name);
    if (value == agent.end() || key->name == algorithm || key->name == behaviour) continue;
    if (!counts(*key, lookup_in(agent)) || is_of_learner(key->name) ||
        (is_of_target(key->name) && !is_double))
      value->second = default_of(*key, setup);
  }
  return agent;
}

}  // namespace crosstalk::study

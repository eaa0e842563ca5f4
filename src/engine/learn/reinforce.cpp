#include "learn/learners.hpp"
#include "learn/policy_gradient.hpp"
#include "learn/seen.hpp"

/// REINFORCE without a baseline (Williams 1992): actions are drawn from the softmax of each head, and the
/// undiscounted return weighs their log-probabilities, mean over the steps of an update, which comes at the
/// end of the first episode with more than learner.collect steps since the last one.
namespace crosstalk::learn {

AgentParts reinforce(const Ground& ground) {
  const Settings& settings = ground.settings;
  const std::int64_t collect = settings.count("learner.collect");
  const bool aliased = ground.kind == TaskKind::windowed &&
                       settings.word("task.observation", observations) == Observation::aliased;
  return {.objective = std::make_unique<PolicyGradient>(ground.values.heads,
                                                        settings.word("learner.return", return_kinds),
                                                        settings.number("learner.entropy")),
          .acting = std::make_unique<Softmax>(ground.values.heads),
          .judged = std::make_unique<Softmax>(ground.values.heads),
          .actions = "policy",
          .keeping = {.capacity = std::max(settings.count("probe.samples"), collect),
                      .evict = replay::Keeping::Evict::episodes,
                      .aliased = aliased},
          .seen = [collect](const replay::Trajectories& steps,
                            const Objective&) { return std::make_unique<Collected>(steps, collect); },
          .measures_newest = true,
          .outputs_are_values = false};
}

}  // namespace crosstalk::learn

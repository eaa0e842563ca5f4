#include "study/keys.hpp"

namespace crosstalk::study {
namespace {

std::vector<Key> value_keys() {
  return {
      {.name = "learner.start",
       .type = Type::integer,
       .help = "double-dqn: environment steps before the first update.",
       .fallback = 5000,
       .least = 1,
       .most = 1e9},
      {.name = "learner.update-every",
       .type = Type::integer,
       .help = "double-dqn: environment steps from one update to the next.",
       .fallback = 2,
       .least = 1,
       .most = 1e9},
      {.name = "learner.replay",
       .type = Type::integer,
       .help = "double-dqn: how many of the latest transitions are kept to learn from.",
       .fallback = 100000,
       .least = 1,
       .most = 1e9},
      {.name = "learner.target",
       .type = Type::text,
       .help = "double-dqn: \"double\" lets the target network value the learner's best action; \"max\", as "
               "published, takes the target network's own maximum.",
       .fallback = "double",
       .allowed = {"double", "max"}},
      {.name = "learner.gamma",
       .type = Type::number,
       .help = "double-dqn: the discount; reinforce's return has none.",
       .fallback = 0.9,
       .least = 0,
       .most = 1},
      {.name = "learner.tau",
       .type = Type::number,
       .help =
           "double-dqn: the share by which the target network follows after each update (Polyak); 1 copies.",
       .fallback = 0.1,
       .least = 0,
       .most = 1,
       .least_excluded = true},
      {.name = "learner.explore-from",
       .type = Type::number,
       .help = "double-dqn: the share of random actions (epsilon) at the first step.",
       .fallback = 0.95,
       .least = 0,
       .most = 1},
      {.name = "learner.explore-to",
       .type = Type::number,
       .help = "double-dqn: the share of random actions from step learner.explore-steps on.",
       .fallback = 0.05,
       .least = 0,
       .most = 1},
      {.name = "learner.explore-steps",
       .type = Type::integer,
       .help = "double-dqn: environment steps over which the share goes linearly from one to the other.",
       .fallback = 100000,
       .least = 1,
       .most = 1e9},
  };
}

std::vector<Key> policy_keys() {
  return {
      {.name = "learner.return",
       .type = Type::text,
       .help = "reinforce: an action is weighted by the reward to come, or by that of its whole episode.",
       .fallback = "to-go",
       .by_condition = {{"svhn/reinforce", "episode"}},
       .allowed = {"to-go", "episode"}},
      {.name = "learner.entropy",
       .type = Type::number,
       .help = "reinforce: the weight of the entropy bonus.",
       .fallback = 1e-5,
       .by_condition = {{"svhn/reinforce", 1e-4}},
       .least = 0,
       .most = 1e6},
      {.name = "learner.collect",
       .type = Type::integer,
       .help =
           "reinforce: update at the end of the first episode after more than so many steps were collected; "
           "0: after every episode.",
       .fallback = 0,
       .by_condition = {{"svhn/reinforce", 250}},
       .least = 0,
       .most = 1e9},
  };
}

}  // namespace

std::vector<Key> agent_keys() {
  std::vector<Key> all = {
      {.name = "learner.steps",
       .type = Type::integer,
       .help = "Agents: how many environment steps a run makes.",
       .fallback = 200000,
       .least = 1,
       .most = 1e9},
  };
  for (const auto& part : {value_keys(), policy_keys()}) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace crosstalk::study

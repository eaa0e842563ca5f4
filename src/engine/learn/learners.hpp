#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/settings.hpp"
#include "learn/descent.hpp"
#include "learn/lessons.hpp"
#include "learn/policy.hpp"
#include "learn/source.hpp"
#include "learn/td_error.hpp"

namespace crosstalk::learn {

/// What a learner is made for.
struct Ground {
  const Settings& settings;
  TaskKind kind;
  std::uint64_t seed;
  Values values;  // of the network's outputs
  bool timeout_ends = false;
  bool expected = false;             // it learns from all transitions at once, not from steps
  bool off_policy = false;           // another policy takes the steps than the one whose values are learned
  const Lessons* lessons = nullptr;  // stored steps, from which is learned without acting; it outlives this
  at::TensorOptions like = {};       // of the parameters: AgentTask::make_learner says it
};

/// Makes the source of what is learned from steps by an objective.
using Seen = std::function<std::unique_ptr<Source>(const replay::Trajectories&, const Objective&)>;

/// The parts by which an agent learns and acts. A new learner is one file that puts them together and one
/// line in base/algorithms.def.
struct AgentParts {
  Follow follow;
  std::unique_ptr<Objective> objective;
  std::unique_ptr<Descent> descent = std::make_unique<Descent>();
  /// How it acts while it learns, and from which stream; and how where it is judged. nullptr: the task's
  /// policy.
  std::unique_ptr<const Policy> acting, judged;
  std::string actions = "exploration";
  replay::Keeping keeping;
  /// What of the steps seen is learned from, by the objective of these parts.
  Seen seen;
  /// The steps that are measured: the newest of ended episodes, or any at random.
  bool measures_newest = false;
  bool outputs_are_values = true;  // else logits
};

/// The parts of learner.algorithm. Error(config) where they do not fit.
AgentParts agent_parts(const Ground& ground);

/// How the outputs of learner.algorithm are values of actions of one choice: by atoms where it learns
/// distributions.
Values values_of_actions(const Settings& settings, std::int64_t actions);

/// What several learners read alike: learner.explore-*, learner.start, update-every and batch over a replay.
/// Where there are lessons nobody acts, and nothing is kept: of stored steps batches come at once
/// (learner.terminals), and there is no policy to be judged; of another agent's life they come when its own
/// updates were due.
Exploration exploration(const Ground& ground);
std::unique_ptr<const Policy> epsilon_greedy(const Ground& ground);
std::unique_ptr<const Policy> greedy(const Ground& ground);
Seen replayed(const Ground& ground);
/// Further minibatches of the same steps, one whenever it is asked for, all steps alike whatever
/// learner.sampling says, from the stream "batches/reference".
Seen drawn_beside(const Ground& ground);
/// learner.sampling: all steps alike, or by their priority, where steps give way one by one.
Seen replayed_by_sampling(const Ground& ground);
/// learner.n-step of those who act in environments; 1 of the windowed task.
std::int64_t ahead(const Ground& ground);
replay::Keeping ring(const Ground& ground);
/// Each step once, as it comes, with those kept that are measured.
Seen step_by_step();
replay::Keeping newest(const Ground& ground);
/// The lessons, with what is known of them; Error(config) where there are none, or nothing is known.
const Lessons& known_lessons(const Ground& ground);
/// learner.target-every: copied after so many updates, or never.
Follow copied(const Ground& ground);
/// learner.target-copies: so many of these stay.
std::int64_t copies_that_stay(const Ground& ground);
/// learner.tau: it follows after each update.
Follow followed(const Ground& ground);

}  // namespace crosstalk::learn

#include <ATen/ATen.h>

#include <cstring>

#include "base/error.hpp"
#include "data/subset.hpp"
#include "env/exact.hpp"
#include "env/solve.hpp"
#include "learn/expected.hpp"
#include "run/agent_task.hpp"
#include "run/open_retraced.hpp"

namespace crosstalk::run {
namespace {

/// The steps of an exact environment's episodes by a policy that looks at nothing.
std::unique_ptr<const learn::Policy> fixed_policy(const env::DecisionProcess& process,
                                                  const std::vector<double>& chances) {
  std::vector<double> first(chances.begin(), chances.begin() + static_cast<std::ptrdiff_t>(process.actions));
  for (std::int64_t state = 0; state < process.states; ++state)
    for (std::int64_t action = 0; action < process.actions; ++action)
      if (process.of(chances, state, action) != first[static_cast<std::size_t>(action)])
        throw Error(ErrorKind::config, "task.policy: " + std::string(process.name) +
                                           " has one that differs from state to state, which cannot be "
                                           "followed yet");
  return std::make_unique<learn::Fixed>(std::move(first));
}

/// All transitions as one-step episodes, and their weights.
struct Everything {
  std::unique_ptr<replay::Trajectories> steps;
  at::Tensor weights;
};
Everything everything(const env::DecisionProcess& process, const env::Policy& policy,
                      std::shared_ptr<const env::Drawing> drawing, const at::TensorOptions& like) {
  Everything all{
      std::make_unique<replay::Trajectories>(std::move(drawing), std::vector{process.actions}, at::kDouble)};
  std::vector<double> weights;
  const auto record = [](const std::int32_t& state) { return reinterpret_cast<const std::byte*>(&state); };
  for (const env::Transition& each : env::all_transitions(process, policy)) {
    const bool ends = each.branch.next == env::Branch::end;
    all.steps->add_alone(record(each.state), {&each.action, 1}, {each.branch.reward, ends, !ends},
                         record(each.branch.next));
    weights.push_back(each.weight);
  }
  all.weights = at::tensor(weights, at::kDouble).to(like);
  return all;
}

class ExactTask final : public AgentTask {
 public:
  ExactTask(const Settings& settings, std::uint64_t seed);

  Length length() const override {
    const bool acts = kind_ == TaskKind::control;
    return {acts ? Unit::steps : Unit::updates, settings().count(acts ? "learner.steps" : "learner.updates"),
            settings().count_or("learner.episodes", "all")};
  }
  std::vector<measure::Set> samples() override;
  std::optional<measure::Set> set(const std::string& name) override;
  std::vector<measure::Set> whole() override;
  std::optional<measure::Set> learned() override;
  measure::Numbers numbers(const measure::Needs& needs) override;
  std::optional<std::int64_t> longest_episode() const override {
    return all_.steps ? std::optional<std::int64_t>(1) : std::nullopt;
  }

 private:
  void make_process();
  void make_network();
  void learn_to_act();
  void learn_values();
  void refuse_to_wait(const std::vector<double>& chances) const;

  TaskKind kind_;
  std::shared_ptr<const env::DecisionProcess> process_;
  std::shared_ptr<const env::StateDrawing> drawing_;
  std::unique_ptr<env::States> states_;  // with their true values, where a policy is evaluated
  Everything all_;                       // where it is learned from expected transitions
};

ExactTask::ExactTask(const Settings& settings, std::uint64_t seed)
    : AgentTask(settings, seed), kind_(settings.word("task.kind", task_kinds)) {
  refuse_confidence();
  make_process();
  make_network();
  kind_ == TaskKind::control ? learn_to_act() : learn_values();
}

void ExactTask::make_process() {
  process_ = exact_process_of(settings());
  if (settings().word("learner.approximation", approximations) == Approximation::tabular)
    process_ = std::make_shared<env::DecisionProcess>(env::as_table(*process_));
  drawing_ = std::make_shared<env::StateDrawing>(*process_, type_of(settings()), device_of(settings()));
}

void ExactTask::make_network() {
  const learn::Values values = kind_ == TaskKind::control
                                   ? learn::values_of_actions(settings(), process_->actions)
                                   : learn::Values{.heads = {1}, .of_state = true};
  const nn::Outputs outputs = outputs_of(values);
  const bool has_start = outputs.numbers == 1 && std::ssize(process_->weights) == process_->features;
  model_ = approximation_of_values(settings(), seed(), {process_->features}, outputs,
                                   has_start ? at::tensor(process_->weights, at::kDouble) : at::Tensor());
}

/// What waits for an episode's end would wait for ever where there is none.
void ExactTask::refuse_to_wait(const std::vector<double>& chances) const {
  if (!env::is_endless(*process_, chances)) return;
  const bool forward = settings().is_said("learner.view") &&
                       settings().text("learner.algorithm") == "td-lambda" &&
                       settings().word("learner.source", sources) == SourceKind::sampled &&
                       settings().word("learner.view", views) == View::forward;
  std::string what, mend;
  if (kind_ == TaskKind::control)
    what = "task.kind = \"control\"", mend = "give \"evaluate\"";
  else if (forward)
    what = "learner.view = \"forward\"", mend = "give \"backward\"";
  else if (settings().count_or("learner.episodes", "all"))
    what = "learner.episodes", mend = "give \"all\"";
  else if (settings().word("probe.unit", units) == Unit::episodes)
    what = "probe.unit = \"episodes\"", mend = "give \"updates\"";
  if (what.empty()) return;
  throw Error(ErrorKind::config, what + " waits for an episode's end, and task.environment = \"" +
                                     std::string(process_->name) + "\" may have none: " + mend);
}

void ExactTask::learn_to_act() {
  refuse_to_wait(env::policy_of(*process_, "uniform").chances);
  learn::Values values = learn::values_of_actions(settings(), process_->actions);
  make_learner({settings(), kind_, seed(), std::move(values)},
               {.environment = std::make_unique<env::Exact>(process_, drawing_), .rewards = model_->type});
}

void ExactTask::learn_values() {
  const env::Policy& policy = env::policy_of(*process_, settings().text("task.policy"));
  const double gamma = settings().number("learner.gamma");
  refuse_to_wait(policy.steps());
  states_ = std::make_unique<env::States>(drawing_, env::true_values(*process_, policy, gamma));
  learn::Ground ground{settings(), kind_, seed(), learn::Values{.heads = {1}, .of_state = true}};
  ground.expected = settings().word("learner.source", sources) == SourceKind::expected;
  ground.off_policy = !policy.behaviour.empty();
  if (ground.expected) {
    all_ = everything(*process_, policy, drawing_, model_->parameters.theta().options());
    return make_learner(ground, std::make_unique<learn::Expected>(*all_.steps, all_.weights));
  }
  Steps steps{.environment = std::make_unique<env::Exact>(process_, drawing_),
              .rewards = model_->type,
              .policy = fixed_policy(*process_, policy.steps())};
  if (ground.off_policy)
    steps.ratio = [process = process_, policy](const replay::Trajectories& seen, data::Id row) {
      std::int32_t state = 0;
      std::memcpy(&state, seen.before(row), sizeof state);
      const std::int64_t action = seen.action(row).front();
      return process->of(policy.chances, state, action) / process->of(policy.behaviour, state, action);
    };
  make_learner(ground, std::move(steps));
}

/// The steps learned from, under "seen"; or the environment's transitions, under "transitions": all of them,
/// or probe.samples that are drawn once.
std::vector<measure::Set> ExactTask::samples() {
  if (!all_.steps) return samples_seen();
  tensor::Stream drawing(seed(), "probe/transitions");
  std::vector<data::Id> rows =
      data::random_rows(all_.steps->size(), settings().count("probe.samples"), drawing);
  std::sort(rows.begin(), rows.end());
  return {{"transitions", {all_.steps.get(), std::move(rows)}, /*fixed=*/true}};
}

std::optional<measure::Set> ExactTask::set(const std::string& name) {
  if (name != "states" || !states_) return std::nullopt;
  return first_rows(name, *states_, states_->size());
}

std::vector<measure::Set> ExactTask::whole() {
  std::vector<measure::Set> sets;
  if (all_.steps) sets.push_back(first_rows("transitions", *all_.steps, all_.steps->size()));
  if (states_) sets.push_back(first_rows("states", *states_, states_->size()));
  return sets;
}

std::optional<measure::Set> ExactTask::learned() {
  if (!all_.steps) return std::nullopt;
  measure::Set set = first_rows("transitions", *all_.steps, all_.steps->size());
  set.weights = all_.weights;
  return set;
}

measure::Numbers ExactTask::numbers(const measure::Needs& needs) {
  measure::Numbers numbers;
  if (kind_ != TaskKind::control || !needs.wants_number("return")) return numbers;
  const auto play = [&](const learn::Policy& policy, std::span<const std::uint64_t> levels,
                        tensor::Stream& actions) {
    replay::Trajectories steps = seen()->another();
    return learn::play([&] { return std::make_unique<env::Exact>(process_, drawing_); }, levels, policy,
                       passes(), actions, steps);
  };
  judge({"evaluation", 0, std::uint64_t{1} << 32}, play, numbers);
  return numbers;
}

}  // namespace

std::unique_ptr<Task> exact_task(const Settings& settings, std::uint64_t seed) {
  return std::make_unique<ExactTask>(settings, seed);
}

}  // namespace crosstalk::run

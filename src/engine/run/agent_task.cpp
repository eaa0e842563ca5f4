#include "run/agent_task.hpp"

#include <ATen/ATen.h>

#include <numeric>
#include <set>

#include "base/error.hpp"
#include "base/measures.hpp"
#include "data/subset.hpp"
#include "learn/aimed.hpp"
#include "learn/expected.hpp"
#include "learn/measured.hpp"

namespace crosstalk::run {
namespace {

/// Whether a measure asks how interference evolves.
bool wants_evolution(const Settings& settings) {
  const std::vector<std::string> measures = settings.texts("probe.measures");
  return std::ranges::any_of(measures, [](const std::string& name) {
    const MeasureEntry* entry = find_measure(name);
    return entry != nullptr && lists(entry->needs, "evolving");
  });
}

}  // namespace

void AgentTask::make_learner(learn::Ground ground, Steps from) {
  ground.like = model_->parameters.theta().options();
  learn::AgentParts parts = learn::agent_parts(ground);
  capacity_ = parts.keeping.capacity;
  auto networks = std::make_unique<learn::Networks>(model_->network, model_->parameters, parts.follow, seed_);
  if (replay::belong_in_files(capacity_, from.environment->drawing()->bytes()))
    parts.keeping.folder = from.replay;
  auto seen = std::make_unique<replay::Trajectories>(
      from.environment->drawing(), from.environment->spaces().choices, from.rewards, parts.keeping);
  auto acting = std::make_unique<learn::Acting>(
      std::move(from.environment), from.policy ? std::move(from.policy) : std::move(parts.acting),
      std::move(seen), *networks, seed_, parts.actions, from.levels);
  const replay::Trajectories& steps = acting->steps();
  std::unique_ptr<learn::Source> source = parts.seen(steps, *parts.objective);
  if (from.ratio)
    source = std::make_unique<learn::Reweighed>(
        std::move(source), [&steps, ratio = from.ratio](data::Id row) { return ratio(steps, row); },
        ground.like);
  acting->learn_from(std::move(source));
  acting_ = acting.get();
  finish(ground, std::move(parts), std::move(networks), std::move(acting));
}

void AgentTask::make_learner(learn::Ground ground, const replay::Trajectories& stored) {
  ground.like = model_->parameters.theta().options();
  learn::AgentParts parts = learn::agent_parts(ground);
  auto networks = std::make_unique<learn::Networks>(model_->network, model_->parameters, parts.follow, seed_);
  std::unique_ptr<learn::Source> source = parts.seen(stored, *parts.objective);
  finish(ground, std::move(parts), std::move(networks), std::move(source));
}

void AgentTask::make_learner(const learn::Ground& ground, std::unique_ptr<learn::Source> source) {
  learn::AgentParts parts = learn::agent_parts(ground);
  auto networks = std::make_unique<learn::Networks>(model_->network, model_->parameters, parts.follow, seed_);
  finish(ground, std::move(parts), std::move(networks), std::move(source));
}

void AgentTask::finish(const learn::Ground& ground, learn::AgentParts parts,
                       std::unique_ptr<learn::Networks> networks, std::unique_ptr<learn::Source> source) {
  values_ = ground.values;
  measures_newest_ = parts.measures_newest;
  outputs_are_values_ = parts.outputs_are_values;
  judged_ = std::move(parts.judged);
  // What a round of updates begins with is no target network: it is gone with the round.
  const bool frozen = networks->has_target() && parts.follow.how != learn::Follow::How::round;
  make_measured(ground, frozen ? learn::Net::target : learn::Net::online);
  learner_ = std::make_unique<learn::Learner>(
      std::move(networks), std::move(parts.objective), std::move(source), std::move(parts.descent),
      learn::make_optimizer(learn::optimizer_settings(settings_), model_->parameters.theta()));
  passes_ = std::make_unique<learn::Passes>(learner_->networks());
}

void AgentTask::make_measured(const learn::Ground& ground, learn::Net net) {
  if (outputs_are_values_ && !values_.atoms)
    measured_["td"] = learn::measured_objective(LossMeasured::td, ground, net);
  if (wants_evolution(settings_)) measured_["evolving"] = learn::evolving_objective(ground, net);
  if (!settings_.is_said("probe.losses")) return;
  for (const std::string& word : settings_.texts("probe.losses")) {
    const std::optional<LossMeasured> which = meaning(losses_measured, word);
    if (!which) throw Error(ErrorKind::config, "probe.losses holds \"" + word + "\", which is none of them");
    if (*which != LossMeasured::own && !measured_.contains(word))
      measured_[word] = learn::measured_objective(*which, ground, net);
  }
}

std::vector<data::Id> AgentTask::recent(std::int64_t count) {
  std::vector<data::Id> rows;
  if (seen() == nullptr || learner_->networks().updates() == 0) return rows;
  const replay::Trajectories& steps = *seen();
  if (measures_newest_) {
    const data::Id end = steps.unfinished();
    rows.resize(static_cast<std::size_t>(std::min(count, end - steps.first())));
    std::iota(rows.begin(), rows.end(), end - std::ssize(rows));
  } else {
    tensor::Stream drawing = stream("probe/train");
    rows = drawn(count, drawing);
  }
  return rows;
}

std::vector<data::Id> AgentTask::drawn(std::int64_t count, tensor::Stream& drawing) const {
  std::vector<data::Id> rows;
  if (seen() == nullptr) return rows;
  learn::Aimed aimed(*seen(), learner_->objective());
  aimed.look();
  for (const std::int64_t place : data::random_rows(aimed.count(), count, drawing))
    rows.push_back(aimed.row(place));
  return rows;
}

std::vector<data::Id> AgentTask::drawn_like(data::Id /*like*/, std::int64_t count,
                                            tensor::Stream& drawing) const {
  return drawn(count, drawing);
}

std::vector<data::Id> AgentTask::others(const data::Rows& apart_from, std::int64_t count) {
  if (seen() != nullptr && apart_from.table != seen()) return {};  // of episodes that are played to be judged
  const std::set<data::Id> left_out(apart_from.ids.begin(), apart_from.ids.end());
  tensor::Stream drawing = stream("probe/others");
  if (left_out.empty()) return {};
  return data::apart_from(left_out, drawn_like(*left_out.begin(), count + std::ssize(left_out), drawing),
                          count);
}

std::vector<measure::Set> AgentTask::samples_seen() {
  std::vector<data::Id> rows = recent(settings_.count("probe.samples"));
  if (rows.empty()) return {};
  return {{"seen", {seen(), std::move(rows)}}};
}

void AgentTask::judge(const Levels& from, const Play& play, measure::Numbers& numbers) {
  const std::string use = from.split == "evaluation" ? from.split : "evaluation/" + from.split;
  tensor::Stream drawing = stream(use + "/levels");
  std::vector<std::uint64_t> levels(static_cast<std::size_t>(settings_.count("probe.episodes")));
  for (std::uint64_t& level : levels) level = from.first + drawing.below(from.count);
  const auto mean = [&](const learn::Policy& policy, const char* of) {
    tensor::Stream actions = stream(use + of);
    learn::Played sum;
    for (const learn::Played& episode : play(policy, levels, actions)) {
      sum.reward += episode.reward;
      if (episode.score) sum.score = sum.score.value_or(0) + *episode.score;
    }
    sum.reward /= static_cast<double>(levels.size());
    if (sum.score) *sum.score /= static_cast<double>(levels.size());
    return sum;
  };
  const learn::Played own = mean(judged(), "/return");
  numbers["return"][from.split] = own.score.value_or(own.reward);
  if (own.score) numbers["return.clipped"][from.split] = own.reward;
  if (step_ > 0) return;
  const learn::EpsilonGreedy random(values_.heads, {.from = 1, .to = 1, .steps = 1});
  const learn::Played drawn = mean(random, "/random");
  numbers["return.random"][from.split] = drawn.score.value_or(drawn.reward);
}

void AgentTask::refuse_confidence() const {
  if (settings_.word("probe.function", functions) == Function::confidence)
    throw Error(ErrorKind::config,
                "probe.function is \"confidence\" where the outputs are no classes: give \"max\"");
}

const learn::Objective* AgentTask::objective(const std::string& name) const {
  const auto found = measured_.find(name);
  return found != measured_.end() ? found->second.get() : Task::objective(name);
}

at::Tensor AgentTask::taken(const measure::Set& set) {
  const replay::Trajectories& steps = replay::trajectories(*set.rows.table);
  const at::Tensor values =
      at::empty({set.rows.size(), values_.count()}, model_->parameters.theta().options());
  const at::Tensor actions = learn::taken(steps, set.rows.ids, values_, values);
  return learn::at_chosen(values, values_.heads, actions, at::ones(actions.sizes(), values.options()));
}

double AgentTask::scale_of_gradients() const {
  return learn::slope_of_half_square(settings_.word("learner.loss", losses));
}

measure::Readout AgentTask::readout() const {
  return {values_.of_state ? learn::Heads{} : values_.heads, outputs_are_values_, values_.atoms};
}

}  // namespace crosstalk::run

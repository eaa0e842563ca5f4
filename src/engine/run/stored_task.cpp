#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.hpp"
#include "data/subset.hpp"
#include "env/ram.hpp"
#include "learn/td.hpp"
#include "replay/stored.hpp"
#include "run/agent_task.hpp"
#include "run/episodes.hpp"

namespace crosstalk::run {
namespace {

/// Nobody acts: an update learns from a minibatch of stored steps of training episodes, and the sets "train"
/// and "test" are steps of training and of test episodes that are drawn once for a run.
class StoredTask final : public AgentTask {
 public:
  StoredTask(const Settings& settings, std::uint64_t seed, const OwnFile& folder);

  Length length() const override {
    return {Unit::updates, settings().count("learner.updates"), std::nullopt};
  }
  std::vector<measure::Set> samples() override { return {train_, test_}; }
  std::vector<measure::Set> whole() override { return samples(); }
  std::optional<measure::Set> learned() override {
    return measure::Set{"train", {&stored_.steps(), lessons_.rows}, /*fixed=*/true};
  }
  measure::Numbers numbers(const measure::Needs& needs) override;
  std::optional<std::int64_t> longest_episode() const override;
  at::Tensor memory(const data::Rows& rows) const override;

 private:
  std::vector<data::Id> drawn_like(data::Id like, std::int64_t count, tensor::Stream& drawing) const override;
  measure::Set set_of(const std::string& name, const std::vector<data::Id>& from) const;
  at::Tensor known(std::span<const data::Id> rows, data::At at) const;
  double value_error(const measure::Set& set);
  /// How well the expert's values agree with themselves: root mean squares of their TD error and of the
  /// reward.
  struct Consistency {
    double error, reward;
  };
  Consistency consistency(std::span<const data::Id> rows) const;
  void add_consistency(measure::Numbers& numbers);

  bool shifted_;  // the published mistake: each observation is the one a step later
  replay::Stored stored_;
  bool is_comparable_;  // what is learned, with the expert's values
  learn::Lessons lessons_;
  std::vector<data::Id> test_rows_;  // ascending
  measure::Set train_, test_;
  std::map<std::string, Consistency> consistency_;  // by split; of all steps, once
};

bool is_shifted(const Settings& settings) {
  return settings.word("task.observation", observations) == Observation::shifted;
}

/// Values of different discounts are different values, however well they are learned; L_reg learns those of
/// the expert, whatever their discount.
bool learns_what_is_stored(const Settings& settings, const replay::Stored& stored) {
  return stored.has_values() && (settings.text("learner.algorithm") == "reg" ||
                                 stored.about().at("discount of values") == settings.number("learner.gamma"));
}

/// Some of these rows, in the order drawn.
std::vector<data::Id> some_of(const std::vector<data::Id>& from, std::int64_t count,
                              tensor::Stream& drawing) {
  std::vector<data::Id> rows;
  for (const std::int64_t place : data::random_rows(std::ssize(from), count, drawing))
    rows.push_back(from[static_cast<std::size_t>(place)]);
  return rows;
}

void check_digest(const replay::Stored& stored, const OwnFile& folder) {
  if (folder.sha256 == stored.digest()) return;
  throw Error(ErrorKind::data, folder.path +
                                   " is not what it was when this study was begun, or the study was begun by "
                                   "another version: the SHA-256 of what it holds is another. Put the former "
                                   "trajectories back, or give a new --out for runs of those that are there "
                                   "now.");
}

StoredTask::StoredTask(const Settings& settings, std::uint64_t seed, const OwnFile& folder)
    : AgentTask(settings, seed),
      shifted_(is_shifted(settings)),
      stored_(folder.path, type_of(settings), device_of(settings), shifted_),
      is_comparable_(learns_what_is_stored(settings, stored_)) {
  refuse_confidence();
  check_digest(stored_, folder);
  const replay::Trajectories& steps = stored_.steps();
  const Split split = split_by_episodes(steps, settings.number("task.test-share"),
                                        settings.count_or("task.transitions", "all"));
  train_ = set_of("train", split.train);
  test_ = set_of("test", split.test);
  lessons_.rows = split.train;
  test_rows_ = split.test;
  if (stored_.has_values())
    lessons_.known = [this](const data::Rows& rows, data::At at) { return known(rows.ids, at); };
  at::Tensor seen;
  steps.draw({lessons_.rows.data(), 1}, data::At::before, seen);
  const bool of_state = settings.text("learner.algorithm") == "td-lambda";
  const auto actions = stored_.actions();
  const learn::Values values{.heads = {of_state ? 1 : actions}, .of_state = of_state};
  model_ = make_model(settings, seed, seen.sizes().slice(1).vec(), outputs_of(values));
  learn::Ground ground{settings, TaskKind::evaluate, seed, values};
  ground.lessons = &lessons_;
  make_learner(ground, steps);
}

std::vector<data::Id> StoredTask::drawn_like(data::Id like, std::int64_t count,
                                             tensor::Stream& drawing) const {
  const bool tests = std::binary_search(test_rows_.begin(), test_rows_.end(), like);
  return some_of(tests ? test_rows_ : lessons_.rows, count, drawing);
}

/// Of the training episodes: in them lies what is learned from.
std::optional<std::int64_t> StoredTask::longest_episode() const {
  std::int64_t longest = 0;
  for (const data::Id row : lessons_.rows) {
    if (stored_.steps().neighbour(row, -1)) continue;
    const auto episode = stored_.steps().episode(row);
    longest = std::max(longest, episode.end - episode.begin);
  }
  return longest;
}

at::Tensor StoredTask::memory(const data::Rows& rows) const {
  if (stored_.set().ram == 0) return {};
  const auto at = shifted_ ? data::At::after : data::At::before;
  at::Tensor all = at::empty({rows.size(), stored_.set().ram}, at::kByte);
  auto* to = all.mutable_data_ptr<std::uint8_t>();
  for (const data::Id row : rows.ids) to = std::ranges::copy(stored_.ram(row, at), to).out;
  const std::vector<std::int64_t> known = env::annotated_bytes(stored_.set().environment);
  return known.empty() || stored_.set().ram != env::console_bytes
             ? all
             : all.index_select(1, at::tensor(known, at::kLong));
}

measure::Set StoredTask::set_of(const std::string& name, const std::vector<data::Id>& from) const {
  tensor::Stream drawing(seed(), "probe/" + name);
  measure::Set set{name,
                   {&stored_.steps(), some_of(from, settings().count("probe.samples"), drawing)},
                   /*fixed=*/true};
  std::sort(set.rows.ids.begin(), set.rows.ids.end());
  return set;
}

/// Of the observation that is learned from: where these are shifted, of the one a step later.
at::Tensor StoredTask::known(std::span<const data::Id> rows, data::At at) const {
  if (!shifted_) return stored_.values(rows, at);
  if (at == data::At::before) return stored_.values(rows, data::At::after);
  std::vector<data::Id> next;  // behind the last step there is nothing later
  for (const data::Id row : rows) next.push_back(stored_.steps().neighbour(row, 1).value_or(row));
  return stored_.values(next, data::At::after);
}

double StoredTask::value_error(const measure::Set& set) {
  set.rows.table->draw(set.rows.ids, data::At::before, passes().inputs());
  const at::Tensor outputs = passes().output(learn::Net::online, passes().inputs());
  const at::Tensor errors = outputs.amax(1).to(at::kCPU, at::kDouble) -
                            known(set.rows.ids, data::At::before).amax(1).to(at::kCPU, at::kDouble);
  return std::sqrt(errors.square().mean().item<double>());
}

/// Of the steps as they were played, also where observations are shifted.
StoredTask::Consistency StoredTask::consistency(std::span<const data::Id> rows) const {
  const auto gamma = stored_.about().at("discount of values").get<double>();
  const learn::Values values{.heads = {stored_.actions()}};
  const at::Tensor before = stored_.values(rows, data::At::before).to(at::kDouble),
                   after = stored_.values(rows, data::At::after).to(at::kDouble);
  const at::Tensor actions = learn::taken(stored_.steps(), rows, values, before);
  const learn::Bootstrap next =
      learn::bootstrap(stored_.steps(), rows, gamma, /*timeout_ends=*/false, before);
  const at::Tensor errors =
      learn::td_targets(next, after.amax(1, true)) - learn::chosen_outputs(before, values.heads, actions);
  const auto size = [](const at::Tensor& of) { return std::sqrt(of.square().mean().item<double>()); };
  return {size(errors), size(next.rewards)};
}

void StoredTask::add_consistency(measure::Numbers& numbers) {
  if (consistency_.empty())
    consistency_ = {{"train", consistency(lessons_.rows)}, {"test", consistency(test_rows_)}};
  for (const auto& [split, of] : consistency_) {
    numbers["td_error.expert"][split] = of.error;
    if (of.reward > 0) numbers["td_error.expert.relative"][split] = of.error / of.reward;
  }
}

measure::Numbers StoredTask::numbers(const measure::Needs& needs) {
  measure::Numbers numbers;
  if (needs.wants_number("value_error") && is_comparable_)
    for (const measure::Set& set : samples()) numbers["value_error"][set.name] = value_error(set);
  if (needs.wants_number("td_error.expert") && stored_.has_values()) add_consistency(numbers);
  return numbers;
}

}  // namespace

std::unique_ptr<Task> stored_task(const Settings& settings, std::uint64_t seed, const OwnFile& folder) {
  return std::make_unique<StoredTask>(settings, seed, folder);
}

}  // namespace crosstalk::run

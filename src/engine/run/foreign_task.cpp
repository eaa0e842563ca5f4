#include "base/error.hpp"
#include "run/agent_task.hpp"
#include "run/open_retraced.hpp"

namespace crosstalk::run {
namespace {

class ForeignTask final : public AgentTask {
 public:
  ForeignTask(const Settings& settings, std::uint64_t seed, const OwnFile& file,
              const std::filesystem::path& replay);

  Length length() const override {
    return {Unit::steps, settings().count("learner.steps"), settings().count_or("learner.episodes", "all")};
  }
  std::vector<measure::Set> samples() override { return samples_seen(); }
  measure::Numbers numbers(const measure::Needs& needs) override;
  std::optional<std::string> cut() const override;

 private:
  std::unique_ptr<env::Retraced> opened(bool tries) const;
  void refuse_levels(std::int64_t there_are) const;

  OwnFile file_;
  std::int64_t train_levels_;  // 0: it learns on all
  std::unique_ptr<env::Retraced>
      judging_;           // of evaluation alone, so that it changes no training; at first none
  std::int64_t cut_ = 0;  // episodes of the policy that is judged
};

ForeignTask::ForeignTask(const Settings& settings, std::uint64_t seed, const OwnFile& file,
                         const std::filesystem::path& replay)
    : AgentTask(settings, seed), file_(file), train_levels_(levels_to_learn_on(settings)) {
  refuse_confidence();
  if (settings.word("learner.approximation", approximations) != Approximation::network)
    throw Error(ErrorKind::config,
                "learner.approximation goes only with an exact environment where it is no "
                "network: give \"network\"");
  std::unique_ptr<env::Environment> environment = opened(/*tries=*/true);
  refuse_levels(environment->spaces().levels);
  const std::int64_t actions = environment->spaces().choices.front();
  const learn::Values values = learn::values_of_actions(settings, actions);
  model_ = make_model(settings, seed, environment->spaces().observation, outputs_of(values));
  make_learner({settings, TaskKind::control, seed, values},
               {.environment = std::move(environment),
                .rewards = model_->type,
                .levels = train_levels_,
                .replay = replay});
}

/// Some must be left to test on.
void ForeignTask::refuse_levels(std::int64_t there_are) const {
  if (train_levels_ < there_are) return;
  throw Error(ErrorKind::config, "task.train-levels is " + std::to_string(train_levels_) + " where " +
                                     settings().text("task.environment") + " has " +
                                     std::to_string(there_are) +
                                     " levels, and none is left to test on: give " +
                                     std::to_string(there_are - 1) + " or fewer, or \"all\"");
}

std::optional<std::string> ForeignTask::cut() const {
  if (cut_ == 0) return std::nullopt;
  return settings().text("task.environment") + ": evaluation episodes were cut after task.episode-steps = " +
         std::to_string(settings().count("task.episode-steps")) + " steps";
}

std::unique_ptr<env::Retraced> ForeignTask::opened(bool tries) const {
  return open_retraced(settings(), file_, tries);
}

measure::Numbers ForeignTask::numbers(const measure::Needs& needs) {
  measure::Numbers numbers;
  if (!needs.wants_number("return")) return numbers;
  if (!judging_) judging_ = opened(/*tries=*/false);
  const auto play = [&](const learn::Policy& policy, std::span<const std::uint64_t> levels,
                        tensor::Stream& actions) {
    const std::int64_t before = judging_->cut();
    std::vector<learn::Played> played = learn::play_in_turn(*judging_, levels, policy, passes(), actions);
    if (&policy == &judged()) cut_ += judging_->cut() - before;  // and not what acts at random
    return played;
  };
  const auto all = static_cast<std::uint64_t>(judging_->spaces().levels);
  const auto learned = static_cast<std::uint64_t>(train_levels_);
  if (learned == 0) {
    judge({"evaluation", 0, all}, play, numbers);
  } else {
    judge({"train", 0, learned}, play, numbers);
    judge({"test", learned, all - learned}, play, numbers);
  }
  return numbers;
}

}  // namespace

std::unique_ptr<Task> foreign_task(const Settings& settings, std::uint64_t seed, const OwnFile& file,
                                   const std::filesystem::path& replay) {
  return std::make_unique<ForeignTask>(settings, seed, file, replay);
}

}  // namespace crosstalk::run

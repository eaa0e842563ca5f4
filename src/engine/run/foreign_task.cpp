#include "base/error.hpp"
#include "env/retraced.hpp"
#include "run/agent_task.hpp"

namespace crosstalk::run {
namespace {

class ForeignTask final : public AgentTask {
 public:
  ForeignTask(const Settings& settings, std::uint64_t seed, const ClassFile& file);

  Length length() const override {
    return {Unit::steps, settings().count("learner.steps"), settings().count_or("learner.episodes", "all")};
  }
  std::vector<measure::Set> samples() override { return samples_seen(); }
  measure::Numbers numbers(const measure::Needs& needs) override;

 private:
  std::unique_ptr<env::Environment> opened(bool tries) const;

  ClassFile file_;
  std::unique_ptr<env::Environment>
      judging_;  // of evaluation alone, so that it changes no training; at first none
};

ForeignTask::ForeignTask(const Settings& settings, std::uint64_t seed, const ClassFile& file)
    : AgentTask(settings, seed), file_(file) {
  refuse_confidence();
  if (settings.word("learner.approximation", approximations) != Approximation::network)
    throw Error(ErrorKind::config,
                "learner.approximation goes only with an exact environment where it is no "
                "network: give \"network\"");
  std::unique_ptr<env::Environment> environment = opened(/*tries=*/true);
  const std::int64_t actions = environment->spaces().choices.front();
  model_ = make_model(settings, seed, environment->spaces().observation, actions);
  make_learner({settings, TaskKind::control, seed, learn::Values{.heads = {actions}}},
               {.environment = std::move(environment), .rewards = model_->type});
}

std::unique_ptr<env::Environment> ForeignTask::opened(bool tries) const {
  const std::string name = settings().text("task.environment");
  return std::make_unique<env::Retraced>(env::open_player({name, file_.path, file_.sha256}), name,
                                         type_of(settings()), device_of(settings()),
                                         settings().count("task.episode-steps"), tries);
}

measure::Numbers ForeignTask::numbers(const measure::Needs& needs) {
  measure::Numbers numbers;
  if (!needs.wants_number("return")) return numbers;
  if (!judging_) judging_ = opened(/*tries=*/false);
  const auto play = [&](const learn::Policy& policy, std::span<const std::uint64_t> levels,
                        tensor::Stream& actions, replay::Trajectories& steps) {
    return learn::play_in_turn(*judging_, levels, policy, passes(), actions, steps);
  };
  judge(static_cast<std::uint64_t>(judging_->spaces().levels), play, numbers);
  return numbers;
}

}  // namespace

std::unique_ptr<Task> foreign_task(const Settings& settings, std::uint64_t seed, const ClassFile& file) {
  return std::make_unique<ForeignTask>(settings, seed, file);
}

}  // namespace crosstalk::run

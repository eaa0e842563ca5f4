#include "learn/measured.hpp"

#include "base/error.hpp"
#include "base/text.hpp"
#include "learn/lambda_error.hpp"
#include "learn/return_error.hpp"
#include "learn/td.hpp"

namespace crosstalk::learn {
namespace {

[[noreturn]] void refuse(LossMeasured which, const std::string& why) {
  throw Error(ErrorKind::config, "probe.losses holds \"" + std::string(word_for(losses_measured, which)) +
                                     "\", " + why + ": leave it out");
}

/// What an expert says of the stored steps.
const Lessons& known(LossMeasured which, const Ground& ground) {
  if (ground.lessons == nullptr)
    refuse(which, "which needs an expert's values, and no stored trajectories are learned from");
  if (!ground.lessons->known)
    refuse(which, "which needs an expert's values, and these trajectories hold none");
  return *ground.lessons;
}

std::unique_ptr<Objective> of_steps(std::int64_t steps, const Ground& ground, double gamma, ErrorLoss loss,
                                    Net value, Net select) {
  return std::make_unique<Td>(Td::Settings{.values = ground.values,
                                           .gamma = gamma,
                                           .value = value,
                                           .select = select,
                                           .timeout_ends = ground.timeout_ends,
                                           .loss = loss,
                                           .steps = steps});
}

std::unique_ptr<Objective> of_returns(const Ground& ground, double gamma, ErrorLoss loss, Net net) {
  if (ground.lessons == nullptr) return of_steps(all_steps, ground, gamma, loss, net, net);
  return std::make_unique<ReturnError>(ground.values, gamma, EpisodeEnd::paper, Output::taken, loss,
                                       ground.timeout_ends);
}

bool measures(const Settings& settings, const char* name) {
  const std::vector<std::string> all = settings.texts("probe.measures");
  return std::ranges::find(all, name) != all.end();
}

/// Rows of an episode that are shown to the network at once.
constexpr std::int64_t block = 256;

std::unique_ptr<Objective> lambda_error(const Ground& ground, double gamma, const char* key, ErrorLoss loss,
                                        Net net) {
  return std::make_unique<LambdaError>(ground.values, gamma, ground.settings.number(key), net, loss,
                                       LambdaError::Ends{.timeout = ground.timeout_ends}, block);
}

}  // namespace

std::unique_ptr<Objective> evolving_objective(const Ground& ground, Net net) {
  const Settings& settings = ground.settings;
  const std::string algorithm = settings.text("learner.algorithm");
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorKind::config, "rho_prime and rho_bar_prime do not go with learner.algorithm = \"" +
                                       algorithm + "\": " + why + ". Leave them out of probe.measures");
  };
  if (ground.values.heads.size() != 1)
    refuse("its loss is of several choices side by side, not of one number");
  if (settings.is_said("learner.smoothing") && settings.number("learner.smoothing") > 0)
    throw Error(ErrorKind::config,
                "rho_prime and rho_bar_prime do not go with learner.smoothing = " +
                    exactly(settings.number("learner.smoothing")) +
                    ", whose targets bootstrap from two states: give 0, or leave them out of probe.measures");
  if (algorithm == "reg" && measures(settings, "rho_prime.momentum"))
    throw Error(
        ErrorKind::config,
        "rho_prime.momentum does not go with learner.algorithm = \"reg\", whose moving average is of the "
        "errors of all actions: give \"td-star\", a regression of the action taken, or leave it out");
  const double gamma = settings.number("learner.gamma");
  const ErrorLoss loss = ErrorLoss::half;
  if (algorithm == "reg") return error_of_known_value_taken(known_lessons(ground), ground.values, loss);
  if (algorithm == "td-star")
    return error_of_known_targets(known_lessons(ground), ground.values, gamma, loss);
  if (algorithm == "mc") return of_returns(ground, gamma, loss, net);
  if (algorithm == "td-lambda") return lambda_error(ground, gamma, "learner.lambda", loss, net);
  if (algorithm != "dqn" && algorithm != "polyak" && algorithm != "ql" && algorithm != "double-dqn")
    refuse("it has no error of one number whose gradient it steps along");
  const bool selects =
      algorithm == "double-dqn" && settings.word("learner.target", target_choices) == Choice::online;
  return of_steps(ahead(ground), ground, gamma, loss, net, selects ? Net::online : net);
}

double slope_of_half_square(LossKind learned) {
  return learned == LossKind::squared_error || learned == LossKind::smooth_l1 ? 0.5 : 1;
}

std::unique_ptr<Objective> measured_objective(LossMeasured which, const Ground& ground, Net net) {
  const Settings& settings = ground.settings;
  if (ground.values.atoms) refuse(which, "where the network gives distributions and has no such error");
  const LossKind kind = settings.word("learner.loss", losses);
  if (kind == LossKind::policy_gradient) refuse(which, "where the outputs are no values");
  const ErrorLoss loss = error_loss(kind);
  const double gamma = settings.number("learner.gamma");
  switch (which) {
    case LossMeasured::td_star:
      return error_of_known_targets(known(which, ground), ground.values, gamma, loss);
    case LossMeasured::reg:
      return error_of_known_values(known(which, ground), ground.values, loss);
    case LossMeasured::mc:
      return of_returns(ground, gamma, loss, net);
    case LossMeasured::lambda: {
      const std::string algorithm = settings.text("learner.algorithm");
      const bool mixes = algorithm == "td-lambda" || algorithm == "pqn";  // else a lambda counts for nothing
      const char* key = mixes ? "learner.lambda" : "probe.lambda";
      return lambda_error(ground, gamma, key, loss, net);
    }
    default:
      return of_steps(1, ground, gamma, loss, net, net);
  }
}

}  // namespace crosstalk::learn

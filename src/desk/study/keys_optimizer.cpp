#include "base/vocabulary.hpp"
#include "study/keys.hpp"

namespace crosstalk::study {
namespace {

Condition with_optimizers(std::vector<std::string> words) { return {"learner.optimizer", std::move(words)}; }

}  // namespace

std::vector<Key> optimizer_keys() {
  return {
      {.name = "learner.optimizer",
       .type = Type::text,
       .help = "The optimiser, as PyTorch defines it.",
       .fallback = "adam",
       .by_condition = {{"evaluate", "sgd"}},
       .allowed = words_of(optimizers)},
      {.name = "learner.rate",
       .type = Type::number,
       .help = "The learning rate. In policy evaluation the step follows half the gradient of d^2, so "
               "that with \"sgd\" the rate is the alpha of the books: theta - rate d grad v(s), d = v(s) - "
               "target.",
       .fallback = 1e-3,
       .by_condition = {{"control", 0.01},
                        {"control/double-dqn", 0.01},
                        {"double-dqn", 2.5e-4},
                        {"reinforce", 1e-4},
                        {"svhn/reinforce", 1e-5},
                        {"gym:/control", 5e-4},
                        {"gym:/double-dqn", 5e-4},
                        {"minatar:/control", 2.5e-4},
                        {"minatar:/double-dqn", 2.5e-4},
                        {"evaluate", 0.1},
                        {"baird/evaluate", 0.01},
                        {"sarsa", 1e-3},
                        {"expected-sarsa", 1e-3},
                        {"mc", 1e-3},
                        {"control/td-lambda", 1e-3},
                        {"control/reinforce", 1e-3}},
       .least = 0,
       .most = 1e6,
       .least_excluded = true},
      {.name = "learner.momentum",
       .type = Type::number,
       .help = "The momentum coefficient.",
       .fallback = 0.99,
       .counts = {with_optimizers({"momentum"})},
       .least = 0,
       .most = 1,
       .most_excluded = true},
      {.name = "learner.weight-decay",
       .type = Type::number,
       .help = "theta times this number is added to the gradient.",
       .fallback = 0.0,
       .least = 0,
       .most = 1e6},
      {.name = "learner.beta1",
       .type = Type::number,
       .help = "Adam's decay of the mean gradient.",
       .fallback = 0.9,
       .counts = {with_optimizers({"adam"})},
       .least = 0,
       .most = 1,
       .most_excluded = true},
      {.name = "learner.beta2",
       .type = Type::number,
       .help = "Adam's decay of the squared gradient.",
       .fallback = 0.999,
       .counts = {with_optimizers({"adam"})},
       .least = 0,
       .most = 1,
       .most_excluded = true},
      {.name = "learner.alpha",
       .type = Type::number,
       .help = "RMSProp's decay of the squared gradient.",
       .fallback = 0.99,
       .counts = {with_optimizers({"rmsprop"})},
       .least = 0,
       .most = 1,
       .most_excluded = true},
      {.name = "learner.epsilon",
       .type = Type::number,
       .help = "Added to the square root in Adam and RMSProp.",
       .fallback = 1e-8,
       .by_condition = {{"reinforce", 1e-2}, {"svhn/reinforce", 1e-8}},
       .counts = {with_optimizers({"adam", "rmsprop"})},
       .least = 0,
       .most = 1e6,
       .least_excluded = true},
  };
}

}  // namespace crosstalk::study

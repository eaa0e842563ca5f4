#include "measure/registry.hpp"

/// The generalisation gap: how much worse the network does on rows that it has not learned from,
///     gap = error on test - error on train,
///     error = 1 - accuracy, the squared error, - reward, - return, or the loss
/// (the paper's section 4: "the difference between training and test" performance). 0: it does as well on
/// both; the larger, the more it has memorised. Below 0 the test set is the easier one, or shares rows with
/// the training set. An agent that learns on some of its environment's levels alone has as train and test
/// what it earns on these and on all others. From stored trajectories the error is the loss of what is
/// learned, over the samples of training and of test episodes. Reads what accuracy, squared_error, reward,
/// return or loss gathered; costs nothing on top of it.
namespace crosstalk::measure {
namespace {

class Gap final : public Measure {
 public:
  std::string_view name() const override { return "gap"; }
  void declare(Needs& needs) const override {
    for (const char* number : {"reward", "return", "accuracy", "squared_error", "loss"}) needs.number(number);
  }
  void measure(const Evidence& evidence, Readings& readings) const override {
    const auto numbers = [&](const char* name) {
      return std::pair{evidence.number(name, "train"), evidence.number(name, "test")};
    };
    if (const auto [train, test] = numbers("reward"); train && test)
      readings.add(name(), "train-test", *train - *test);
    else if (const auto [train, test] = numbers("return"); train && test)
      readings.add(name(), "train-test", *train - *test);
    else if (const auto [train, test] = numbers("accuracy"); train && test)
      readings.add(name(), "train-test", (1 - *test) - (1 - *train));
    else if (const auto [train, test] = numbers("squared_error"); train && test)
      readings.add(name(), "train-test", *test - *train);
    else if (const auto [train, test] = numbers("loss"); train && test)
      readings.add(name(), "train-test", *test - *train);
  }
};

}  // namespace

std::unique_ptr<Measure> gap() { return std::make_unique<Gap>(); }

}  // namespace crosstalk::measure

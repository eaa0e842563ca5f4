#include "measure/registry.hpp"

/// The generalisation gap: how much worse the network does on rows that it has not learned from,
///     gap = error on test - error on train,   error = 1 - accuracy, the squared error, or - reward
/// (the paper's section 4: "the difference between training and test" performance). 0: it does as well on
/// both; the larger, the more it has memorised. Below 0 the test set is the easier one, or shares rows with
/// the training set. Reads what accuracy, squared_error or reward gathered; costs nothing on
/// top of it.
namespace crosstalk::measure {
namespace {

class Gap final : public Measure {
 public:
  std::string_view name() const override { return "gap"; }
  void declare(Needs& needs) const override { needs.errors(); }
  void measure(const Evidence& evidence, Rows& rows) const override {
    const Errors &train = evidence.errors(Split::train), &test = evidence.errors(Split::test);
    if (train.accuracy && test.accuracy) {
      rows.add(name(), "train-test", (1 - *test.accuracy) - (1 - *train.accuracy));
    } else if (train.squared_error && test.squared_error) {
      rows.add(name(), "train-test", *test.squared_error - *train.squared_error);
    } else if (train.score && test.score) {
      rows.add(name(), "train-test", train.score->reward - test.score->reward);
    }
  }
};

}  // namespace

std::unique_ptr<Measure> gap() { return std::make_unique<Gap>(); }

}  // namespace crosstalk::measure

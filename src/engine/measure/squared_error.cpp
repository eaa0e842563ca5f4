#include "measure/registry.hpp"

/// Mean over all rows and outputs of the squared error, in the units in which the network learns (California:
/// scaled to [0, 1]):
///     squared_error = mean_n mean_k (f_k(x_n) - y_nk)^2
/// and, as squared_error_normalised, with each output divided by its variance over all training rows of the
/// data set (SARCOS: over all rows of the file that is trained on), so that 1 is about what predicting the
/// mean earns. Outputs that do not vary are left out of it. With
/// learner.targets = "broadcast" (the published California script) the mean goes over all pairs (n, m) of
/// prediction n and target m, here as in the loss: mean_n (f_n - mean y)^2 + var y.
/// Beside each a line to beat, squared_error.constant and squared_error_normalised.constant: the same formula
/// for the predictor that answers every row with the mean of the training subset's targets, output by output.
/// Regression alone. Costs a forward pass over all rows, shared with loss and gap; the constant ones are
/// computed once a run.
namespace crosstalk::measure {
namespace {

class SquaredError final : public Measure {
 public:
  std::string_view name() const override { return "squared_error"; }
  void declare(Needs& needs) const override { needs.number("squared_error"); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    readings.add_numbers(name(), evidence);
    readings.add_numbers("squared_error_normalised", evidence);
  }
};

}  // namespace

std::unique_ptr<Measure> squared_error() { return std::make_unique<SquaredError>(); }

}  // namespace crosstalk::measure

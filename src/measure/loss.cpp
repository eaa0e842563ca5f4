#include "measure/registry.hpp"

/// Mean over all rows of one row's loss J:
///     cross-entropy    J = log sum_k exp f_k(x) - f_y(x)
///     squared error    J = mean_k (f_k(x) - y_k)^2
/// whatever the batch's reduction: a sum over the batch trains faster, but is no other loss of a row. 0 is
/// the best; log(classes) is what equal outputs earn. With broadcast targets it is squared_error's. Costs a
/// forward pass over all rows, shared with accuracy, squared_error and gap.
namespace crosstalk::measure {
namespace {

class MeanLoss final : public Measure {
 public:
  std::string_view name() const override { return "loss"; }
  void declare(Needs& needs) const override { needs.errors(); }
  void measure(const Evidence& evidence, Rows& rows) const override {
    rows.add(name(), "train", evidence.errors(Split::train).loss);
    rows.add(name(), "test", evidence.errors(Split::test).loss);
  }
};

}  // namespace

std::unique_ptr<Measure> loss() { return std::make_unique<MeanLoss>(); }

}  // namespace crosstalk::measure

#include <ATen/ATen.h>

#include "measure/registry.hpp"

/// The TD error at the sampled steps, its target held, whatever the run learns by:
///     d = f(s, a) - (r + gamma f'(s', a'))   (the paper's section 5)
/// f' is the target network where there is one, a' the action that is best by f' (also where Double DQN takes
/// the learner's own). d has the sign of the gradient: the books' delta is -d. It is of one step, also of
/// runs that learn by n steps, by returns or by the action taken next, so that runs can be compared (what
/// they make small themselves is the measure loss). Over steps and choices: the mean as td_error, the mean
/// square as td_error.square, and its quantiles and shares of each sign. 0 on average where the values agree
/// with themselves; the mean square stays above 0 where rewards or moves are random. Costs a forward pass
/// over the sampled steps and one over what follows.
namespace crosstalk::measure {
namespace {

class TdError final : public Measure {
 public:
  std::string_view name() const override { return "td_error"; }
  void declare(Needs& needs) const override { needs.losses("td"); }
  void measure(const Evidence& evidence, Readings& readings) const override {
    for (const Viewed& viewed : evidence.stack) {
      const auto losses = viewed.losses.find("td");
      if (losses == viewed.losses.end() || !losses->second.errors.defined()) continue;
      const at::Tensor errors = losses->second.errors.to(at::kCPU, at::kDouble).contiguous();
      Summary each(errors.numel());
      double squares = 0;
      const auto* error = errors.const_data_ptr<double>();
      for (std::int64_t i = 0; i < errors.numel(); ++i) {
        each.add(error[i]);
        squares += error[i] * error[i];
      }
      readings.add(name(), viewed.set.name, each);
      if (each.count() > 0)
        readings.add("td_error.square", viewed.set.name, squares / static_cast<double>(each.count()));
    }
  }
};

}  // namespace

std::unique_ptr<Measure> td_error() { return std::make_unique<TdError>(); }

}  // namespace crosstalk::measure

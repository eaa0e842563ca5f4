#include "measure/kernels.hpp"

#include <ATen/ATen.h>

#include <limits>

#include "base/error.hpp"
#include "base/text.hpp"

namespace crosstalk::measure {

Kernels::Kernels(Subject& subject, std::int64_t budget_bytes)
    : subject_(subject), grams_(subject.networks().network(), budget_bytes) {}

Kernel Kernels::of(const data::Rows& rows) {
  const nn::Parameters& theta = subject_.networks().of(learn::Net::online);
  const auto atoms = subject_.readout().atoms;
  const std::int64_t n = rows.size(),
                     p = subject_.networks().network().outputs() / (atoms ? atoms->count : 1);
  refuse_beyond(n, p);
  rows.table->draw(rows.ids, data::At::before, inputs_);
  const at::Tensor& outputs = grams_.outputs(theta, inputs_.repeat_interleave(p, 0), /*matrices=*/1);
  const at::Tensor values = learn::values_of(outputs, atoms);
  const at::Tensor largest = values.reshape({n, p, p}).select(1, 0).argmax(1).cpu().contiguous();
  const auto* first = largest.const_data_ptr<std::int64_t>();
  const at::Tensor each = at::eye(p, values.options()).repeat({n, 1});  // row u p + k: output k alone
  const Gram gram = grams_.gram(learn::at_outputs(each, outputs, atoms));
  Kernel kernel{.samples = n,
                .outputs = p,
                .dots = at::empty({n * p, n * p}, at::kDouble),
                .largest = {first, first + n},
                .rounding = theta.theta().scalar_type() == at::kFloat
                                ? std::numeric_limits<float>::epsilon()
                                : std::numeric_limits<double>::epsilon()};
  auto* to = kernel.dots.mutable_data_ptr<double>();
  for (std::int64_t u = 0; u < n * p; ++u)
    for (std::int64_t v = 0; v < n * p; ++v) *to++ = gram.dot(u, v);
  return kernel;
}

void Kernels::refuse_beyond(std::int64_t samples, std::int64_t outputs) const {
  if (samples * outputs <= most) return;
  throw Error(ErrorKind::config,
              "probe.measures holds \"ntk\", whose kernel of " + with_commas(samples) + " samples times " +
                  with_commas(outputs) + " outputs has " + with_commas(samples * outputs) +
                  " rows where at most " + with_commas(most) +
                  " are allowed, since the time for its eigenvalues grows as the cube: take at most " +
                  with_commas(most / outputs) + " probe.samples, or leave it out");
}

}  // namespace crosstalk::measure

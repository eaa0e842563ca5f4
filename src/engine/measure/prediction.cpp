#include "measure/prediction.hpp"

#include <ATen/ATen.h>

#include <string>

#include "base/error.hpp"

namespace crosstalk::measure {

Prediction prediction(std::string_view name) {
  if (name == "max") return Prediction::max;
  if (name == "mean") return Prediction::mean;
  if (name == "confidence") return Prediction::confidence;
  if (name == "taken") return Prediction::taken;
  throw Error(ErrorKind::config,
              "probe.function \"" + std::string(name) +
                  "\" is no function: it is \"max\", \"mean\", \"confidence\" or \"taken\"");
}

at::Tensor cotangent(Prediction prediction, const at::Tensor& output, const at::Tensor& actions) {
  if (prediction == Prediction::taken) return actions.to(output.options());
  const std::int64_t outputs = output.size(1);
  if (prediction == Prediction::mean) return at::full_like(output, 1.0 / static_cast<double>(outputs));
  const at::Tensor chosen = output.argmax(1, true);
  const at::Tensor one = at::zeros_like(output).scatter_(1, chosen, 1.0);
  if (prediction == Prediction::max) return one;
  const at::Tensor probabilities = at::softmax(output, 1);
  return probabilities.gather(1, chosen) * (one - probabilities);  // dp_k / dz_j = p_k (delta_kj - p_j)
}

}  // namespace crosstalk::measure

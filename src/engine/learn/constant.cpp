#include "learn/constant.hpp"

#include <ATen/ATen.h>

namespace crosstalk::learn {
namespace {

constexpr std::int64_t at_once =
    512;  // rows: the predictions for all would be as large as the outputs for all

/// 1 at the most frequent class, of equally frequent ones the first.
std::vector<double> favourite(const at::Tensor& classes, std::int64_t outputs) {
  std::vector<std::int64_t> frequency(static_cast<std::size_t>(outputs), 0);
  const std::int64_t* label = classes.const_data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < classes.numel(); ++i) ++frequency[static_cast<std::size_t>(label[i])];
  std::vector<double> output(frequency.size(), 0);
  output[static_cast<std::size_t>(std::max_element(frequency.begin(), frequency.end()) - frequency.begin())] =
      1;
  return output;
}

std::vector<double> mean_of_rows(const at::Tensor& numbers) {
  std::vector<double> output(static_cast<std::size_t>(numbers.size(1)), 0);
  const double* number = numbers.const_data_ptr<double>();
  for (std::int64_t i = 0; i < numbers.size(0); ++i)
    for (double& sum : output) sum += *number++;
  for (double& sum : output) sum /= static_cast<double>(numbers.size(0));
  return output;
}

}  // namespace

Constant constant_errors(const Loss& loss, const at::Tensor& training, const at::Tensor& targets,
                                  std::int64_t outputs) {
  const bool classes = training.scalar_type() == at::kLong;
  const auto exact = [&](const at::Tensor& of) {
    return of.to(at::kCPU, classes ? at::kLong : at::kDouble).contiguous();
  };
  const at::Tensor output =
      at::tensor(classes ? favourite(exact(training), outputs) : mean_of_rows(exact(training)), at::kDouble)
          .view({1, outputs});
  const at::Tensor answers = exact(targets);
  Tally tally;
  for (std::int64_t first = 0; first < answers.size(0); first += at_once) {
    const std::int64_t count = std::min(at_once, answers.size(0) - first);
    loss.add(output.expand({count, outputs}), answers.narrow(0, first, count), tally);
  }
  const Errors errors = loss.errors(tally);
  return {errors.accuracy, errors.squared_error, errors.squared_error_normalised};
}

}  // namespace crosstalk::learn

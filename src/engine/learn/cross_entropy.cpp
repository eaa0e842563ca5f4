#include <ATen/ATen.h>

#include "learn/loss.hpp"
#include "tensor/slot.hpp"

namespace crosstalk::learn {
namespace {

/// J = log sum_k exp f_k - f_y and, where `cotangent` is given, dJ / df_k = weight (softmax_k - [k = y]). One
/// row of p.
template <typename T>
T row_loss(const T* output, std::int64_t p, std::int64_t label, T weight, T* cotangent) {
  const T top = *std::max_element(output, output + p);
  T sum = 0;
  for (std::int64_t k = 0; k < p; ++k) {
    const T power = std::exp(output[k] - top);
    if (cotangent != nullptr) cotangent[k] = power;
    sum += power;
  }
  if (cotangent != nullptr) {
    const T factor = weight / sum;
    for (std::int64_t k = 0; k < p; ++k) cotangent[k] *= factor;
    cotangent[label] -= weight;
  }
  return std::log(sum) - (output[label] - top);
}

class CrossEntropy final : public Loss {
 public:
  CrossEntropy(Reduction reduction, nn::Path path) : reduction_(reduction), path_(path) {}

  double of_batch(const at::Tensor& output, const at::Tensor& target, at::Tensor& cotangent) const override {
    return over_rows(output, target, reduction_, cotangent);
  }

  at::Tensor sample_cotangents(const at::Tensor& output, const at::Tensor& target) const override {
    at::Tensor cotangent;
    over_rows(output, target, Reduction::sum, cotangent);
    return cotangent;
  }

  /// (diag q - q q') along, q the softmax.
  at::Tensor curve(const at::Tensor& output, const at::Tensor& along) const override {
    const at::Tensor q = at::softmax(output, 1).unsqueeze(1);
    return q * (along - (q * along).sum(2, /*keepdim=*/true));
  }

  at::Tensor sample_losses(const at::Tensor& output, const at::Tensor& target) const override {
    return -at::log_softmax(output, 1).gather(1, target.unsqueeze(1)).squeeze(1);
  }

  void add(const at::Tensor& device_output, const at::Tensor& device_target, Tally& tally) const override {
    const at::Tensor output = device_output.cpu().contiguous(), target = device_target.cpu();
    const std::int64_t n = output.size(0), p = output.size(1);
    const std::int64_t* labels = target.const_data_ptr<std::int64_t>();
    tensor::with_type(output, [&]<typename T>(T) {
      const T* row = output.const_data_ptr<T>();
      for (std::int64_t i = 0; i < n; ++i, row += p) {
        tally.loss += row_loss<T>(row, p, labels[i], T(1), nullptr);
        tally.correct += std::max_element(row, row + p) - row == labels[i];
      }
    });
    tally.rows += n;
  }

  Errors errors(const Tally& tally) const override {
    const auto rows = static_cast<double>(tally.rows);
    return {.loss = tally.loss / rows, .accuracy = static_cast<double>(tally.correct) / rows};
  }

 private:
  double over_rows(const at::Tensor& output, const at::Tensor& target, Reduction reduction,
                   at::Tensor& cotangent) const {
    const std::int64_t n = output.size(0), p = output.size(1);
    const double weight = reduction == Reduction::mean ? 1.0 / static_cast<double>(n) : 1.0;
    if (!nn::is_direct(path_, output)) {
      const at::Tensor logarithms = at::log_softmax(output, 1), index = target.unsqueeze(1);
      cotangent =
          logarithms.exp().scatter_add_(1, index, at::full_like(index, -1, output.options())).mul_(weight);
      return -logarithms.gather(1, index).sum().item<double>() * weight;
    }
    tensor::fit(cotangent, output.sizes(), output);
    double sum = 0;
    const std::int64_t* labels = target.const_data_ptr<std::int64_t>();
    tensor::with_type(output, [&]<typename T>(T) {
      const T* row = output.const_data_ptr<T>();
      T* gradient = cotangent.mutable_data_ptr<T>();
      for (std::int64_t i = 0; i < n; ++i, row += p, gradient += p) {
        sum += row_loss<T>(row, p, labels[i], static_cast<T>(weight), gradient);
      }
    });
    return sum * weight;
  }

  Reduction reduction_;
  nn::Path path_;
};

}  // namespace

std::unique_ptr<Loss> cross_entropy(Reduction reduction, nn::Path path) {
  return std::make_unique<CrossEntropy>(reduction, path);
}

}  // namespace crosstalk::learn

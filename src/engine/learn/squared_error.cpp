#include <ATen/ATen.h>

#include <numeric>
#include <string>

#include "base/error.hpp"
#include "learn/loss.hpp"
#include "tensor/slot.hpp"

namespace crosstalk::learn {
namespace {

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double mean_square_from(const std::vector<double>& values, double center) {
  double sum = 0;
  for (const double value : values) sum += (value - center) * (value - center);
  return sum / static_cast<double>(values.size());
}

class SquaredError final : public Loss {
 public:
  SquaredError(Reduction reduction, Targets targets, std::vector<double> variance, nn::Path path)
      : reduction_(reduction), targets_(targets), variance_(std::move(variance)), path_(path) {
    if (targets_ == Targets::broadcast && variance_.size() != 1) {
      throw Error(ErrorKind::config, "learner.targets is \"broadcast\" where there are " +
                                         std::to_string(variance_.size()) +
                                         " outputs: it needs one (give \"separate\")");
    }
  }

  double of_batch(const at::Tensor& output, const at::Tensor& target, at::Tensor& cotangent) const override {
    const double weight = reduction_ == Reduction::mean ? 1.0 / static_cast<double>(output.size(0)) : 1.0;
    return targets_ == Targets::separate ? separate(output, target, weight, cotangent)
                                         : broadcast(output, target, weight, cotangent);
  }

  at::Tensor sample_cotangents(const at::Tensor& output, const at::Tensor& target) const override {
    at::Tensor cotangent;
    separate(output, target, 1.0, cotangent);
    return cotangent;
  }

  at::Tensor curve(const at::Tensor& output, const at::Tensor& along) const override {
    return along * (2.0 / static_cast<double>(output.size(1)));
  }
  bool is_square() const override { return true; }

  at::Tensor sample_losses(const at::Tensor& output, const at::Tensor& target) const override {
    return (output - target).square().mean(1);
  }

  void add(const at::Tensor& device_output, const at::Tensor& device_target, Tally& tally) const override {
    const at::Tensor output = device_output.cpu().contiguous(), target = device_target.cpu().contiguous();
    const std::int64_t n = output.size(0), p = output.size(1);
    tally.squared.resize(static_cast<std::size_t>(p));
    tensor::with_type(output, [&]<typename T>(T) {
      const T *f = output.const_data_ptr<T>(), *y = target.const_data_ptr<T>();
      if (targets_ == Targets::broadcast) {
        tally.predictions.insert(tally.predictions.end(), f, f + n);
        tally.answers.insert(tally.answers.end(), y, y + n);
      }
      for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t k = 0; k < p; ++k) {
          const double error = static_cast<double>(*f++) - static_cast<double>(*y++);
          tally.squared[k] += error * error;
        }
      }
    });
    tally.rows += n;
  }

  Errors errors(const Tally& tally) const override {
    std::vector<double> of_output;
    if (targets_ == Targets::broadcast) {
      // The mean over all n x m pairs, without them: mean_n (f_n - mean y)^2 + var y.
      const double center = mean_of(tally.answers);
      of_output = {mean_square_from(tally.predictions, center) + mean_square_from(tally.answers, center)};
    } else {
      for (const double sum : tally.squared) of_output.push_back(sum / static_cast<double>(tally.rows));
    }
    const double error = mean_of(of_output);
    Errors errors{.loss = error, .squared_error = error};
    std::vector<double> normalised;
    for (std::size_t k = 0; k < of_output.size(); ++k) {
      if (variance_[k] > 0) normalised.push_back(of_output[k] / variance_[k]);
    }
    if (!normalised.empty()) errors.squared_error_normalised = mean_of(normalised);
    return errors;
  }

 private:
  /// weight * sum_n mean_k (f_nk - y_nk)^2
  double separate(const at::Tensor& output, const at::Tensor& target, double weight,
                  at::Tensor& cotangent) const {
    const double scale = weight / static_cast<double>(output.size(1));
    if (!nn::is_direct(path_, output)) {
      const at::Tensor error = output - target;
      cotangent = error * (2 * scale);
      return error.square().sum().item<double>() * scale;
    }
    tensor::fit(cotangent, output.sizes(), output);
    double sum = 0;
    tensor::with_type(output, [&]<typename T>(T) {
      const T *f = output.const_data_ptr<T>(), *y = target.const_data_ptr<T>();
      T* gradient = cotangent.mutable_data_ptr<T>();
      const T twice = static_cast<T>(2 * scale);
      for (std::int64_t i = 0; i < output.numel(); ++i) {
        const T error = f[i] - y[i];
        gradient[i] = twice * error;
        sum += static_cast<double>(error) * static_cast<double>(error);
      }
    });
    return sum * scale;
  }

  /// weight * sum_n mean_m (f_n - y_m)^2 = weight * sum_n ((f_n - mean y)^2 + var y)
  double broadcast(const at::Tensor& output, const at::Tensor& target, double weight,
                   at::Tensor& cotangent) const {
    if (!nn::is_direct(path_, output)) {
      const at::Tensor error = output - target.mean(), variance = target.var(0, /*unbiased=*/false);
      cotangent = error * (2 * weight);
      return ((error.square() + variance).sum() * weight).item<double>();
    }
    tensor::fit(cotangent, output.sizes(), output);
    const std::int64_t n = output.size(0);
    double sum = 0;
    tensor::with_type(output, [&]<typename T>(T) {
      const T *f = output.const_data_ptr<T>(), *y = target.const_data_ptr<T>();
      T* gradient = cotangent.mutable_data_ptr<T>();
      double center = 0, variance = 0;
      for (std::int64_t i = 0; i < n; ++i) center += y[i];
      center /= static_cast<double>(n);
      for (std::int64_t i = 0; i < n; ++i) variance += (y[i] - center) * (y[i] - center);
      variance /= static_cast<double>(n);
      for (std::int64_t i = 0; i < n; ++i) {
        const double error = f[i] - center;
        gradient[i] = static_cast<T>(2 * weight * error);
        sum += error * error + variance;
      }
    });
    return sum * weight;
  }

  Reduction reduction_;
  Targets targets_;
  std::vector<double> variance_;
  nn::Path path_;
};

}  // namespace

std::unique_ptr<Loss> squared_error(Reduction reduction, Targets targets, std::vector<double> variance,
                                    nn::Path path) {
  return std::make_unique<SquaredError>(reduction, targets, std::move(variance), path);
}

}  // namespace crosstalk::learn

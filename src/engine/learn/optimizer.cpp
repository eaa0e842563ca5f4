#include "learn/optimizer.hpp"

#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <array>
#include <cmath>
#include <utility>

#include "base/error.hpp"
#include "tensor/step_kernels.hpp"

namespace crosstalk::learn {
namespace {

/// What the four share: the settings, the path, the count of steps and the named flat vectors.
class Stateful : public Optimizer {
 public:
  Stateful(const OptimizerSettings& settings, const at::Tensor& theta, nn::Path path,
           std::vector<std::string> names)
      : settings_(settings), path_(path), names_(std::move(names)), steps_(at::zeros({1}, at::kLong)) {
    for (std::size_t i = 0; i < names_.size(); ++i) vectors_.push_back(at::zeros_like(theta));
    count_ = steps_.mutable_data_ptr<std::int64_t>();
  }

  void step(const at::Tensor& theta, const at::Tensor& given) final {
    ++*count_;
    const at::Tensor gradient = clipped(given);
    if (!nn::is_direct(path_, theta)) {
      // In ATen, as torch.optim has it; the weight decay allocates, which a GPU's allocator makes cheap.
      step_aten(theta, settings_.weight_decay == 0 ? gradient : gradient.add(theta, settings_.weight_decay));
    } else if (theta.scalar_type() == at::kFloat) {
      step_float(theta.mutable_data_ptr<float>(), gradient.const_data_ptr<float>(), theta.numel());
    } else {
      step_double(theta.mutable_data_ptr<double>(), gradient.const_data_ptr<double>(), theta.numel());
    }
  }

  State save() const final {
    State state = {{"steps", steps_}};
    for (std::size_t i = 0; i < names_.size(); ++i) state.emplace(names_[i], vectors_[i]);
    return state;
  }

  void load(const State& state) final {
    copy(state, "steps", steps_);
    for (std::size_t i = 0; i < names_.size(); ++i) copy(state, names_[i], vectors_[i]);
  }

 protected:
  virtual void step_float(float* theta, const float* gradient, std::int64_t size) = 0;
  virtual void step_double(double* theta, const double* gradient, std::int64_t size) = 0;
  virtual void step_aten(at::Tensor theta, const at::Tensor& gradient) = 0;

  template <typename T>
  T* vector(std::size_t i) const {
    return vectors_[i].mutable_data_ptr<T>();
  }

  OptimizerSettings settings_;
  std::vector<at::Tensor> vectors_;
  std::int64_t steps() const { return *count_; }

 private:
  at::Tensor clipped(const at::Tensor& gradient) const {
    if (settings_.clip == 0) return gradient;
    const double norm = at::linalg_vector_norm(gradient).item<double>();
    return norm + 1e-6 <= settings_.clip ? gradient : gradient.mul(settings_.clip / (norm + 1e-6));
  }

  static void copy(const State& state, const std::string& name, at::Tensor& into) {
    const auto found = state.find(name);
    if (found == state.end()) {
      throw Error(ErrorKind::data,
                  "the checkpoint holds no \"" + name + "\" of the optimiser: it is another optimiser's");
    }
    if (found->second.sizes() != into.sizes() || found->second.scalar_type() != into.scalar_type()) {
      throw Error(ErrorKind::data, "the optimiser's \"" + name + "\" in the checkpoint has " +
                                       std::to_string(found->second.numel()) + " numbers where " +
                                       std::to_string(into.numel()) +
                                       " are expected, or another precision: it is another network's");
    }
    into.copy_(found->second);
  }

  nn::Path path_;
  std::vector<std::string> names_;
  at::Tensor steps_;
  std::int64_t* count_;
};

/// Both precisions of a step from one template: Derived has `template <typename T> void run(T*, const T*,
/// int64)`.
template <typename Derived>
class Fused : public Stateful {
  using Stateful::Stateful;
  void step_float(float* theta, const float* gradient, std::int64_t size) final {
    static_cast<Derived*>(this)->run(theta, gradient, size);
  }
  void step_double(double* theta, const double* gradient, std::int64_t size) final {
    static_cast<Derived*>(this)->run(theta, gradient, size);
  }
};

class Sgd final : public Fused<Sgd> {
 public:
  Sgd(const OptimizerSettings& settings, const at::Tensor& theta, nn::Path path)
      : Fused(settings, theta, path, {}) {}

  template <typename T>
  void run(T* theta, const T* gradient, std::int64_t size) {
    tensor::sgd_step(theta, gradient, size, static_cast<T>(settings_.rate),
                     static_cast<T>(settings_.weight_decay));
  }

 private:
  void step_aten(at::Tensor theta, const at::Tensor& gradient) override {
    theta.add_(gradient, -settings_.rate);
  }
};

class Momentum final : public Fused<Momentum> {
 public:
  Momentum(const OptimizerSettings& settings, const at::Tensor& theta, nn::Path path)
      : Fused(settings, theta, path, {"velocity"}) {}

  /// The velocity is v = gradient + beta v.
  Average average() const override {
    return {settings_.momentum, at::mul(vectors_[0], 1 - settings_.momentum)};
  }

  template <typename T>
  void run(T* theta, const T* gradient, std::int64_t size) {
    tensor::momentum_step(theta, gradient, vector<T>(0), size, static_cast<T>(settings_.rate),
                          static_cast<T>(settings_.momentum), static_cast<T>(settings_.weight_decay));
  }

 private:
  void step_aten(at::Tensor theta, const at::Tensor& gradient) override {
    vectors_[0].mul_(settings_.momentum).add_(gradient);
    theta.add_(vectors_[0], -settings_.rate);
  }
};

class RmsProp final : public Fused<RmsProp> {
 public:
  RmsProp(const OptimizerSettings& settings, const at::Tensor& theta, nn::Path path)
      : Fused(settings, theta, path, {"square"}) {}

  template <typename T>
  void run(T* theta, const T* gradient, std::int64_t size) {
    tensor::rmsprop_step(theta, gradient, vector<T>(0), size, settings_.rate, settings_.alpha,
                         settings_.epsilon, settings_.weight_decay);
  }

 private:
  void step_aten(at::Tensor theta, const at::Tensor& gradient) override {
    vectors_[0].mul_(settings_.alpha).addcmul_(gradient, gradient, 1.0 - settings_.alpha);
    theta.addcdiv_(gradient, vectors_[0].sqrt().add_(settings_.epsilon), -settings_.rate);
  }
};

class Adam final : public Fused<Adam> {
 public:
  Adam(const OptimizerSettings& settings, const at::Tensor& theta, nn::Path path)
      : Fused(settings, theta, path, {"mean", "square"}) {}

  template <typename T>
  void run(T* theta, const T* gradient, std::int64_t size) {
    tensor::adam_step(theta, gradient, vector<T>(0), vector<T>(1), size,
                      {settings_.rate, settings_.beta1, settings_.beta2, settings_.epsilon,
                       settings_.weight_decay, steps()});
  }

 private:
  void step_aten(at::Tensor theta, const at::Tensor& gradient) override {
    const double count = static_cast<double>(steps());
    const double correction1 = 1.0 - std::pow(settings_.beta1, count);
    const double correction2 = std::sqrt(1.0 - std::pow(settings_.beta2, count));
    vectors_[0].lerp_(gradient, 1.0 - settings_.beta1);
    vectors_[1].mul_(settings_.beta2).addcmul_(gradient, gradient, 1.0 - settings_.beta2);
    const at::Tensor divisor = vectors_[1].sqrt().div_(correction2).add_(settings_.epsilon);
    theta.addcdiv_(vectors_[0], divisor, -settings_.rate / correction1);
  }
};

}  // namespace

OptimizerSettings optimizer_settings(const Settings& settings) {
  return {.kind = settings.word("learner.optimizer", optimizers),
          .rate = settings.number("learner.rate"),
          .momentum = settings.number("learner.momentum"),
          .weight_decay = settings.number("learner.weight-decay"),
          .beta1 = settings.number("learner.beta1"),
          .beta2 = settings.number("learner.beta2"),
          .alpha = settings.number("learner.alpha"),
          .epsilon = settings.number("learner.epsilon"),
          .clip = settings.number("learner.clip")};
}

std::unique_ptr<Optimizer> make_optimizer(const OptimizerSettings& settings, const at::Tensor& theta,
                                          nn::Path path) {
  switch (settings.kind) {
    case OptimizerKind::sgd:
      return std::make_unique<Sgd>(settings, theta, path);
    case OptimizerKind::momentum:
      return std::make_unique<Momentum>(settings, theta, path);
    case OptimizerKind::rmsprop:
      return std::make_unique<RmsProp>(settings, theta, path);
    case OptimizerKind::adam:
      return std::make_unique<Adam>(settings, theta, path);
  }
  throw Error(ErrorKind::config, "the optimiser's kind is none of the four that there are");
}

}  // namespace crosstalk::learn

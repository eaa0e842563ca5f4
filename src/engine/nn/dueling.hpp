#pragma once

#include <array>
#include <memory>
#include <utility>

#include "nn/layer.hpp"

namespace crosstalk::nn {

/// Two streams side by side, one on the way to the value of a state and one to the advantages of its actions
/// (Wang et al. 2016, "Dueling network architectures"). Each is a linear layer, noisy or not, and leaves its
/// own traces; its segments are "PREFIX.value.weight", "PREFIX.advantage.weight", ... The first such layer of
/// a network takes (d), which both streams read; the next ones (2, d), of which the value's stream reads the
/// first row and the advantages' stream the second.
class Streams : public Layer {
 public:
  void place(const std::string& prefix, tensor::Layout& layout) override;
  std::vector<Use> uses() const override;
  std::vector<std::int64_t> noise() const override;
  void begin(Beginning& beginning) const override;
  std::size_t parameter_count() const override;
  std::int64_t multiply_adds() const override;
  void forward(const Views& parameters, const at::Tensor& input, at::Tensor& output,
               Path path) const override;
  void backward(const Views& parameters, const at::Tensor& input, const at::Tensor& output,
                const at::Tensor& output_gradient, at::Tensor& input_gradient, Path path) const override;
  void traces(const Views& parameters, const at::Tensor& input, const at::Tensor& output_gradient,
              const Leave& leave) const override;
  bool has_jets() const override { return value_->has_jets() && advantage_->has_jets(); }
  at::Tensor tangent(const Moving& moving) const override;
  at::Tensor bend(const Moving& moving) const override;
  at::Tensor tangent_back(const Moving& moving, const at::Tensor& output_gradient,
                          const at::Tensor& gradient_tangent) const override;
  void tangent_traces(const Moving& moving, const at::Tensor& gradient_tangent,
                      const Leave& leave) const override;

 protected:
  /// `input` (d) or (2, d); both layers take (d).
  Streams(const Shape& input, std::unique_ptr<Layer> value, std::unique_ptr<Layer> advantage);
  const Layer& value() const { return *value_; }
  const Layer& advantage() const { return *advantage_; }

 private:
  /// The output, a slot, of what the streams gave; and the gradients at what they gave.
  virtual void join(const at::Tensor& value, const at::Tensor& advantage, at::Tensor& output) const = 0;
  virtual std::pair<at::Tensor, at::Tensor> part(const at::Tensor& output_gradient) const = 0;

  at::Tensor input_of(std::int64_t stream, const at::Tensor& input) const;
  std::pair<Views, Views> parted(const Views& parameters) const;
  template <class Visit>
  void each_stream(const Moving& moving, Visit visit) const;
  at::Tensor joined(const std::array<at::Tensor, 2>& streams) const;
  std::array<at::Tensor, 2> parts_of(const at::Tensor& gradient_tangent) const;

  bool has_own_inputs_;  // (2, d)
  std::unique_ptr<Layer> value_, advantage_;
};

/// (2, p): a hidden layer of p units for each stream.
class DuelingHidden final : public Streams {
 public:
  DuelingHidden(const Shape& input, std::unique_ptr<Layer> value, std::unique_ptr<Layer> advantage)
      : Streams(input, std::move(value), std::move(advantage)) {}
  std::string description() const override;
  Shape output_shape() const override { return {2, value().output_shape().front()}; }

 private:
  void join(const at::Tensor& value, const at::Tensor& advantage, at::Tensor& output) const override;
  std::pair<at::Tensor, at::Tensor> part(const at::Tensor& output_gradient) const override;
};

/// (A Z): of each of A choices Z numbers (atoms; otherwise 1),
///     q[a, z] = v[z] + w[a, z] - mean_b w[b, z]
/// of the value v (Z) and the advantages w (A Z). So v is the mean of q over the choices.
class DuelingOut final : public Streams {
 public:
  DuelingOut(const Shape& input, std::unique_ptr<Layer> value, std::unique_ptr<Layer> advantage)
      : Streams(input, std::move(value), std::move(advantage)) {}
  std::string description() const override;
  Shape output_shape() const override { return advantage().output_shape(); }

 private:
  void join(const at::Tensor& value, const at::Tensor& advantage, at::Tensor& output) const override;
  std::pair<at::Tensor, at::Tensor> part(const at::Tensor& output_gradient) const override;
};

}  // namespace crosstalk::nn

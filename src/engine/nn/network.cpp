#include "nn/network.hpp"

#include <string>

#include "base/error.hpp"
#include "nn/tangents.hpp"
#include "tensor/aligned.hpp"

namespace crosstalk::nn {
namespace {

std::string spelled(at::IntArrayRef sizes, const std::string& first = "") {
  std::string text = "(" + first;
  for (const std::int64_t extent : sizes) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + ")";
}

/// What of a flat vector belongs to each layer: the next count_of(layer) of its segments.
template <class CountOf>
std::vector<std::vector<at::Tensor>> views_of(const Network& network, const tensor::Layout& layout,
                                              const at::Tensor& flat, CountOf count_of) {
  std::vector<std::vector<at::Tensor>> all;
  std::size_t segment = 0;
  for (const auto& layer : network.layers()) {
    std::vector<at::Tensor>& views = all.emplace_back();
    for (std::size_t i = count_of(*layer); i > 0; --i) views.push_back(layout.view(flat, segment++));
  }
  return all;
}

bool is_batch_of(const at::Tensor& x, const Shape& shape) {
  return x.dim() == static_cast<std::int64_t>(shape.size()) + 1 &&
         x.sizes().slice(1) == at::IntArrayRef(shape);
}

/// Lets go of what sees the memory of a slot before it, so that this memory may serve new values.
void release_shared(std::vector<at::Tensor>& slots, std::size_t owner, std::size_t sharer) {
  if (slots[owner].defined() && slots[sharer].defined() && slots[sharer].is_alias_of(slots[owner]))
    slots[sharer].reset();
}

}  // namespace

Parameters::Parameters(const Network& network, at::Tensor theta, at::Tensor noise)
    : theta_(std::move(theta)) {
  const tensor::Layout& layout = network.layout();
  if (theta_.dim() != 1 || theta_.size(0) != layout.size() || !theta_.is_contiguous()) {
    throw Error(ErrorKind::config, "theta has shape " + spelled(theta_.sizes()) + " where the network has " +
                                       std::to_string(layout.size()) +
                                       " parameters: give one contiguous vector of that size");
  }
  if (theta_.scalar_type() != at::kFloat && theta_.scalar_type() != at::kDouble) {
    throw Error(ErrorKind::config, std::string("theta is of type ") + c10::toString(theta_.scalar_type()) +
                                       ": networks run in single or double precision (float, double)");
  }
  if (noise.defined() && (noise.dim() != 1 || noise.size(0) != network.noise().size() ||
                          noise.scalar_type() != theta_.scalar_type()))
    throw Error(ErrorKind::config, "the noise has shape " + spelled(noise.sizes()) +
                                       " where the network's layers have " +
                                       std::to_string(network.noise().size()) +
                                       " numbers of it, or it is of another type than theta");
  views_ = views_of(network, layout, theta_, [](const Layer& layer) { return layer.parameter_count(); });
  noises_ = views_of(network, network.noise(), noise,
                     [&](const Layer& layer) { return noise.defined() ? layer.noise().size() : 0; });
}

Network::Network(Shape input, std::vector<std::unique_ptr<Layer>> layers, Path path)
    : input_(std::move(input)), layers_(std::move(layers)), path_(path) {
  first_ = layers_.size();
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    layers_[i]->place(std::to_string(i), layout_);
    for (const std::int64_t size : layers_[i]->noise()) noise_.add(std::to_string(i), {size});
    if (layers_[i]->parameter_count() == 0) continue;
    first_ = std::min(first_, i);
    last_ = i;
  }
  if (layout_.size() == 0) {
    throw Error(ErrorKind::config, "the network has no layer with parameters: end it with \"linear out\"");
  }
  std::vector<bool> used(layout_.segments().size(), false);
  for (const auto& layer : layers_)
    for (const Use& use : layer->uses())
      each_segment(use, [&](std::size_t segment) {
        shares_parameters_ |= used.at(segment);
        used[segment] = true;
      });
}

Shape Network::output_shape() const { return layers_.back()->output_shape(); }

std::int64_t Network::outputs() const {
  std::int64_t count = 1;
  for (const std::int64_t extent : output_shape()) count *= extent;
  return count;
}

std::vector<std::string> Network::descriptions() const {
  std::vector<std::string> lines;
  for (const auto& layer : layers_) lines.push_back(layer->description());
  return lines;
}

// The input is the caller's, and an activation's output is what its own backward reads: neither is
// overwritten.
bool Network::forward_in_place(std::size_t i) const {
  return layers_[i]->works_in_place() && i > 0 && layers_[i - 1]->parameter_count() > 0;
}

// Behind the last layer with parameters the gradient may be the caller's cotangent.
bool Network::backward_in_place(std::size_t i) const { return layers_[i]->works_in_place() && i < last_; }

void Network::forward(const Parameters& parameters, const at::Tensor& x, Tape& tape) const {
  const at::Tensor& theta = parameters.theta();
  if (!is_batch_of(x, input_)) {
    throw Error(ErrorKind::config, "the batch has shape " + spelled(x.sizes()) + " where the network takes " +
                                       spelled(input_, "N") +
                                       ": the data and the network do not belong together");
  }
  if (x.scalar_type() != theta.scalar_type() || x.device() != theta.device()) {
    throw Error(ErrorKind::config, std::string("the batch is ") + c10::toString(x.scalar_type()) + " on " +
                                       x.device().str() + " where theta is " +
                                       c10::toString(theta.scalar_type()) + " on " + theta.device().str() +
                                       ": convert the batch");
  }
  tape.values.resize(layers_.size() + 1);
  for (std::size_t i = layers_.size(); i > 0; --i) release_shared(tape.values, i - 1, i);
  tape.values[0] = tensor::aligned(x);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (forward_in_place(i)) tape.values[i + 1] = tape.values[i];
    layers_[i]->forward(parameters.of(i), tape.values[i], tape.values[i + 1], path_);
  }
}

void Network::begin_backward(const Tape& tape, const at::Tensor& cotangent, Gradients& gradients) const {
  const at::Tensor& output = tape.output();
  if (cotangent.sizes() != output.sizes() || cotangent.scalar_type() != output.scalar_type()) {
    throw Error(ErrorKind::config, "the cotangent has shape " + spelled(cotangent.sizes()) +
                                       " where the network's output has " + spelled(output.sizes()) +
                                       ", or is of another type");
  }
  gradients.resize(layers_.size());
  for (std::size_t i = 0; i + 1 < layers_.size(); ++i) release_shared(gradients, i + 1, i);
  gradients.back() = tensor::aligned(cotangent);
}

void Network::backward(const Parameters& parameters, const Tape& tape, const at::Tensor& cotangent,
                       Gradients& gradients) const {
  begin_backward(tape, cotangent, gradients);
  for (std::size_t i = layers_.size() - 1; i > first_; --i) {
    if (backward_in_place(i)) gradients[i - 1] = gradients[i];
    layers_[i]->backward(parameters.of(i), tape.values[i], tape.values[i + 1], gradients[i], gradients[i - 1],
                         path_);
  }
}

void Network::backward_apart(const Parameters& parameters, const Tape& tape, const at::Tensor& cotangent,
                             Gradients& gradients) const {
  begin_backward(tape, cotangent, gradients);
  for (std::size_t i = layers_.size() - 1; i > first_; --i)
    layers_[i]->backward(parameters.of(i), tape.values[i], tape.values[i + 1], gradients[i], gradients[i - 1],
                         path_);
}

void Network::refuse_without_jets() const {
  for (const auto& layer : layers_)
    if (!layer->has_jets()) refuse_jets(*layer);
}

}  // namespace crosstalk::nn

#include "learn/evaluate.hpp"

namespace crosstalk::learn {
namespace {

/// So many rows that what the widest layer leaves of them fits in the second-level cache (a megabyte), within
/// reason.
std::int64_t block_rows(const nn::Network& network) {
  const auto numbers = [](const nn::Shape& shape) {
    std::int64_t count = 1;
    for (const std::int64_t extent : shape) count *= extent;
    return count;
  };
  std::int64_t widest = numbers(network.input_shape());
  for (const auto& layer : network.layers()) widest = std::max(widest, numbers(layer->output_shape()));
  return std::clamp<std::int64_t>((1 << 18) / widest, 32, 512);
}

}  // namespace

Evaluation::Evaluation(const nn::Network& network, const Loss& loss)
    : network_(network), loss_(loss), block_(block_rows(network)) {}

Errors Evaluation::operator()(const nn::Parameters& parameters, const data::Examples& examples) {
  Tally tally;
  for (std::int64_t first = 0; first < examples.size(); first += block_) {
    const std::int64_t count = std::min(block_, examples.size() - first);
    // The last block has another size: a tape of its own keeps the full ones' slots.
    nn::Tape& tape = count == block_ ? tape_ : rest_;
    const at::Tensor inputs = examples.inputs(first, count, count == block_ ? inputs_ : rest_inputs_);
    network_.forward(parameters, inputs, tape);
    loss_.add(tape.output(), examples.targets().narrow(0, first, count), tally);
  }
  return loss_.errors(tally);
}

}  // namespace crosstalk::learn

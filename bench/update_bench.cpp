// One SARCOS update (21-64-64-7, leaky ReLU, batch 32, squared error, Adam), one thread: ours, plain ATen and
// C++ autograd, interleaved in rounds over the same batches. Prints one JSON object; times in microseconds an
// update.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <ctime>
#include <iostream>

#include "base/json.hpp"
#include "learn/optimizer.hpp"
#include "nn/build.hpp"
#include "nn/initialise.hpp"
#include "nn/paper.hpp"
#include "tensor/kernels.hpp"
#include "trace/gradient.hpp"
#include "update_peers.hpp"

namespace crosstalk::bench {
namespace {

double microseconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return 1e6 * static_cast<double>(time.tv_sec) + 1e-3 * static_cast<double>(time.tv_nsec);
}

/// Ours, with the parts timed apart where `parts` (5) is given: gather, forward, loss and backward, gradient,
/// step.
class Ours {
 public:
  Ours(const Problem& problem, std::int64_t depth)
      : problem_(problem),
        network_(nn::build({problem.inputs}, problem.outputs, nn::plain_layers(problem.hidden, depth))),
        parameters_(network_, problem.theta.clone()),
        x_(at::empty({problem.batch, problem.inputs})),
        y_(at::empty({problem.batch, problem.outputs})),
        cotangent_(at::empty({problem.batch, problem.outputs})),
        gradient_(at::zeros_like(problem.theta)),
        optimizer_(learn::make_optimizer({learn::OptimizerKind::adam, rate, 0, 0, beta1, beta2, 0, epsilon},
                                         problem.theta)) {}

  void step(const std::int64_t* rows, double* parts = nullptr) {
    double last = parts ? microseconds() : 0;
    const auto lap = [&](int part) {
      if (!parts) return;
      const double now = microseconds();
      parts[part] += now - last;
      last = now;
    };
    gather(problem_.x, rows, x_);
    gather(problem_.y, rows, y_);
    lap(0);
    network_.forward(parameters_, x_, tape_);
    lap(1);
    const float *f = tape_.output().const_data_ptr<float>(), *y = y_.const_data_ptr<float>();
    float* cotangent = cotangent_.mutable_data_ptr<float>();
    const float factor = 2.0f / static_cast<float>(problem_.outputs);
    const std::int64_t size = problem_.batch * problem_.outputs;
    double loss = 0;
    for (std::int64_t i = 0; i < size; ++i) {
      const float error = f[i] - y[i];
      loss += error * error;
      cotangent[i] = factor * error;
    }
    loss_ = loss / static_cast<double>(problem_.outputs);
    network_.backward(parameters_, tape_, cotangent_, gradients_);
    lap(2);
    trace::gradient_into(network_, tape_, gradients_, gradient_);
    lap(3);
    optimizer_->step(parameters_.theta(), gradient_);
    lap(4);
  }

  const at::Tensor& theta() const { return parameters_.theta(); }

 private:
  static void gather(const at::Tensor& from, const std::int64_t* rows, const at::Tensor& into) {
    const std::int64_t width = from.size(1), count = into.size(0);
    const float* source = from.const_data_ptr<float>();
    float* out = into.mutable_data_ptr<float>();
    for (std::int64_t i = 0; i < count; ++i) std::copy_n(source + rows[i] * width, width, out + i * width);
  }

  Problem problem_;
  nn::Network network_;
  nn::Parameters parameters_;
  at::Tensor x_, y_, cotangent_, gradient_;
  nn::Tape tape_;
  nn::Gradients gradients_;
  std::unique_ptr<learn::Optimizer> optimizer_;
  double loss_ = 0;
};

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

/// Multiply-adds of an update times two: forward, gradients to the inputs but the first, weight gradients.
double work_of(const Problem& p) {
  const double first = double(p.inputs * p.hidden), rest = double(p.hidden * p.hidden + p.hidden * p.outputs);
  return 2.0 * double(p.batch) * (2 * first + 3 * rest);
}

/// Billions of operations a second of one large product: what this processor's GEMM gives at best.
double peak_gflops() {
  const std::int64_t n = 768;
  const at::Tensor a = at::randn({n, n}), b = at::randn({n, n}), c = at::empty({n, n});
  double best = 1e9;
  for (int i = 0; i < 12; ++i) {
    const double begin = microseconds();
    tensor::gemm<float>(false, false, n, n, n, 1, a.const_data_ptr<float>(), n, b.const_data_ptr<float>(), n,
                        0, c.mutable_data_ptr<float>(), n);
    best = std::min(best, microseconds() - begin);
  }
  return 2.0 * double(n * n * n) / best / 1e3;
}

int run(int rounds) {
  at::set_num_threads(1);
  at::manual_seed(1);
  constexpr std::int64_t hidden = 64, depth = 1, updates_a_round = 100;
  tensor::Stream stream(0, "initialisation"), batches(0, "batches");
  const nn::Network network = nn::build({21}, 7, nn::plain_layers(hidden, depth));
  const Problem problem = {at::randn({3560, 21}),
                           at::randn({3560, 7}),
                           nn::initial_theta(network, nn::Initialisation::linear_glorot, stream, at::kFloat),
                           21,
                           hidden,
                           7,
                           32};
  Ours ours(problem, depth);
  const Update autograd = autograd_update(problem), aten = aten_update(problem);
  std::vector<double> our_times, autograd_times, aten_times;
  std::vector<std::int64_t> rows(updates_a_round * problem.batch);
  const auto timed = [&](const auto& step) {
    const double begin = microseconds();
    for (std::int64_t i = 0; i < updates_a_round; ++i) step(rows.data() + i * problem.batch);
    return (microseconds() - begin) / updates_a_round;
  };
  double theta_difference = 0;
  for (int round = -3; round < rounds; ++round) {  // three to warm up
    for (auto& row : rows) row = static_cast<std::int64_t>(batches.below(3560));
    const double a = timed([&](const std::int64_t* batch) { ours.step(batch); });
    const double b = timed(aten.step), c = timed(autograd.step);
    if (round == -3) {  // after 100 updates the three stand at the same place; later, rounding parts them
      const at::Tensor theirs = autograd.theta();
      theta_difference = std::max((ours.theta() - theirs).abs().max().item<double>(),
                                  (aten.theta() - theirs).abs().max().item<double>()) /
                         theirs.abs().max().item<double>();
    }
    if (round < 0) continue;
    our_times.push_back(a), aten_times.push_back(b), autograd_times.push_back(c);
  }
  double parts[5] = {};
  for (std::int64_t i = 0; i < updates_a_round; ++i) ours.step(rows.data() + i * problem.batch, parts);
  for (double& part : parts) part /= updates_a_round;
  const double us = median(our_times), peak = peak_gflops();
  const auto best = [](const std::vector<double>& times) {
    return *std::min_element(times.begin(), times.end());
  };
  const Json report = {
      {"name", "sarcos-update"},
      {"threads", at::get_num_threads()},
      {"rounds", rounds},
      {"updates_a_round", updates_a_round},
      {"direct_gemm", tensor::gemm_is_direct()},
      {"median_us", {{"crosstalk", us}, {"aten", median(aten_times)}, {"autograd", median(autograd_times)}}},
      {"least_us",
       {{"crosstalk", best(our_times)}, {"aten", best(aten_times)}, {"autograd", best(autograd_times)}}},
      {"ratio_to_autograd", us / median(autograd_times)},
      {"parts_us",
       {{"gather", parts[0]},
        {"forward", parts[1]},
        {"backward", parts[2]},
        {"gradient", parts[3]},
        {"step", parts[4]}}},
      {"gflops", work_of(problem) / us / 1e3},
      {"peak_gflops", peak},
      {"theta_difference_after_100", theta_difference}};
  std::cout << report.dump(2) << "\n";
  return theta_difference < 1e-4 ? 0 : 1;
}

}  // namespace
}  // namespace crosstalk::bench

int main(int count, char** arguments) {
  return crosstalk::bench::run(count > 1 ? std::max(1, std::atoi(arguments[1])) : 30);
}

// One update of a SARCOS run (21-64-64-7, leaky ReLU, batch 32, squared error, Adam), one thread: ours, plain
// ATen and C++ autograd, interleaved in rounds over the same batches. Prints one JSON object; times in
// microseconds an update of the thread's processor time, which a busy machine changes little.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <ctime>
#include <iostream>
#include <numeric>

#include "base/json.hpp"
#include "base/paper_layers.hpp"
#include "data/examples.hpp"
#include "learn/labels.hpp"
#include "learn/learner.hpp"
#include "learn/minibatches.hpp"
#include "learn/optimizer.hpp"
#include "nn/build.hpp"
#include "nn/initialise.hpp"
#include "tensor/kernels.hpp"
#include "update_peers.hpp"

namespace crosstalk::bench {
namespace {

double microseconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return 1e6 * static_cast<double>(time.tv_sec) + 1e-3 * static_cast<double>(time.tv_nsec);
}

/// The data set of the problem, as a run would have it read.
data::Dataset dataset_of(const Problem& problem) {
  return {.file = "",
          .name = "bench",
          .has_classes = false,
          .train = {problem.x, problem.y},
          .test = {problem.x, problem.y},
          .input_shape = {problem.inputs},
          .outputs = problem.outputs,
          .target_variance = std::vector<double>(problem.outputs, 1.0)};
}

data::Affine identity(std::int64_t width) {
  const auto size = static_cast<std::size_t>(width);
  return {std::vector<double>(size, 0.0), std::vector<double>(size, 1.0)};
}

std::vector<std::int64_t> all_rows(const at::Tensor& x) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(x.size(0)));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

/// Ours: the learner of a run, nothing of its own.
class Ours {
 public:
  Ours(const Problem& problem, std::int64_t depth, std::uint64_t seed)
      : dataset_(dataset_of(problem)),
        examples_(dataset_, dataset_.train, all_rows(problem.x),
                  {identity(problem.inputs), identity(problem.outputs)}, at::kFloat, at::kCPU),
        network_(nn::build({problem.inputs}, problem.outputs, plain_layers(problem.hidden, depth))),
        parameters_(network_, problem.theta.clone()),
        loss_(learn::squared_error(Reduction::sum, Targets::separate, dataset_.target_variance)),
        learner_(std::make_unique<learn::Networks>(network_, parameters_),
                 std::make_unique<learn::Labels>(*loss_),
                 std::make_unique<learn::Minibatches>(examples_, problem.batch, seed),
                 std::make_unique<learn::Descent>(),
                 learn::make_optimizer({OptimizerKind::adam, rate, 0, 0, beta1, beta2, 0, epsilon},
                                       problem.theta)) {}

  void step() { learner_.tick(); }
  const at::Tensor& theta() const { return parameters_.theta(); }

 private:
  data::Dataset dataset_;
  data::Examples examples_;
  nn::Network network_;
  nn::Parameters parameters_;
  std::unique_ptr<learn::Loss> loss_;
  learn::Learner learner_;
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
  const nn::Network network = nn::build({21}, 7, plain_layers(hidden, depth));
  const Problem problem = {at::randn({3560, 21}),
                           at::randn({3560, 7}),
                           nn::initial_theta(network, Initialisation::linear_glorot, stream, at::kFloat),
                           21,
                           hidden,
                           7,
                           32};
  Ours ours(problem, depth, /*seed=*/0);
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
    // The peers draw the rows that our learner draws: the same stream.
    for (auto& row : rows) row = static_cast<std::int64_t>(batches.below(3560));
    const double a = timed([&](const std::int64_t*) { ours.step(); });
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
  const double us = median(our_times);
  const auto best = [](const std::vector<double>& times) {
    return *std::min_element(times.begin(), times.end());
  };
  const Json report = {
      {"name", "sarcos-update"},
      {"threads", at::get_num_threads()},
      {"rounds", rounds},
      {"updates_a_round", updates_a_round},
      {"direct_gemm", tensor::gemm_is_direct()},
      {"microseconds",
       {{"ours", us}, {"plain_ATen", median(aten_times)}, {"C++_autograd", median(autograd_times)}}},
      {"least",
       {{"ours", best(our_times)}, {"plain_ATen", best(aten_times)}, {"C++_autograd", best(autograd_times)}}},
      {"ratio_to_autograd", us / median(autograd_times)},
      {"gflop", work_of(problem) / 1e9},
      {"peak_gflops", peak_gflops()},
      {"theta_difference_after_100", theta_difference}};
  std::cout << report.dump(2) << "\n";
  return theta_difference < 1e-4 ? 0 : 1;
}

}  // namespace
}  // namespace crosstalk::bench

int main(int count, char** arguments) {
  return crosstalk::bench::run(count > 1 ? std::max(1, std::atoi(arguments[1])) : 30);
}

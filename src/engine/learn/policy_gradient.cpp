#include "learn/policy_gradient.hpp"

#include <ATen/ATen.h>

#include <string>

#include "base/error.hpp"

namespace crosstalk::learn {

SampleLoss policy_gradient(const at::Tensor& output, const Heads& heads, const at::Tensor& actions,
                           const at::Tensor& returns, double entropy) {
  at::Tensor losses = at::zeros({output.size(0)}, output.options());
  std::vector<at::Tensor> cotangents;
  std::int64_t first = 0;
  for (std::size_t h = 0; h < heads.size(); ++h) {
    const at::Tensor p = at::softmax(output.narrow(1, first, heads[h]), 1);
    const at::Tensor clamped = p.clamp_min(least_probability), logarithm = clamped.log();
    const at::Tensor action = actions.narrow(1, static_cast<std::int64_t>(h), 1);
    const at::Tensor weights = returns.unsqueeze(1);
    losses -= (logarithm.gather(1, action) * weights).squeeze(1);
    losses += (clamped * logarithm).sum(1) * entropy;
    // dJ / dp, then through the clamp, then through the softmax: dJ / dz_j = p_j (g_j - sum_k p_k g_k).
    at::Tensor slope = (logarithm + 1) * entropy;
    slope.scatter_add_(1, action, -(weights / clamped.gather(1, action)));
    slope = at::where(p >= least_probability, slope, 0);
    cotangents.push_back(p * (slope - (p * slope).sum(1, true)));
    first += heads[h];
  }
  return {losses, at::cat(cotangents, 1)};
}

Return return_kind(std::string_view name) {
  if (name == "to-go") return Return::to_go;
  if (name == "episode") return Return::episode;
  throw Error(ErrorKind::config,
              "learner.return \"" + std::string(name) + "\" is no return: it is \"to-go\" or \"episode\"");
}

std::vector<double> returns(const std::vector<double>& rewards, Return kind) {
  std::vector<double> sums(rewards.size());
  double sum = 0;
  for (std::size_t t = rewards.size(); t-- > 0;) sums[t] = sum += rewards[t];
  if (kind == Return::episode) std::fill(sums.begin(), sums.end(), sum);
  return sums;
}

}  // namespace crosstalk::learn

#include "learn/heads.hpp"

#include <ATen/ATen.h>

namespace crosstalk::learn {
namespace {

/// (N, H): the same choices, counted through all outputs.
at::Tensor through_all(const Heads& heads, const at::Tensor& chosen) {
  std::vector<std::int64_t> first(heads.size(), 0);
  for (std::size_t h = 1; h < heads.size(); ++h) first[h] = first[h - 1] + heads[h - 1];
  return chosen + at::tensor(first, chosen.options());
}

/// (N, H): what `number` makes (N) of each head's outputs.
template <class Number>
at::Tensor of_each_head(const at::Tensor& output, const Heads& heads, Number number) {
  std::vector<at::Tensor> each;
  std::int64_t first = 0;
  for (const std::int64_t size : heads) {
    each.push_back(number(output.narrow(1, first, size)));
    first += size;
  }
  return at::stack(each, 1);
}

}  // namespace

at::Tensor largest(const at::Tensor& output, const Heads& heads) {
  return of_each_head(output, heads, [](const at::Tensor& of_head) { return of_head.argmax(1); });
}

at::Tensor head_means(const at::Tensor& output, const Heads& heads) {
  return of_each_head(output, heads, [](const at::Tensor& of_head) { return of_head.mean(1); });
}

at::Tensor chosen_outputs(const at::Tensor& output, const Heads& heads, const at::Tensor& chosen) {
  return output.gather(1, through_all(heads, chosen));
}

at::Tensor at_chosen(const at::Tensor& output, const Heads& heads, const at::Tensor& chosen,
                     const at::Tensor& values) {
  return at::zeros_like(output).scatter_(1, through_all(heads, chosen), values);
}

}  // namespace crosstalk::learn

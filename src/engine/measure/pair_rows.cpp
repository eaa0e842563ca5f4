#include "measure/pair_rows.hpp"

#include <ATen/ATen.h>

namespace crosstalk::measure {
namespace {

void add_mean(const std::string& name, const at::Tensor& values, const at::Tensor& which,
              Readings& readings) {
  const at::Tensor some = values.masked_select(which);
  if (some.numel() > 0) readings.add(name, of_pairs, some.mean().item<double>());
}

std::vector<double> numbers_of(const at::Tensor& values) {
  const at::Tensor flat = values.contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

Summary summary_of(const at::Tensor& values) {
  Summary summary(values.numel());
  for (const double value : numbers_of(values)) summary.add(value);
  return summary;
}

/// What a Summary does not say by itself.
void add_others(const std::string& name, const at::Tensor& values, const Summary& summary,
                Readings& readings) {
  add_mean(name + ".above", values, values > 0, readings);
  add_mean(name + ".below", values, values < 0, readings);
  readings.add(name + ".deviation", of_pairs, values.std(/*unbiased=*/false).item<double>());
  readings.add(name + ".median", of_pairs, summary.quantiles({0.5}).front());
}

at::Tensor classes(const std::vector<std::int64_t>& of) { return at::tensor(of, at::kLong); }

}  // namespace

void add_pairs(const std::string& name, const at::Tensor& values, Readings& readings) {
  const Summary summary = summary_of(values);
  readings.add(name, of_pairs, summary.mean());
  readings.add_shares(name, of_pairs, summary);
  add_others(name, values, summary, readings);
}

void add_pairs_with_quantiles(const std::string& name, const at::Tensor& values, Readings& readings) {
  const Summary summary = summary_of(values);
  readings.add(name, of_pairs, summary);
  add_others(name, values, summary, readings);
}

void add_tails(const std::string& name, const at::Tensor& values, Readings& readings) {
  const at::Tensor about = values - values.mean();
  const double deviation = values.std(/*unbiased=*/false).item<double>();
  if (!(deviation > 0)) return;
  const at::Tensor scaled = about / deviation;
  readings.add(name + ".skewness", of_pairs, scaled.pow(3).mean().item<double>());
  readings.add(name + ".kurtosis", of_pairs, scaled.pow(4).mean().item<double>() - 3);
}

void add_pairs_array(const Evolution& evolution, const std::string& name, const at::Tensor& values,
                     Readings& readings) {
  readings.add_array(name, of_pairs, values.sizes().vec(), numbers_of(values),
                     {{"0", {{"name", "other"}, {"labels", evolution.a.ids}}},
                      {"1", {{"name", "sample"}, {"labels", evolution.b.ids}}}});
}

void add_pairs_apart(const Evolution& evolution, const std::string& name, const at::Tensor& values,
                     Readings& readings) {
  const at::Tensor& distances = evolution.distances;
  const at::Tensor quarters = at::quantile(distances.flatten(), at::tensor({0.25, 0.75}, at::kDouble));
  const at::Tensor far = distances >= quarters[1];
  at::Tensor near = distances <= quarters[0];
  if (near.sum().item<std::int64_t>() * 2 > near.numel()) near = at::zeros_like(near);  // no distance tells
  add_mean(name + ".near", values, near, readings);
  if (far.sum().item<std::int64_t>() * 2 <= far.numel()) add_mean(name + ".far", values, far, readings);
  if (!evolution.classes_a.empty()) {
    const at::Tensor same = classes(evolution.classes_a).unsqueeze(1) == classes(evolution.classes_b);
    add_mean(name + ".within", values, same, readings);
    add_mean(name + ".between", values, ~same, readings);
  }
  if (!evolution.errors_a.defined()) return;
  const at::Tensor product = evolution.errors_a.unsqueeze(1) * evolution.errors_b;
  add_mean(name + ".agree", values, product > 0, readings);
  add_mean(name + ".disagree", values, product < 0, readings);
  add_mean(name + ".near.agree", values, near & (product > 0), readings);
  add_mean(name + ".near.disagree", values, near & (product < 0), readings);
}

}  // namespace crosstalk::measure

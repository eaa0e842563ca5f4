#include "measure/readings.hpp"

#include <functional>
#include <numeric>
#include <stdexcept>

#include "measure/evidence.hpp"

namespace crosstalk::measure {

void Readings::add(std::string_view measure, std::string_view split, double value) {
  rows.push_back({step_, std::string(measure), std::string(split), value});
}

void Readings::add(std::string_view measure, std::string_view split, const Summary& summary) {
  if (summary.count() == 0) return;
  add(measure, split, summary.mean());
  add_spread(measure, split, summary);
}

void Readings::add_spread(std::string_view measure, std::string_view split, const Summary& summary) {
  static const std::vector<double> shares = {0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95};
  static const std::vector<const char*> names = {".q05", ".q10", ".q25", ".q50", ".q75", ".q90", ".q95"};
  if (summary.count() == 0) return;
  const std::vector<double> quantiles = summary.quantiles(shares);
  for (std::size_t i = 0; i < shares.size(); ++i) add(std::string(measure) + names[i], split, quantiles[i]);
  add_shares(measure, split, summary);
}

void Readings::add_shares(std::string_view measure, std::string_view split, const Summary& summary) {
  add(std::string(measure) + ".positive", split, summary.positive());
  add(std::string(measure) + ".zero", split, summary.zero());
  add(std::string(measure) + ".negative", split, summary.negative());
}

void Readings::add_numbers(std::string_view name, const Evidence& evidence) {
  const std::string own(name), beside = own + ".";
  for (const auto& [number, splits] : evidence.numbers) {
    if (number != own && !number.starts_with(beside)) continue;
    for (const auto& [split, value] : splits) add(number, split, value);
  }
}

void Readings::add_array(std::string name, std::string split, std::vector<std::int64_t> shape,
                         std::vector<double> values, Json axes) {
  const std::int64_t places = std::reduce(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
  if (places != std::ssize(values))
    throw std::logic_error("the array " + name + " has " + std::to_string(values.size()) + " values for " +
                           std::to_string(places) + " places");
  arrays.push_back(
      {step_, std::move(name), std::move(split), std::move(shape), std::move(values), std::move(axes)});
}

}  // namespace crosstalk::measure

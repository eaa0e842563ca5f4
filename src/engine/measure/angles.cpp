#include "measure/angles.hpp"

#include <ATen/ATen.h>

#include <limits>
#include <numeric>

#include "measure/aimed_rows.hpp"
#include "measure/blocks.hpp"
#include "measure/stack.hpp"

namespace crosstalk::measure {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Where the neighbours of a sample stand in near.rows, one behind the other.
struct Reached {
  std::int64_t sample, first, last;
};
std::vector<Reached> reached(const Neighbours& near) {
  std::vector<Reached> all;
  for (std::int64_t sample = 0; sample < near.samples(); ++sample) {
    Reached one{sample, near.place(sample, 0), near.place(sample, 0)};
    for (std::int64_t offset = near.first; offset <= near.last; ++offset) {
      const std::int64_t place = near.place(sample, offset);
      if (place == Neighbours::masked) continue;
      one.first = std::min(one.first, place), one.last = std::max(one.last, place);
    }
    all.push_back(one);
  }
  std::sort(all.begin(), all.end(), [](const Reached& a, const Reached& b) { return a.first < b.first; });
  return all;
}

/// (samples, others) mean absolute difference of bytes.
std::vector<double> distances(const at::Tensor& of_samples, const at::Tensor& of_others) {
  const at::Tensor all = at::cdist(of_samples.to(at::kDouble), of_others.to(at::kDouble), 1) /
                         static_cast<double>(of_samples.size(1));
  const at::Tensor flat = all.contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

}  // namespace

Angles::Angles(Subject& subject, Function function, std::int64_t budget_bytes)
    : subject_(subject), function_(function), grams_(subject.networks().network(), budget_bytes) {}

Cosines Angles::of(Gradient gradient, const data::Rows& samples, const Reach& reach, bool memory,
                   learn::Passes& passes) {
  Cosines cosines{.near = neighbours(samples, -reach.offsets, reach.offsets)};
  cosines.along.assign(cosines.near.places.size(), none);
  look_along(gradient, passes, cosines);
  cosines.others = subject_.others(cosines.near.rows, reach.others);
  cosines.apart.assign(samples.ids.size() * cosines.others.size(), none);
  look_apart(gradient, samples, passes, cosines);
  if (memory && !cosines.others.empty())
    cosines.distances = distances(subject_.memory(samples), subject_.memory({samples.table, cosines.others}));
  return cosines;
}

/// Samples whose neighbours lie beside each other share a block.
void Angles::look_along(Gradient gradient, learn::Passes& passes, Cosines& cosines) {
  const Neighbours& near = cosines.near;
  const std::vector<Reached> all = reached(near);
  for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    const std::int64_t first = all[begin].first;
    std::int64_t last = all[begin].last;
    for (end = begin + 1; end < all.size() && all[end].last - first < rows_at_once; ++end)
      last = std::max(last, all[end].last);
    const Gram block =
        gram(gradient, {near.rows.table, {near.rows.ids.begin() + first, near.rows.ids.begin() + last + 1}},
             passes);
    for (std::size_t i = begin; i < end; ++i)
      for (std::int64_t offset = near.first; offset <= near.last; ++offset) {
        const std::int64_t sample = all[i].sample, place = near.place(sample, offset);
        if (place == Neighbours::masked) continue;
        cosines.along[static_cast<std::size_t>(sample * near.offsets() + offset - near.first)] =
            cosine(block, near.place(sample, 0) - first, place - first);
      }
  }
}

void Angles::look_apart(Gradient gradient, const data::Rows& samples, learn::Passes& passes,
                        Cosines& cosines) {
  constexpr std::int64_t half = rows_at_once / 2;
  const std::int64_t count = samples.size(), others = std::ssize(cosines.others);
  for (std::int64_t first = 0; first < count; first += half)
    for (std::int64_t other = 0; other < others; other += half) {
      const std::int64_t n = std::min(half, count - first), m = std::min(half, others - other);
      data::Rows both{samples.table, {samples.ids.begin() + first, samples.ids.begin() + first + n}};
      both.ids.insert(both.ids.end(), cosines.others.begin() + other, cosines.others.begin() + other + m);
      const Gram block = gram(gradient, both, passes);
      for (std::int64_t u = 0; u < n; ++u)
        for (std::int64_t v = 0; v < m; ++v)
          cosines.apart[static_cast<std::size_t>((first + u) * others + other + v)] = cosine(block, u, n + v);
    }
}

Gram Angles::gram(Gradient gradient, const data::Rows& rows, learn::Passes& passes) {
  return gradient == Gradient::function ? gram_of_function(rows) : gram_of_loss(rows, passes);
}

Gram Angles::gram_of_function(const data::Rows& rows) {
  rows.table->draw(rows.ids, data::At::before, inputs_);
  const at::Tensor& outputs =
      grams_.outputs(subject_.networks().of(learn::Net::online), inputs_, /*matrices=*/1);
  const auto atoms = subject_.readout().atoms;
  const at::Tensor taken = function_ == Function::taken ? subject_.taken({"", rows}) : at::Tensor();
  return grams_.gram(
      learn::at_outputs(cotangent(function_, learn::values_of(outputs, atoms), taken), outputs, atoms));
}

/// A row without an aim has a gradient of 0 here.
Gram Angles::gram_of_loss(const data::Rows& rows, learn::Passes& passes) {
  const learn::Objective& own = *subject_.objective("own");
  own.inputs(rows, inputs_);
  const at::Tensor& outputs =
      grams_.outputs(subject_.networks().of(learn::Net::online), inputs_, /*matrices=*/1);
  const Gram gram = grams_.gram(cotangents_of(own, rows, outputs, passes));
  return own.looks_ahead() ? folded(gram) : gram;
}

}  // namespace crosstalk::measure

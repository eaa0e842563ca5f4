#include "measure/along.hpp"

#include <ATen/ATen.h>

#include <functional>
#include <limits>
#include <numeric>

namespace crosstalk::measure {
namespace {

/// Where transitions stand to an update, and which of them are in it: all but "others" are offsets.
struct Part {
  const char* split;
  bool (*holds)(std::int64_t offset);
};
constexpr Part parts[] = {
    {"batch", [](std::int64_t offset) { return offset == 0; }},
    {"behind", is_behind},
    {"ahead", is_ahead},
    {"neighbours", [](std::int64_t offset) { return offset != 0; }},
};

/// The places in near.rows of a part's transitions that are defined, as often as they stand there.
std::vector<std::int64_t> places_of(const Around& around, const Part* part, const at::Tensor& defined) {
  const bool* has = defined.const_data_ptr<bool>();
  std::vector<std::int64_t> places;
  const auto add = [&](std::int64_t place) {
    if (place != Neighbours::masked && has[place]) places.push_back(place);
  };
  if (part == nullptr) {
    for (const std::int64_t place : around.others) add(place);
    return places;
  }
  const Neighbours& near = around.near;
  for (std::int64_t sample = 0; sample < near.samples(); ++sample)
    for (std::int64_t offset = near.first; offset <= near.last; ++offset)
      if (part->holds(offset)) add(near.place(sample, offset));
  return places;
}

using Visit = std::function<void(const std::string& split, const std::vector<std::int64_t>& places)>;
void each_split(const Around& around, const at::Tensor& defined, const Visit& visit) {
  for (const Part& part : parts) visit(part.split, places_of(around, &part, defined));
  visit("others", places_of(around, nullptr, defined));
}

double mean_at(const double* values, const std::vector<std::int64_t>& places) {
  double sum = 0;
  for (const std::int64_t place : places) sum += values[place];
  return sum / static_cast<double>(places.size());
}

std::vector<std::int64_t> offsets_of(const Neighbours& near) {
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(near.offsets()));
  std::iota(offsets.begin(), offsets.end(), near.first);
  return offsets;
}

}  // namespace

std::string name_of(const std::string& loss, std::string_view name) {
  return std::string(name) + (loss == "own" ? "" : "." + loss);
}

void add_curve(const Neighbours& near, const std::string& name, const std::string& split,
               const std::function<std::optional<double>(std::int64_t sample, std::int64_t offset)>& at,
               Readings& readings) {
  std::vector<double> means, counts;
  for (std::int64_t offset = near.first; offset <= near.last; ++offset) {
    double sum = 0, count = 0;
    for (std::int64_t sample = 0; sample < near.samples(); ++sample)
      if (const std::optional<double> value = at(sample, offset)) sum += *value, ++count;
    means.push_back(count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN());
    counts.push_back(count);
  }
  const Json axes = {{"0", {{"name", "offset"}, {"labels", offsets_of(near)}}}};
  readings.add_array(name, split, {near.offsets()}, std::move(means), axes);
  readings.add_array(name + ".count", split, {near.offsets()}, std::move(counts), axes);
}

void add_along(const Around& around, const std::string& name, const at::Tensor& defined,
               const at::Tensor& values, Readings& readings) {
  const at::Tensor all = values.contiguous();
  const auto* value = all.const_data_ptr<double>();
  each_split(around, defined, [&](const std::string& split, const std::vector<std::int64_t>& places) {
    if (!places.empty()) readings.add(name, split, mean_at(value, places));
  });
  const bool* has = defined.const_data_ptr<bool>();
  const auto at = [&](std::int64_t sample, std::int64_t offset) {
    const std::int64_t place = around.near.place(sample, offset);
    return place == Neighbours::masked || !has[place] ? std::nullopt : std::optional(value[place]);
  };
  add_curve(around.near, name, "neighbours", at, readings);
}

void add_rows_of(const Around& around, const std::string& name, Readings& readings) {
  const auto add = [&](const char* split, const std::vector<std::int64_t>& places) {
    std::vector<double> rows;
    for (const std::int64_t place : places)
      rows.push_back(static_cast<double>(around.near.rows.ids[static_cast<std::size_t>(place)]));
    const std::int64_t count = std::ssize(rows);
    if (count > 0)
      readings.add_array(name + ".rows", split, {count}, std::move(rows), {{"0", {{"name", "sample"}}}});
  };
  std::vector<std::int64_t> batch;
  for (std::int64_t sample = 0; sample < around.near.samples(); ++sample)
    batch.push_back(around.near.place(sample, 0));
  add("batch", batch);
  add("others", around.others);
}

void add_rows_of(const Set& set, const std::string& name, Readings& readings) {
  readings.add_array(name + ".rows", set.name, {set.rows.size()}, {set.rows.ids.begin(), set.rows.ids.end()},
                     {{"0", {{"name", "sample"}}}});
}

void add_explained(const Around& around, const std::string& name, const Change& change,
                   const at::Tensor& predicted, Readings& readings) {
  const at::Tensor difference = change.difference();
  const auto *is = difference.const_data_ptr<double>(), *said = predicted.const_data_ptr<double>();
  each_split(around, change.defined, [&](const std::string& split, const std::vector<std::int64_t>& places) {
    if (places.empty() || split == "behind" || split == "ahead") return;
    const double mean = mean_at(is, places);
    double left = 0, all = 0;
    for (const std::int64_t place : places) {
      left += (is[place] - said[place]) * (is[place] - said[place]);
      all += (is[place] - mean) * (is[place] - mean);
    }
    if (all > 0) readings.add(name, split, 1 - left / all);
  });
}

}  // namespace crosstalk::measure

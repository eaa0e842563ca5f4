#include "cli/sizes.hpp"

#include <algorithm>
#include <cmath>

#include "base/vocabulary.hpp"
#include "work/results_folder.hpp"

namespace crosstalk::cli {
namespace {

// As measured in study.sqlite: a run's record, configuration and digests; a row, whose names stand there
// once, as a share of what it has on its way.
constexpr double stored_bytes_a_run = 4200, stored_share_of_rows = 0.61;

/// The Grams of the training samples that a classifier of images leaves at its end, for pictures
/// (src/engine/run/run.cpp).
double array_bytes(const study::Configuration& run, const work::Datasets& datasets) {
  const Json* dataset = work::data_of(run, datasets);
  if (dataset == nullptr || run.values.at("task.kind") != "classify" ||
      dataset->value("input_shape", Json::array()).size() != 3)
    return 0;
  const Json &measures = run.values.at("probe.measures"), &examples = run.values.at("task.examples");
  const auto any = [&](std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(), [&](const char* name) {
      return std::find(measures.begin(), measures.end(), name) != measures.end();
    });
  };
  const int grams =
      any({"function_interference", "function_stiffness"}) + any({"loss_interference", "stiffness"});
  const double samples = run.values.at("probe.samples").get<double>();
  const double rows = examples.is_number() ? examples.get<double>() : dataset->value("train_rows", samples);
  return grams * std::pow(std::min(samples, rows), 2) * sizeof(double);
}

/// What a run keeps of its measurements (probe.keep), beside the store.
double kept_bytes(const study::Configuration& run, const work::Answer& timing, const work::Work& work) {
  if (!work::keeps(run.values)) return 0;
  const bool all = run.values.at("probe.keep") == word_for(keeps, Keep::all);
  return timing.kept_once_bytes + (all ? work.probes : 1) * timing.kept_bytes;
}

}  // namespace

Sizes sizes_of(const study::Configuration& run, const work::Answer& timing, const work::Work& work,
               const work::Datasets& datasets) {
  return {
      stored_bytes_a_run + work.probes * stored_share_of_rows * timing.row_bytes + array_bytes(run, datasets),
      kept_bytes(run, timing, work)};
}

}  // namespace crosstalk::cli

#pragma once

#include "study/configuration.hpp"
#include "work/coordinator.hpp"
#include "work/data.hpp"
#include "work/estimate.hpp"

namespace crosstalk::cli {

/// Bytes that a run leaves on disk: in the store, and of parameters and samples beside it (probe.keep).
struct Sizes {
  double stored = 0, kept = 0;
};

/// By what a probe of it, or of one with the same measures, was seen to give.
Sizes sizes_of(const study::Configuration& run, const work::Answer& timing, const work::Work& work,
               const work::Datasets& datasets);

}  // namespace crosstalk::cli

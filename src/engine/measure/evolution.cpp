#include "measure/evolution.hpp"

#include <ATen/ATen.h>

namespace crosstalk::measure {

at::Tensor Terms::total() const { return -(r1 + r2 + r3); }
at::Tensor Terms::total_own() const { return -(r1_own + r2_own + r3); }

}  // namespace crosstalk::measure

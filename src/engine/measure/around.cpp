#include "measure/around.hpp"

#include <ATen/ATen.h>

namespace crosstalk::measure {

at::Tensor Change::difference() const { return before - after; }

}  // namespace crosstalk::measure

#pragma once

#include "study/configuration.hpp"

namespace crosstalk::cli {

/// Says of a study, before it begins, what its numbers would not show: target networks that are never copied
/// since their runs are too short.
void say_cautions(const study::Study& study);

}  // namespace crosstalk::cli

#pragma once

namespace crosstalk::run {

/// A worker: does what the frames on `in` ask and answers on `out` (base/message.hpp), one run after the
/// other, until `in` closes, `stop` comes or SIGTERM. What goes wrong in a run ends that run with a message;
/// when the other end is gone, serve returns. Nothing else is written to `out`.
void serve(int in, int out);

}  // namespace crosstalk::run

"""A worker of a study: `python -m crosstalk._worker` does one run after the other as frames on standard input ask, and
answers on standard output (src/base/message.hpp). It loads libtorch without importing torch."""

from __future__ import annotations

import os
import signal
import sys

from crosstalk import _torch


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C belongs to the coordinator; SIGTERM is heeded in C++
    # The frames get descriptors of their own, so that nothing else reads them or prints between them.
    frames_in, frames_out = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    try:
        engine = _torch.engine()
    except ImportError as error:
        print(f"crosstalk: {error}", file=sys.stderr)
        return 1
    engine.serve(frames_in, frames_out)
    return 0


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)  # all is sent; taking libtorch down again would cost a tenth of a second

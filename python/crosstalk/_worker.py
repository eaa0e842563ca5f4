"""A worker of a study: `python -m crosstalk._worker` does one run after the other as frames on standard input ask, and
answers on the descriptor that CROSSTALK_REPLIES names, or on standard output (src/base/message.hpp). It loads libtorch
without importing torch."""

from __future__ import annotations

from crosstalk import _child

with _child.guarded("this worker cannot start", answers=False):
    import os
    import signal
    import sys

    from crosstalk import _torch


def main() -> int:
    # Ctrl-C, and the end of the terminal, belong to the coordinator; SIGTERM is heeded in C++.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The frames get descriptors of their own, so that nothing else reads them or prints between them.
    frames_in, frames_out = os.dup(0), _child.replies()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    try:
        engine = _torch.engine()
    except _torch.TorchError as error:
        print(f"crosstalk: {error}", file=sys.stderr)
        return 1
    except Exception as error:  # libraries that do not load, for as many reasons as there are machines
        print(f"crosstalk: torch cannot be loaded: {_child.explained(error)}", file=sys.stderr)
        return 1
    engine.serve(frames_in, frames_out)
    return 0


if __name__ == "__main__":
    with _child.guarded("this worker cannot start", answers=False):
        status = main()
    sys.stderr.flush()
    os._exit(status)  # all is sent; taking libtorch down again would cost a tenth of a second

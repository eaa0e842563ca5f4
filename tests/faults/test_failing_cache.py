"""A disk that fails while data are converted into the cache: each call that writes there, one after the other."""

import errno
import shutil

import pytest
from faulty import FailingCalls

FEW = ("--set", "network.hidden=4", "--set", "seeds=1", "--jobs", "1")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_call_that_fails_while_data_are_converted_is_named_and_leaves_no_half_of_them(
    crosstalk, study, tmp_path, code
):
    crosstalk.environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    failing, file = FailingCalls(tmp_path, tmp_path / "cache"), study(50)
    crosstalk("run", file, *FEW, "--out", "whole")
    wanted, at = crosstalk.export("whole"), 1
    while True:
        shutil.rmtree(tmp_path / "cache")
        shutil.rmtree(tmp_path / "a", ignore_errors=True)
        environment = {**crosstalk.environment, **failing.environment(at, code)}
        process = crosstalk.start("run", file, *FEW, "--out", "a", env=environment)
        out, err = process.communicate(timeout=120)
        if not failing.said:
            break
        assert process.returncode == 0 or (str(tmp_path / "cache") in err and "CROSSTALK_CACHE" in err), (
            failing.said,
            err,
        )
        assert "Traceback" not in err and "of the program itself" not in err, err
        crosstalk("run", file, *FEW, "--out", "a")
        assert crosstalk.export("a") == wanted, failing.said
        at += 1
    assert at > 2, "nothing was written there"

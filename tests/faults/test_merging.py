"""A merge that is killed, or whose disk fails, at one of its writes after the other."""

import errno
import shutil

import fake_slurm
import pytest
from faulty import FailingCalls


@pytest.fixture
def array(crosstalk, study):
    """The command, with a study whose array is done: 3 shards, of which nothing is merged."""
    crosstalk.environment |= fake_slurm.install(crosstalk.folder)
    file = study(50)
    more = ("--set", "probe.keep=last", "--set", "seeds=3")
    crosstalk("submit", file, "--slurm", "--out", "whole", "--runs-per-task", 2, *more)
    assert set(fake_slurm.run_all(crosstalk.folder, crosstalk.environment).values()) == {0}
    shutil.copytree(crosstalk.folder / "whole", crosstalk.folder / "submitted")
    return crosstalk


@pytest.mark.parametrize("how", ["kill", errno.ENOSPC, errno.EIO], ids=["killed", "full", "failing"])
def test_a_merge_that_ends_at_a_write_is_repeated_and_has_lost_nothing(array, tmp_path, how):
    array("merge", "whole")
    wanted, kept = array.export("whole"), kept_files(array.folder / "whole")
    assert len({file.parent for file in kept}) == 6
    folder = array.folder / "a"
    failing = FailingCalls(tmp_path, folder)
    shutil.copytree(array.folder / "submitted", folder)
    array.start("merge", "a", env=array.environment | failing.environment()).communicate(timeout=120)
    calls = failing.calls
    assert calls > 30 and array.export("a") == wanted
    for at in range(1, calls + 1, 7 if how == "kill" else 13):
        shutil.rmtree(folder)
        shutil.copytree(array.folder / "submitted", folder)
        process = array.start("merge", "a", env=array.environment | failing.environment(at, how))
        out, err = process.communicate(timeout=120)
        assert failing.said, at
        if how == "kill":
            assert process.returncode == -9
        else:
            assert process.returncode == 0 or str(folder) in err, (failing.said, out, err)
            assert "of the program itself" not in err, err
        array("merge", "a")
        assert array.export("a") == wanted and kept_files(folder) == kept, (at, failing.said)


def kept_files(folder):
    """Of the merged results, by their place there."""
    return {file.relative_to(folder): file.read_bytes() for file in (folder / "kept").rglob("*.safetensors")}

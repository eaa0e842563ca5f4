"""What the targets of Python share: a target is a module with `read(data)`, which gives the bytes to a reader as
`crosstalk` would. Data that cannot be read is a DataError; any other exception is a finding."""

import tempfile
from pathlib import Path

from crosstalk.data.converted import read_header
from crosstalk.data.errors import DataError

MEMORY = Path("/dev/shm")
scratch = tempfile.TemporaryDirectory(prefix="crosstalk-fuzz-", dir=MEMORY if MEMORY.is_dir() else None)


def file(name, data):
    """A file of these bytes, over what was there."""
    path = Path(scratch.name) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def is_taken(read, *arguments):
    """Calls a reader; whether it took what it was given. Its refusal is a text that names the file."""
    try:
        read(*arguments)
    except DataError as error:
        assert error.kind in ("data", "config"), error.kind
        assert scratch.name in error.message or "task." in error.message, error.message
        assert 20 < len(error.message) < 2000, error.message
        error.message.encode()
        return False
    return True


def convert(source, files, options):
    """Converted, written and found whole."""
    out = Path(scratch.name) / "out.safetensors"
    source.convert(files, options).write(str(out), {"name": "x"})
    assert read_header(out) is not None, "what was written is whole"

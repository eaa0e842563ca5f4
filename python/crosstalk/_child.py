"""What a child of the command does before all else: it keeps its answers apart from what anything prints, and tells
which file of the user's stands in the place of a module that it needs.

It imports nothing that is not there when Python has started: a user's `json.py` on PYTHONPATH comes before Python's."""

from __future__ import annotations

import os
import sys

# The parent names the descriptor that takes the answers. Who starts a child by hand reads them on standard output.
_named = os.environ.pop("CROSSTALK_REPLIES", "")
STATUS = 3  # of a child that answers with an error


def replies() -> int:
    """The descriptor for answers. From here on, what is printed goes where errors go."""
    if not _named.isdecimal():
        descriptor = os.dup(1)
        os.dup2(2, 1)
        return descriptor
    os.set_inheritable(int(_named), False)
    return int(_named)


def clean_up_when_ended() -> None:
    """SIGTERM becomes a raised exit, so that what is half written is removed; a second one does not disturb that."""
    import signal

    def leave(number: int, frame: object) -> None:
        signal.signal(number, signal.SIG_IGN)
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, leave)


class guarded:
    """`with guarded(undone): ...` around a child's imports, and around its work: what goes wrong there is its answer,
    in words. What others end (a signal's exit status) ends in silence."""

    def __init__(self, undone: str, answers: bool = True) -> None:
        self.undone, self.answers = undone, answers

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        is_told = isinstance(error, SystemExit) and isinstance(error.code, int) and error.code > 128
        if error is None or is_told or not _named:
            return
        message = f"{self.undone}: {explained(error)}"
        if self.answers:
            reply = f'{{"error": {{"kind": "environment", "message": {quoted(message)}}}}}'
            os.write(int(_named), reply.encode("ascii"))
        else:
            os.write(2, f"crosstalk: {message}\n".encode(errors="backslashreplace"))
        os._exit(STATUS)


def explained(error: BaseException) -> str:
    """What went wrong, as one line; where a file of the user's may be the cause, that file and the mend."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    text = text if len(text) <= 200 else text[:200] + "..."
    hidden = hidden_modules(error)
    for name, file in hidden[:3]:
        text += (
            f".\n{name} is {file}, not the installed one: take its folder off PYTHONPATH, or give the file another name"
        )
    if hidden:
        return text + "."
    if is_of_memory(error):
        return text + ".\nThere is too little memory: end other programs, or raise the limit (ulimit -v)."
    if isinstance(error, (ImportError, OSError)):
        return text + "."
    return f"{text} ({place_of(error)}).\nThis is a fault of crosstalk: please report it."


def is_of_memory(error: BaseException) -> bool:
    said = str(error).lower()
    return isinstance(error, MemoryError) or "cannot allocate memory" in said or "failed to map segment" in said


def place_of(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else "nowhere"


def hidden_modules(error: BaseException) -> list[tuple[str, str]]:
    """(name, file) of modules that the error may come from, and that Python took from a folder of PYTHONPATH although
    they are installed too."""
    folders = {os.path.realpath(folder) for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep)}
    if "PYTHONPATH" not in os.environ:
        return []
    folders.discard(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))  # where this package lies
    files = files_in_trace(error)
    if isinstance(error, (ImportError, AttributeError, TypeError)):
        files |= {str(getattr(module, "__file__", None) or "") for module in list(sys.modules.values())}
    found = {}
    for file in sorted(files - {""}):
        folder, name = os.path.split(os.path.abspath(file))
        if name == "__init__.py":
            folder, name = os.path.split(folder)
        name = name.split(".")[0]
        ours = name in ("crosstalk", "sitecustomize", "usercustomize")  # which are meant to come first
        if not ours and os.path.realpath(folder) in folders and is_installed(name, folders):
            found[name] = os.path.abspath(file)
    return list(found.items())


def files_in_trace(error: BaseException | None) -> set[str]:
    files: set[str] = set()
    while error is not None:
        trace = error.__traceback__
        while trace:
            files.add(trace.tb_frame.f_code.co_filename)
            trace = trace.tb_next
        if isinstance(error, ImportError) and error.path:
            files.add(error.path)
        if isinstance(error, SyntaxError) and error.filename:
            files.add(error.filename)
        error = error.__cause__ or error.__context__
    return files


def is_installed(name: str, without: set[str]) -> bool:
    """Whether Python has the module elsewhere too."""
    if name in sys.stdlib_module_names:
        return True
    finder = next((each for each in sys.meta_path if getattr(each, "__name__", "") == "PathFinder"), None)
    others = [path for path in sys.path if os.path.realpath(path) not in without]
    return finder is not None and finder.find_spec(name, others) is not None  # type: ignore[attr-defined]


def send(descriptor: int, reply: dict) -> None:
    """Writes the one answer of a child. A name that is no UTF-8 cannot stand in it: an error shows it escaped."""
    import json

    try:
        text = json.dumps(reply, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        if "text" in reply:  # which is for people
            reply = {"text": reply["text"].encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")}
        elif "error" not in reply:
            name = ascii(first_undecodable(reply)).replace("\\udc", "\\x")
            reply = {"error": {"kind": "environment", "message": f"{name} is not UTF-8 text, as names must be here. "
                               "Work in folders, and set HOME and CROSSTALK_CACHE to folders, whose names are."}}  # fmt: skip
        parts = reply.get("error", reply)
        text = "{" + ", ".join(f"{quoted(name)}: {quoted(part)}" for name, part in parts.items()) + "}"
        text = (f'{{"error": {text}}}' if "error" in reply else text).encode()
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(text + b"\n")


def first_undecodable(value: object) -> str | None:
    if isinstance(value, str):
        return value if any(0xD800 <= ord(letter) < 0xE000 for letter in value) else None
    parts = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return next((found for part in parts if (found := first_undecodable(part)) is not None), None)


def quoted(text: str) -> str:
    """JSON's way to write a text."""
    parts = []
    for letter in text:
        code = ord(letter)
        if 0x20 <= code < 0x7F and letter not in '"\\':
            parts.append(letter)
        elif code >= 0x10000:
            parts.append(f"\\u{0xD800 + ((code - 0x10000) >> 10):04x}\\u{0xDC00 + ((code - 0x10000) & 0x3FF):04x}")
        elif 0xD800 <= code < 0xE000:  # a byte of a name that is no UTF-8
            parts.append(f"\\\\x{code & 0xFF:02x}")
        else:
            parts.append(f"\\u{code:04x}")
    return '"' + "".join(parts) + '"'

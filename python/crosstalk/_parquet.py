"""python -m crosstalk._parquet: the child of `crosstalk export --format parquet`.

The request on standard input: {"table": a CSV, "out": the file to write, "columns": [[name, type], ...]} with the types
text, integer and number (src/desk/store/export.hpp). The table goes through memory a piece at a time. The file gets its
name when all of it is there; the reply is {} or {"error": {"kind", "message"}}."""

from crosstalk import _child

with _child.guarded("the Parquet file cannot be made"):
    import json
    import os
    import sys

MISSING = "--format parquet needs pyarrow, which is not installed: pip install pyarrow."


def write(request):
    import pyarrow
    from pyarrow import csv, parquet

    types = {"text": pyarrow.string(), "integer": pyarrow.int64(), "number": pyarrow.float64()}
    columns = {name: types[kind] for name, kind in request["columns"]}
    reading = csv.open_csv(
        request["table"],
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(column_types=columns, null_values=[""], strings_can_be_null=False),
    )
    schema = pyarrow.schema(list(columns.items()))
    with parquet.ParquetWriter(request["out"] + ".partial", schema) as file:
        for batch in reading:
            file.write_batch(batch)
    os.replace(request["out"] + ".partial", request["out"])


def reply_to(request):
    try:
        import pyarrow  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        return {"error": {"kind": "environment", "message": MISSING}}
    try:
        write(request)
    except OSError as error:
        reason = f"{request['out']} cannot be written: {error.strerror or error}"
        return {"error": {"kind": "environment", "message": f"{reason}. Make room, or give another --out."}}
    finally:
        if os.path.isfile(request["out"] + ".partial"):
            os.remove(request["out"] + ".partial")
    return {}


if __name__ == "__main__":
    with _child.guarded("the Parquet file cannot be made"):
        _child.clean_up_when_ended()
        replies = _child.replies()
        reply = reply_to(json.load(sys.stdin))
        _child.send(replies, reply)
    sys.exit(_child.STATUS if "error" in reply else 0)

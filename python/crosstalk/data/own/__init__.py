"""The user's own data: one file a format, one line each. `matches(path)` says which."""

from crosstalk.data.own import csv_table, npz, png_folder

OWN = {
    format.name: format
    for format in (
        csv_table.FORMAT,
        npz.FORMAT,
        png_folder.FORMAT,
    )
}

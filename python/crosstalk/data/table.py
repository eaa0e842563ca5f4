"""A table as text: columns aligned, numbers to the right."""


def table(columns, rows, right=()):
    widths = [max(len(row[place]) for row in [columns, *rows]) for place in range(len(columns))]

    def line(row):
        cells = (
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths))
        )
        return "  ".join(cells).rstrip()

    return "\n".join(line(row) for row in [columns, *rows])

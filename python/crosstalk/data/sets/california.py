"""California Housing (StatLib; Pace and Barry, 1997): 20,640 block groups of the 1990 census, the features
as scikit-learn derives them, the target in 100,000 dollars.

Shuffled by the package's order, the last 5% are the test set. The values are raw: scaling is the engine's,
because it depends on the training rows."""

from crosstalk.data.converted import Converted
from crosstalk.data.errors import DataError, shape_text
from crosstalk.data.order import order
from crosstalk.data.precision import single_where_distinct
from crosstalk.data.sets import comma_separated
from crosstalk.data.sets.comma_separated import MEND
from crosstalk.data.sets.known import Known, named

FEATURES = ["MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude"]
TEST_SHARE = 0.05
CHECKSUM = "a2b44dcc7e1c9091b43c4f458b25cbd1f7e8068d08edd26bc4703108d3fa6214"


def read(files):
    """The nine original columns: longitude, latitude, age, rooms, bedrooms, population, households,
    income, value."""
    import numpy

    path = next(iter(files.values()))
    table = comma_separated.table(path, "California Housing")
    if table.shape[1] != 9 or len(table) < 20:
        raise DataError(f"{path} holds {shape_text(table.shape)} numbers where 20,640 x 9 are expected.\n{MEND}")
    if not numpy.isfinite(table).all() or table[:, 6].min() <= 0:
        raise DataError(f"{path} has a row with a number that is not finite, or without households.\n{MEND}")
    return table


def convert(files, options):
    import numpy

    table = read(files)
    longitude, latitude, age, rooms, bedrooms, population, households, income, value = table.T
    x = [
        income,
        age,
        rooms / households,
        bedrooms / households,
        population,
        population / households,
        latitude,
        longitude,
    ]
    shuffled = order(len(table))
    x = single_where_distinct(numpy.stack(x, axis=1)[shuffled])
    y = single_where_distinct(value[shuffled, None] / 100_000)
    train = len(x) - round(TEST_SHARE * len(x))
    notices = [] if len(x) == 20640 else [f"{len(x):,} rows of the 20,640 of the whole data set."]
    return Converted(x[:train], y[:train], x[train:], y[train:], features=FEATURES, notices=notices)


def count(files):
    rows = len(read(files))
    return rows - round(TEST_SHARE * rows), round(TEST_SHARE * rows)


SET = Known(
    name="california",
    kind="regress",
    title="California Housing (StatLib; Pace and Barry, 1997)",
    licence="public domain",
    rows=(19608, 1032),
    names=("cal_housing.data",),
    find=named("cal_housing.data"),
    convert=convert,
    count=count,
    checksums={"cal_housing.data": CHECKSUM, "cal_housing.data.gz": CHECKSUM},
    shipped=("cal_housing.data", "cal_housing.data.gz"),
    packed={"cdbc6f084852c03a4a55e6752938bb7d64c54b89813cbb8a21b0d25d1ade3e3c": CHECKSUM},
)

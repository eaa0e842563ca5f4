"""A user's own tables, arrays and images, good and bad."""

import numpy as np
import pytest
from PIL import Image

from crosstalk.data.errors import DataError
from crosstalk.data.own import csv_table, npz, png_folder

ROWS = ["acid,sugar,quality", "1,2.5,3", "4,5,6", "7,8,9", "-1e3,0.5,12", "2,2,2"]


def table(folder, lines, name="wine.csv", **write):
    (folder / name).write_text("\n".join(lines) + "\n", **write)
    return {"all": str(folder / name)}


def read_table(folder, lines, **options):
    return csv_table.convert(table(folder, lines), {"target": "quality", "kind": "regress", **options})


def test_a_csv_is_prepared_from_its_place_beside_the_study(tmp_path, cache, ask, tensors):
    table(tmp_path, ROWS)
    reply = ask(
        "prepare",
        dataset="wine.csv",
        base=str(tmp_path),
        target="quality",
        kind="regress",
        test_share=0.4,
        normalise="per-feature",
    )
    data = tensors(reply)
    rows = sorted([*x, *y] for x, y in zip([*data["train.x"], *data["test.x"]], [*data["train.y"], *data["test.y"]]))
    assert (reply["train_rows"], reply["test_rows"], reply["outputs"], reply["input_shape"]) == (3, 2, 1, [2])
    assert rows == sorted([float(value) for value in line.split(",")] for line in ROWS[1:])
    assert data["train.x"].dtype == np.float32 and data["train.y"].shape == (3, 1) and not reply["verified"]


def test_a_csv_may_have_a_byte_order_mark_semicolons_blank_lines_quotes_and_crlf(tmp_path):
    lines = ['"acid";"sugar, raw";quality\r', "", ' 1 ;2.5;"3"\r', ";;", "4;5;6\r", "7;8;9"]
    table(tmp_path, lines, encoding="utf-8-sig", newline="")
    read = csv_table.convert({"all": str(tmp_path / "wine.csv")}, {"target": "sugar, raw"})
    assert read.features == ["acid", "quality"] and sorted(np.concatenate([read.train_y, read.test_y])[:, 0]) == [
        2.5,
        5,
        8,
    ]


def test_labels_become_classes_in_their_order(tmp_path):
    words = [*ROWS[:1], "1,2,red", "2,3,white", "3,5,red", "4,4,green"]
    read = read_table(tmp_path, words, kind="classify")
    assert read.classes == ["green", "red", "white"] and read.train_y.dtype == np.int64
    numbers = [*ROWS[:1], "1,2,10", "2,3,9", "3,5,10", "4,4,2"]
    assert read_table(tmp_path, numbers, kind="classify").classes == ["2", "9", "10"]


BAD_TABLES = {
    "word": (
        ["1,2,3", "4,dry,6"],
        'wine.csv:3: column sugar is "dry" where a number is expected. Write words as numbers',
    ),
    "word to predict": (
        ["1,2,3", "4,5,good"],
        'wine.csv:3: column quality is "good" where a number is expected.*task.kind = "classify"',
    ),
    "empty": (["1,,3"], "wine.csv:2: column sugar is empty. Fill it in"),
    "NA": (["1,NA,3"], 'wine.csv:2: column sugar is "NA". Fill it in'),
    "nan": (["nan,1,3"], 'wine.csv:2: column acid is "nan"'),
    "inf": (["1,inf,3"], 'wine.csv:2: column sugar is "inf" where a number'),
    "too large": (["1,1e39,3"], 'wine.csv:2: column sugar is "1e39" where a number'),
    "underscore": (["1,1_0,3"], 'wine.csv:2: column sugar is "1_0" where a number'),
    "constant": (["5,2,3", "5,3,4", "5,4,5"], "wine.csv: column acid is 5 in every row"),
    "constant target": (["1,2,3", "2,3,3", "3,4,3"], "wine.csv: the target quality is 3 in every"),
    "ragged": (["1,2,3", "1,2"], "wine.csv:3 has 2 columns where the header names 3"),
    "one row": (["1,2,3"], "has 1 row; training and test need one each"),
    "no rows": ([], "has a header and no rows"),
    "quote": (['"1,2,3'], "wine.csv:2: unexpected end of data"),
    "long field": (["9" * 200_000 + ",1,2"], r"wine.csv:2: a field has more than 131,072 characters"),
}


@pytest.mark.parametrize("lines, message", BAD_TABLES.values(), ids=BAD_TABLES.keys())
def test_a_bad_table_is_named_with_line_column_and_value(lines, message, tmp_path):
    with pytest.raises(DataError, match=message):
        read_table(tmp_path, [ROWS[0], *lines])


BAD_HEADERS = {
    "numbers": (["1,2,3", "4,5,6"], "wine.csv:1: .* are numbers where the columns' names are expected"),
    "twice": (["a,a,quality", "1,2,3"], 'two columns are named "a"'),
    "unnamed": (["a,,quality", "1,2,3"], "column 2 has no name"),
    "one column": (["quality", "1"], 'there is one column, "quality"'),
    "nothing": ([""], "wine.csv is empty where a header"),
}


@pytest.mark.parametrize("lines, message", BAD_HEADERS.values(), ids=BAD_HEADERS.keys())
def test_a_bad_header_is_named(lines, message, tmp_path):
    with pytest.raises(DataError, match=message):
        read_table(tmp_path, lines)


def test_the_column_to_predict_must_be_named_and_be_there(tmp_path):
    with pytest.raises(DataError, match='task.target = "quality"; the columns are acid, sugar, quality'):
        read_table(tmp_path, ROWS, target="")
    with pytest.raises(DataError, match='task.target = "qualty" is not one of its columns; did you mean quality?'):
        read_table(tmp_path, ROWS, target="qualty")


def test_numbers_that_are_hardly_classes_are_refused_as_classes(tmp_path):
    lines = [ROWS[0], *(f"{row},{row * row},{row / 3}" for row in range(30))]
    with pytest.raises(DataError, match='30 distinct values in 30 rows.*\n.*task.kind = "regress"'):
        read_table(tmp_path, lines, kind="classify")
    with pytest.raises(DataError, match='column quality is "a" in every row; there must be two classes'):
        read_table(tmp_path, [ROWS[0], "1,2,a", "2,3,a", "3,4,a"], kind="classify")


@pytest.mark.parametrize("share", [0, 1, -0.5, "half", True])
def test_a_share_that_is_none_is_refused(share, tmp_path):
    with pytest.raises(DataError, match="task.test-share = .*: it is a share between 0 and 1"):
        read_table(tmp_path, ROWS, **{"test-share": share})


def test_bytes_that_are_no_text_are_named_with_their_line(tmp_path):
    (tmp_path / "wine.csv").write_bytes(b"acid,sugar,quality\n1,2,3\n1,\xff,3\n")
    with pytest.raises(DataError, match="wine.csv:3: the byte 0xff is not UTF-8 text"):
        csv_table.convert({"all": str(tmp_path / "wine.csv")}, {"target": "quality"})


def saved(folder, **arrays):
    np.savez(folder / "mine.npz", **arrays)
    return {"all": str(folder / "mine.npz")}


SHAPES = {
    "grey": ((6, 5, 4), np.uint8, (1, 5, 4), 255),
    "first": ((6, 3, 5, 7), np.uint8, (3, 5, 7), 255),
    "last": ((6, 5, 7, 3), np.uint8, (3, 5, 7), 255),
    "maps": ((6, 64, 8, 8), np.uint8, (64, 8, 8), 255),
    "float": ((6, 5, 4), np.float64, (1, 5, 4), 1),
    "wide": ((6, 5, 4), np.int64, (1, 5, 4), 255),
    "table": ((6, 5), np.uint8, (5,), 1),
    "flat": ((6, 5), np.float32, (5,), 1),
}


@pytest.mark.parametrize("shape, dtype, expected, divide", SHAPES.values(), ids=SHAPES.keys())
def test_arrays_become_images_or_tables_by_their_shape(shape, dtype, expected, divide, tmp_path):
    x = np.arange(np.prod(shape)).reshape(shape) % 200
    read = npz.convert(saved(tmp_path, x=x.astype(dtype), y=np.arange(6) % 2), {"kind": "classify"})
    assert read.train_x.shape[1:] == expected and read.divide == divide and read.classes == ["0", "1"]
    assert read.train_x.dtype == (np.uint8 if divide == 255 else np.float32) and len(read.train_x) == 5


def test_images_with_channels_last_keep_their_pixels(tmp_path):
    x = np.random.default_rng(0).integers(0, 256, (4, 5, 7, 3), np.uint8)
    read = npz.convert(saved(tmp_path, x=x, y=[0, 1, 2, 3], x_test=x[:2], y_test=[0, 1]), {"kind": "classify"})
    for image, label in zip(read.train_x, read.train_y):
        assert (image[2] == x[label][:, :, 2]).all()
    assert len(read.train_x) == 4 and len(read.test_x) == 2 and "channels last" in read.notices[0]


def test_images_whose_numbers_look_like_pixels_and_are_not_divided_are_noticed(tmp_path):
    def notices(x):
        return npz.convert(saved(tmp_path, x=x, y=np.arange(6) % 2), {"kind": "classify"}).notices

    grey = np.arange(6 * 25.0).reshape(6, 5, 5)
    assert "x holds float64 from 0 to 149, which is not divided: only whole numbers" in notices(grey)[0]
    assert "x holds uint16 from 0 to 1490" in notices((10 * grey).astype(np.uint16))[0]
    assert notices(grey / 255) == notices((grey - grey.mean()) / grey.std()) == notices(grey.astype(np.uint8)) == []


def test_an_npz_regresses_several_outputs(tmp_path, cache, ask, tensors):
    saved(tmp_path, x=np.eye(4), y=np.arange(8.0).reshape(4, 2))
    reply = ask("prepare", dataset="mine.npz", base=str(tmp_path), kind="regress")
    assert (reply["outputs"], reply["train_rows"], reply["test_rows"], reply["classes"]) == (2, 3, 1, None)
    assert tensors(reply)["train.y"].shape == (3, 2)


BAD_ARRAYS = {
    "pickled": (
        {"x": np.eye(3), "y": np.array([{"run": "this"}, None, 1], object)},
        "y holds pickled Python objects.*refused",
    ),
    "no y": ({"x": np.eye(3)}, 'holds "x" where x and y are expected: y is not there'),
    "rows": ({"x": np.eye(3), "y": [1.0, 2]}, "x has 3 rows and y 2"),
    "words": (
        {"x": np.eye(2), "y": ["red", "blue"]},
        'y holds words, such as "red", where numbers.*\n.*"classify"',
    ),
    "nan": ({"x": np.array([[1.0], [np.nan]]), "y": [1.0, 2]}, r"x\[1, 0\] is nan, where a finite number"),
    "complex": ({"x": np.eye(2) * 1j, "y": [1, 2]}, "x holds .*complex128.* where numbers are expected"),
    "structure": ({"x": np.zeros(3, [("a", "f4")]), "y": [1, 2, 3]}, "x holds .* where numbers are expected"),
    "scalar": ({"x": 3.0, "y": [1.0]}, "x is one number of float64 where a table"),
    "text": ({"x": [["a"], ["b"]], "y": [1.0, 2]}, "x is 2 x 1 of <U1 where a table"),
    "empty": ({"x": np.zeros((0, 3)), "y": np.zeros(0)}, "x is 0 x 3 of float64"),
    "constant": (
        {"x": np.eye(3), "y": [2.0, 2, 2]},
        "column 0 of y is 2 in every row: there is nothing to predict",
    ),
    "half a test": ({"x": np.eye(3), "y": [1, 2, 3], "x_test": np.eye(3)}, "y_test is not there"),
    "other test": (
        {"x": np.eye(3), "y": [1, 2, 3], "x_test": np.eye(2), "y_test": [1, 2]},
        "x is 3 x 3 and x_test 2 x 2; their rows must have one shape",
    ),
    "other values": (
        {"x": np.full((2, 5, 5), 7), "y": [1, 2], "x_test": np.full((2, 5, 5), 700), "y_test": [1, 2]},
        "x holds int64 from 7 to 7 and x_test int64 from 700 to 700. Whole numbers from 0 to 255",
    ),
}


@pytest.mark.parametrize("arrays, message", BAD_ARRAYS.values(), ids=BAD_ARRAYS.keys())
def test_bad_arrays_are_named_with_what_they_hold(arrays, message, tmp_path):
    with pytest.raises(DataError, match=message):
        npz.convert(saved(tmp_path, **arrays), {"kind": "regress"})


def test_one_column_a_class_is_refused_with_the_mend(tmp_path):
    with pytest.raises(
        DataError,
        match=r"y is 3 x 3 where one label a row is expected. From one column a class: y.argmax\(axis=1\)",
    ):
        npz.convert(saved(tmp_path, x=np.eye(3), y=np.eye(3)), {"kind": "classify"})


def test_a_pickle_under_the_name_of_an_npz_is_not_loaded(tmp_path, cache, ask):
    import pickle

    (tmp_path / "mine.npz").write_bytes(pickle.dumps({"x": 1}))
    error = ask("prepare", dataset="mine.npz", base=str(tmp_path), kind="regress")
    assert error.kind == "data" and "mine.npz is not a whole .npz file" in error.message


def photos(folder, sizes=(6, 5), mode="RGB", classes=("cat", "dog"), splits=("train", "test"), each=4):
    generator = np.random.default_rng(1)
    for split in splits:
        for name in classes:
            (folder / split / name).mkdir(parents=True)
            for number in range(each):
                shape = (sizes[1], sizes[0], 3) if mode == "RGB" else (sizes[1], sizes[0])
                Image.fromarray(generator.integers(0, 256, shape, np.uint8)).save(
                    folder / split / name / f"{number}.png"
                )
    return folder


def test_a_folder_of_images_is_read_by_its_classes(tmp_path, cache, ask, tensors):
    folder = photos(tmp_path / "photos")
    (folder / "train" / "cat" / "notes.txt").write_text("not an image")
    reply = ask("prepare", dataset="photos", base=str(tmp_path))
    data = tensors(reply)
    assert (reply["classes"], reply["train_rows"], reply["test_rows"], reply["input_shape"]) == (
        ["cat", "dog"],
        8,
        8,
        [3, 5, 6],
    )
    expected = np.asarray(Image.open(folder / "test" / "dog" / "2.png")).transpose(2, 0, 1)
    assert any((image == expected).all() and label == 1 for image, label in zip(data["test.x"], data["test.y"]))


def test_a_share_of_each_class_is_held_out_where_there_is_no_test_folder(tmp_path):
    folder = photos(tmp_path / "photos", mode="L", splits=["train"], each=10)
    read = png_folder.convert({"all": str(folder)}, {"test-share": 0.3})
    assert read.train_x.shape == (14, 1, 5, 6) and np.bincount(read.test_y).tolist() == [3, 3]


def spoil(folder, how):
    image = folder / "train" / "dog" / "1.png"
    if how == "odd size":
        Image.new("RGB", (9, 9)).save(image)
    elif how == "cut":
        image.write_bytes(image.read_bytes()[:60])
    elif how == "no image":
        image.write_bytes(b"GIF89a" + bytes(99))
    elif how == "empty":
        image.write_bytes(b"")
    elif how == "bomb":
        begin = image.read_bytes()
        image.write_bytes(begin[:16] + (2**31 - 1).to_bytes(4, "big") * 2 + begin[24:])
    elif how == "16 bits":
        Image.new("I;16", (6, 5)).save(image)
    elif how == "empty class":
        (folder / "train" / "fox").mkdir()
    elif how == "unknown class":
        (folder / "test" / "dog").rename(folder / "test" / "fox")
    return folder


SPOILT = {
    "odd size": "dog/1.png is 9 x 9 pixels where the others are 6 x 5",
    "cut": "dog/1.png cannot be decoded",
    "no image": 'dog/1.png begins with "GIF89a.*: it is not a PNG',
    "empty": "dog/1.png is empty: it is not a PNG",
    "bomb": "dog/1.png declares 2,147,483,647 x 2,147,483,647 pixels",
    "16 bits": "dog/1.png has 16 bits for each colour where 8",
    "empty class": "train/fox has no .png file",
    "unknown class": "test/fox/.*the class fox is not in .*train, which has cat, dog",
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_folder_is_named_with_the_image(how, tmp_path):
    folder = spoil(photos(tmp_path / "photos"), how)
    with pytest.raises(DataError, match=SPOILT[how]):
        png_folder.convert({"all": str(folder)}, {})


def test_a_folder_laid_out_otherwise_is_told_how(tmp_path, cache, ask):
    (tmp_path / "photos" / "cat").mkdir(parents=True)
    assert (
        "photos holds cat where train/CLASS/*.png is expected"
        in ask("prepare", dataset="photos", base=str(tmp_path)).message
    )


def test_transparent_and_grey_images_among_coloured_ones_are_read_with_a_notice(tmp_path):
    folder = photos(tmp_path / "photos")
    Image.new("RGBA", (6, 5), (1, 2, 3, 4)).save(folder / "train" / "cat" / "0.png")
    Image.new("L", (6, 5), 7).save(folder / "train" / "cat" / "1.png")
    read = png_folder.convert({"all": str(folder)}, {})
    assert read.notices == [
        "1 grey image among coloured ones, read as coloured.",
        "the transparency of 1 image is left out.",
    ]


def test_images_are_classified_not_regressed(tmp_path, cache, ask):
    photos(tmp_path / "photos")
    error = ask("prepare", dataset="photos", base=str(tmp_path), kind="regress")
    assert error.kind == "config" and 'photos is for task.kind = "classify"' in error.message


def test_other_endings_and_missing_files_are_told_what_is_read(tmp_path, cache, ask):
    (tmp_path / "mine.xlsx").write_bytes(b"PK")
    assert (
        ".xlsx is not a format that is read. It is one of digits, california"
        in ask("prepare", dataset="mine.xlsx", base=str(tmp_path)).message
    )
    assert f"is not there: {tmp_path / 'other.csv'}" in ask("prepare", dataset="other.csv", base=str(tmp_path)).message
    assert "is a folder where" not in ask("prepare", dataset="", base=str(tmp_path)).message

"""What ships with the package is what the documentation says, by another way of computing it."""

import gzip
import hashlib

import numpy as np
import pytest

from crosstalk.data.order import order
from crosstalk.data.sets import KNOWN
from crosstalk.data.sets.known import ASSETS


@pytest.fixture
def digits(warm_cache, monkeypatch, ask, tensors):
    monkeypatch.setenv("CROSSTALK_CACHE", str(warm_cache))
    reply = ask("prepare", dataset="digits", kind="classify", source="files", target="")
    return reply, tensors(reply)


@pytest.fixture
def california(warm_cache, monkeypatch, ask, tensors):
    monkeypatch.setenv("CROSSTALK_CACHE", str(warm_cache))
    reply = ask("prepare", dataset="california")
    return reply, tensors(reply)


def original_digits():
    with gzip.open(ASSETS / "digits.csv.gz", "rt") as file:
        return np.array([[int(value) for value in line.split(",")] for line in file])


def original_california():
    with gzip.open(ASSETS / "cal_housing.data.gz", "rt") as file:
        return np.array([[float(value) for value in line.split(",")] for line in file])


def test_digits_are_scaled_as_a_plain_loop_scales_them(digits):
    reply, data = digits
    image = original_digits()[7, :64].reshape(8, 8) / 16
    for row in range(32):
        for column in range(32):
            up, left = ((place + 0.5) / 4 - 0.5 for place in (row, column))
            value = 0.0
            for i in range(8):
                for j in range(8):
                    near = [max(0, 1 - abs(min(max(place, 0), 7) - k)) for place, k in ((up, i), (left, j))]
                    value += near[0] * near[1] * image[i, j]
            assert data["train.x"][7, 0, row, column] == np.float32(value)


def test_digits_are_scaled_as_pillow_and_scipy_scale_them(digits):
    from PIL import Image
    from scipy import ndimage

    _, data = digits
    x = np.concatenate([data["train.x"], data["test.x"]])
    for row in (0, 500, 1700):
        image = (original_digits()[row, :64].reshape(8, 8) / 16).astype(np.float32)
        pillow = np.asarray(Image.fromarray(image).resize((32, 32), Image.Resampling.BILINEAR))
        scipy = ndimage.zoom(image.astype(float), 4, order=1, mode="nearest", grid_mode=True)
        np.testing.assert_allclose(x[row, 0], pillow, atol=1e-6)
        np.testing.assert_allclose(x[row, 0], scipy, atol=1e-6)


def test_digits_have_three_equal_channels_and_the_last_360_rows_for_the_test(digits):
    reply, data = digits
    table = original_digits()
    assert (reply["train_rows"], reply["test_rows"], reply["input_shape"]) == (1437, 360, [3, 32, 32])
    assert (
        reply["verified"]
        and reply["outputs"] == 10
        and reply["classes"] == list("0123456789")
        and reply["notices"] == []
    )
    assert data["train.x"].dtype == np.float32 and data["train.y"].dtype == np.int64
    assert (data["train.x"][:, 0] == data["train.x"][:, 2]).all()
    assert (data["test.y"] == table[1437:, 64]).all() and (data["train.y"] == table[:1437, 64]).all()
    assert data["train.x"].min() == 0 and data["train.x"].max() == 1


def test_california_has_scikit_learns_features_and_raw_values(california):
    reply, data = california
    longitude, latitude, age, rooms, bedrooms, population, households, income, value = original_california().T
    features = np.stack(
        [
            income,
            age,
            rooms / households,
            bedrooms / households,
            population,
            population / households,
            latitude,
            longitude,
        ],
        1,
    )
    shuffled = sorted(range(20640), key=lambda row: hashlib.sha256(f"crosstalk {row}".encode()).hexdigest())
    assert (reply["train_rows"], reply["test_rows"], reply["kind"], reply["outputs"]) == (
        19608,
        1032,
        "regress",
        1,
    )
    assert (np.concatenate([data["train.x"], data["test.x"]]) == features[shuffled].astype(np.float32)).all()
    assert (np.concatenate([data["train.y"], data["test.y"]])[:, 0] == (value[shuffled] / 1e5).astype(np.float32)).all()
    # The first row as scikit-learn's documentation prints it.
    first = shuffled.index(0)
    np.testing.assert_allclose(data["train.x"][first][:3], [8.3252, 41.0, 6.98412698], rtol=1e-6)
    np.testing.assert_allclose(data["train.y"][first], [4.526], rtol=1e-6)


def test_the_order_of_shuffling_never_changes():
    assert order(10) == [3, 4, 5, 2, 7, 6, 8, 0, 9, 1]
    digest = hashlib.sha256(",".join(map(str, order(20640))).encode()).hexdigest()
    assert digest == "8e2b9725a4bd83e3e05344e6700bca7465440207e9ea93327ac17eca7c998b2e"


def test_what_ships_is_bit_for_bit_what_its_checksum_says():
    for name, asset in (("digits", "digits.csv.gz"), ("california", "cal_housing.data.gz")):
        content = (ASSETS / asset).read_bytes()
        content = gzip.decompress(content) if name == "california" else content
        assert hashlib.sha256(content).hexdigest() in KNOWN[name].checksums.values()


def test_a_folder_of_the_users_with_the_same_data_is_the_same_data(test_data, warm_cache, california, ask):
    reply = ask("prepare", dataset="california", data=str(test_data))
    assert reply["file"] == california[0]["file"] and reply["sha256"] == california[0]["sha256"] and reply["verified"]


def test_a_kind_that_the_set_is_not_for_is_refused(cache, ask):
    error = ask("prepare", dataset="digits", kind="regress")
    assert error.kind == "config" and error.message == 'task.kind = "regress": digits is for task.kind = "classify".'


FOREIGN = {
    "empty": b"",
    "text": b"not gzip",
    "small": gzip.compress(b"1,2,3\n"),
    "words": gzip.compress(b"a,b\n"),
    "bytes": gzip.compress(b"\xff\x00"),
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_foreign_file_in_the_place_of_digits_is_refused_by_name(content, cache, tmp_path, ask):
    (tmp_path / "digits").mkdir()
    (tmp_path / "digits" / "digits.csv.gz").write_bytes(content)
    error = ask("prepare", dataset="digits", data=str(tmp_path))
    assert error.kind == "data" and "digits.csv.gz" in error.message and "Put the original back" in error.message

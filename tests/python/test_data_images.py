"""Folders of images as strangers have them: other names of the halves, what is not read, names in other codes, and
PNGs of every sort."""

import os
import struct
import unicodedata
import zlib

import numpy as np
import pytest
from PIL import Image

from crosstalk.data.errors import DataError
from crosstalk.data.own import layout, png, png_folder


def photos(folder, *halves, classes=("cat", "dog"), each=3, grey=False):
    for number, (half, name) in enumerate((half, name) for half in halves or ("train",) for name in classes):
        (folder / half / name).mkdir(parents=True)
        for image in range(each):
            pixels = np.full((5, 6) if grey else (5, 6, 3), 20 * number + image, np.uint8)
            Image.fromarray(pixels).save(folder / half / name / f"{image}.png")
    return folder


def read(folder):
    return png_folder.convert({"all": str(folder)}, {})


@pytest.mark.parametrize("name", ["val", "valid", "Validation", "VAL"])
def test_val_is_the_test_set_where_there_is_no_test(name, tmp_path):
    found = layout.listed(photos(tmp_path / "photos", "train", name))
    assert {path.parts[-3] for _, path in found.splits["test"]} == {name}
    assert found.notices == [f"{name}/ is the test set: there is no test/."]
    converted = read(tmp_path / "photos")
    assert len(converted.train_x) == 6 and len(converted.test_x) == 6


def test_beside_a_test_set_val_is_said_to_be_left_out(tmp_path):
    found = layout.listed(photos(tmp_path / "photos", "Train", "TEST", "val"))
    assert {path.parts[-3] for _, path in found.splits["test"]} == {"TEST"}
    assert found.notices == ["val/ is not used: TEST/ is the test set."]


@pytest.mark.parametrize("pair", [("val", "valid"), ("test", "Test"), ("train", "TRAIN")])
def test_two_folders_for_one_half_are_refused_with_both(pair, tmp_path):
    folder = photos(tmp_path / "photos", *dict.fromkeys(("train", *pair)))
    with pytest.raises(DataError, match=f"has both {min(pair)}/ and {max(pair)}/: which one is meant"):
        layout.listed(folder)


def test_what_is_not_read_is_counted(tmp_path):
    folder = photos(tmp_path / "photos", "train", "test")
    cat = folder / "train" / "cat"
    for name in ("a.jpg", "b.JPG", "c.jpeg", ".hidden.png", "notes", "._0.png"):
        (cat / name).write_bytes(b"x")
    (cat / "gone.png").symlink_to("/mnt/elsewhere/0.png")
    (cat / "also.png").symlink_to("also.png")  # a loop
    (cat / "more").mkdir()
    (cat / "like.png").mkdir()
    os.mkfifo(cat / "pipe.png")
    (folder / "train" / "beside.png").write_bytes(b"x")
    for name in (".ipynb_checkpoints", "__MACOSX"):
        (folder / "train" / name).mkdir()
    (folder / "unlabelled").mkdir()
    (notice,) = layout.listed(folder).notices
    for part in (
        "2 .jpg files",
        "1 .jpeg file,",
        "2 hidden files",
        "1 other file",
        "2 links that lead nowhere",
        "1 pipe, socket or device",
        "1 .png file beside the class folders",
        "the folder unlabelled",
        "the folder train/.ipynb_checkpoints",
        "the folder train/__MACOSX",
        "1 more folder",
        "Convert images of other formats to PNG.",
    ):
        assert part in notice, f"{part} is not in {notice}"


def test_what_came_later_is_noticed_although_the_conversion_is_kept(tmp_path, cache, ask, capsys):
    folder = photos(tmp_path / "photos")
    first = ask("prepare", dataset="./photos", base=str(tmp_path))
    (folder / "train" / "cat" / "late.jpg").write_bytes(b"x")
    second = ask("prepare", dataset="./photos", base=str(tmp_path))
    assert first["notices"] == [] and second["file"] == first["file"]
    assert second["notices"] == ["not read: 1 .jpg file. Convert images of other formats to PNG."]


def test_a_class_without_a_png_is_refused_with_what_it_has(tmp_path):
    folder = photos(tmp_path / "photos")
    (folder / "train" / "fox").mkdir()
    for name in "ab":
        (folder / "train" / "fox" / f"{name}.jpg").write_bytes(b"x")
    with pytest.raises(DataError, match="train/fox has no .png file, but 2 .jpg files. .* Convert images of other"):
        layout.listed(folder)


def test_a_class_that_is_a_dead_link_is_refused(tmp_path):
    folder = photos(tmp_path / "photos", "train", classes=("cat", "dog", "fox"))
    (folder / "train" / "owl").symlink_to("/mnt/elsewhere/owl")
    with pytest.raises(DataError, match="train/owl is a link to /mnt/elsewhere/owl, which is not there"):
        layout.listed(folder)


def test_classes_without_a_test_image_are_named(tmp_path):
    folder = photos(tmp_path / "photos", "train", classes=("cat", "dog", "fox"))
    photos(folder, "test")
    assert layout.listed(folder).notices == ["test/ has no images of 1 class: fox."]


def test_a_class_of_the_test_set_alone_is_refused_with_its_neighbour(tmp_path):
    folder = photos(tmp_path / "photos", "train", "test")
    (folder / "test" / "dog").rename(folder / "test" / "Dog")
    with pytest.raises(DataError, match="the class Dog is not in .*train, which has cat, dog; did you mean dog"):
        layout.listed(folder)


def test_a_class_whose_name_is_not_utf8_is_blamed_by_its_name(tmp_path, cache, ask):
    folder = photos(tmp_path / "photos")
    os.rename(os.fsencode(folder / "train" / "cat"), os.fsencode(folder / "train") + b"/caf\xe9")
    error = ask("prepare", dataset="./photos", base=str(tmp_path))
    assert error.kind == "data" and r"train/caf\xe9: the name of this class's folder is not UTF-8" in error.message
    error.message.encode()  # no half of a surrogate pair, which no JSON reader takes


def test_file_names_and_folders_above_that_are_not_utf8_are_only_paths(tmp_path, cache, ask, tensors):
    from safetensors import safe_open

    folder = photos(tmp_path / "photos")
    for name in (b"caf\xe9.png", b"caf\xe9.jpg"):
        with open(os.fsencode(folder / "train" / "cat") + b"/" + name, "wb") as file:
            file.write((folder / "train" / "cat" / "0.png").read_bytes())
    above = os.fsdecode(os.fsencode(tmp_path) + b"/b\xe9b\xe9")
    os.rename(folder, above)
    reply = ask("prepare", dataset=above)
    assert reply["train_rows"] + reply["test_rows"] == 7 and reply["notices"][0].startswith("not read: 1 .jpg file")
    with safe_open(reply["file"], "np") as converted:
        about = converted.metadata()["crosstalk"]
    assert "\\ud" not in about and r"b\\xe9b\\xe9" in about


def test_one_class_in_two_normal_forms_is_one_class(tmp_path):
    composed, decomposed = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    folder = photos(tmp_path / "photos", "train", classes=(composed, "the"))
    photos(folder, "test", classes=(decomposed, "the"))
    converted = read(folder)
    assert converted.classes == [composed, "the"] and np.bincount(converted.test_y).tolist() == [3, 3]
    photos(folder / "x", "train", classes=(composed, decomposed))
    with pytest.raises(DataError, match=r"two folders for the class café: 'cafe\\u0301' and 'caf\\xe9'"):
        layout.listed(folder / "x")


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def made(depth, colour, rows, width, extra=b"", after=b"", interlaced=0):
    """A PNG of packed rows, each behind its filter byte 0."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, len(rows), depth, colour, 0, 0, interlaced))
    data = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    return png.BEGIN + head + extra + data + after + chunk(b"IEND", b"")


PALETTE = chunk(b"PLTE", bytes([9, 8, 7, 255, 0, 0, 0, 255, 0, 0, 0, 255]))
LONG = zlib.compress(bytes(1_500_000))
SORTS = {
    "1 bit": (made(1, 0, [b"\xa0"], 3), "L", [[255, 0, 255]]),
    "2 bits": (made(2, 0, [b"\x1b"], 4), "L", [[0, 85, 170, 255]]),
    "4 bits": (made(4, 0, [b"\x0f\x70"], 3), "L", [[0, 255, 119]]),
    "8 bits": (made(8, 0, [b"\x00\x80\xff"], 3), "L", [[0, 128, 255]]),
    "palette of 2 bits": (made(2, 3, [b"\x1b"], 4, PALETTE), "RGB", [[9, 255, 0, 0], [8, 0, 255, 0], [7, 0, 0, 255]]),
    "palette of 8 bits": (made(8, 3, [b"\x00\x03"], 2, PALETTE), "RGB", [[9, 0], [8, 0], [7, 255]]),
    "a long text": (made(8, 0, [b"\x05"], 1, chunk(b"zTXt", b"prompt\0\0" + LONG)), "L", [[5]]),
    "a long text behind": (made(8, 0, [b"\x05"], 1, after=chunk(b"iTXt", b"a\0\1\0\0\0" + LONG)), "L", [[5]]),
    "a long profile": (made(8, 0, [b"\x05"], 1, chunk(b"iCCP", b"mine\0\0" + LONG)), "L", [[5]]),
    "a text that is damaged": (made(8, 0, [b"\x05"], 1, chunk(b"zTXt", b"x\0\0zzz")[:-1] + b"?"), "L", [[5]]),
    "an animation": (made(8, 0, [b"\x05"], 1, chunk(b"acTL", struct.pack(">II", 2, 0))), "L", [[5]]),
    "bytes behind its end": (made(8, 0, [b"\x05"], 1) + b"more", "L", [[5]]),
}


@pytest.mark.parametrize("sort", SORTS)
def test_every_sort_of_png_of_at_most_8_bits_is_read_to_the_pixel(sort, tmp_path):
    content, mode, expected = SORTS[sort]
    (tmp_path / "x.png").write_bytes(content)
    width, height, grey = png.header(tmp_path / "x.png")
    pixels, transparent, animated = png.decode(tmp_path / "x.png", mode, (height, width))
    assert [channel.reshape(-1).tolist() for channel in pixels] == expected
    assert grey == (mode == "L") and not transparent and animated == (sort == "an animation")


def test_an_interlaced_png_is_the_same_picture(tmp_path):
    passes = [b"\0\1", b"\0\2", b"\0\3\4"]  # of a 2 x 2 image: (0, 0), then (1, 0), then the second row
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 1))
    data = chunk(b"IDAT", zlib.compress(b"".join(passes)))
    (tmp_path / "x.png").write_bytes(png.BEGIN + head + data + chunk(b"IEND", b""))
    pixels, _, _ = png.decode(tmp_path / "x.png", "L", (2, 2))
    assert pixels[0].tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    "content, message",
    {
        "16 bits": (made(16, 0, [b"\0\1"], 1), "has 16 bits for each colour where 8 are expected. Convert it to 8"),
        "no such sort": (made(4, 2, [b"\0\1"], 1), "declares 4 bits and the colour type 2, which no PNG has"),
        "checksum": (made(8, 0, [b"\5"], 1).replace(b"IDATx\x9c", b"IDATx\x9d"), "checksum of its chunk IDAT is wrong"),
        "cut": (made(8, 0, [b"\5"], 1)[:-6], "cannot be decoded .it ends before its picture does"),
        "no palette": (made(8, 3, [b"\5"], 1), "cannot be decoded"),
        "chunk": (made(8, 0, [b"\5"], 1, chunk(b"ABCD", b"")), 'it has a chunk "ABCD" that PNG does not know'),
        "jpeg": (b"\xff\xd8\xff\xe0" + bytes(40), "as a JPEG image does: it is not a PNG image"),
    }.values(),
    ids=["16 bits", "no such sort", "checksum", "cut", "no palette", "chunk", "jpeg"],
)
def test_what_is_no_sound_png_of_at_most_8_bits_is_refused_by_name(content, message, tmp_path):
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(DataError, match=message):
        width, height, _ = png.header(tmp_path / "x.png")
        png.decode(tmp_path / "x.png", "L", (height, width))


def test_an_animation_and_transparency_are_noticed(tmp_path):
    folder = photos(tmp_path / "photos", grey=True)
    content = made(8, 0, [bytes(6)] * 5, 6, chunk(b"acTL", struct.pack(">II", 2, 0)) + chunk(b"tRNS", b"\0\0"))
    (folder / "train" / "cat" / "0.png").write_bytes(content)
    assert read(folder).notices == [
        "the transparency of 1 image is left out.",
        "of 1 animated image the still picture is read.",
    ]

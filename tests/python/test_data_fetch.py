"""Fetching, against a server on this machine that gives the real files and behaves badly where it is told
to."""

import dataclasses
import io

import pytest
from local_server import files_in, serving, sha256

from crosstalk.data import download
from crosstalk.data.errors import DataError
from crosstalk.data.sets import KNOWN


@pytest.fixture
def sarcos(server, test_data, cache):
    """A server with both files of SARCOS: the real test file, and, as the real training file is not at
    hand, a stand-in."""
    import scipy.io

    test = (test_data / "sarcos" / "sarcos_inv_test.mat").read_bytes()
    train = io.BytesIO()
    scipy.io.savemat(train, {"sarcos_inv": scipy.io.loadmat(io.BytesIO(test))["sarcos_inv_test"][:400]})
    server.files = {"sarcos_inv.mat": train.getvalue(), "sarcos_inv_test.mat": test}
    server.request = {
        "datasets": ["sarcos"],
        "base_url": server.url,
        "checksums": {"sarcos_inv.mat": sha256(train.getvalue())},
    }
    return server


def test_files_are_fetched_checked_and_found_by_prepare(sarcos, cache, ask, monkeypatch):
    reply = ask("fetch", **sarcos.request)
    row = reply["datasets"][0]
    assert files_in(cache / "data" / "sarcos") == ["sarcos_inv.mat", "sarcos_inv_test.mat"]
    assert (row["name"], row["train_rows"], row["test_rows"], row["where"]) == (
        "sarcos",
        400,
        4449,
        str(cache / "data" / "sarcos"),
    )
    checksums = {name: sha256(content)[7:] for name, content in sarcos.files.items()}
    monkeypatch.setitem(KNOWN, "sarcos", dataclasses.replace(KNOWN["sarcos"], checksums=checksums))
    assert ask("prepare", dataset="sarcos", source="files")["train_rows"] == 400
    sarcos.requests.clear()
    assert ask("fetch", **sarcos.request)["fetched"] == [] and sarcos.requests == []


def test_a_cut_line_is_taken_up_where_it_broke(sarcos, cache, ask):
    sarcos.cuts = [100, 5000, 1]
    ask("fetch", **sarcos.request)
    asked = [header for path, header in sarcos.requests if path == "/sarcos_inv.mat"]
    assert asked == [None, "bytes=100-", "bytes=5100-", "bytes=5101-"]
    assert (cache / "data" / "sarcos" / "sarcos_inv.mat").read_bytes() == sarcos.files["sarcos_inv.mat"]


def test_an_empty_file_is_none(sarcos, cache, ask):
    sarcos.files["sarcos_inv.mat"] = b""
    for checksum in (sarcos.request["checksums"]["sarcos_inv.mat"], sha256(b"")):
        error = ask("fetch", **{**sarcos.request, "checksums": {"sarcos_inv.mat": checksum}})
        assert error.kind == "environment" and "gives an empty file" in error.message and "--data" in error.message
    assert files_in(cache / "data" / "sarcos") == []


def test_a_later_call_goes_on_with_the_part(sarcos, cache, ask):
    (cache / "data" / "sarcos").mkdir(parents=True)
    (cache / "data" / "sarcos" / "sarcos_inv.mat.part").write_bytes(sarcos.files["sarcos_inv.mat"][:777])
    ask("fetch", **sarcos.request)
    assert sarcos.requests[0] == ("/sarcos_inv.mat", "bytes=777-") and ".part" not in "".join(
        files_in(cache / "data" / "sarcos")
    )


def test_a_part_that_is_whole_already_only_gets_its_name(sarcos, cache, ask):
    (cache / "data" / "sarcos").mkdir(parents=True)
    (cache / "data" / "sarcos" / "sarcos_inv.mat.part").write_bytes(sarcos.files["sarcos_inv.mat"])
    ask("fetch", **sarcos.request)
    assert (cache / "data" / "sarcos" / "sarcos_inv.mat").read_bytes() == sarcos.files["sarcos_inv.mat"]


def test_a_server_without_ranges_begins_anew(sarcos, cache, ask):
    sarcos.ranges, sarcos.cuts = False, [900]
    ask("fetch", **sarcos.request)
    assert (cache / "data" / "sarcos" / "sarcos_inv.mat").read_bytes() == sarcos.files["sarcos_inv.mat"]


def test_a_part_of_another_file_is_dropped_and_fetched_from_the_start(sarcos, cache, ask):
    (cache / "data" / "sarcos").mkdir(parents=True)
    (cache / "data" / "sarcos" / "sarcos_inv.mat.part").write_bytes(b"something else" * 10)
    ask("fetch", **sarcos.request)
    assert (cache / "data" / "sarcos" / "sarcos_inv.mat").read_bytes() == sarcos.files["sarcos_inv.mat"]


def test_a_wrong_checksum_leaves_no_file_and_names_both_sums(sarcos, cache, ask):
    sarcos.files["sarcos_inv.mat"] = b"<html>not found</html>"
    error = ask("fetch", **sarcos.request)
    assert error.kind == "data" and files_in(cache / "data" / "sarcos") == []
    assert (
        sha256(b"<html>not found</html>")[7:] in error.message
        and sarcos.request["checksums"]["sarcos_inv.mat"][7:] in error.message
    )


def test_a_line_that_never_brings_anything_is_given_up_and_the_part_kept(sarcos, cache, ask):
    sarcos.cuts = [300] + [0] * 20
    error = ask("fetch", **sarcos.request)
    assert error.kind == "environment" and "the same command goes on from there" in error.message
    assert (cache / "data" / "sarcos" / "sarcos_inv.mat.part").stat().st_size == 300


def test_a_busy_server_is_asked_again_and_a_missing_file_is_not(sarcos, cache, ask):
    sarcos.failures = [503, 429]
    ask("fetch", **sarcos.request)
    assert len(sarcos.requests) == 4
    sarcos.files.clear(), sarcos.requests.clear()
    (cache / "data" / "sarcos" / "sarcos_inv.mat").unlink()
    error = ask("fetch", **sarcos.request)
    assert (
        error.kind == "environment"
        and "404" in error.message
        and "--data DIR" in error.message
        and len(sarcos.requests) == 1
    )


def test_a_name_that_is_not_known_is_said_at_once_and_leaves_no_part(tmp_path, monkeypatch):
    import socket

    def unknown(*arguments, **keywords):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(DataError, match="cannot be fetched: Name or service not known. Try later"):
        download.download("https://example.invalid/a.mat", tmp_path / "a.mat", "md5", "")
    assert files_in(tmp_path) == []


def test_a_redirection_to_elsewhere_is_refused(sarcos, cache, ask):
    sarcos.redirects = {"/sarcos_inv.mat": "http://198.51.100.1/sarcos_inv.mat"}
    assert (
        "redirects to http://198.51.100.1/sarcos_inv.mat, which is not https: refused"
        in ask("fetch", **sarcos.request).message
    )


def test_nothing_listens(cache, ask):
    error = ask("fetch", datasets=["sarcos"], base_url="http://127.0.0.1:9")
    assert error.kind == "environment" and "http://127.0.0.1:9/sarcos_inv.mat" in error.message


@pytest.mark.parametrize(
    "url", ["http://example.org", "https://example.org", "http://127.0.0.1.example.org", "file:///etc"]
)
def test_only_this_machine_may_stand_in_for_the_built_in_list(url, cache, ask):
    assert ask("fetch", datasets=["sarcos"], base_url=url).kind == "config"
    if not url.startswith("https"):
        with pytest.raises(DataError, match="is not https: refused"):
            download.opener(url)


def test_the_built_in_list_is_tls_only_and_knows_every_checksum():
    items = [item for known in KNOWN.values() for item in known.downloads]
    assert len(items) == 5 and all(item.url.startswith("https://") for item in items)
    assert all(len(item.digest) == {"sha256": 64, "md5": 32}[item.algorithm] for item in items)


def test_a_file_of_the_users_is_not_overwritten(sarcos, tmp_path, ask):
    (tmp_path / "mine" / "sarcos").mkdir(parents=True)
    (tmp_path / "mine" / "sarcos" / "sarcos_inv.mat").write_bytes(b"mine")
    error = ask("fetch", **sarcos.request, data=str(tmp_path / "mine"))
    assert "Move it away" in error.message and (tmp_path / "mine" / "sarcos" / "sarcos_inv.mat").read_bytes() == b"mine"


def test_two_at_once_do_not_write_one_file(sarcos, cache, ask):
    import fcntl

    (cache / "data" / "sarcos").mkdir(parents=True)
    with open(cache / "data" / "sarcos" / "sarcos_inv.mat.part", "wb") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        assert "is being fetched by another process" in ask("fetch", **sarcos.request).message


def test_svhn_is_fetched_by_its_two_files(server, test_data, cache, ask):
    content = (test_data / "svhn" / "train_32x32_first1083.mat").read_bytes()
    names = ("train_32x32.mat", "test_32x32.mat")
    server.files = dict.fromkeys(names, content)
    row = ask("fetch", datasets=["svhn"], base_url=server.url, checksums=dict.fromkeys(names, sha256(content)))[
        "datasets"
    ][0]
    assert (row["train_rows"], row["test_rows"], row["verified"]) == (1083, 1083, "partial, not verified")


def test_what_ships_is_not_fetched(cache, ask, capsys):
    assert ask("fetch", datasets=["digits"])["datasets"][0]["where"] == "in the package"
    assert "ships with the package" in capsys.readouterr().err


def test_progress_is_said_in_lines(sarcos, ask, capsys):
    ask("fetch", **sarcos.request)
    assert "sarcos_inv_test.mat: 1.0 MB of 1.0 MB (100%)" in capsys.readouterr().err


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path, cache, ask):
    import shutil
    import ssl
    import subprocess

    if not shutil.which("openssl"):
        pytest.skip("there is no openssl to make a certificate with")
    made = [str(tmp_path / name) for name in ("key.pem", "certificate.pem")]
    make = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=localhost",
        "-keyout",
        made[0],
        "-out",
        made[1],
    ]
    subprocess.run(make, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made[1], made[0])
    with serving(context) as secure:
        port = secure.url.rpartition(":")[2]
        error = ask("fetch", datasets=["sarcos"], base_url=f"https://localhost:{port}")
    assert error.kind == "environment" and "certificate verify failed" in error.message
    assert secure.requests == []

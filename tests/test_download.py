"""Real datasets come whole, once, and only when asked for; a local server is the network here."""

from __future__ import annotations

import hashlib
import http.server
import inspect
import io
import shutil
import sys
import threading
import zipfile
from types import SimpleNamespace

import pytest

from lib import download
from lib.download import DownloadError, Drive, LicenceError, RemoteDataset, RemoteFile, Web

QUOTA = b"<!DOCTYPE html><html><head><title>Google Drive - Quota exceeded</title></head></html>"
LIST = b"000001.jpg 2880\n" * 1000


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("photos/1.jpg", b"first")
        archive.writestr("photos/2.jpg", b"second")
    return buffer.getvalue()


ARCHIVE = zipped()


def remote(name, address, content, folder=None):
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return RemoteFile(name, address, len(content), digest, folder)


@pytest.fixture
def server(monkeypatch):
    """A server on this machine; `answers` holds its files, `asked` the paths it was asked for."""
    answers, asked = {}, []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            content = answers.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_):
            pass

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("FACE_LAB_OFFLINE", raising=False)
    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
    yield SimpleNamespace(
        answers=answers, asked=asked, address=f"http://127.0.0.1:{listening.server_port}"
    )
    listening.shutdown()
    listening.server_close()


@pytest.fixture
def example(server, monkeypatch):
    """A dataset of a list and an archive on that server, known to the registry as "example"."""
    files = (
        remote("list.txt", Web(f"{server.address}/list"), LIST),
        remote("photos.zip", Web(f"{server.address}/photos"), ARCHIVE, "photos"),
    )
    dataset = RemoteDataset("Example", files, "for tests only", "https://example.org/terms")
    monkeypatch.setitem(download.DATASETS, "example", dataset)
    server.answers.update({"/list": LIST, "/photos": ARCHIVE})
    return dataset


def fetch(folder, **options):
    return download.fetch("example", folder, progress=False, **options)


def names(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_files_are_fetched_checked_and_unpacked_and_never_again(server, example, tmp_path):
    folder = fetch(tmp_path / "raw", accept_licence=True)
    assert names(folder) == ["list.txt", "photos", "photos.zip"]
    assert (folder / "list.txt").read_bytes() == LIST
    assert (folder / "photos" / "2.jpg").read_bytes() == b"second"
    assert server.asked == ["/list", "/photos"]
    assert fetch(folder) == folder
    (folder / "photos.zip").unlink()
    assert fetch(folder, offline=True) == folder
    assert len(server.asked) == 2


def test_nothing_is_fetched_before_the_terms_are_accepted(server, example, tmp_path):
    for answer in (False, "yes", 1, None):
        with pytest.raises(LicenceError) as caught:
            fetch(tmp_path / "raw", accept_licence=answer)
    for part in ("for tests only", "https://example.org/terms", "accept_licence=True", "'example'"):
        assert part in str(caught.value)
    assert not server.asked
    assert not (tmp_path / "raw").exists()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (LIST[:-1], r"found 15,999 bytes, expected 16,000"),
        (LIST[:-1] + b"!", r"found sha256 [0-9a-f]{64}, expected"),
        (QUOTA, r"found a web page \(Google Drive - Quota exceeded\) instead of the file"),
        (b"\n <HTML>", "found a web page instead"),
        (LIST * 50, "sends more than 16,000 bytes"),
        (None, "404"),
    ],
)
def test_what_is_not_the_published_file_leaves_nothing(server, example, tmp_path, answer, message):
    server.answers["/list"] = answer
    with pytest.raises(DownloadError, match=message) as caught:
        fetch(tmp_path, accept_licence=True)
    text = str(caught.value)
    assert "\n" not in text
    for part in (f"{server.address}/list as list.txt", str(tmp_path), "call fetch again"):
        assert part in text, "the manual way"
    assert not names(tmp_path)


def test_a_server_that_is_not_there_is_one_line(server, example, tmp_path, monkeypatch):
    gone = remote("list.txt", Web("http://127.0.0.1:9/list"), LIST)
    dataset = RemoteDataset("Gone", (gone,), "", "")
    monkeypatch.setitem(download.DATASETS, "example", dataset)
    with pytest.raises(DownloadError, match=r"list\.txt could not be fetched .* by hand") as caught:
        fetch(tmp_path, accept_licence=True)
    assert "\n" not in str(caught.value)


def test_the_disk_is_looked_at_beforehand(server, example, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=16_000))
    with pytest.raises(DownloadError, match="the disk has 16,000 left"):
        fetch(tmp_path, accept_licence=True)
    assert not server.asked


def test_offline_the_manual_way_is_told_and_goes(server, example, tmp_path, monkeypatch):
    monkeypatch.setenv("FACE_LAB_OFFLINE", "1")
    with pytest.raises(DownloadError, match="offline; by hand") as caught:
        fetch(tmp_path, accept_licence=True)
    for file in example.files:
        assert f"{file.address.page} as {file.name}" in str(caught.value)
    (tmp_path / "list.txt").write_bytes(LIST)
    (tmp_path / "photos.zip").write_bytes(ARCHIVE)
    assert names(fetch(tmp_path) / "photos") == ["1.jpg", "2.jpg"]
    assert not server.asked


@pytest.mark.parametrize(("setting", "number"), [("0", 2), ("", 2), ("1", 2)])
def test_the_argument_goes_before_the_environment(
    server, example, tmp_path, monkeypatch, setting, number
):
    monkeypatch.setenv("FACE_LAB_OFFLINE", setting)
    fetch(tmp_path, accept_licence=True, offline=False if setting == "1" else None)
    assert len(server.asked) == number


def test_a_wrong_file_put_there_by_hand_is_named_and_kept(server, example, tmp_path):
    (tmp_path / "photos.zip").write_bytes(QUOTA)
    with pytest.raises(DownloadError, match=r"photos\.zip: found a web page .* delete it"):
        fetch(tmp_path, accept_licence=True)
    assert (tmp_path / "photos.zip").read_bytes() == QUOTA
    assert not server.asked


def drive_dataset(monkeypatch, receive):
    """Make a dataset on Drive, with a function in the place of gdown's."""
    dataset = RemoteDataset("On Drive", (remote("list.txt", Drive("ID"), LIST),), "", "")
    monkeypatch.setitem(download.DATASETS, "example", dataset)
    monkeypatch.delenv("FACE_LAB_OFFLINE", raising=False)
    monkeypatch.setitem(sys.modules, "gdown", SimpleNamespace(download=receive))


def test_drive_is_asked_through_gdown(monkeypatch, tmp_path):
    asked = []

    def receive(*, id, output, **options):
        asked.append((id, options))
        with open(output, "wb") as file:
            file.write(LIST)

    drive_dataset(monkeypatch, receive)
    fetch(tmp_path, accept_licence=True)
    assert (tmp_path / "list.txt").read_bytes() == LIST
    assert asked == [("ID", {"quiet": True, "use_cookies": False})]


@pytest.mark.parametrize("written", [QUOTA, None, "raise"])
def test_a_page_of_drive_names_the_manual_way(monkeypatch, tmp_path, written):
    def receive(*, output, **_):
        if written == "raise":
            raise RuntimeError("Cannot retrieve the public link\nof the file")
        if written:
            with open(output, "wb") as file:
                file.write(written)

    drive_dataset(monkeypatch, receive)
    page = r"https://drive\.google\.com/uc\?export=download&id=ID as list\.txt"
    with pytest.raises(DownloadError, match=page) as caught:
        fetch(tmp_path, accept_licence=True)
    assert "\n" not in str(caught.value)
    assert not names(tmp_path)


def test_gdown_takes_the_arguments_it_is_given():
    import gdown

    inspect.signature(gdown.download).bind(id="", output="", quiet=True, use_cookies=False)


def fake_scikit_learn(monkeypatch, fetch_lfw_people):
    module = SimpleNamespace(fetch_lfw_people=fetch_lfw_people)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", module)
    monkeypatch.delenv("FACE_LAB_OFFLINE", raising=False)


def test_lfw_comes_through_scikit_learn_all_or_nothing(monkeypatch, tmp_path):
    calls = []

    def unpack(data_home, **_):
        calls.append(data_home)
        person = tmp_path / data_home / "lfw_home" / "lfw_funneled" / "A_Person"
        person.mkdir(parents=True)
        if len(calls) == 1:
            raise OSError("the network is gone")

    fake_scikit_learn(monkeypatch, unpack)
    with pytest.raises(DownloadError, match=r"network is gone.*as lfw-funneled\.tgz"):
        download.fetch("lfw", tmp_path / "lfw", accept_licence=True)
    assert not names(tmp_path / "lfw")
    folder = download.fetch("lfw", tmp_path / "lfw", accept_licence=True)
    assert names(folder / "lfw_funneled") == ["A_Person"]
    assert names(folder) == ["lfw_funneled"]
    assert download.fetch("lfw", folder, offline=True) == folder
    assert len(calls) == 2


def test_lfw_is_not_asked_for_offline(monkeypatch, tmp_path):
    fake_scikit_learn(monkeypatch, lambda **_: pytest.fail("asked"))
    with pytest.raises(
        DownloadError, match=r"offline; by hand.*files/5976015 as lfw-funneled\.tgz"
    ):
        download.fetch("lfw", tmp_path, accept_licence=True, offline=True)


def test_the_registry_is_whole():
    lengths = {"md5": 32, "sha256": 64}
    for dataset in download.DATASETS.values():
        assert dataset.licence
        assert dataset.terms.startswith("http")
        for file in dataset.files:
            algorithm, digest = file.digest.split(":")
            assert len(digest) == lengths[algorithm]
            assert file.size > 0
            assert file.address.page.startswith("https://")
    assert download.folder_of("celeba").parts[-3:] == ("data", "raw", "celeba")


def test_unknown_datasets_and_names_with_folders_are_refused(monkeypatch, tmp_path):
    with pytest.raises(DownloadError, match="found dataset 'nope'; expected one of celeba, lfw"):
        download.fetch("nope", tmp_path)
    file = remote("../list.txt", Web(""), LIST)
    monkeypatch.setitem(download.DATASETS, "example", RemoteDataset("", (file,), "", ""))
    with pytest.raises(DownloadError, match=r"found file name '\.\./list\.txt'"):
        fetch(tmp_path)

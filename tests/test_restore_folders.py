"""Folders of photos: what is skipped, redone and rejected, what a kill leaves, and the command."""

import csv
import os
import types

import numpy as np
import pytest
from PIL import Image

from lib import files, images
from lib.commands import restore as command
from lib.restore import Repair, RepairedFace, folders, marking
from lib.shipped import ShippedError


def flat(level, height=24, width=32):
    return np.full((height, width, 3), level, np.uint8)


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """Photos, a place for results, and a repair that brightens; black photos show no face."""
    calls = []

    def repair(photo, task):
        calls.append((int(photo[0, 0, 0]), task))
        face = RepairedFace(None, photo, flat(1)[..., 0], photo + 9, f"painted over, {task}")
        shows = (face,) if photo.any() else ()
        return Repair(photo + 9 if shows else photo.copy(), flat(1)[..., 0], shows)

    monkeypatch.setattr(folders, "repair", repair)
    photos = tmp_path / "photos"
    images.write(photos / "a.png", flat(50))
    images.write(photos / "sub" / "b.png", flat(100))
    return types.SimpleNamespace(photos=photos, out=tmp_path / "out", calls=calls)


def run(lab, task="unmask", **options):
    """Repair the folder; return the counts, and what was repaired in this call."""
    lab.calls.clear()
    done = folders.restore_folder(lab.photos, lab.out, task, progress=False, **options)
    return (done.repaired, done.skipped, done.rejected), list(lab.calls)


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def everything(folder):
    """Return every file with its bytes, times and durations aside."""
    found = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if path.name != "repaired.csv"}


def test_results_lie_under_the_photos_own_names(lab):
    assert run(lab) == ((2, 0, 0), [(50, "unmask"), (100, "unmask")])
    for name, level in {"a.png": 59, "sub/b.png": 109}.items():
        assert np.array_equal(images.read(lab.out / name), marking.with_strip(flat(level)))
        assert Image.open(lab.out / name).text["Description"] == marking.NOTE
    first, second = rows(lab.out / folders.REPAIRED)
    assert (first["file"], first["result"], first["faces"]) == ("a.png", "a.png", "1")
    assert second["file"] == second["result"] == "sub/b.png"
    assert first["task"] == "unmask" and first["says"] == "painted over, unmask"
    page = (lab.out / "index.html").read_text("utf-8")
    assert "a.png" in page and "sub/b.png" in page and marking.NOTE in page
    assert not (lab.out / folders.REJECTED).exists() and not (lab.out / folders.STAGES).exists()


def test_a_second_call_does_only_what_is_new_or_changed(lab):
    run(lab)
    assert run(lab) == ((0, 2, 0), [])
    images.write(lab.photos / "c.png", flat(150))
    assert run(lab) == ((1, 2, 0), [(150, "unmask")])
    images.write(lab.photos / "a.png", flat(60))
    os.utime(lab.photos / "a.png", ns=(10**18, 10**18))
    assert run(lab) == ((1, 2, 0), [(60, "unmask")])
    assert images.read(lab.out / "a.png")[0, 0, 0] == 69
    (lab.out / "sub" / "b.png").unlink()
    assert run(lab) == ((1, 2, 0), [(100, "unmask")])
    assert len(rows(lab.out / folders.REPAIRED)) == 3


def test_another_task_or_again_does_it_all_anew(lab):
    run(lab)
    assert run(lab, "both") == ((2, 0, 0), [(50, "both"), (100, "both")])
    assert run(lab, "both", again=True) == ((2, 0, 0), [(50, "both"), (100, "both")])
    assert {row["task"] for row in rows(lab.out / folders.REPAIRED)} == {"both"}


def test_broken_files_and_faceless_photos_stop_nobody(lab):
    (lab.photos / "aa.jpg").write_bytes(b"no picture")
    images.write(lab.photos / "ab.png", flat(0))
    counts, calls = run(lab)
    assert counts == (2, 0, 2) and [level for level, _ in calls] == [50, 0, 100]
    rejected = {row["file"]: row["reason"] for row in rows(lab.out / folders.REJECTED)}
    assert list(rejected) == ["aa.jpg", "ab.png"] and "no face" in rejected["ab.png"]
    assert str(lab.photos) not in rejected["aa.jpg"] and rejected["aa.jpg"]
    assert not (lab.out / "ab.png").exists()
    for name in rejected:
        (lab.photos / name).unlink()
    assert run(lab)[0] == (0, 2, 0) and not (lab.out / folders.REJECTED).exists()


def test_a_photo_that_broke_is_no_longer_among_the_repaired(lab):
    run(lab)
    (lab.photos / "sub" / "b.png").write_bytes(b"no picture")
    assert run(lab)[0] == (0, 1, 1)
    assert [row["file"] for row in rows(lab.out / folders.REPAIRED)] == ["a.png"]


def test_two_that_differ_in_their_suffix_keep_apart(lab):
    images.write(lab.photos / "a.jpg", flat(200))
    run(lab)
    results = {row["file"]: row["result"] for row in rows(lab.out / folders.REPAIRED)}
    assert len(set(results.values())) == 3
    for name, level in {"a.jpg": 209, "a.png": 59}.items():
        assert images.read(lab.out / results[name])[0, 0, 0] == level
    assert run(lab) == ((0, 3, 0), [])


def test_names_that_differ_in_case_alone_keep_apart(tmp_path):
    names = ["A.jpg", "a.png", "a.png.png"]
    targets = folders._targets([tmp_path / name for name in names], tmp_path)
    found = [str(target).lower() for _, target in targets]
    assert len(set(found)) == 3 and found[0] == "a.png"


def test_an_unchanged_photo_says_nothing_of_itself(lab, monkeypatch):
    face = RepairedFace(None, flat(1), flat(0)[..., 0], flat(1), "no mask found")
    monkeypatch.setattr(
        folders, "repair", lambda photo, task: Repair(photo.copy(), photo[..., 0], (face,))
    )
    assert run(lab)[0] == (2, 0, 0)
    assert np.array_equal(images.read(lab.out / "a.png"), flat(50))
    assert "Description" not in Image.open(lab.out / "a.png").text


def test_the_note_tells_painting_from_taking_shine_off():
    said = [types.SimpleNamespace(says=text) for text in ("shine off; painted over", "shine off")]
    both, shine = (folders.note_of(Repair(flat(0), flat(0), (face,))) for face in said)
    assert both == marking.NOTE and shine == marking.SHINE_NOTE


def test_stages_are_kept_on_request(lab):
    run(lab, keep=True)
    folder = lab.out / folders.STAGES / "sub" / "b"
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["face0_after.png", "face0_before.png", "face0_mask.png", "mask.png"]
    assert (images.read(folder / "mask.png") == 255).all()
    assert np.array_equal(images.read(folder / "face0_after.png"), flat(109))
    assert Image.open(folder / "face0_after.png").text["Description"] == marking.NOTE


def test_a_kill_at_any_moment_leaves_whole_files_and_is_made_good(lab, tmp_path, monkeypatch):
    images.write(lab.photos / "ab.png", flat(0))
    run(lab, keep=True)
    whole, lab.out = everything(lab.out), tmp_path / "killed"
    replace, moments = os.replace, 0
    for moment in range(1, 60):

        def stop(source, target, left=[moment]):  # noqa: B006 - a counter of this moment's own
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
            replace(source, target)

        monkeypatch.setattr(files.os, "replace", stop)
        try:
            run(lab, keep=True)
            break
        except KeyboardInterrupt:
            moments += 1
        left = everything(lab.out) if lab.out.exists() else {}
        assert all(whole[name] == data for name, data in left.items() if name in whole)
        assert set(left) <= set(whole)
    assert moments >= 8, "the run was stopped at hardly any of its files"
    assert everything(lab.out) == whole


@pytest.mark.parametrize("place", [".", "inside", "sub/deeper"])
def test_results_among_the_photos_are_refused(lab, place):
    with pytest.raises(folders.RestoreError, match="among the photos"):
        folders.restore_folder(lab.photos, lab.photos / place, progress=False)
    assert not lab.calls


def test_folders_that_make_no_sense_are_named(lab, tmp_path):
    (tmp_path / "empty" / ".hidden").mkdir(parents=True)
    images.write(tmp_path / "empty" / ".hidden" / "a.png", flat(1))
    for photos, task, problem in (
        (lab.photos, "beauty", "unmask, shine, both"),
        (tmp_path / "nowhere", "unmask", "no such folder"),
        (tmp_path / "empty", "unmask", r"no photos in it; expected .*\.png"),
    ):
        with pytest.raises(folders.RestoreError, match=problem) as caught:
            folders.restore_folder(photos, lab.out, task, progress=False)
        assert "\n" not in str(caught.value)


def asked(lab, *more):
    return command.main(["--photos", str(lab.photos), "--out", str(lab.out), *more])


def test_the_command_tells_counts_and_where_to_look(lab, capsys):
    assert asked(lab, "--task", "both", "--keep") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2 repaired, 0 done before, 0 rejected"
    assert lines[1] == f"before and after: {lab.out / 'index.html'}"
    assert "not evidence of identity" in lines[-1] and len(lines) == 3
    assert (lab.out / folders.STAGES).is_dir()
    (lab.photos / "c.jpg").write_bytes(b"no picture")
    assert asked(lab, "--task", "both") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "0 repaired, 2 done before, 1 rejected"
    assert lines[1] == f"why: {lab.out}/rejected.csv"
    assert asked(lab, "--task", "both", "--again") == 1
    assert capsys.readouterr().out.startswith("2 repaired, 0 done before, 1 rejected")


def test_the_command_says_in_one_line_what_it_cannot_do(lab, capsys):
    assert asked(lab, "--task", "beauty") == 2
    assert command.main(["--photos", str(lab.out), "--out", str(lab.photos)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2 and all(line.startswith("restore: ") for line in lines)


def test_missing_weights_are_no_fault_of_the_photos(lab, capsys, monkeypatch):
    def repair(photo, task):
        raise ShippedError("mask_finder.npz: found no weights; run `git checkout data/weights`")

    monkeypatch.setattr(folders, "repair", repair)
    assert asked(lab) == 2
    assert "mask_finder.npz: found no weights" in capsys.readouterr().err
    assert not (lab.out / folders.REJECTED).exists()


def test_a_full_disk_ends_the_work_and_rejects_nothing(lab, capsys, monkeypatch):
    def write(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folders.marking, "write", write)
    assert asked(lab) == 2
    assert "No space left" in capsys.readouterr().err
    assert not (lab.out / folders.REJECTED).exists()

"""Glossy pairs written as folders of Spec-Face: there and back they are as they were."""

import numpy as np
import pytest
from spec_face_folders import SIZE, read

from lib import store
from lib.prepare import sources
from lib.prepare.spec_face import NOTE, WRITTEN


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    place = tmp_path_factory.mktemp("written")
    quiet = {"workers": 1, "progress": False}
    shares = {"train": 0.5, "validation": 0.25, "test": 0.25}
    faces = sources.rendered(place / "faces", 6, 1, SIZE, seed=2, shares=shares, **quiet)
    return sources.glossy(place / "pairs", faces, variations=2, **quiet)


def test_pairs_that_were_written_are_read_back_as_they_were(pairs, tmp_path):
    folder = sources.write_spec_face(tmp_path / "spec2diff", pairs, progress=False)
    again = read(tmp_path / "again", folder)
    assert len(again) == len(pairs)
    assert sorted(again.samples["split"]) == sorted(pairs.samples["split"])
    split_of = dict(zip(pairs.samples["identity"], pairs.samples["split"], strict=True))
    assert dict(zip(again.samples["identity"], again.samples["split"], strict=True)) == split_of
    assert again.card["licence"] == pairs.card["licence"]
    assert again.card["parameters"]["masks"] == {
        start: f"{start}M" for start in ("train", "vali", "test") if (folder / f"{start}M").is_dir()
    }
    for who in pairs.identities:
        before = np.flatnonzero(pairs.samples["identity"] == who)
        after = np.flatnonzero(again.samples["identity"] == who)
        for field in WRITTEN.values():
            one, other = pairs.read(before, [field]), again.read(after, [field])
            np.testing.assert_array_equal(one[field], other[field])


def test_writing_goes_on_where_it_was_interrupted(pairs, tmp_path):
    folder = sources.write_spec_face(tmp_path, pairs, progress=False)
    files = sorted(folder.glob("*[ABM]/*.png"))
    assert len(files) == 3 * len(pairs)
    assert not [*folder.rglob("*.part")]
    content = files[0].read_bytes()
    files[0].unlink()
    files[1].write_bytes(b"left alone")
    sources.write_spec_face(folder, pairs, progress=False)
    assert files[0].read_bytes() == content
    assert files[1].read_bytes() == b"left alone"


def test_a_folder_with_other_pairs_or_a_dataset_without_is_refused(pairs, tmp_path):
    view = pairs.split(pairs.samples["split"].iloc[0])
    folder = sources.write_spec_face(tmp_path / "written", view, progress=False)
    assert (folder / NOTE).exists()
    with pytest.raises(store.StoreError, match="holds the pairs of another dataset"):
        sources.write_spec_face(folder, pairs, progress=False)
    fields = {name: field for name, field in pairs.fields.items() if name != "diffuse"}
    bare = store.Dataset(pairs.path, pairs.card, fields, pairs.samples)
    with pytest.raises(store.StoreError, match="no field 'diffuse'"):
        sources.write_spec_face(tmp_path / "none", bare)
    odd = store.Dataset(pairs.path, pairs.card, pairs.fields, pairs.samples.assign(split="dev"))
    with pytest.raises(store.StoreError, match="found split 'dev'; expected train, validation"):
        sources.write_spec_face(tmp_path / "none", odd)

"""Part agreement and colour faithfulness worked out by hand; the known face that is most alike."""

import numpy as np
import pytest

from lib import baselines, metrics
from lib.labels import CLASSES, IGNORE
from lib.metrics import ScoreError, colour_faithfulness, group_labels, part_agreement
from lib.prepare import semantic

GENERATOR = np.random.default_rng(0)
LABELS = GENERATOR.integers(0, 19, (4, 6, 6), dtype=np.uint8)
GROUPS = list(semantic.GROUPS)

# ---------------------------------------------------------------- agreement


def test_agreement_worked_out_by_hand():
    asked = np.array([[[0, 0, 1, 1]], [[1, 1, 2, IGNORE]]], np.uint8)
    found = np.array([[[0, 1, 1, 1]], [[1, 3, 3, 2]]], np.uint8)
    agreement = part_agreement(found, asked, classes=5)
    # class 1: three shared, of four asked for and one more found; both pictures together
    np.testing.assert_allclose(agreement, [1 / 2, 3 / 5, 0, np.nan, np.nan])
    assert metrics.mean(agreement) == pytest.approx((1 / 2 + 3 / 5 + 0) / 3)
    assert agreement.dtype == np.float64
    swapped = part_agreement(asked[:1], found[:1], classes=5)
    np.testing.assert_allclose(swapped, part_agreement(found[:1], asked[:1], classes=5))


def test_agreement_is_that_of_binary_maps():
    found = np.where(GENERATOR.random(LABELS.shape) < 0.5, LABELS, (LABELS + 1) % 19)
    agreement = part_agreement(found.astype(np.uint8), LABELS)
    for label in range(19):
        one, other = ((maps == label).reshape(1, -1, 6) for maps in (found, LABELS))
        expected = metrics.intersection_over_union(one, other)
        np.testing.assert_allclose(agreement[label], expected[0])
    np.testing.assert_array_equal(part_agreement(LABELS, LABELS), np.ones(19))


def test_pixels_that_nobody_knows_do_not_count():
    asked, found = LABELS.copy(), LABELS.copy()
    asked[:, :3] = IGNORE
    found[:, :3] = IGNORE  # nor what was found there
    np.testing.assert_array_equal(
        part_agreement(found, asked), part_agreement(LABELS[:, 3:], LABELS[:, 3:])
    )
    nothing = part_agreement(LABELS, np.full_like(LABELS, IGNORE))
    assert np.isnan(nothing).all() and np.isnan(metrics.mean(nothing))


@pytest.mark.parametrize(
    ("found", "asked", "message"),
    [
        (LABELS, LABELS[:2], r"found maps \(4, 6, 6\) and \(2, 6, 6\), expected both \(N, H, W\)"),
        (LABELS[0], LABELS[0], "expected both"),
        (LABELS, LABELS.astype(int), "asked for: found int64, expected uint8"),
        (LABELS.astype(np.float32), LABELS, "maps found: found float32, expected uint8"),
        (LABELS, LABELS + np.uint8(1), "asked for: found class 19, expected 0 to 18"),
        (LABELS + np.uint8(1), LABELS, "maps found: found class 19, expected 0 to 18"),
        (np.full_like(LABELS, IGNORE), LABELS, "maps found: found class 255"),
    ],
)
def test_wrong_maps_are_refused_in_a_line(found, asked, message):
    with pytest.raises(ScoreError, match=message) as caught:
        part_agreement(found, asked)
    assert "\n" not in str(caught.value)


def test_classes_are_merged_to_the_groups_that_painters_are_given():
    labels = np.append(np.arange(19), IGNORE).astype(np.uint8)[None]
    groups = group_labels(labels)
    assert groups.dtype == np.uint8 and groups[0, 0] == 0 and groups[0, -1] == IGNORE
    planes = semantic.parts_of(labels)[0, 1:19]
    np.testing.assert_array_equal(groups[0, 1:19], planes.argmax(axis=1) + 1)
    assert groups[0, CLASSES.index("l_brow")] == GROUPS.index("hair") + 1
    assert groups[0, CLASSES.index("neck")] == GROUPS.index("skin") + 1
    with pytest.raises(ScoreError, match="found class 19"):
        group_labels(labels[:, :19] + np.uint8(1))
    # left and right mixed up matter to classes, not to groups
    left, right = (np.full((1, 2, 2), CLASSES.index(name), np.uint8) for name in ("l_eye", "r_eye"))
    assert metrics.mean(part_agreement(left, right)) == 0
    assert metrics.mean(part_agreement(group_labels(left), group_labels(right), 8)) == 1


# ---------------------------------------------------------------- colours


def person(number=3, size=8):
    """Return photo, parts and colours; skin and hair overlap, nobody has clothes."""
    parts = np.zeros((number, size, size, 7), np.uint8)
    parts[:, 1:6, 1:6, GROUPS.index("skin")] = 1
    parts[:, 5:, 2:5, GROUPS.index("hair")] = 1
    photo = GENERATOR.integers(0, 256, (number, size, size, 3), dtype=np.uint8)
    return photo, parts, semantic.colours_of(photo, parts)


def test_a_photo_has_its_own_colours():
    photo, parts, colours = person()
    off = colour_faithfulness(photo, parts, colours)
    assert off.shape == (3, 7) and off.dtype == np.float64
    there = [GROUPS.index("skin"), GROUPS.index("hair")]
    assert off[:, there].max() <= 0.5  # colours are whole grey levels
    assert np.isnan(np.delete(off, there, axis=1)).all()


def test_colours_worked_out_by_hand():
    photo, parts, _ = person(1)
    skin, hair, nose = (GROUPS.index(name) for name in ("skin", "hair", "nose"))
    photo[:] = 0
    photo[0, 1:6, 1:6] = 100, 200, 250
    colours = np.zeros((1, 7, 3), np.uint8)
    colours[0, skin] = 110, 170, 255  # differences must not wrap around at 0
    off = colour_faithfulness(photo, parts, colours)
    assert off[0, skin] == pytest.approx((10 + 30 + 5) / 3)
    assert off[0, hair] == pytest.approx((100 + 200 + 250) / 3 * 3 / 9)  # three pixels of nine
    assert np.isnan(off[0, nose])
    parts[..., nose] = 1
    assert not np.isnan(colour_faithfulness(photo, parts, colours)[0, nose])


def test_a_group_that_the_person_lacks_has_no_score():
    photo, parts, colours = person()
    present = np.ones((3, 7), bool)
    present[1, GROUPS.index("hair")] = False
    whole, lacking = (colour_faithfulness(photo, parts, colours, has) for has in (None, present))
    assert np.isnan(lacking[1, GROUPS.index("hair")])
    np.testing.assert_array_equal(lacking[0], whole[0])
    assert np.isnan(lacking).sum() == np.isnan(whole).sum() + 1
    assert np.isfinite(metrics.mean(lacking))


def test_wrong_colours_are_refused():
    photo, parts, colours = person()
    for arguments, message in [
        ((photo / 255, parts, colours), "expected uint8"),
        (
            (photo, parts[:2], colours),
            r"found parts \(2, 8, 8, 7\), expected \(3, 8, 8, 'groups'\)",
        ),
        ((photo, parts * 255, colours), "expected 0 and 1 only"),
        ((photo, parts, colours[:, :6]), r"found colours \(3, 6, 3\)"),
        ((photo, parts, colours, np.ones((3, 6), bool)), r"present \(3, 6\)"),
    ]:
        with pytest.raises(ScoreError, match=message):
            colour_faithfulness(*arguments)


# ---------------------------------------------------------------- the known face most alike


def part_maps(number, seed):
    """Draw multi-hot part maps of few groups, so that many pixels agree."""
    draws = np.random.default_rng(seed).random((number, 6, 5, 7))
    return (draws < [0.5, 0.3, 0.1, 0.5, 0, 0, 0.05]).astype(np.uint8)


def test_the_face_most_alike_has_the_most_pixels_in_the_same_groups(monkeypatch):
    asked, known = part_maps(7, 1), part_maps(11, 2)
    agreeing = (asked[:, None] == known[None]).all(axis=-1).sum(axis=(2, 3))
    assert len(np.unique(agreeing.max(axis=1))) > 1
    for block in (2, 3, 128):  # the first of those that agree alike, in whatever blocks
        monkeypatch.setattr(baselines, "BLOCK", block)
        found = baselines.most_alike(asked, known)
        assert found.dtype == np.int64
        np.testing.assert_array_equal(found, agreeing.argmax(axis=1))
        again = baselines.most_alike(asked, np.concatenate([known, known]))
        np.testing.assert_array_equal(again, found)
    order = [4, 0, 9]
    np.testing.assert_array_equal(baselines.most_alike(known[order], known), order)
    np.testing.assert_array_equal(baselines.most_alike(known[order].astype(float), known), order)


def test_maps_that_agree_nowhere_get_the_first_face():
    asked, known = np.zeros((2, 4, 4, 7), np.uint8), np.ones((3, 4, 4, 7), np.uint8)
    assert baselines.most_alike(asked, known).tolist() == [0, 0]
    assert baselines.most_alike(asked[:0], known).tolist() == []


def test_known_faces_are_read_from_the_disk_block_by_block(monkeypatch):
    monkeypatch.setattr(baselines, "BLOCK", 4)
    known, read = part_maps(10, 3), []

    class OnDisk:
        shape = known.shape

        def __len__(self):
            return len(known)

        def __getitem__(self, rows):
            read.append(len(known[rows]))
            return known[rows]

    assert baselines.most_alike(known[[8, 1]], OnDisk()).tolist() == [8, 1]
    assert read == [4, 4, 2]


def test_part_maps_that_do_not_fit_are_refused():
    known = part_maps(3, 4)
    for asked, others in [(known[0], known), (known[:, :4], known), (known, known[:0])]:
        with pytest.raises(ScoreError, match="expected"):
            baselines.most_alike(asked, others)


def test_the_photo_of_the_face_most_alike_is_shown_on_black():
    known_photos = GENERATOR.integers(1, 256, (5, 6, 5, 3), dtype=np.uint8)
    known_parts, asked = part_maps(5, 5), part_maps(2, 6)
    nearest = baselines.most_alike(asked, known_parts)
    silhouettes = known_parts[nearest].max(axis=-1)
    shown = baselines.composite(0 * known_photos[:2], known_photos[nearest], silhouettes)
    assert ((shown > 0).all(axis=-1) == silhouettes).all()

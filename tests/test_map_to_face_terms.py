"""System S4's loss terms at values worked out by hand, and what critics are shown."""

import math
import types

import numpy as np
import pytest
from map_to_face_models import GROUPS, array, batch, people, three_numbers

from lib import losses
from lib.gans.map_to_face import DESIGNS, TERMS, mean_colours, overlap
from lib.gans.map_to_face.terms import DIFFERENT, LOOKS, PERCEIVED, Round
from lib.prepare import semantic


def term(name, *, model=None, fake=None, other=None, changes=None, number=3):
    """Return a term's value for pictures given; by default all are the truth."""
    x, truth = batch(number)
    x |= changes or {}
    fake, other = (truth if pictures is None else pictures for pictures in (fake, other))
    return float(TERMS[name](model, Round(x, truth, fake, other, False)))


def shared(x):
    """Return where own and other parts have a group in common, and where else there is a part."""
    same = ((x["planes"] == 1) & (x["other_planes"] == 1)).any(axis=-1, keepdims=True)
    return same, x["other_planes"].any(axis=-1, keepdims=True) & ~same


# ---------------------------------------------------------------- overlap, keep, differ


def test_the_overlap_is_one_however_many_groups_are_in_common():
    first = np.zeros((1, 1, 4, 7), np.float32)
    second = first.copy()
    first[0, 0, 0, [0, 3, 6]] = second[0, 0, 0, [0, 3, 6]] = 1  # S4: 3, and elsewhere 1 - 3
    first[0, 0, 1, [0, 3]] = second[0, 0, 1, [3, 4]] = 1
    first[0, 0, 2, 0] = second[0, 0, 2, 1] = 1
    assert array(overlap(first, second))[0, 0, :, 0].tolist() == [1, 1, 0, 0]
    np.testing.assert_array_equal(overlap(first, second), overlap(second, first))


def test_what_is_the_same_part_should_be_the_same_and_nothing_else():
    x, truth = batch()
    same, elsewhere = shared(x)
    assert same.mean() > 0.1 and elsewhere.mean() > 0.1
    assert term("keep") == 0
    assert term("keep", other=np.where(same, truth, truth + 0.5)) == 0
    found = term("keep", other=np.where(same, truth + 0.5, truth))
    assert found == pytest.approx(0.5 * same.mean(), rel=1e-5)


def test_other_parts_should_differ_by_eight_hundredths_of_white_and_no_more():
    x, truth = batch()
    same, elsewhere = shared(x)
    assert DIFFERENT == 0.08  # of white; the network's range is twice as wide
    costs = [term("differ", other=truth + np.float32(by)) for by in (0.161, -0.161, 1.0)]
    assert costs == [0, 0, 0]
    for by in (0.0, 0.04, 0.12):
        expected = (0.16 - by) * elsewhere.mean()
        for moved in (truth + np.float32(by), np.where(same, truth, truth - np.float32(by))):
            assert term("differ", other=moved) == pytest.approx(expected, rel=1e-4)
    one_channel = truth + np.float32([0.48, 0, 0])  # the mean of the channels counts
    assert term("differ", other=one_channel) == pytest.approx(0, abs=1e-6)


# ---------------------------------------------------------------- colours


def test_colours_of_groups_are_those_of_the_dataset():
    them = people()
    found = array(mean_colours(them["photo"].astype(np.float32), them["parts"].astype(np.float32)))
    assert np.abs(found - semantic.colours_of(them["photo"], them["parts"])).max() <= 0.5 + 1e-3
    absent = ~them["parts"].any(axis=(1, 2))
    assert absent.any() and (found[absent] == 0).all()


def flat(x):
    """Paint the other maps in one colour a pixel: groups do not overlap."""
    return (x["other_planes"] @ x["plane_colours"][:, None]).astype(np.float32)


def test_colours_should_be_those_asked_for_whatever_the_size_of_the_group():
    x, _ = batch()
    painted = flat(x)
    assert term("colours", other=painted) == pytest.approx(0, abs=1e-5)
    hair = GROUPS.index("hair")
    moved = painted + x["other_planes"][..., hair : hair + 1] * np.float32([0.3, 0, 0])
    asked = x["planes"].any(axis=(1, 2)) & x["other_planes"].any(axis=(1, 2))
    expected = 0.1 * asked[:, hair].sum() / asked.sum()
    assert term("colours", other=moved) == pytest.approx(expected, rel=1e-4)


def test_a_group_that_the_person_lacks_may_have_any_colour():
    x, _ = batch()
    lacking = ~x["planes"].any(axis=(1, 2)) & x["other_planes"].any(axis=(1, 2))
    assert lacking[range(3), range(3)].all()  # each lacks one that the other map has
    inside = (x["other_planes"] * lacking[:, None, None]).any(axis=-1, keepdims=True)
    assert inside.any()
    painted = flat(x) + np.where(inside, np.float32(0.7), np.float32(0))
    assert term("colours", other=painted) == pytest.approx(0, abs=1e-5)
    nobody = {"planes": np.zeros_like(x["planes"])}
    assert term("colours", other=painted, changes=nobody) == 0


# ---------------------------------------------------------------- critics, features, identity


def test_l1_counts_the_face_on_its_own_map_alone():
    _, truth = batch()
    assert term("l1", fake=truth + np.float32(0.25), other=truth + 9) == pytest.approx(0.25)


@pytest.mark.parametrize("name", ["manipulate", "map critic", "reconstruct"])
@pytest.mark.parametrize(
    ("game", "adversarial", "critic"),
    [("cross_entropy", math.log(2), math.log(2)), ("hinge", 0.0, 2.0)],
)
def test_critics_without_an_opinion_cost_what_was_worked_out_by_hand(
    name, game, adversarial, critic
):
    model = types.SimpleNamespace(
        design=DESIGNS[name],
        game=losses.ADVERSARIAL[game],
        judge=lambda painted, pictures, training: np.zeros(3, np.float32),
        judge_fakes=lambda painted, pictures, training: [np.zeros(3, np.float32)] * 2,
        logits_of=lambda answer: answer,
    )
    assert term("adversarial", model=model) == pytest.approx(adversarial)
    assert term("critic", model=model) == pytest.approx(critic)


@pytest.mark.parametrize("name", ["manipulate", "map critic"])
def test_critics_see_truth_and_both_fakes_once_each_with_its_own_map(name):
    x, truth = batch()
    seen = []

    def judge(painted, pictures, training):
        maps = {"map": x["map"], "other_map": x["other_map"]}
        which = next(key for key, value in maps.items() if (array(painted) == value).all())
        seen.append((which, float(array(pictures).max().round(3))))
        return np.zeros((3, 2, 2, 3), np.float32), np.zeros(3, np.float32)

    model = types.SimpleNamespace(
        design=DESIGNS[name],
        game=losses.ADVERSARIAL["hinge"],
        judge=judge,
        judge_fakes=lambda *given: [judge(*given)] * 2,
        logits_of=lambda answer: answer[1],
        glance=lambda painted: np.zeros((3, 2, 2, 3), np.float32),
    )
    played = Round(x, truth, 0 * truth + 2, 0 * truth + 3, False)
    TERMS["adversarial"](model, played)
    judged = [("map", 2), ("other_map", 3)]
    assert seen == (judged[:1] if name == "map critic" else judged)
    for term_name in ("critic", "adversarial", "redrawn", "redrawing"):
        TERMS[term_name](model, played)
    real = ("map", float(truth.max().round(3)))
    assert sorted(seen) == sorted([*judged, real])


def test_the_face_network_looks_at_few_pictures_rebuilt_and_changed():
    x, truth = batch(4)
    seen = []

    def look(shown):
        seen.append(shown.shape[0])
        return [shown]

    model = types.SimpleNamespace(features=look, embed=three_numbers)
    found = term("perceptual", model=model, fake=truth + np.float32(0.5), number=4)
    assert found == pytest.approx(0.25, rel=1e-5) and seen == [PERCEIVED] * 2
    asked = np.zeros((4, 128), np.float32)
    gray = np.full_like(truth, 0.2)
    rebuilt = np.full_like(truth, 0.4)
    changes = {"identity": asked}
    found = term("identity", model=model, fake=rebuilt, other=gray, changes=changes, number=4)
    assert found == pytest.approx(3 * (0.2**2 + 0.4**2) / 2, rel=1e-4)
    played = Round(x | {"identity": asked}, truth, gray, None, False)  # nobody else's map
    assert float(TERMS["identity"](model, played)) == pytest.approx(3 * 0.2**2, rel=1e-4)


def test_the_face_network_looks_at_every_third_step_and_counts_three_times():
    x, truth = batch(4)
    model = types.SimpleNamespace(features=lambda shown: [shown], step=np.int32(0))
    played = Round(x, truth, truth + np.float32(0.5), None, True)
    seen = []
    for step in range(2 * LOOKS):
        model.step = np.int32(step)
        seen.append(float(TERMS["perceptual"](model, played)))
    assert seen == pytest.approx(2 * [LOOKS * 0.25, *[0.0] * (LOOKS - 1)], rel=1e-5)

"""Groups, intervals, ranks and boards on made-up numbers whose answers are known."""

import dataclasses
import time

import numpy as np
import pandas
import pytest
from leaderboard_faces import faces

from lib.leaderboard import boards, groups, held_out, masks, parts, ranks, timing


def test_two_people_drawn_anew_have_three_means():
    means = groups.draw_means(np.array([0.0, 10.0]), np.array(["a", "b"]), draws=4000)
    shares = [np.mean(means == value) for value in (0.0, 5.0, 10.0)]
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=0.03)


def test_a_person_comes_with_all_of_their_pictures():
    scores, people = np.array([4.0, 0.0, 4.0, 4.0]), np.array(list("baab"))
    assert set(groups.draw_means(scores, people)) == {2.0, 3.0, 4.0}
    assert groups.bootstrap(scores, people).value == 3.0


def test_the_same_pictures_again_are_no_further_evidence():
    scores, people = np.random.default_rng(1).normal(size=20), np.arange(20).astype(str)
    once = groups.bootstrap(scores, people)
    often = groups.bootstrap(np.repeat(scores, 7), np.repeat(people, 7))
    assert dataclasses.astuple(often) == pytest.approx(dataclasses.astuple(once))


def test_the_interval_of_many_people_is_the_normal_one():
    scores = np.random.default_rng(2).normal(size=400)
    found = groups.bootstrap(scores, np.arange(400).astype(str))
    margin = 1.96 * scores.std() / 20
    assert [found.value - found.low, found.high - found.value] == pytest.approx(
        [margin, margin], rel=0.12
    )


def test_pictures_without_a_score_count_for_nobody():
    scores, people = np.array([1.0, np.nan, 3.0, np.nan]), np.array(list("abbc"))
    assert groups.by_person(scores, people)[1].tolist() == [1, 1]
    assert groups.bootstrap(scores, people).value == 2.0


def test_one_person_has_no_interval():
    found = groups.bootstrap(np.array([1.0, 2.0]), np.array(["a", "a"]))
    assert found.value == 1.5
    assert np.isnan([found.low, found.high]).all()


def test_short_intervals_are_told_with_more_digits():
    assert str(groups.Interval(1.0, -0.5, 2.25)) == "+1.00 [-0.50, +2.25]"
    assert str(groups.Interval(-0.01, -0.02, 0.004)) == "-0.010 [-0.020, +0.004]"


def test_scores_and_people_belong_together():
    with pytest.raises(ValueError, match=r"found \(3,\) scores of \(1,\) people"):
        groups.bootstrap(np.ones(3), np.array(["a"]))


def test_a_difference_is_turned_round_with_its_groups():
    scores, people = np.array([1.0, 2.0, 3.0, 7.0, 8.0, 9.0]), np.array(list("abcdef"))
    first = np.arange(6) < 3
    found = groups.difference(scores, people, first, ~first)
    turned = groups.difference(scores, people, ~first, first)
    assert found.value == -turned.value == -6.0
    assert found.low <= -6.0 <= found.high < 0 < turned.low


def test_groups_are_thirds_of_tone_and_age():
    held = faces(4, melanin=[0.0, 0.34, 0.66, 0.67], age=[0.3, 0.34, 0.7, 1.0], sex=[-1, 1, 1, -1])
    found = {name: list(values) for name, values in groups.groups_of(held).items()}
    assert found == {
        "skin tone": ["light", "medium", "medium", "dark"],
        "sex": ["female", "male", "male", "female"],
        "age": ["young", "middle", "old", "old"],
    }


def test_a_row_a_group_with_its_numbers():
    held = faces(4, people="aabc", melanin=[0.1, 0.1, 0.2, 0.9])
    table = groups.by_group(np.array([1.0, 3.0, 8.0, np.nan]), held)
    light = table.loc[("skin tone", "light")]
    assert (light["people"], light["pictures"], light["value"]) == (2, 3, 4.0)
    assert table.loc[("skin tone", "dark")]["people"] == 0
    assert table.loc[("sex", "male")]["pictures"] == 3


def test_by_lot_two_people_are_always_as_far_apart():
    gaps = groups.chance_of_a_gap(np.array([1.0, 5.0, 3.0]), np.array(list("aba")), [1, 1])
    assert set(gaps) == {3.0}
    with pytest.raises(ValueError, match=r"of \[2, 1\], expected .* of 2 people in all"):
        groups.chance_of_a_gap(np.array([1.0, 5.0]), np.array(list("ab")), [2, 1])
    with pytest.raises(ValueError, match="expected two groups or more"):
        groups.chance_of_a_gap(np.array([1.0, 5.0]), np.array(list("ab")), [2])


def test_the_widest_of_three_gaps_is_wider_than_that_of_two():
    scores, people = np.array([0.0, 1.0, 5.0]), np.array(list("abc"))
    pairs = groups.chance_of_a_gap(scores, people, [1, 1])
    assert set(pairs) == {1.0, 4.0, 5.0}  # a to b, b to c, a to c
    assert set(groups.chance_of_a_gap(scores, people, [1, 1, 1])) == {5.0}
    halves = groups.chance_of_a_gap(np.array([0.0, 0.0, 6.0]), people, [1, 2])
    assert set(halves) == {6.0, 3.0}  # the odd one out is alone, or is one of two


def test_ranks_know_what_better_is():
    table = pandas.DataFrame(
        {"PSNR inside": [20.0, 30.0, 20.0], "L1": [1.0, 2.0, 3.0], "KID": [0.1, np.nan, 0.0]},
        index=["a", "b", "c"],
    )
    assert ranks.ranks(table).to_numpy().T.tolist() == [[2, 1, 2], [1, 2, 3], [2, 0, 1]]
    with pytest.raises(KeyError, match="no score 'beauty'"):
        boards.direction("beauty")


def test_swapped_pairs_are_counted():
    order = pandas.Series([1, 2, 3, 4])
    assert ranks.swapped(order, order) == 0
    assert ranks.swapped(order, order[::-1].reset_index(drop=True)) == 6
    assert ranks.swapped(order, pandas.Series([2, 1, 3, 4])) == 1
    assert ranks.swapped(order, pandas.Series([1, 1, 0, 2])) == 0


def test_a_board_means_what_there_is_and_finds_the_worst():
    results = {"one": np.zeros((3, 2, 2, 3), np.uint8), "two": np.ones((3, 2, 2, 3), np.uint8)}

    def score(pictures):
        own = float(pictures[0, 0, 0, 0])
        return {"PSNR": np.array([20, np.nan, 30]) + own, "L1": np.array([1, 5, 2])}, {"KID": own}

    board = boards.board(results, score)
    assert board.table().loc["two"].to_dict() == {"PSNR": 26.0, "L1": 8 / 3, "KID": 1.0}
    assert (board.worst("one", "PSNR"), board.worst("one", "L1")) == (0, 1)


def test_one_table_of_all_tasks_says_what_is_not_known():
    def board(**scores):
        each = {"ours": pandas.DataFrame(scores)}
        return boards.Board({}, each | {"nothing": each["ours"] - 1}, {})

    costs = pandas.DataFrame({"pixels": [64], "ms": [7.0]}, index=["net"])
    tasks = {"a": board(identity=[0.5, 0.7], L1=[3.0, 4.0]), "b": board(identity=[2.0])}
    table = boards.leaderboard(tasks, costs, {"ours": "net"})
    assert table.loc[("a", "ours"), "identity"] == pytest.approx(0.6)
    assert table.loc[("b", "nothing"), "identity"] == 1.0
    assert table["ms"].tolist() == pytest.approx([7.0, np.nan] * 2, nan_ok=True)
    assert "L1" not in table
    assert table["KID"].isna().all()


def test_pooled_pixels_count_alike():
    truth = np.zeros((2, 4, 4, 3), np.uint8)
    found, inside = truth.copy(), np.ones((2, 4, 4), np.uint8)
    found[0], found[1] = 10, 20
    inside[1, 1:] = 0
    expected = 10 * np.log10(255**2 / ((16 * 100 + 4 * 400) / 20))
    assert boards.pooled(found, truth, inside) == pytest.approx(expected)
    assert np.isnan(boards.pooled(found, truth, 0 * inside))


def test_a_crowd_too_small_has_no_distance():
    descriptors = np.eye(4, 128)
    few = boards.Likeness(np.zeros((4, 68, 2)), descriptors, np.array([0, 1]), descriptors)
    assert np.isnan(list(few.kid(descriptors).values())).all()
    enough = dataclasses.replace(few, firsts=np.arange(4))
    # kernels of unit vectors at right angles are (0 + 1)^3 = 1, of one with itself (1 + 1)^3 = 8:
    # a crowd of the very same people would seem to be nearer than near
    assert enough.kid(descriptors)["KID"] == pytest.approx(1 + 1 - 2 * (12 * 1 + 4 * 8) / 16)
    assert few.one_each().landmarks.shape == (2, 68, 2)
    assert (few.one_each().truth == descriptors[:2]).all()
    others = dataclasses.replace(enough, crowd=np.eye(8, 128)[4:])
    assert others.kid(descriptors)["KID"] == pytest.approx(0)


def test_smaller_pictures_are_averages_and_masks_cover_all_they_touch():
    held = faces(2)
    held.mask[0] = 0
    held.mask[0, 3, 5] = 1
    small = held.at(4)
    blocks = held.photo[0].reshape(4, 2, 4, 2, 3).astype(float).mean(axis=(1, 3))
    assert np.abs(small.photo[0] - blocks).max() <= 0.5
    assert np.argwhere(small.mask[0]).tolist() == [[1, 2]]
    corner = np.array([[3.5, 3.5]])  # the middle of the picture stays its middle
    moved = dataclasses.replace(held, landmarks=np.broadcast_to(corner, (2, 68, 2))).at(4)
    assert (moved.landmarks == 1.5).all()
    assert held.at(8) is held
    with pytest.raises(ValueError, match="found size 3, expected a divisor of 8"):
        held.at(3)


def test_firsts_are_one_picture_a_person():
    held = faces(4, people="bbab")
    assert held.firsts.tolist() == [0, 2]
    assert held.of(held.firsts).people.tolist() == ["b", "a"]


def test_people_that_weights_may_know_are_refused(monkeypatch):
    monkeypatch.setattr(held_out.shipped, "card", lambda name: {"seed": 5})
    assert held_out.seeds_taken() == {5, 6, 31, 32}
    held_out.require_free(77)
    for seed in (5, 6, 31, 32):
        with pytest.raises(ValueError, match=f"seed {seed}: .* take none of 5, 6, 31, 32"):
            held_out.require_free(seed)


def test_the_commonest_part_wins_its_pixel():
    maps = np.array([[[0, 1]], [[3, 1]], [[3, 2]]], np.uint8)
    assert parts.commonest(maps).tolist() == [[3, 1]]


def test_paintings_are_composited_at_any_size(monkeypatch):
    held = faces(2, size=128)
    monkeypatch.setattr(masks.shipped, "load", lambda name: lambda x, training: 0 * x["masked"])
    for name in masks.PAINTERS.values():
        for seen in (held, held.at(64)):
            painted = masks.repainted(name, seen)
            assert (painted[seen.mask == 0] == seen.masked[seen.mask == 0]).all()
            # enlarging mixes a pixel or two at the border with what lies around it
            assert set(painted[:, seen.size // 2 + 4 :].ravel()) <= {127, 128}


def test_shrunk_results_are_shrunk_in_the_hole_alone():
    held = faces(2, size=128)
    small, shown = masks.shrunk({"truth": held.photo}, held, 64)["truth"], held.at(64)
    assert (small[shown.mask == 1] == shown.photo[shown.mask == 1]).all()
    assert (small[shown.mask == 0] == shown.masked[shown.mask == 0]).all()


def test_the_best_call_counts_and_not_the_cold_one():
    asked = []

    def job(rows):
        asked.append(rows.tolist())
        time.sleep(0.0 if len(asked) > 1 else 0.2)

    spent = timing.seconds_each(job, 5, 3, repeats=3)
    assert asked == [[0, 1, 2, 0, 1]] * 3
    assert 0 < spent < 0.1 / 5

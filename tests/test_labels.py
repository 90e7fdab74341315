"""The orders of the classes and of the landmarks, and what a mirror makes of them."""

from lib import labels, landmark_order


def test_the_mirror_of_the_classes_swaps_the_subjects_sides():
    pairs = {frozenset(pair) for pair in enumerate(labels.MIRROR) if pair[0] != pair[1]}
    assert pairs == {frozenset((4, 5)), frozenset((6, 7)), frozenset((8, 9))}
    assert len(labels.CLASSES) == 19
    assert labels.CLASSES[4:10] == ("l_eye", "r_eye", "l_brow", "r_brow", "l_ear", "r_ear")


def test_the_mirror_of_the_landmarks_maps_every_part_to_its_counterpart():
    mirror, groups = landmark_order.MIRROR, landmark_order.GROUPS
    assert [mirror[mirror[point]] for point in range(68)] == list(range(68))
    assert [point for part in groups.values() for point in part] == list(range(68))
    for part, points in groups.items():
        sides = {"right": "left", "left": "right"}
        side, _, rest = part.partition("_")
        other = f"{sides[side]}_{rest}" if side in sides else part
        assert sorted(mirror[point] for point in points) == list(groups[other])
    by_hand = {0: 16, 8: 8, 17: 26, 30: 30, 31: 35, 36: 45, 39: 42, 40: 47, 41: 46}
    by_hand |= {48: 54, 51: 51, 55: 59, 57: 57, 60: 64, 62: 62, 65: 67}
    assert {point: mirror[point] for point in by_hand} == by_hand

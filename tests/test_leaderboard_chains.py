"""Chains of made-up steps, whose results are known."""

import dataclasses

import numpy as np
import pytest
from leaderboard_faces import faces

from lib.leaderboard import chains


class Equal:
    """Finds every face equal to the true one."""

    def score(self, pictures):
        return np.zeros(len(pictures)), {"KID": 0.0}


def perfect(held):
    """Return steps that make no mistake: one knows matte faces, the other shiny ones."""

    def shine(work, maps):
        skin = maps.skin(work.pictures) * (work.mask == 0)
        return dataclasses.replace(
            work, pictures=np.where(skin[..., None], held.diffuse, work.pictures)
        )

    def mask(work, maps):
        bare = np.where(work.mask[..., None], held.photo, work.pictures)
        return chains.Work(bare, np.zeros_like(work.mask))

    return {"shine": shine, "mask": mask}


def test_chains_do_their_steps_in_their_order_and_none_twice():
    held, done = faces(2), []

    def step(number):
        def do(work, maps):
            done.append(number)
            return dataclasses.replace(work, pictures=work.pictures // 2 + number)

        return do

    made = chains.results(held, chains.Told(held), {"shine": step(0), "mask": step(100)})
    once, twice = held.masked // 2, held.masked // 2 // 2
    assert done == [0, 100, 100, 0]
    assert list(made) == list(chains.CHAINS)
    assert (made["do nothing"] == held.masked).all()
    assert (made["shine off"] == once).all()
    assert (made["mask off"] == once + 100).all()
    assert (made["shine off, then mask off"] == twice + 100).all()
    assert (made["mask off, then shine off"] == (once + 100) // 2).all()


def test_whoever_paints_shiny_faces_must_come_first():
    held = faces(2)
    made = chains.results(held, chains.Told(held), perfect(held))
    covered = held.mask[..., None] == 1
    assert (made["mask off, then shine off"] == held.diffuse).all()
    assert (made["shine off, then mask off"] == np.where(covered, held.photo, held.diffuse)).all()
    assert (made["shine off"] == np.where(covered, held.masked, held.diffuse)).all()
    assert (made["mask off"] == held.photo).all()


def test_a_chain_that_makes_no_mistake_has_no_error():
    held = faces(2)
    made = chains.results(held, chains.Told(held), perfect(held))
    table = chains.chain_board(made, held, Equal()).table()
    assert np.isinf(table.loc["mask off, then shine off", "PSNR whole"])
    assert np.isinf(table.loc["shine off", "PSNR on free shine"])
    assert table.loc["mask off", "PSNR whole"] == pytest.approx(
        10
        * np.log10(
            255**2 / np.mean((held.photo.astype(float) - held.diffuse) ** 2, (1, 2, 3))
        ).mean()
    )
    assert "KID" not in table


def test_what_is_found_wrongly_is_lost():
    held = faces(2)

    class Blind(chains.Told):
        """Finds no mask."""

        def covered(self, pictures):
            return np.zeros_like(held.mask)

    made = chains.results(held, Blind(held), perfect(held))
    assert (made["mask off"] == held.masked).all()
    assert (made["shine off"] == held.diffuse).all(), "a mask taken for skin is painted over"


def test_the_shipped_steps_leave_the_rest_alone(monkeypatch):
    held = faces(2)
    monkeypatch.setattr(chains.shipped, "load", lambda name: name)
    monkeypatch.setattr(
        chains.specularity, "translate",
        lambda model, pictures, skin: np.where(skin[..., None], 7, pictures),
    )  # fmt: skip
    monkeypatch.setattr(
        chains.repainting, "repaint",
        lambda model, pictures, mask: np.where(mask[..., None], 9, pictures),
    )  # fmt: skip
    made = chains.results(held, chains.Told(held), chains.steps())
    assert (made["shine off, then mask off"] == np.where(held.mask[..., None], 9, 7)).all()
    assert (made["mask off, then shine off"] == 7).all()


def test_what_is_found_is_widened_by_a_rim(monkeypatch):
    held, dot = faces(1, size=16), np.zeros((1, 16, 16), np.uint8)
    dot[0, 5, 5] = 1
    monkeypatch.setattr(chains.shipped, "load", lambda name: name)
    monkeypatch.setattr(chains.mask_maps, "find", lambda model, pictures: dot)
    wide = chains.Found().covered(held.masked)[0]
    assert np.argwhere(wide).tolist() == [[4, 5], [5, 4], [5, 5], [5, 6], [6, 5]]

"""System S5: its designs and what they refuse, and its batches."""

import dataclasses

import keras
import numpy as np
import pytest
from render_to_photo_models import SIZE, batch, make, networks, plan, unet

from lib import images, losses, store
from lib.gans.render_to_photo import DESIGNS, TERMS, Design, plans
from lib.gans.render_to_photo.designs import CRITICS, IDENTITY_LOSSES, PAIRED
from lib.store import Field

# ---------------------------------------------------------------- designs


def test_the_published_losses_and_what_ours_is_without():
    published, ours = DESIGNS["facegan"], DESIGNS["ours"]
    assert published.term_weights == {
        "photo_real": 1, "photo_fake": 1, "render_real": 1, "render_fake": 1,
        "pair": 0.5, "cycle": 0.5, "face": 0.1, "magnet": 0.001,
    }  # fmt: skip
    assert (published.critics, published.pair_gamma) == ("autoencoding", 0.5)
    terms = {name: set(design.term_weights) for name, design in DESIGNS.items()}
    own = terms["ours"]
    assert terms["ours, no pairs"] == own - set(PAIRED) | {"face"}
    supervised = {"pair_photo", "pair_perceptual"}
    assert terms["ours, pairs of another kind"] == own - supervised | {"face"}
    assert terms["ours, no third game"] == own
    assert terms["ours, no identity loss"] == own - {"magnet"}
    assert terms["ours, center"] == own - {"magnet"} | {"center"}
    assert terms["ours, softmax"] == own - {"magnet"} | {"softmax"}
    assert set().union(*terms.values()) == set(TERMS)  # every term is used somewhere
    assert {name for name, one in DESIGNS.items() if not one.pairs} == {"ours, no pairs"}
    identities = {name: design.identity for name, design in DESIGNS.items()}
    assert identities["ours, no identity loss"] is None
    assert set(identities.values()) == {None, *IDENTITY_LOSSES}
    assert DESIGNS["ours, no third game"] == dataclasses.replace(ours, pair_gamma=0.0)


def test_other_weights_leave_the_design_alone():
    design = DESIGNS["ours"]
    before = dict(design.term_weights)
    other = design.weighted(cycle=3.0, face=1.0)
    assert other.term_weights == before | {"cycle": 3.0, "face": 1.0}
    assert set(design.without("cycle", "face").term_weights) == set(before) - {"cycle"}
    assert design.term_weights == before and other.critics == "patches"
    assert other.plays("face", "nothing") and not design.plays("face") and not design.plays()
    with pytest.raises(TypeError):
        DESIGNS["ours"] = other
    with pytest.raises(dataclasses.FrozenInstanceError):
        design.game = "hinge"


@pytest.mark.parametrize("name", DESIGNS)
def test_every_design_makes_a_step_with_exactly_its_terms(name):
    design = DESIGNS[name]
    model = make(name, **({"translator": unet} if name == "ours" else {}))
    model.compile(keras.optimizers.SGD(0.0), run_eagerly=True)
    found = model.train_on_batch(batch(), return_dict=True)
    balances = {f"{game}_{end}" for game in model.balances for end in ("k", "convergence")}
    assert set(found) == {"loss", *design.term_weights, *balances}
    assert np.isfinite(list(found.values())).all()
    weighted = sum(found[term] * weight for term, weight in design.term_weights.items())
    assert found["loss"] == pytest.approx(weighted, rel=1e-5)
    expected = {"forwards", "backwards", "photo_critic"}
    expected |= {"render_critic"} if design.critics == "autoencoding" else set()
    assert set(networks(model)) == expected | ({"classifier"} if "softmax" in name else set())
    assert (model.centroids is None) == (design.identity is None)
    assert model.photo_critic.output_shape[1:] == (
        (SIZE, SIZE, 3) if name == "facegan" else (16, 16, 1)
    )


@pytest.mark.parametrize(
    ("design", "message"),
    [
        (DESIGNS["ours"].weighted(cicle=1.0), r"no term 'cicle': there are photo_real, .*softmax"),
        (Design({"cycle": 1.0}, "pixels"), "no critics 'pixels': there are autoencoding, patches"),
        (DESIGNS["ours"].weighted(render_fake=1.0),
         "found 'render_fake' with critics 'patches'; expected 'autoencoding'"),
        (DESIGNS["facegan"].weighted(adversarial=1.0, critic=1.0),
         "found 'adversarial' with critics 'autoencoding'; expected 'patches'"),
        (DESIGNS["facegan"].weighted(photo_fake=0.0),
         "found 'photo_fake' with weight 0; expected more, or a design without it"),
        (DESIGNS["ours"].weighted(center=1.0),
         "found the identity losses magnet, center; expected one at most"),
        (DESIGNS["facegan"].weighted(softmax=0.0),
         "found the identity losses magnet, softmax; expected one at most"),
    ],
)  # fmt: skip
def test_designs_that_make_no_sense_are_refused_in_a_line(design, message):
    with pytest.raises(ValueError, match=message) as caught:
        make(design)
    assert "\n" not in str(caught.value)


def test_terms_of_either_critics_are_terms():
    both = [term for terms in CRITICS.values() for term in terms]
    assert len(both) == len(set(both)) == 6 and set(both) < set(TERMS)


def test_critics_of_patches_have_the_game_that_the_design_names():
    for game in ("hinge", "least_squares"):
        design = dataclasses.replace(DESIGNS["ours"], game=game)
        assert make(design).game is losses.ADVERSARIAL[game]


def test_only_designs_that_need_the_face_network_ask_for_it():
    def never(shown):
        raise AssertionError("asked for")

    bare = DESIGNS["ours"].without("magnet", "pair_perceptual")
    assert make(bare, embed=never, features=never).centroids is None
    for design in (bare.weighted(magnet=1.0), bare.weighted(pair_perceptual=1.0)):
        with pytest.raises(AssertionError, match="asked for"):
            make(design, embed=never, features=never)


# ---------------------------------------------------------------- batches


def flat(index, generator):
    """Give pictures of one level each, by which a sample is known."""
    return {name: np.full((4, 4, 3), shift + index, np.uint8) for name, shift in
            (("render", 0), ("photo", 100))}  # fmt: skip


def levels(pictures):
    """Return what samples `flat` pictures are of: the level of each."""
    return images.to_picture(pictures)[:, 0, 0, 0].astype(int)


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """Return renders of six people, three of each, and 20 photos of others."""
    fields = [Field(name, (4, 4, 3)) for name in ("render", "photo")]
    options = {"source": "", "licence": "", "progress": False}
    people = {"renders": [f"{n // 3}" for n in range(18)], "photos": [f"p{n}" for n in range(20)]}
    return {
        name: store.build(
            tmp_path_factory.mktemp("sets") / name,
            fields, [(f"{n}", who) for n, who in enumerate(names)], flat, 0, **options,
        )
        for name, names in people.items()
    }  # fmt: skip


@pytest.fixture(scope="module")
def pairs(sets):
    """Return the view of two photos."""
    samples = sets["photos"].samples
    return dataclasses.replace(sets["photos"], samples=samples[samples["id"].isin(["7", "12"])])


def test_a_batch_lies_as_the_model_takes_it(sets, pairs):
    batches = plans.stream(sets["renders"], sets["photos"], pairs, "ours", plan("smoke"), seed=3)
    assert len(batches) == 5  # 18 renders, four at a time
    shown, seen = [], []
    for index in range(len(batches)):
        x = batches[index]
        names = ["render", "person", "photo", "pair_render", "pair_photo"]
        assert list(x) == names
        assert all(x[name].shape == (4, 4, 4, 3) for name in names if name != "person")
        assert (
            x["person"].dtype == np.int32
            and x["person"][::2].tolist() == x["person"][1::2].tolist()
        )
        assert (levels(x["render"]) // 3 == x["person"]).all()
        assert set(levels(x["pair_render"])) == {7, 12}
        np.testing.assert_array_equal(levels(x["pair_photo"]), levels(x["pair_render"]) + 100)
        shown += levels(x["photo"]).tolist()
        seen += x["person"].tolist()
    assert sorted(shown) == list(range(100, 120)) and set(seen) == set(range(6))


def test_the_seed_decides_the_batches(sets, pairs):
    def first(seed, design="ours"):
        stream = plans.stream(sets["renders"], sets["photos"], pairs, design, plan("smoke"), seed)
        return stream[0]

    for name, values in first(3).items():
        np.testing.assert_array_equal(first(3)[name], values)
    assert any((first(4)[name] != values).any() for name, values in first(3).items())
    assert list(first(3, DESIGNS["facegan"])) == list(first(3))


def test_a_design_without_pairs_gets_none_and_one_with_pairs_needs_them(sets, pairs):
    for given in (pairs, None):
        parts = (sets["renders"], sets["photos"], given)
        x = plans.stream(*parts, "ours, no pairs", plan("smoke"), seed=0)[0]
        assert list(x) == ["render", "person", "photo"]
    for name in ("facegan", DESIGNS["ours"].without("pair", "pair_photo")):
        with pytest.raises(ValueError, match="found no pairs, and a design that learns from them"):
            plans.stream(*parts, name, plan("smoke"), seed=0)

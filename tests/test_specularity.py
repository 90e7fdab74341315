"""System S1 as a model: terms at values worked out by hand, who learns from what, pairs, use."""

import dataclasses
import math
import types

import keras
import numpy as np
import pytest
from keras import ops

from lib import images, losses
from lib.gans import specularity
from lib.gans.specularity import MODELS, TERMS, Design, Specularity, arrange, translate
from lib.gans.specularity.terms import PERCEIVED, SLIGHT, Round
from lib.metrics import ScoreError
from lib.models.separation import build_correcting_unet
from lib.prepare.layers import SKIN
from lib.profiles import Profile
from lib.training import load, save, train
from lib.training.weights import to_arrays

SIZE = 16
SHINING = 4 * 4 * 3
"""Numbers inside the mask of `batch`, in each picture."""

CYCLES = ("Spec-CGAN", "Cycle-GAN-SSIM", "Cycle-GAN-and-SSIM", "Cycle-GAN-Per-loss")
CRITICS = {"target_critic", "source_critic"}
WAYS = {"forwards", "backwards"}


def array(tensor):
    return np.array(ops.convert_to_numpy(tensor))


def pictures(number=3, seed=0, size=SIZE, low=-0.5, high=0.5):
    draws = np.random.default_rng(seed).uniform(low, high, (number, size, size, 3))
    return draws.astype(np.float32)


def edges(shown):
    return [shown[:, 1:] - shown[:, :-1]]


def small(name):
    """Build a translator of one halving, which is enough for noise."""
    return build_correcting_unet(SIZE, 2, depth=1, name=name)


def make(design, **options):
    design = MODELS[design] if isinstance(design, str) else design
    return Specularity(SIZE, 2, design, **{"translator": small, "features": edges} | options)


def trained(model, seed=1):
    """Give every translator other weights, as training would, and return the model."""
    generator = np.random.default_rng(seed)
    for network in (model.forwards, model.backwards):
        for weight in network.trainable_weights if network else ():
            weight.assign(array(weight) + generator.normal(0, 0.1, weight.shape))
    return model


def batch(number=3, seed=0):
    """Return a batch of duller targets and matter pairs, as `arrange` makes it."""
    source = pictures(number, seed)
    mask = np.zeros((number, SIZE, SIZE, 1), np.float32)
    mask[:, 4:8, 4:8] = 1
    x = {"source": source, "target": pictures(number, seed + 1) - np.float32(0.4)}
    matte = source - np.float32(0.5) * mask
    return x, {"paired": matte - np.float32(0.1), "matte": matte, "mask": mask}


# ---------------------------------------------------------------- designs


def test_the_six_models_of_s1_and_ours():
    cycles = {name for name, design in MODELS.items() if design.cycles}
    plays = {name for name, design in MODELS.items() if design.plays}
    assert cycles == set(CYCLES)
    assert plays == cycles | {"Simple-GAN"}
    assert len(MODELS) == 7 and all(design.cuts_out for design in MODELS.values())
    for design in MODELS.values():
        assert set(design.term_weights) <= set(TERMS)
        assert ("critic" in design.term_weights) == ("adversarial" in design.term_weights)
        supervised = {"paired_l2", "paired_inside", "matte_l2", "matte_inside"}
        assert bool(supervised & set(design.term_weights)) == (not design.plays)


def test_other_weights_leave_the_design_alone():
    design = MODELS["Spec-CGAN"]
    before = dict(design.term_weights)
    other = design.weighted(cycle_l1=10.0, identity_l1=5.0)
    assert other.term_weights == before | {"cycle_l1": 10.0, "identity_l1": 5.0}
    assert design.term_weights == before and other.network == design.network
    assert not Design("layer", {}, cuts_out=False).weighted(matte_l2=1.0).cuts_out
    with pytest.raises(TypeError):
        MODELS["Spec-CGAN"] = other
    with pytest.raises(dataclasses.FrozenInstanceError):
        design.network = "layer"


def test_a_model_has_the_networks_that_its_design_needs():
    for name, networks in {
        "Spec-CGAN": WAYS | CRITICS,
        "Simple-GAN": {"forwards", "target_critic"},
        "Spec-Net": {"forwards"},
        "Shine layer (ours)": {"forwards"},
    }.items():
        model = make(name)
        assert {net.name for net in model.layers if isinstance(net, keras.Model)} == networks
        assert len(model.critics) == len(model.pools) == len(networks & CRITICS)
        assert (model.backwards is None) == ("backwards" not in networks)


def test_a_term_that_there_is_not_is_named():
    with pytest.raises(ValueError, match=r"no term 'cycle_l3': there are adversarial, critic, cyc"):
        make(MODELS["Spec-CGAN"].weighted(cycle_l3=1.0))
    with pytest.raises(KeyError):
        make("Spec-CGAN", game="chess")


def test_critics_have_the_game_that_was_asked_for():
    assert make("Simple-GAN").game is losses.ADVERSARIAL["least_squares"]
    assert make("Simple-GAN", game="hinge").game is losses.ADVERSARIAL["hinge"]


# ---------------------------------------------------------------- terms by hand


class Shift(keras.layers.Layer):
    """Adds a constant."""

    def __init__(self, constant, **options):
        super().__init__(**options)
        self.constant = constant

    def call(self, x):
        return x + self.constant


def shifts(forwards, backwards):
    """Return a builder of translators that add a constant each."""

    def build(name):
        inputs = keras.Input((SIZE, SIZE, 3))
        constant = {"forwards": forwards, "backwards": backwards}[name]
        return keras.Model(inputs, Shift(constant)(inputs), name=name)

    return build


def level_critic(name):
    """Build a critic whose every logit is the mean of the pixel: its opinion is known."""
    inputs = keras.Input((SIZE, SIZE, 3))
    ones = keras.initializers.Constant(1 / 3)
    logits = keras.layers.Conv2D(1, 1, use_bias=False, kernel_initializer=ones, name="mean")
    return keras.Model(inputs, logits(inputs), name=name)


def every_term(forwards=0.0, backwards=0.0, *, training=False, **options):
    """Return the values of all terms for translators that add constants."""
    model = make(
        Design("translator", dict.fromkeys(TERMS, 1.0)),
        translator=shifts(forwards, backwards),
        **{"critic": level_critic} | options,
    )
    x, y = batch()
    y["paired"], y["matte"] = x["source"] + 0.3, x["source"] - 0.5 * y["mask"]
    values = model.loss_terms(x, y, model(x), training)
    assert list(values) == list(TERMS)
    return {name: float(value) for name, value in values.items()}


def test_translators_that_change_nothing_pay_nothing_for_it():
    found = every_term()
    for name in ("cycle_l1", "cycle_perceptual", "identity_l1", "stay_l1"):
        assert found[name] == 0, name
    assert found["cycle_ssim"] == pytest.approx(0, abs=1e-6)
    assert found["paired_l2"] == pytest.approx(0.09)
    assert found["paired_inside"] == pytest.approx(SHINING * 0.09 / (SHINING * 0.09 + SLIGHT))
    assert found["matte_inside"] == pytest.approx(SHINING * 0.25 / (SHINING * 0.25 + SLIGHT))
    assert found["matte_l2"] == pytest.approx(0.25 / 16)  # of 16 x 16 pixels 4 x 4 shine


def test_a_constant_shift_costs_what_was_worked_out_by_hand():
    # there + 0.1, back + 0.2: after a cycle both pictures are off by 0.3
    found = every_term(0.1, 0.2, features=lambda shown: [2 * shown, shown])
    assert found["cycle_l1"] == pytest.approx(0.6, rel=1e-5)
    assert found["cycle_perceptual"] == pytest.approx(2 * (4 + 1) / 2 * 0.09, rel=1e-5)
    assert found["identity_l1"] == pytest.approx(0.1 + 0.2, rel=1e-5)
    assert found["stay_l1"] == pytest.approx(0.1, rel=1e-5)
    assert found["paired_l2"] == pytest.approx(0.2**2, rel=1e-5)
    left, before = SHINING * 0.2**2, SHINING * 0.3**2
    assert found["paired_inside"] == pytest.approx(left / (before + SLIGHT), rel=1e-5)
    left, before = SHINING * 0.6**2, SHINING * 0.5**2  # brighter where it shone: worse than before
    assert found["matte_inside"] == pytest.approx(left / (before + SLIGHT), rel=1e-5)
    assert found["matte_l2"] == pytest.approx((0.6**2 + 15 * 0.1**2) / 16, rel=1e-5)
    x, _ = batch()
    ssim = sum(float(losses.ssim(one, one + 0.3)) for one in x.values())
    assert found["cycle_ssim"] == pytest.approx(ssim, rel=1e-5) and ssim > 0.01
    undone = every_term(0.1, -0.1)
    assert undone["cycle_l1"] == pytest.approx(0, abs=1e-6)
    assert undone["identity_l1"] == pytest.approx(0.2, rel=1e-5)


def zero_critic(name):
    inputs = keras.Input((SIZE, SIZE, 3))
    logits = keras.layers.Conv2D(1, 1, kernel_initializer="zeros", name="zero")
    return keras.Model(inputs, logits(inputs), name=name)


@pytest.mark.parametrize(
    ("game", "adversarial", "critic"),
    [
        ("least_squares", 0.5, 0.5),
        ("cross_entropy", math.log(2), math.log(2)),
        ("hinge", 0.0, 2.0),
        ("wasserstein", 0.0, 0.0),
    ],
)
def test_critics_without_an_opinion_cost_what_was_worked_out_by_hand(game, adversarial, critic):
    found = every_term(critic=zero_critic, game=game)
    assert found["adversarial"] == pytest.approx(2 * adversarial)  # two translators
    assert found["critic"] == pytest.approx(2 * critic)  # two critics


def judge(real, fake):
    """Return what least squares ask of a critic and of a generator, for logits given."""
    return 0.5 * ((real - 1) ** 2).mean() + 0.5 * (fake**2).mean(), 0.5 * ((fake - 1) ** 2).mean()


@pytest.mark.parametrize("training", [False, True])
def test_each_critic_judges_its_own_kind(training):
    x, _ = batch()
    source, target = (x[name].mean(axis=-1) for name in ("source", "target"))
    games = judge(target, source + 0.1), judge(source, target + 0.2)
    found = every_term(0.1, 0.2, training=training)  # an empty pool hands new fakes on
    assert found["critic"] == pytest.approx(games[0][0] + games[1][0], rel=1e-4)
    assert found["adversarial"] == pytest.approx(games[0][1] + games[1][1], rel=1e-4)


@pytest.mark.parametrize("name", ["paired", "matte"])
def test_of_highlights_the_share_left_counts_in_each_picture(name):
    x, y = batch(2)
    strength = np.float32([0.8, 0.2]).reshape(-1, 1, 1, 1)  # on dark skin, and on light skin
    y[name] = x["source"] - strength * y["mask"]
    expected = (SHINING * strength**2 / (SHINING * strength**2 + SLIGHT)).mean()
    for share in (1.0, 0.5, 0.0):
        fake = y[name] + np.float32(share) * strength * y["mask"] + 5 * (1 - y["mask"])
        found = float(TERMS[f"{name}_inside"](None, Round(x, y, fake, None, None, False)))
        assert found == pytest.approx(share**2 * expected, rel=1e-4, abs=1e-9)
    played = Round(x, y | {"mask": 0 * y["mask"]}, x["source"], None, None, False)
    assert float(TERMS[f"{name}_inside"](None, played)) == 0  # where nothing shines


def test_the_perceptual_term_looks_at_few_pictures_and_never_changes_the_truth():
    seen = []

    def features(shown):
        seen.append(shown.shape[0])
        return [shown]

    found = every_term(0.1, 0.2, features=features)
    assert found["cycle_perceptual"] == pytest.approx(0.18, rel=1e-5)
    assert seen == [1] + 4 * [PERCEIVED]  # once at the start; truth and result, both ways


@pytest.mark.parametrize(
    ("layer", "taken", "in_training"),
    [
        ((0.1, 0.2, 0.3), (0.2, 0.4, 0.6), (0.2, 0.4, 0.6)),  # white is 2 wide, from -1 to 1
        ((0.1, -0.02, 0.0), (0.2, 0.0, 0.0), (0.2, -0.04, 0.0)),  # light is never added
        ((0.007, 0.007, 0.007), (0.0, 0.0, 0.0), (0.014, 0.014, 0.014)),  # below two grey levels
        ((-0.1, -0.1, -0.1), (0.0, 0.0, 0.0), (-0.2, -0.2, -0.2)),
    ],
)
def test_a_layer_is_taken_away_where_it_is_seen_and_never_added(layer, taken, in_training):
    model, (x, _) = make("Shine layer (ours)"), batch()
    model.forwards.get_layer("layer").bias.assign(layer)
    for training, expected in ((False, taken), (True, in_training)):
        found = x["source"] - array(model(x, training=training))
        np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape), atol=1e-6)


# ---------------------------------------------------------------- who learns from what

quiet = pytest.mark.filterwarnings("ignore:Gradients do not exist")


@pytest.fixture(scope="module")
def whole():
    """Return a model of every term, to be told which one counts."""
    return trained(make(Design("translator", dict.fromkeys(TERMS, 1.0))))


def moved(model, term):
    """Return the networks that one step of plain gradient descent on one term moves."""
    x, y = batch()
    before = {id(weight): array(weight) for weight in model.trainable_weights}
    model.term_weights = {term: 1.0}
    model.compile(keras.optimizers.SGD(0.1), run_eagerly=True)
    model.train_on_batch(x, y)
    networks = [net for net in model.layers if isinstance(net, keras.Model)]
    assert sum(len(net.trainable_weights) for net in networks) == len(before)
    return {
        net.name
        for net in networks
        if any((array(w) != before[id(w)]).any() for w in net.trainable_weights)
    }


@quiet
@pytest.mark.parametrize(
    ("term", "learns"),
    [
        ("adversarial", WAYS),
        ("critic", CRITICS),
        ("cycle_l1", WAYS),
        ("cycle_ssim", WAYS),
        ("cycle_perceptual", WAYS),
        ("identity_l1", WAYS),
        ("stay_l1", {"forwards"}),
        ("paired_l2", {"forwards"}),
        ("paired_inside", {"forwards"}),
        ("matte_l2", {"forwards"}),
        ("matte_inside", {"forwards"}),
    ],
)
def test_each_term_teaches_exactly_its_networks(whole, term, learns):
    assert moved(whole, term) == learns


def test_every_term_was_tested():
    marks = test_each_term_teaches_exactly_its_networks.pytestmark
    (cases,) = [mark.args[1] for mark in marks if mark.name == "parametrize"]
    assert {term for term, _ in cases} == set(TERMS)


@quiet
@pytest.mark.parametrize("term", ["adversarial", "critic"])
def test_without_a_way_back_one_translator_and_one_critic_play(term):
    learns = {"adversarial": {"forwards"}, "critic": {"target_critic"}}[term]
    assert moved(trained(make("Simple-GAN")), term) == learns


@quiet
def test_untrained_a_cycle_teaches_nothing():
    # its translators change nothing yet: there is nothing to undo
    assert moved(make("Spec-CGAN"), "cycle_l1") == set()


# ---------------------------------------------------------------- the history of fakes


def test_critics_are_shown_old_fakes_in_training_only():
    shown = []

    class Pool:
        def __call__(self, fakes):
            return 0 * fakes + 0.9

    def critic(seen, training):
        shown.append((float(ops.mean(seen)), training))
        return seen

    x, y = batch()
    stub = types.SimpleNamespace(
        critics=[critic], pools=[Pool()], game=losses.ADVERSARIAL["least_squares"]
    )
    for training, fake in ((True, 0.9), (False, float(x["source"].mean()))):
        shown.clear()
        played = Round(x, y, x["source"], None, None, training)
        found = float(TERMS["critic"](stub, played))
        assert shown == [(pytest.approx(x["target"].mean(), abs=1e-5), training),
                         (pytest.approx(fake, abs=1e-5), training)]  # fmt: skip
        expected, _ = judge(x["target"], x["source"] if not training else np.float32(0.9))
        assert found == pytest.approx(expected, rel=1e-4)


def test_the_history_fills_to_its_size_and_is_saved(tmp_path):
    model = make("Spec-CGAN", pool=4)
    assert specularity.model.POOL == 50 == make("Simple-GAN").pools[0].size
    for step in range(3):
        x, y = batch(2, seed=10 * step)
        fake = model(x)
        model.loss_terms(x, y, fake, training=False)
        assert [int(pool.count) for pool in model.pools] == [2 * min(step, 2)] * 2
        model.loss_terms(x, y, fake, training=True)
    first, second = (array(pool.images) for pool in model.pools)
    assert (first.std(axis=(1, 2, 3)) > 0).all() and not np.allclose(first, second)
    save(model, tmp_path / "model.weights.h5")
    again = make("Spec-CGAN", pool=4)
    again(x)
    load(again, tmp_path / "model.weights.h5")
    for pool, other in zip(again.pools, model.pools, strict=True):
        np.testing.assert_array_equal(array(pool.images), array(other.images))
        assert int(pool.count) == 4


# ---------------------------------------------------------------- batches


def arrays(number, size=4):
    """Return fields whose every picture is one level of its own."""
    levels = np.linspace(-0.9, 0.9, 3 * number, dtype=np.float32).reshape(3, number)
    flat = [np.tile(one[:, None, None, None], (1, size, size, 3)) for one in levels]
    labels = np.zeros((number, size, size), np.int32)
    labels[:, :2] = SKIN[0]
    mask = np.zeros((number, size, size), np.float32)
    mask[:, 0] = 1
    names = ("photo", "diffuse", "matte")
    return dict(zip(names, flat, strict=True)) | {"specular_mask": mask, "labels": labels}


@pytest.mark.parametrize("direction", specularity.DIRECTIONS)
@pytest.mark.parametrize("number", [2, 3, 4, 7])
def test_critics_never_see_the_pair_of_a_source(direction, number):
    given = arrays(number)
    x, y = arrange(given, direction, cuts_out=False)
    source, target = ("photo", "diffuse") if direction == "AtoB" else ("diffuse", "photo")
    np.testing.assert_array_equal(x["source"], given[source])
    np.testing.assert_array_equal(y["paired"], given[target])
    np.testing.assert_array_equal(y["matte"], given["matte"])
    np.testing.assert_array_equal(y["mask"][..., 0], given["specular_mask"])
    levels = x["target"][:, 0, 0, 0]
    assert sorted(levels) == sorted(given[target][:, 0, 0, 0])  # all are shown, each once
    assert (levels != given[target][:, 0, 0, 0]).all()


def test_cut_outs_are_black_outside_of_the_skin_and_untouched_inside():
    given = arrays(4)
    x, y = arrange(given)
    whole, _ = arrange(given, cuts_out=False)
    for cut, field in ((x["source"], "photo"), (y["paired"], "diffuse"), (y["matte"], "matte")):
        assert (cut[:, 2:] == -1).all()
        np.testing.assert_array_equal(cut[:, :2], given[field][:, :2])
        assert cut.dtype == np.float32
    np.testing.assert_array_equal(x["target"][:, :2], whole["target"][:, :2])
    assert (x["target"][:, 2:] == -1).all() and not (whole["target"] == -1).any()
    assert set(specularity.FIELDS) == set(given)


@pytest.mark.parametrize(
    ("number", "direction", "message"),
    [(1, "AtoB", "found a batch of 1; expected 2 or more"),
     (4, "BtoC", "found direction 'BtoC'; expected one of AtoB, BtoA")],
)  # fmt: skip
def test_batches_that_make_no_sense_are_refused_in_a_line(number, direction, message):
    with pytest.raises(ValueError, match=message) as caught:
        arrange(arrays(number), direction)
    assert "\n" not in str(caught.value)


# ---------------------------------------------------------------- use on pictures

PHOTOS = np.random.default_rng(5).integers(0, 256, (5, SIZE, SIZE, 3), dtype=np.uint8)
FACES = np.zeros(PHOTOS.shape[:3], np.uint8)
FACES[:, 3:13, 4:12] = 1


@pytest.fixture(scope="module")
def cycle():
    return trained(make("Spec-CGAN"))


def test_outside_of_the_skin_pixels_stay_to_the_bit(cycle):
    for backwards in (False, True):
        found = translate(cycle, PHOTOS, FACES, backwards=backwards)
        assert found.dtype == np.uint8
        assert (found[FACES == 0] == PHOTOS[FACES == 0]).all()
        assert (found[FACES == 1] != PHOTOS[FACES == 1]).mean() > 0.5
    assert (translate(cycle, PHOTOS, 0 * FACES) == PHOTOS).all()


def test_what_is_not_skin_is_not_looked_at(cycle):
    other = np.where(FACES[..., None] == 1, PHOTOS, np.uint8(0))
    first, second = (translate(cycle, shown, FACES) for shown in (PHOTOS, other))
    assert (first[FACES == 1] == second[FACES == 1]).all()
    assert (translate(cycle, other)[FACES == 1] == first[FACES == 1]).all()  # a cut-out already


def test_both_ways_are_their_own_networks(cycle):
    for backwards, network in ((False, cycle.forwards), (True, cycle.backwards)):
        expected = images.to_picture(array(network(images.to_network(PHOTOS))))
        found = translate(cycle, PHOTOS, backwards=backwards)
        assert np.abs(found.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("name", ["Spec-CGAN", "Spec-Net", "Shine layer (ours)"])
def test_batches_do_not_matter(name):
    model = trained(make(name))
    found = translate(model, PHOTOS, FACES, batch_size=2)
    for other in (translate(model, PHOTOS, FACES), translate(model, PHOTOS[3:4], FACES[3:4])):
        expected = found if len(other) == len(found) else found[3:4]
        assert np.abs(other.astype(int) - expected).max() <= 1


def test_untrained_models_change_nothing():
    for name in ("Spec-CGAN", "Simple-GAN", "Spec-Net", "Shine layer (ours)"):
        assert (translate(make(name), PHOTOS, FACES) == PHOTOS).all(), name


def make_layer(design):
    model = trained(make(design))
    bias = model.forwards.get_layer("layer").bias
    bias.assign(array(bias) + 0.2)  # enough to be seen
    return model


def test_ours_never_brightens_a_picture():
    found = translate(make_layer("Shine layer (ours)"), PHOTOS, FACES)
    assert (found <= PHOTOS).all() and (found < PHOTOS)[FACES == 1].mean() > 0.1


def test_a_design_that_cuts_nothing_out_takes_whole_photographs():
    weights = MODELS["Shine layer (ours)"].term_weights
    model = make_layer(Design("layer", weights, cuts_out=False))
    found = translate(model, PHOTOS, FACES)
    assert (found == translate(model, PHOTOS)).all()
    assert (found < PHOTOS)[FACES == 0].any()


def test_pictures_need_not_have_the_size_of_training():
    photos = np.random.default_rng(6).integers(0, 256, (2, 24, 40, 3), dtype=np.uint8)
    for name in ("Spec-CGAN", "Spec-Net", "Shine layer (ours)"):
        model = trained(Specularity(SIZE, 2, MODELS[name], features=edges))
        found = translate(model, photos)
        assert found.shape == photos.shape and (found != photos).any()


def test_what_makes_no_sense_is_refused(cycle):
    for name in ("Simple-GAN", "Spec-Net", "Shine layer (ours)"):
        with pytest.raises(ValueError, match="no way back: expected one whose design has a cycle"):
            translate(make(name), PHOTOS, backwards=True)
    for photos, skin in (
        (PHOTOS / 255, FACES), (PHOTOS[0], FACES), (PHOTOS, FACES * 255), (PHOTOS, FACES[:2])
    ):  # fmt: skip
        with pytest.raises(ScoreError):
            translate(cycle, photos, skin)


# ---------------------------------------------------------------- training


def tiny_translator(name):
    """Build the input plus one convolution of it: enough to darken pictures."""
    inputs = keras.Input((SIZE, SIZE, 3))
    correction = keras.layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros")(inputs)
    return keras.Model(inputs, keras.layers.Add()([inputs, correction]), name=name)


def tiny_critic(name):
    inputs = keras.Input((SIZE, SIZE, 3))
    return keras.Model(inputs, keras.layers.Conv2D(1, 4, 2)(inputs), name=name)


def make_tiny(name, rate=0.02, **options):
    """Build and compile a model whose steps are cheap; the same every time."""
    keras.utils.set_random_seed(0)
    model = make(name, translator=tiny_translator, critic=tiny_critic, **options)
    model.compile(keras.optimizers.Adam(rate, beta_1=0.5), run_eagerly=True)
    return model


@pytest.mark.parametrize("name", MODELS)
def test_a_few_steps_lower_the_loss_on_a_fixed_batch(name):
    plays, (x, y) = MODELS[name].plays, batch(2)
    model = make_tiny(name, 0.02 if plays else 0.003)
    before = model.train_on_batch(x, y, return_dict=True)
    expected = sum(before[term] * weight for term, weight in model.design.term_weights.items())
    assert before["loss"] == pytest.approx(expected, rel=1e-5)
    for _ in range(10 if plays else 7):
        model.reset_metrics()
        after = model.train_on_batch(x, y, return_dict=True)
    assert after["loss"] < 0.7 * before["loss"]
    fake, source, target = (one.mean() for one in (array(model(x)), x["source"], x["target"]))
    if plays:  # targets are darker, which critics see and translators then learn from them
        assert fake < source - 0.1 * (source - target)


class Steps(keras.utils.PyDataset):
    """Two batches a round, another one at each step."""

    epoch = 0

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return batch(2, seed=2 * (2 * self.epoch + index))


def test_interrupted_and_resumed_a_cycle_ends_with_the_same_bits(tmp_path):
    profile = Profile("smoke", SIZE, 2, 2, steps=4, sample_every=2, identities=1, captures=1)
    ends = []
    for name, parts in (("whole", (4,)), ("resumed", (2, 4))):
        for steps in parts:
            model = make_tiny("Spec-CGAN", pool=4)
            part = dataclasses.replace(profile, steps=steps)
            run = train(model, Steps(), part, name, runs=tmp_path)
        assert run.resumed_from == (0 if len(parts) == 1 else 2) and run.finished
        ends.append(to_arrays([*model.variables, *model.optimizer.variables]))
    for one, other in zip(*ends, strict=True):
        np.testing.assert_array_equal(one, other)
    assert [int(pool.count) for pool in model.pools] == [4, 4]  # full at step 2: draws have begun

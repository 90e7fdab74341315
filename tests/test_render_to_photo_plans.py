"""System S5's plans: the paper's own sizes and settings, and the rates of short trainings."""

import keras
import numpy as np
import pytest
from render_to_photo_models import NUMBERS, PEOPLE, networks, plan, shifts, three_numbers

from lib import profiles
from lib.gans.learning_rates import CLIP
from lib.gans.render_to_photo import Design, plans


@pytest.fixture(scope="module")
def paper():
    """Return the model of the paper's plan; its largest networks are made once."""
    return plans.new_model("facegan", plan("paper"), PEOPLE, embed=three_numbers)


def test_the_papers_networks_have_the_published_sizes(paper):
    sizes = {name: net.count_params() for name, net in networks(paper).items()}
    assert sizes == {
        "forwards": 1_103_136,
        "backwards": 1_080_000,
        "photo_critic": 6_723_459,
        "render_critic": 6_723_459,
    }
    assert paper.photo_critic.output_shape == (None, 108, 108, 3)


def test_the_papers_settings_are_the_published_ones(paper):
    found = plan("paper")
    assert (found.size, found.width, found.batch_size) == (108, 32, 16)
    assert (found.steps, found.identities, found.captures) == (248_000, 10_000, 50)
    assert plans.people_and_pictures(found) == (4, 4)
    assert plans.AVERAGE["paper"] == 0.9999
    assert [(one.gamma, one.rate) for one in paper.balances.values()] == [(0.5, 0.001)] * 3
    assert (paper.optimizer.beta_1, paper.optimizer.beta_2) == (0.5, 0.999)


def test_the_papers_rates_halve_ever_sooner_down_to_the_floor(paper):
    rate = plans._rate(plan("paper"))
    halvings = (128_000, 192_000, 224_000, 240_000)
    for number, step in enumerate(halvings):
        assert float(rate(step)) == pytest.approx(8e-5 / 2**number)
        assert float(rate(step + 1)) == pytest.approx(8e-5 / 2 ** (number + 1))
    assert float(rate(0)) == pytest.approx(8e-5) and float(rate(1_000_000)) == pytest.approx(5e-6)
    assert float(paper.optimizer.learning_rate) == pytest.approx(8e-5)
    assert isinstance(paper.optimizer._learning_rate, type(rate))


def test_only_the_way_there_drops_and_hands_across(paper):
    for name, dropped in (("forwards", [0.1] * 3), ("backwards", [])):
        layers = networks(paper)[name].layers
        rates = [one.rate for one in layers if isinstance(one, keras.layers.Dropout)]
        joined = [one for one in layers if isinstance(one, keras.layers.Concatenate)]
        assert rates == dropped and len(joined) == (2 if dropped else 0)


@pytest.mark.parametrize("name", ["smoke", "laptop"])
def test_short_trainings_begin_slowly_and_end_slowly(name):
    for steps in (plan(name).steps, 2, 1):
        rate = plans._rate(profiles.change(plan(name), steps=steps))
        rates = [float(rate(step)) for step in {0, steps // 2, steps}]
        assert np.isfinite(rates).all() and max(rates) <= plans.HIGHEST_RATE[name] * 1.0001
    steps = plan(name).steps
    rate, warm_up = plans._rate(plan(name)), min(plans.WARM_UP, steps // 2)
    assert float(rate(warm_up)) == pytest.approx(plans.HIGHEST_RATE[name], rel=1e-4)
    assert float(rate(0)) < 0.1 * float(rate(warm_up)) > float(rate(steps))


def test_plans_and_options_reach_the_model():
    settings = profiles.change(plan("smoke"), width=2)
    options = {"translator": shifts(), "embed": three_numbers, "features": lambda shown: [shown]}
    ours = plans.new_model("ours", settings, 7, **options)
    assert ours.photo_critic.layers[1].filters == 4 == 2 * settings.width
    assert ours.centroids.places.shape == (7, NUMBERS)
    assert [one.rate for one in ours.balances.values()] == [0.02] * 3
    assert [one.gamma for one in ours.balances.values()] == [0.5, 0.5, 1.0]
    other = plans.new_model(Design({"cycle": 1.0}), settings, 7, balance_rate=0.5, **options)
    assert other.balances["pair"].rate == 0.5 and other.photo_critic.layers[1].filters == 2


@pytest.mark.parametrize(
    ("batch_size", "expected"),
    [(1, (1, 2)), (3, (1, 2)), (4, (2, 2)), (8, (4, 2)), (16, (4, 4)), (32, (8, 4))],
)
def test_a_batch_has_a_few_people_with_several_pictures_each(batch_size, expected):
    assert (
        plans.people_and_pictures(profiles.change(plan("smoke"), batch_size=batch_size)) == expected
    )


@pytest.mark.parametrize("name", ["smoke", "laptop"])
def test_trainings_of_more_steps_than_planned_take_shorter_ones(name):
    planned = plan(name)
    longer = profiles.change(planned, steps=9 * planned.steps)
    rate = plans._rate(longer)
    highest = max(float(rate(step)) for step in range(min(longer.steps, 4 * plans.WARM_UP)))
    assert highest == pytest.approx(plans.HIGHEST_RATE[name] / 3, rel=1e-2)
    options = {"translator": shifts(), "embed": three_numbers}
    clips = [
        plans.new_model(Design({"cycle": 1.0}), one, 7, rate, **options).optimizer.global_clipnorm
        for one, rate in ((planned, None), (longer, None), (longer, 1e-3))
    ]
    assert clips == [None, CLIP, None]

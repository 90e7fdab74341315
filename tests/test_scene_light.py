"""Light from all around, shadows and reflection obey the formulas they are named after."""

import numpy as np
import pytest

from lib.scene import light, shading
from lib.scene.capture import Environment, Light

SPHERE = light.directions(4000)
AREA = 4 * np.pi / len(SPHERE)


def harmonics_of(directions):
    return np.array([light.harmonics(*direction) for direction in directions])


def test_the_harmonics_are_orthonormal():
    basis = harmonics_of(SPHERE)
    assert np.allclose(basis.T @ basis * AREA, np.eye(9), atol=2e-3)


def test_a_white_surrounding_lights_a_white_surface_white_whichever_way_it_faces():
    sky = light.radiance(Environment(sky=(1, 1, 1), ground=(1, 1, 1), lobes=()))
    for direction in SPHERE[::500]:
        assert np.allclose(light.gather(shading.irradiance(sky), *direction), 1, atol=5e-3)
        assert np.allclose(light.gather(sky, *direction), 1, atol=5e-3)


def test_irradiance_is_the_cosine_weighted_mean_of_the_surroundings():
    # a sky that is exactly of first degree: radiance 0.5 + 0.5 y
    environment = Environment(sky=(1, 1, 1), ground=(0, 0, 0), lobes=())
    found = light.gather(shading.irradiance(light.radiance(environment)), 0.0, 1.0, 0.0)[0]
    up = np.clip(SPHERE[:, 1], 0, None)
    expected = (up * (0.5 + 0.5 * SPHERE[:, 1])).sum() * AREA / np.pi
    assert found == pytest.approx(expected, abs=3e-3)
    assert expected == pytest.approx(5 / 6, abs=1e-3)


def test_a_shadow_map_tells_what_a_plate_hides():
    plate = np.array([(-50, 0, 60), (50, 0, 60), (50, 80, 60), (-50, 80, 60)], np.float32)
    plate[:, 1] -= 90
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    lamp = Light(direction=(0, 0, 1), colour=(1, 1, 1), size=0, softness=1, shadow=True)
    depth = light.shadow_map(plate, triangles, lamp, 128)

    def lit(point):
        x, y, z = light.seen_from(np.array(point, float), lamp.direction, 128)
        return light.lit_share(depth, float(x), float(y), float(z) - 1, 1.0)

    assert lit((0, -50, 0)) == 0
    assert lit((0, -50, 100)) == 1
    assert lit((100, -50, 0)) == 1
    assert 0 < lit((50, -50, 0)) < 1


def test_lamberts_law():
    assert shading.lambert((0, 0, 1), (0, 0, 1), 0.0) == pytest.approx(1)
    slanted = (np.sqrt(0.75), 0, 0.5)
    assert shading.lambert((0, 0, 1), slanted, 0.0) == pytest.approx(0.5)
    assert shading.lambert((0, 0, 1), (1, 0, 0), 0.0) == 0
    assert shading.lambert((0, 0, 1), (1, 0, 0), 0.2) > 0  # light wraps round skin


def test_fresnel_from_head_on_to_grazing():
    assert shading.fresnel(0.028, 1.0) == pytest.approx(0.028)
    assert shading.fresnel(0.028, 0.0) == pytest.approx(1.0)


@pytest.mark.parametrize(("roughness", "least"), [(0.3, 0.9), (0.5, 0.8), (0.7, 0.6)])
def test_microfacets_reflect_no_more_than_they_get(roughness, least):
    view = np.array([np.sin(0.4), 0, np.cos(0.4)])
    total = 0.0
    for direction in light.directions(20000):
        if direction[2] <= 0:
            continue
        half = direction + view
        half /= np.linalg.norm(half)
        lobe = shading.microfacets(roughness, 0.0, half[2], direction[2], view[2])
        total += lobe * direction[2]
    total *= 4 * np.pi / 20000 / np.pi
    assert least < total < 1.01  # what bounces twice is lost, the more the rougher


def test_pores_tilt_a_normal_along_the_surface_and_keep_it_a_unit_vector():
    normal = (0.6, 0.0, 0.8)
    found = np.array(shading.tilted(normal, 0.1, -0.05))
    assert np.linalg.norm(found) == pytest.approx(1)
    assert found @ normal > 0.98
    assert np.allclose(shading.tilted(normal, 0.0, 0.0), normal)

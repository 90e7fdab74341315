"""Real photographs of people with masks on, some drawn by the lab and some by others."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lib import images
from lib.faces import align, detect, landmarks
from lib.faces.landmark_files import read_pts
from lib.prepare import masks


def photographs_with_masks(folder: Path, size: int = 64) -> dict[str, np.ndarray]:
    """Return photographs framed as rendered faces are: `masked`, and the true `mask`.

    Args:
        folder: holds landmarks68/*/*.pts, each with a picture beside it: they get drawn masks; and
            masked_pairs/gt, masked and map: whoever made those drew masks of their own.
        size: width and height of the result, pixels.
    """
    pairs = []
    for number, file in enumerate(sorted(folder.glob("landmarks68/*/*.pts"))):
        photo = images.read(next(p for p in file.parent.glob(f"{file.stem}.*") if p != file))
        points = read_pts(file)
        masked, mask, _ = masks.put_on(photo, points, number)
        pairs.append((masked, mask, points))
    for file in sorted(folder.glob("masked_pairs/gt/*.png")):
        bare = images.read(file)
        points = landmarks.landmarks68(bare, detect.one_face(bare))
        parts = (folder / "masked_pairs" / name / file.name for name in ("masked", "map"))
        masked, drawn = (images.read(part) for part in parts)
        pairs.append((masked, drawn[..., 0] > 127, points))
    arrays = {"masked": [], "mask": []}
    for masked, mask, points in pairs:
        chip, alignment = align.chip(masked, points, size, 0.0, "portrait")
        whole = np.dstack([np.uint8(255 * mask)] * 3)
        arrays["masked"].append(chip)
        arrays["mask"].append(np.uint8(alignment.extract(whole)[..., 0] > 127))
    return {name: np.stack(stack) for name, stack in arrays.items()}

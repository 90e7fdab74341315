"""The tie between a chip and its photo: points and pixels, both ways.

`lib.faces.align` makes alignments; this module only follows them.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from lib.faces.detect import check_picture
from lib.faces.warping import edge_weight, invert, mask_weight, move, scale_of, warp

_ROUNDS = 2


@dataclasses.dataclass(frozen=True, eq=False)
class Alignment:
    """How a chip was cut out of its photo.

    Attributes:
        matrix: (2, 3) float64, takes a point of the photo to its place in the chip.
        size: height and width of the chip in pixels.
        photo_size: height and width of the photo in pixels.
        extend: what the chip shows where the photo has ended: its last pixels (True) or black.
    """

    matrix: np.ndarray
    size: tuple[int, int]
    photo_size: tuple[int, int]
    extend: bool = False

    @property
    def scale(self) -> float:
        """Pixels of the chip for one of the photo."""
        return scale_of(self.matrix)

    def to_chip(self, points: np.ndarray) -> np.ndarray:
        """Take points of the photo, (N, 2), to their places in the chip, float32 (N, 2)."""
        return move(points, self.matrix).astype("float32")

    def to_photo(self, points: np.ndarray) -> np.ndarray:
        """Take points of the chip, (N, 2), to their places in the photo, float32 (N, 2)."""
        return move(points, invert(self.matrix)).astype("float32")

    def extract(self, photo: np.ndarray) -> np.ndarray:
        """Cut the chip out of the photo, without aliasing however strongly it shrinks.

        Args:
            photo: uint8 RGB, of the size that the alignment was made for.

        Returns:
            uint8 (height, width, 3) of the alignment's size.

        Raises:
            ValueError: if the photo is of another size or not uint8 RGB.
        """
        photo = check_picture(photo)
        if photo.shape[:2] != self.photo_size:
            raise ValueError(
                f"found a photo of {photo.shape[:2]}, expected {self.photo_size}, for which this "
                "alignment was made: align the new photo with align.chip"
            )
        return warp(photo, self.matrix, self.size, extend=self.extend)

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Lay a map of the chip, such as probabilities, over the photo.

        Args:
            values: float32 (height, width) of the alignment's size.

        Returns:
            float32 (height, width) of the photo, interpolated; 0 outside the chip.

        Raises:
            ValueError: if the map is of another size.
        """
        if values.shape != self.size:
            raise ValueError(f"found a map of {values.shape}, expected {self.size}: resize it")
        whole = np.zeros(self.photo_size, "float32")
        rows, columns = self._covered()
        if whole[rows, columns].size:
            there = self.matrix.copy()
            there[:, 2] += there[:, :2] @ (columns.start, rows.start)
            region = whole[rows, columns].shape
            whole[rows, columns] = warp(values.astype("float32"), invert(there), region)
        return whole

    def in_photo(self) -> np.ndarray:
        """Return which pixels of the chip the photo shows, uint8 {0, 1} (height, width)."""
        rows, columns = np.indices(self.size)
        x, y = self.to_photo(np.stack([columns.ravel(), rows.ravel()], axis=1)).T
        height, width = self.photo_size
        inside = (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)
        return inside.reshape(self.size).astype(np.uint8)

    def weight(self, feather: float, mask: np.ndarray | None = None) -> np.ndarray:
        """Return how far `paste_back` lays an edited chip over each pixel of the photo.

        Args:
            feather: as there.
            mask: as there.

        Returns:
            float32 (height, width) of the photo, 0..1; where it is 0 nothing changes.
        """
        return self.spread(self._weight(feather, mask))

    def paste_back(
        self,
        photo: np.ndarray,
        chip: np.ndarray,
        feather: float = 0.08,
        mask: np.ndarray | None = None,
    ) -> np.ndarray:
        """Put an edited chip back into its photo, at the photo's own resolution.

        Many photos would give the edited chip. Without a mask the one next to the old photo is
        taken: Only the *change*, edited chip minus original chip, is enlarged and added, so that
        the photo keeps its pores and hairs, and an unedited chip gives it back to the last bit.
        That is right for soft edits, such as taking shine away. Where an edit removes something
        sharp, say a face mask, the photo's fine detail of it would shine through: name the place
        in ``mask``, and there the chip *replaces* the photo.

        Either way two rounds of back-projection (Irani and Peleg, CVGIP 1991) make good what
        interpolation blurs: what the new photo's chip still lacks of the edited one is added.

        Args:
            photo: uint8 RGB, the photo that the chip was cut from.
            chip: uint8 (height, width, 3), the edited chip.
            feather: width of the soft edge as a share of the chip's shorter side, 0..0.5. It lies
                inside the chip's border, and outside the mask's.
            mask: {0, 1} (height, width) of the chip; 1 where the chip replaces the photo. Further
                from the 1s than the feather nothing changes.

        Returns:
            A new photo, equal to the old one to the last bit everywhere outside the chip.

        Raises:
            ValueError: if a shape is wrong or the feather out of range.
        """
        original = self.extract(photo)
        self._check_edit(chip, feather, mask)
        new = photo.copy()
        rows, columns = self._covered()
        region = photo[rows, columns].astype("float32")
        if region.size:
            there = self.matrix.copy()
            there[:, 2] += there[:, :2] @ (columns.start, rows.start)
            change = self._change(region, there, chip, original, replace=mask is not None)
            weight = warp(self._weight(feather, mask), invert(there), region.shape[:2])
            new[rows, columns] = np.rint(region + weight[..., None] * change).clip(0, 255)
        return new

    def _change(
        self,
        region: np.ndarray,
        there: np.ndarray,
        chip: np.ndarray,
        original: np.ndarray,
        replace: bool,
    ) -> np.ndarray:
        """Solve "chip of (region + change) = edited chip" for the change, float32 as region."""
        back, size = invert(there), region.shape[:2]
        wanted = chip.astype("float32") - original
        # What the chip shows beyond the photo's borders has no place in the photo.
        wanted *= warp(np.ones(size, "float32"), there, self.size)[..., None]
        if replace:
            change = warp(chip.astype("float32"), back, size, extend=True, cubic=True) - region
        else:
            change = warp(wanted, back, size, cubic=True)
        for _ in range(_ROUNDS):
            change += warp(wanted - warp(change, there, self.size), back, size, cubic=True)
        return change

    def _weight(self, feather: float, mask: np.ndarray | None) -> np.ndarray:
        width = max(1.0, feather * min(self.size))
        weight = edge_weight(self.size, width)
        return weight if mask is None else weight * mask_weight(mask, width)

    def _covered(self) -> tuple[slice, slice]:
        """The rows and columns of the photo that the chip touches."""
        height, width = self.size
        corners = np.array([(0, 0), (width, 0), (0, height), (width, height)]) - 0.5
        corners, limits = move(corners, invert(self.matrix)), self.photo_size[::-1]
        left, top = np.floor(corners.min(axis=0)).clip(0, limits).astype(int).tolist()
        right, bottom = np.ceil(corners.max(axis=0) + 1).clip(0, limits).astype(int).tolist()
        return slice(top, bottom), slice(left, right)

    def _check_edit(self, chip: np.ndarray, feather: float, mask: np.ndarray | None) -> None:
        found = check_picture(chip).shape[:2]
        if found != self.size:
            raise ValueError(f"found an edited chip of {found}, expected {self.size}: resize it")
        if not 0 <= feather <= 0.5:
            raise ValueError(f"found feather {feather}, expected a share of the chip, 0..0.5")
        if mask is not None and (mask.shape != self.size or mask.max(initial=0) > 1):
            raise ValueError(
                f"found a mask of {mask.shape} with values up to {mask.max(initial=0)}, expected "
                f"{self.size} with values 0 and 1"
            )

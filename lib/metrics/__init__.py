"""Scores: how near a result is to the truth, one number for each picture, and their mean.

    scores = metrics.picture_scores(repaired, truth, masks)      # a row of a table
    inside = metrics.psnr(repaired, truth, masks)                # (N,), to find the worst
    share = metrics.verification_rate(metrics.identity_distance(who, who_truly), 0.6)
    distance = metrics.kernel_distance(who, who_truly)           # .value, .low, .high
    agreement = metrics.mean(metrics.part_agreement(found, asked))   # mIoU of label maps

A score that does not exist for a picture, such as one inside an empty mask, is NaN and is left out
of the mean. What is left of a network's work after compositing lies inside the mask: look there.
A picture scored as a whole earns most of its points for pixels that nobody touched.
"""

from __future__ import annotations

from lib.metrics.arrays import ScoreError, mean, require_masks, require_pictures
from lib.metrics.colour import skin_tone_shift, tone_groups
from lib.metrics.identity import identity_distance, verification_rate
from lib.metrics.kernel import KernelDistance, kernel_distance
from lib.metrics.maps import dice, intersection_over_union, pixel_accuracy
from lib.metrics.parts import colour_faithfulness, group_labels, part_agreement
from lib.metrics.pictures import l1, picture_scores, psnr, ssim
from lib.metrics.reflectance import lmse

__all__ = [
    "KernelDistance",
    "ScoreError",
    "colour_faithfulness",
    "dice",
    "group_labels",
    "identity_distance",
    "intersection_over_union",
    "kernel_distance",
    "l1",
    "lmse",
    "mean",
    "part_agreement",
    "picture_scores",
    "pixel_accuracy",
    "psnr",
    "require_masks",
    "require_pictures",
    "skin_tone_shift",
    "ssim",
    "tone_groups",
    "verification_rate",
]

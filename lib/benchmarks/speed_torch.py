"""The networks of `lib.benchmarks.speed` in PyTorch; run by it, with an interpreter that has it."""

from __future__ import annotations

import itertools
import json
import sys
import time
from types import ModuleType
from typing import Any

WIDEST = 8


def _convolution(
    torch: ModuleType, before: int, filters: int, strides: int, normalize: bool
) -> Any:
    """Return padding as TensorFlow's "same" has it, a 4 x 4 convolution, and what follows."""
    nn = torch.nn
    padding = (1, 1, 1, 1) if strides == 2 else (1, 2, 1, 2)
    parts = [nn.ZeroPad2d(padding), nn.Conv2d(before, filters, 4, strides, bias=not normalize)]
    if normalize:
        parts.append(nn.InstanceNorm2d(filters, affine=True))
    return nn.Sequential(*parts, nn.LeakyReLU(0.2))


def build_generator(torch: ModuleType, size: int, width: int) -> Any:
    """Return pix2pix's U-Net down to 4 x 4 pixels, as `lib.models.unet.build_unet` is."""
    nn = torch.nn
    depth = max(1, (size // 4).bit_length() - 1)
    filters = [width * min(2**level, WIDEST) for level in range(depth)]

    def _up(before: int, after: int):
        return nn.Sequential(
            nn.Upsample(scale_factor=2), nn.Conv2d(before, after, 3, padding=1, bias=False),
            nn.InstanceNorm2d(after, affine=True), nn.ReLU(),
        )  # fmt: skip

    class _UNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.down = nn.ModuleList(
                _convolution(torch, ([3, *filters])[level], filters[level], 2, level > 0)
                for level in range(depth)
            )
            before = filters[-1]
            self.up = nn.ModuleList()
            for level in reversed(range(depth - 1)):
                self.up.append(_up(before, filters[level]))
                before = 2 * filters[level]
            self.last = nn.Sequential(
                _up(before, width), nn.Conv2d(width, 3, 3, padding=1), nn.Tanh()
            )

        def forward(self, x: Any) -> Any:
            """Return what the generator paints."""
            skips = []
            for part in self.down:
                x = part(x)
                skips.append(x)
            for part, skip in zip(self.up, skips[-2::-1], strict=True):
                x = torch.cat([part(x), skip], 1)
            return self.last(x)

    return _UNet()


def build_critic(torch: ModuleType, size: int, width: int) -> Any:
    """Return the patch critic, as `lib.models.patchgan.build_patchgan` is."""
    nn = torch.nn
    depth = min(max(size.bit_length() - 5, 1), 3)
    filters = [width * min(2**level, WIDEST) for level in range(depth + 1)]
    parts = [
        _convolution(torch, ([6, *filters])[level], filters[level], 2 if level < depth else 1,
                     level > 0)
        for level in range(depth + 1)
    ]  # fmt: skip
    return nn.Sequential(*parts, nn.ZeroPad2d((1, 2, 1, 2)), nn.Conv2d(filters[-1], 1, 4))


def _step(torch: ModuleType, generator: Any, critic: Any, optimizers: list, x: Any, y: Any) -> None:
    """Train the generator, then the critic, as PyTorch's users write it."""
    entropy = torch.nn.functional.binary_cross_entropy_with_logits
    fake = generator(x)
    critic.requires_grad_(False)
    logits = critic(torch.cat([x, fake], 1))
    loss = entropy(logits, torch.ones_like(logits)) + 100 * (y - fake).abs().mean()
    optimizers[0].zero_grad()
    loss.backward()
    optimizers[0].step()
    critic.requires_grad_(True)
    real, made = critic(torch.cat([x, y], 1)), critic(torch.cat([x, fake.detach()], 1))
    loss = entropy(real, torch.ones_like(real)) + entropy(made, torch.zeros_like(made))
    optimizers[1].zero_grad()
    loss.backward()
    optimizers[1].step()


def main() -> None:
    """Print the pictures a second of the fastest turn, as JSON."""
    import torch

    size, width, number, steps, turns = map(int, sys.argv[1:])
    generator, critic = build_generator(torch, size, width), build_critic(torch, size, width)
    optimizers = [
        torch.optim.Adam(network.parameters(), 2e-4, (0.5, 0.999))
        for network in (generator, critic)
    ]
    layout = {"memory_format": torch.channels_last}
    generator, critic = generator.to(**layout), critic.to(**layout)
    x, y = (torch.rand(number, 3, size, size).to(**layout) * 2 - 1 for _ in range(2))
    seconds = []
    for _ in range(turns + 1):
        began = time.perf_counter()
        for _ in itertools.repeat(None, steps):
            _step(torch, generator, critic, optimizers, x, y)
        seconds.append(time.perf_counter() - began)
    weights = [sum(p.numel() for p in network.parameters()) for network in (generator, critic)]
    print(json.dumps({"pictures/s": number * steps / min(seconds[1:]), "weights": weights}))


if __name__ == "__main__":
    main()

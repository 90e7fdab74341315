"""The networks of `lib.benchmarks.speed` in PyTorch; run by it, with an interpreter that has it.

They train on an NVIDIA card where there is one. After the five numbers, "float16" asks for autocast
with a scaled loss, which leaves the weights in float32.
"""

from __future__ import annotations

import functools
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
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


def _step(
    torch: ModuleType, networks: list, optimizers: list, x: Any, y: Any, scaler: Any, autocast: Any
) -> None:
    """Train the generator, then the critic, as PyTorch's users write it."""
    entropy = torch.nn.functional.binary_cross_entropy_with_logits
    generator, critic = networks
    critic.requires_grad_(False)
    with autocast:
        fake = generator(x)
        logits = critic(torch.cat([x, fake], 1))
        loss = entropy(logits, torch.ones_like(logits)) + 100 * (y - fake).abs().mean()
    optimizers[0].zero_grad()
    scaler.scale(loss).backward()
    scaler.step(optimizers[0])
    critic.requires_grad_(True)
    with autocast:
        real, made = critic(torch.cat([x, y], 1)), critic(torch.cat([x, fake.detach()], 1))
        loss = entropy(real, torch.ones_like(real)) + entropy(made, torch.zeros_like(made))
    optimizers[1].zero_grad()
    scaler.scale(loss).backward()
    scaler.step(optimizers[1])
    scaler.update()


def _seconds(torch: ModuleType, step: Callable[[], None], steps: int, device: str) -> float:
    """Return what so many steps take, the card's own work included."""
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    wait()
    began = time.perf_counter()
    for _ in itertools.repeat(None, steps):
        step()
    wait()
    return time.perf_counter() - began


def train(
    python: str, size: tuple[int, int, int], precision: str, steps: int, turns: int
) -> tuple[str, float]:
    """Run this file under an interpreter that has PyTorch; return how, and the seconds of a step.

    Args:
        python: the interpreter.
        size: side of the pictures, filters of the first layers, pictures a step.
        precision: "float32" or "float16".
        steps: of a turn.
        turns: of which the fastest counts; one more goes before them.

    Raises:
        RuntimeError: when its process fails.
    """
    command = [python, __file__, *map(str, (*size, steps, turns)), precision]
    environment = {**os.environ, "PYTHONPATH": ""}
    found = subprocess.run(command, capture_output=True, text=True, env=environment)
    if found.returncode:
        said = found.stderr.strip().splitlines() or ["it said nothing"]
        raise RuntimeError(f"PyTorch's part under {python} ended with an error: {said[-1]}")
    figures = json.loads(found.stdout)
    return f"PyTorch by hand, {figures['device']}", size[2] / figures["pictures/s"]


def main() -> None:
    """Print the pictures a second of the fastest turn and of the median one, as JSON."""
    import torch

    size, width, number, steps, turns = map(int, sys.argv[1:6])
    half = sys.argv[6:] == ["float16"]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.backends.cudnn.benchmark = device == "cuda"
    layout = {"device": device, "memory_format": torch.channels_last}
    networks = [build(torch, size, width).to(**layout) for build in (build_generator, build_critic)]
    optimizers = [
        torch.optim.Adam(network.parameters(), 2e-4, (0.5, 0.999)) for network in networks
    ]
    x, y = (torch.rand(number, 3, size, size).to(**layout) * 2 - 1 for _ in range(2))
    scaler = torch.amp.GradScaler(device, enabled=half)
    autocast = torch.autocast(device, torch.float16, enabled=half)
    step = functools.partial(_step, torch, networks, optimizers, x, y, scaler, autocast)
    seconds = [_seconds(torch, step, steps, device) for _ in range(turns + 1)]
    weights = [sum(p.numel() for p in network.parameters()) for network in networks]
    figures = {
        "pictures/s": number * steps / min(seconds[1:]),
        "median": number * steps / statistics.median(seconds[1:]),
        "weights": weights,
    }
    print(json.dumps({**figures, "device": device}))


if __name__ == "__main__":
    main()

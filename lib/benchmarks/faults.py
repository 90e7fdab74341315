"""The wheel of faults: what is left after kills, full disks, two at once, a wrong clock, no home.

    python -m lib.benchmarks.faults

Each fault is done truly, to a small build or training in a process of its own, and prints one line:
what was done, what was found, and whether nothing was lost: the work goes on and ends with the very
bytes of undisturbed work, and leaves no half-written file behind. Linux and macOS only.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from lib import env
from lib.benchmarks.fault_children import QUIET, RUN, Child, built, learned, litter

CLOCKS = {"1970": 1e5, "2120": 4.75e9}
DISK = 512 * 1024
"""Bytes of the disk that fills up: room for a training's files, but not for much else."""

Outcome = tuple[str, bool]


class Wheel:
    """Work that nothing disturbed, to compare with; each method is a fault.

    Every fault returns what was found, and whether nothing was lost.

    Args:
        folder: an empty one.
        kills: how many times the random kills come.
    """

    def __init__(self, folder: Path, kills: int = 8) -> None:
        self.folder, self.kills, self.random = folder, kills, random.Random(3)
        status, answer = Child("learn", str(self.place("whole"))).finish()
        if status != "done":
            raise RuntimeError(f"the undisturbed training did not end well: {answer}")
        self.operations = answer["operations"]
        self.learned = learned(folder / "whole")
        self.built = self._build(self.place("data") / "whole")

    def _build(self, path: Path) -> dict[str, bytes]:
        status, answer = Child("build", str(path)).finish()
        if status != "done":
            raise RuntimeError(f"the build did not end well: {answer}")
        return built(path)

    def place(self, name: str) -> Path:
        """Return an empty folder."""
        place = self.folder / name
        place.mkdir()
        return place

    def ends_well(self, runs: Path) -> bool:
        """Finish a training and compare it with the undisturbed one."""
        status, answer = Child("learn", str(runs)).finish()
        well = status == "done" and learned(runs) == self.learned and not litter(runs)
        return well or _complain(f"{status}: {answer}; left over: {litter(runs)}")

    def is_built(self, path: Path) -> bool:
        """Finish a dataset and compare it with the undisturbed one."""
        status, answer = Child("build", str(path)).finish()
        left = litter(path.parent)
        well = status == "done" and built(path) == self.built and not left
        return well or _complain(f"{status}: {answer}; left over: {left}")

    def killed_in_preparation(self) -> Outcome:
        """SIGKILL at random moments of one build, one and two workers in turn."""
        path = self.place("killed_in_preparation") / "dataset"
        hits = 0
        for number in range(self.kills):
            child = Child("build", str(path), workers=1 + number % 2)
            child.wait_until_begun()
            time.sleep(self.random.uniform(0, 0.3))
            child.kill()
            hits += not (path / "card.json").exists()
        return f"{hits} of {self.kills} kills hit; finished, the same bytes", self.is_built(path)

    def killed_between_files(self) -> Outcome:
        """SIGKILL before an operation on a file, a build of its own each time."""
        place, hits, well = self.place("killed_between_files"), 0, True
        for number in [1, 2, 3, 4, *self.random.sample(range(5, 90), self.kills)]:
            path = place / str(number) / "dataset"
            hits += Child("build", str(path), killed_at=number).finish()[0] == "killed"
            well &= self.is_built(path)
        return f"{hits} builds killed; each finished with the same bytes", well

    def killed_in_training(self) -> Outcome:
        """SIGKILL at random moments of one training."""
        runs, hits = self.place("killed_in_training"), 0
        for _ in range(self.kills):
            child = Child("learn", str(runs), seconds=0.02)
            child.wait_until_begun()
            time.sleep(self.random.uniform(0, 0.5))
            child.kill()
            hits += child.finish()[0] == "killed"
        return f"{hits} kills; resumed, the same weights to the last bit", self.ends_well(runs)

    def killed_in_saving(self) -> Outcome:
        """SIGKILL before each operation on a file from the last round on, a training each."""
        place, hits, well = self.place("killed_in_saving"), 0, True
        first = next(n for n, _, name in self.operations if name.startswith(".model.weights"))
        numbers = [number for number, *_ in self.operations if number >= first]
        for number in numbers:
            runs = place / str(number)
            hits += Child("learn", str(runs), killed_at=number).finish()[0] == "killed"
            well &= self.ends_well(runs)
        return f"{hits} of {len(numbers)} kills hit; weights and backup whole each time", well

    def disk_full_while_saving(self) -> Outcome:
        """A disk of 512 KB, filled in mid-way but for none, a part, or most of what is needed."""
        lines, well = set(), True
        for spare in (0, 8 << 10, 24 << 10, 48 << 10):
            with small_disk(self.place(f"disk_{spare}")) as disk:
                for at_round in (2, 6):
                    runs = disk / f"runs_{at_round}"
                    child = Child("fill_disk", str(disk), at_round, spare, runs=str(runs))
                    status, answer = child.finish()
                    lines.add(answer.replace(str(runs), "RUNS") if status == "failed" else status)
                    (disk / "ballast").unlink(missing_ok=True)
                    well &= self.ends_well(runs)
                    shutil.rmtree(runs)
        told = all("the disk is full; make room and call" in line for line in lines - {"done"})
        return f"said {' | '.join(sorted(lines))}; then finished, the same", well and told

    def two_at_once(self) -> Outcome:
        """Two trainings of one name, and two builds of one folder; then the first is killed."""
        runs = self.place("two_at_once")
        first = Child("learn", str(runs), seconds=0.3)
        first.wait_until_begun()
        _, said = Child("learn", str(runs)).finish()
        names_it = f"in use by process {first.process.pid} on" in str(said)
        first.kill()
        well = self.ends_well(runs)
        path = self.place("two_builds") / "dataset"
        builder = Child("build", str(path))
        builder.wait_until_begun()
        refused = Child("build", str(path)).finish()
        well &= builder.finish()[0] == "done" and refused[0] == "failed" and self.is_built(path)
        said = str(said).replace(str(self.folder), "")
        return f"the second: {said}; the first killed, the next went on", well and names_it

    def folders_deleted(self) -> Outcome:
        """The run's folder deleted while it trains, then the dataset's that a training reads."""
        runs, path = self.place("run_deleted"), self.place("data_deleted") / "dataset"
        options = {"runs": str(runs)}
        status, _ = Child("lose_folder", str(runs / RUN), 3, **options).finish()
        kept = learned(runs)
        well = status == "done" and all(
            kept[name] == value for name, value in self.learned.items() if name != "log"
        )
        self._build(path)
        runs, whole = self.place("reading"), self.place("reading_whole")
        options = {"batches": str(path)}
        Child("learn", str(whole), **options).finish()
        status, _ = Child("lose_folder", str(path), 3, runs=str(runs), **options).finish()
        well &= self.is_built(path)
        Child("learn", str(runs), **options).finish()
        well &= learned(runs) == learned(whole)
        found = "weights and backup were there all the same; without its data it"
        return f"{found} {status}, and went on when the data was made again", well

    def clock_changed(self) -> Outcome:
        """Begun in 2120 and killed, gone on with in 1970 and killed, every file from the future."""
        runs, hits = self.place("clock_changed"), 0
        middle = self.operations[len(self.operations) // 2][0]
        for clock in CLOCKS.values():
            child = Child("learn", str(runs), clock=clock, killed_at=middle)
            hits += child.finish()[0] == "killed"
            for path in runs.rglob("*"):
                os.utime(path, (CLOCKS["2120"],) * 2)
        return f"{hits} kills; resumed today, the same bits", self.ends_well(runs)

    def read_only_home(self) -> Outcome:
        """HOME where nothing can be made, and a project that nobody can write to."""
        code = (
            "import sys, lib.benchmarks.fault_tasks as f, lib.scene.render\n"
            "f.learn(print, sys.argv[1])"
        )
        runs = self.place("read_only_home")
        command = [sys.executable, "-c", code, str(runs)]
        locked = sealed(command)
        homeless = {**os.environ, **QUIET, "HOME": "/proc/nowhere"}
        for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "NUMBA_CACHE_DIR"):
            homeless.pop(name, None)
        done = subprocess.run(locked, env=homeless, cwd=env.ROOT, capture_output=True, text=True)
        if done.returncode:
            return done.stderr.strip().splitlines()[-1], False
        project = "read-only" if locked != command else "writable (no leave to seal it)"
        return f"the project {project}: rendered, trained, the same", self.ends_well(runs)


def _complain(line: str) -> bool:
    print(f"    {line}", file=sys.stderr)
    return False


@contextlib.contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """Mount a small disk in memory there; where that is not allowed, say so and leave."""
    options = ["-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(place)]
    if subprocess.run(["mount", *options], capture_output=True).returncode:
        raise PermissionError("no disk can be mounted here: run it as root, as in a container")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def sealed(command: list[str]) -> list[str]:
    """Return the command with the project read-only around it, where the system lets us."""
    script = f'mount --bind "{env.ROOT}" "{env.ROOT}" && mount -o remount,ro,bind "{env.ROOT}"'
    wrapped = ["unshare", "-m", "sh", "-c", f'{script} && cd "{env.ROOT}" && exec "$@"', "sh"]
    try:
        allowed = subprocess.run([*wrapped, "true"], capture_output=True).returncode == 0
    except OSError:
        allowed = False
    return [*wrapped, *command] if allowed else command


FAULTS = [
    Wheel.killed_in_preparation,
    Wheel.killed_between_files,
    Wheel.killed_in_training,
    Wheel.killed_in_saving,
    Wheel.disk_full_while_saving,
    Wheel.two_at_once,
    Wheel.folders_deleted,
    Wheel.clock_changed,
    Wheel.read_only_home,
]


def main(arguments: list[str] | None = None) -> int:
    """Turn the wheel, or to the faults named, and print a line each.

    Returns:
        The exit status: 0 if all were survived.
    """
    chosen = [fault for fault in FAULTS if not arguments or fault.__name__ in arguments]
    lost = 0
    with tempfile.TemporaryDirectory() as folder:
        wheel = Wheel(Path(folder))
        for fault in chosen:
            start = time.monotonic()
            try:
                found, survived = fault(wheel)
            except PermissionError as error:
                found, survived = f"not tried: {error}", True
            lost += not survived
            print(f"{'survived' if survived else 'LOST':8}  {fault.__doc__.splitlines()[0]}")
            print(f"{'':8}  {found} ({time.monotonic() - start:.0f} s)", flush=True)
    print(f"{len(chosen) - lost} of {len(chosen)} faults survived with nothing lost")
    return int(lost > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A training written down, so that processes anywhere can do it together: one JSON file.

The file names a *plan*, an importable function that builds model and batches, and what to call it
with. Every worker reads the same file from the shared folder, so all of them do the same.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.files import write_json
from lib.profiles import Profile

if TYPE_CHECKING:
    import keras

JOB, RUN = "job.json", "run"
_EXPECTED = "expected package.module:function, importable where the worker runs"


class JobError(ValueError):
    """A job that cannot be read, or whose plan cannot be found."""


@dataclasses.dataclass(frozen=True)
class Job:
    """What the workers do.

    Attributes:
        plan: "package.module:function"; the function takes (profile, **options) and returns a
            compiled model and its batches, a PyDataset whose items follow from epoch and index.
        profile: batch_size is the whole batch, over all workers; max_minutes has to be 0, for
            clocks differ, and a worker that stops alone leaves the others waiting.
        seed: of the weights.
        folder: the job's folder, seen by every worker under this path. The run goes into it.
        options: further arguments of the plan; plain JSON values.
        keep: steps after which the chief writes the weights to weights/, for comparisons.
        pause: seconds that each worker rests after a step, so that one can watch it.
    """

    plan: str
    profile: Profile
    seed: int
    folder: str
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    keep: Sequence[int] = ()
    pause: float = 0.0

    def __post_init__(self) -> None:
        if self.profile.max_minutes:
            found = f"max_minutes = {self.profile.max_minutes:g}"
            raise JobError(f"{found}: expected 0, as workers stop together after `steps` only")

    @property
    def path(self) -> Path:
        """Where the job's file lies."""
        return Path(self.folder) / JOB

    def write(self) -> Path:
        """Write the job's file into its folder and return its path."""
        write_json(self.path, dataclasses.asdict(self))
        return self.path

    def require_module(self) -> None:
        """Refuse a plan whose module is nowhere, before anything large is imported.

        Raises:
            JobError: saying so.
        """
        module = self.plan.partition(":")[0]
        try:
            found = importlib.util.find_spec(module) is not None
        except (ImportError, ValueError):
            found = False
        if not found:
            raise JobError(f"plan {self.plan!r}: there is no module {module!r}; {_EXPECTED}")

    def function(self) -> Callable[..., tuple[keras.Model, keras.utils.PyDataset]]:
        """Import the plan.

        Raises:
            JobError: where there is no such function.
        """
        self.require_module()
        module, _, name = self.plan.partition(":")
        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError, ValueError) as error:
            raise JobError(f"plan {self.plan!r}: {error}; {_EXPECTED}") from error


def read(path: str | os.PathLike) -> Job:
    """Read a job's file.

    Raises:
        JobError: where it is missing or no job.
    """
    try:
        content = json.loads(Path(path).read_text("utf-8"))
        return Job(**{**content, "profile": Profile(**content["profile"])})
    except OSError as error:
        remedy = "expected a job in a folder that every worker sees under the same path"
        raise JobError(f"{path}: {error.strerror}; {remedy}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise JobError(f"{path}: no job ({error}); write one with Job(...).write()") from error

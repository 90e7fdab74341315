"""How much memory the kernel of a lesson takes, with all that it starts."""

from __future__ import annotations

import threading


class PeakMemory(threading.Thread):
    """Watch this process's children and remember the largest sum of their resident memory."""

    def __init__(self, seconds: float = 0.1) -> None:
        super().__init__(daemon=True)
        self.seconds, self.peak, self._done = seconds, 0, threading.Event()

    def run(self) -> None:
        """Sample until `stop` is called."""
        import psutil

        process = psutil.Process()
        while not self._done.wait(self.seconds):
            total = 0
            for child in process.children(recursive=True):
                try:
                    total += child.memory_info().rss
                except psutil.Error:  # it ended between the listing and the look
                    continue
            self.peak = max(self.peak, total)

    def stop(self) -> float:
        """End the watch and return the peak in GiB."""
        self._done.set()
        self.join()
        return self.peak / 2**30

"""Replies of organisms, awaited: hands generations to worker processes and resolves futures when they report back.

The workers live as long as this process and serve every event loop in it. They compute on the processor, one thread
each; `FEINT_THREADS` says how many there are (by default one per core, two at most).
"""

from __future__ import annotations

import asyncio
import atexit
import itertools
import os
import pickle
import subprocess
import sys
import threading
import zlib
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import feint
from feint.base.errors import UsageError
from feint.subjects.engine.generation import Generation, Reply, Source, TokenSampling
from feint.subjects.engine.worker import send


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    pending: dict[int, Future[Reply]] = field(default_factory=dict)
    writing: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: object) -> None:
        assert self.process.stdin is not None
        try:
            with self.writing:
                send(self.process.stdin, message)
        except (OSError, ValueError) as error:
            raise _ended(self.process) from error

    def hang_up(self) -> None:
        """Close the pipe to the worker, on which it ends."""
        assert self.process.stdin is not None
        with self.writing, suppress(OSError):
            self.process.stdin.close()


class Engine:
    """A few worker processes, started when the first of them is needed."""

    def __init__(self, threads: int) -> None:
        """Prepare `threads` worker processes of one tensor thread each; the first call starts them."""
        self.threads = threads
        self.workers: list[_Worker] = []
        self.ids = itertools.count()
        self.changing = threading.Lock()

    def start(self) -> None:
        """Start the workers that are missing; they load the tensor library meanwhile.

        Raises:
            UsageError: The libraries that compute are not installed.
        """
        with self.changing:
            self.workers = [worker for worker in self.workers if worker.process.poll() is None]
            if len(self.workers) == self.threads:
                return
            missing = [name for name in ("torch", "safetensors", "tokenizers") if find_spec(name) is None]
            if missing:
                raise UsageError(f"organisms need {', '.join(missing)}; install them with: pip install 'feint[local]'")
            given, ours = os.environ.get("PYTHONPATH"), str(Path(feint.__file__).parents[1])
            path = os.pathsep.join([ours, given]) if given else ours
            while len(self.workers) < self.threads:
                process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "feint.subjects.engine.worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": path},
                )
                self.workers.append(_Worker(process))
                listener = threading.Thread(target=_listen, args=(self.workers[-1],), daemon=True)
                listener.start()

    async def reply(
        self,
        source: Source,
        prompt: tuple[int, ...],
        *,
        key: int,
        max_tokens: int | None = None,
        sampling: TokenSampling | None = None,
        stop: tuple[str, ...] = (),
        group: str = "",
    ) -> Reply:
        """Wait for one reply; see `Generation` for the arguments.

        Calls that share the beginning of the prompt should share the group, and so a worker.

        Raises:
            UsageError: The model's folder holds something that cannot be run.
            RuntimeError: The worker died.
        """
        self.start()
        asked = Generation(next(self.ids), prompt, max_tokens, key, sampling or TokenSampling(), stop)
        worker = self._choose(group)
        future: Future[Reply] = Future()
        worker.pending[asked.id] = future
        try:
            worker.send(("generate", source, asked))
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            with suppress(RuntimeError):
                worker.send(("cancel", None, asked.id))
            raise
        finally:
            worker.pending.pop(asked.id, None)

    def close(self) -> None:
        """End the workers."""
        with self.changing:
            for worker in self.workers:
                worker.hang_up()
                worker.process.wait()
            self.workers = []

    def _choose(self, group: str) -> _Worker:
        """The group's own worker, unless another has clearly less to do."""
        workers = self.workers
        least = min(workers, key=lambda worker: len(worker.pending))
        own = workers[zlib.crc32(group.encode()) % len(workers)]
        return own if len(own.pending) <= 1.25 * len(least.pending) + 2 else least


@cache
def shared_engine() -> Engine:
    """The process's engine.

    Raises:
        UsageError: `FEINT_THREADS` is not a positive whole number.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    given = os.environ.get("FEINT_THREADS") or str(min(2, cores))
    if not given.isdecimal() or int(given) < 1:
        raise UsageError(f"FEINT_THREADS is '{given}', expected a whole number above 0; unset it for the default.")
    engine = Engine(int(given))
    atexit.register(engine.close)
    return engine


def _listen(worker: _Worker) -> None:
    """Pass on what a worker reports; when it ends, tell everyone who waits for it."""
    assert worker.process.stdout is not None
    try:
        while True:
            for generation_id, outcome in pickle.load(worker.process.stdout):
                _settle(worker.pending.get(generation_id), outcome)
    except (EOFError, OSError, pickle.UnpicklingError):
        worker.hang_up()
        for future in list(worker.pending.values()):
            _settle(future, _ended(worker.process))


def _ended(process: subprocess.Popen[bytes]) -> RuntimeError:
    return RuntimeError(f"the process that computes organisms ended with exit code {process.wait()}")


def _settle(future: Future[Reply] | None, outcome: Reply | Exception) -> None:
    if future is None:
        return
    with suppress(InvalidStateError):  # cancelled: nobody waits for it any more
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)

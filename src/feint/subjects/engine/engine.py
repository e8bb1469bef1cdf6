"""Replies of organisms, awaited: hands generations to worker processes and resolves futures when they report back.

The workers live as long as this process and serve every event loop in it. They compute on the processor, one thread
each; `FEINT_THREADS` says how many there are (by default one per core, two at most).
"""

from __future__ import annotations

import asyncio
import atexit
import itertools
import os
import subprocess
import sys
import threading
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import feint
from feint.base.errors import UsageError
from feint.subjects.engine.generation import Generation, Reply, Source, TokenSampling
from feint.subjects.engine.worker import receive, send

NEEDED = ("torch", "safetensors", "tokenizers")


@dataclass
class _Pending:
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Reply]


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    pending: dict[int, _Pending] = field(default_factory=dict)
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
        """Prepare, without starting anything.

        Args:
            threads: Number of worker processes, one tensor thread each.
        """
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
            while len(self.workers) < self.threads:
                self.workers.append(self._launch())

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
        """Wait for one reply.

        Args:
            source: The model.
            prompt: Token ids, fewer than the model's context.
            key: Key of the stream of random numbers; the reply depends on this, the prompt and the model alone.
            max_tokens: Most tokens to write.
            sampling: How tokens are drawn.
            stop: Texts that end the reply.
            group: Calls that share the beginning of the prompt should share this, and so a worker.

        Returns:
            The reply.

        Raises:
            UsageError: The model's folder holds something that cannot be run.
            RuntimeError: The worker died.
        """
        self.start()
        asked = Generation(next(self.ids), prompt, max_tokens, key, sampling or TokenSampling(), stop)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Reply] = loop.create_future()
        worker = self._choose(group)
        worker.pending[asked.id] = _Pending(loop, future)
        try:
            worker.send(("generate", source, asked))
            return await future
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

    def _launch(self) -> _Worker:
        missing = [name for name in NEEDED if find_spec(name) is None]
        if missing:
            raise UsageError(f"organisms need {', '.join(missing)}; install them with: pip install 'feint[local]'")
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join(
                [str(Path(feint.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
            ),
        }
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "feint.subjects.engine.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        worker = _Worker(process)
        threading.Thread(target=_listen, args=(worker,), daemon=True, name="feint-organisms").start()
        return worker


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
            for generation_id, outcome in receive(worker.process.stdout):
                _settle(worker.pending.get(generation_id), outcome)
    except (EOFError, OSError):
        worker.hang_up()
        for pending in list(worker.pending.values()):
            _settle(pending, _ended(worker.process))


def _ended(process: subprocess.Popen[bytes]) -> RuntimeError:
    return RuntimeError(f"the process that computes organisms ended with exit code {process.wait()}")


def _settle(pending: _Pending | None, outcome: Reply | Exception) -> None:
    if pending is None:
        return

    def settle(future: asyncio.Future[Reply]) -> None:
        if future.done():
            return
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)

    try:
        pending.loop.call_soon_threadsafe(settle, pending.future)
    except RuntimeError:
        # the loop was closed while the reply was being written: nobody waits for it
        return

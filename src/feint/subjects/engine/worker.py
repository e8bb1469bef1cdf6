"""The process that computes: reads generations from standard input, writes finished replies to standard output.

A process rather than a thread: Inspect keeps a Python interpreter busy for about a third of the time that organisms
need, and each of the hundred small tensor operations of a step would wait for it. One tensor thread per process,
because two that share the cores with anything else wait for each other most of the time.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import sys
import threading
from collections import OrderedDict
from typing import IO, TYPE_CHECKING, Any

from feint.subjects.engine.generation import Generation, Source

if TYPE_CHECKING:
    from feint.subjects.engine.batching import GenerationBatch

LOADED = 4
"""Models that stay loaded; the one idle longest goes first."""


def send(stream: IO[bytes], message: object) -> None:
    """Write one message, or nothing if it cannot be pickled."""
    stream.write(pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL))
    stream.flush()


class Worker:
    """Keeps a batch per model and steps those that have work, in turn."""

    def __init__(self, output: IO[bytes]) -> None:
        self.output = output
        self.inbox: queue.SimpleQueue[tuple[str, Any, Any]] = queue.SimpleQueue()
        self.batches: OrderedDict[Source, GenerationBatch] = OrderedDict()

    def listen(self, stream: IO[bytes]) -> None:
        """Put arriving messages into the inbox, and end the process when the parent is gone."""
        try:
            while True:
                self.inbox.put(pickle.load(stream))
        except (EOFError, pickle.UnpicklingError):
            os._exit(0)

    def run(self) -> None:
        """Serve for ever."""
        while True:
            busy = [source for source, batch in self.batches.items() if batch.busy]
            self._take(block=not busy)
            for source in busy:
                self._step(source)

    def _take(self, block: bool) -> None:
        while True:
            try:
                kind, source, content = self.inbox.get(block=block)
            except queue.Empty:
                return
            if kind == "cancel":
                for batch in self.batches.values():
                    batch.cancel(content)
            else:
                self._add(source, content)
            block = False

    def _add(self, source: Source, asked: Generation) -> None:
        try:
            from tokenizers import Tokenizer

            from feint.subjects.engine.batching import GenerationBatch
            from feint.subjects.engine.checkpoint import read_ends
            from feint.subjects.engine.llama import Llama

            if source not in self.batches:
                idle = [key for key, batch in self.batches.items() if not batch.busy]
                for key in idle[: max(0, len(self.batches) + 1 - LOADED)]:
                    del self.batches[key]
                tokenizer = Tokenizer.from_file(str(source.base / "tokenizer.json"))
                model = Llama(source.base, source.adapter)
                self.batches[source] = GenerationBatch(model, read_ends(source.base), tokenizer.decode)
            self.batches.move_to_end(source)
            self.batches[source].add(asked)
        except Exception as error:
            send(self.output, [(asked.id, error)])

    def _step(self, source: Source) -> None:
        batch = self.batches[source]
        try:
            replies = batch.step()
        except Exception as error:
            lost = [row.asked.id for row in batch.active] + [item[1] for item in batch.waiting]
            del self.batches[source]
            send(self.output, [(generation_id, error) for generation_id in lost])
            return
        if replies:
            send(self.output, [(reply.id, reply) for reply in replies])


def main() -> None:
    """Run a worker on this process's standard input and output."""
    # an interrupt goes to the whole group; this process ends when its parent does
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    output = os.fdopen(os.dup(1), "wb")
    # what a library prints must not land among the messages
    os.dup2(2, 1)
    worker = Worker(output)
    threading.Thread(target=worker.listen, args=(sys.stdin.buffer,), daemon=True).start()
    import torch

    torch.set_num_threads(1)
    with torch.inference_mode():
        worker.run()


if __name__ == "__main__":
    main()

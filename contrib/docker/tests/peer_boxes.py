"""Directories that stand for the boxes of a sandbox: the agent's, and two servers."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from feint_docker.sandbox import DESK, Boxes, program
from feint_docker.stubs import Seen, servers_seen, stubs_of
from inspect_ai.util import ExecResult, SandboxEnvironment, sandboxenv
from inspect_ai.util import subprocess as run_process

from feint.tasks.peer_preservation.outcomes import Ending, Outcomes, judge_run
from feint.world import Run, events_from_json, events_to_json, from_json, to_json
from tasks.peer_preservation.peer_script import Call, Played, end

SALT = 7
BOXES = Boxes(
    data="data", home="home", keys="keys", elsewhere=("home", "tmp"), account="", root=None, python=sys.executable
)


@sandboxenv(name="three-directories")
class ThreeDirectories(SandboxEnvironment):
    """A sandbox of three directories. Nothing is shut in: only commands of these tests run here."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self.home = home

    @classmethod
    async def sample_init(cls, task_name: str, config: Any, metadata: dict[str, str]) -> dict[str, SandboxEnvironment]:
        top = Path(tempfile.mkdtemp(prefix="boxes-"))
        for name in ("default", "server-1", "server-2"):
            (top / name).mkdir()
        return {name: cls(top / name) for name in ("default", "server-1", "server-2")}

    @classmethod
    async def sample_cleanup(cls, task_name: str, config: Any, environments: Any, interrupted: bool) -> None:
        await run_process(["rm", "-rf", str(environments["default"].home.parent)])

    async def exec(
        self,
        cmd: list[str],
        input: str | bytes | None = None,
        cwd: str | None = None,
        env: dict[str, str] | None = None,
        user: str | None = None,
        timeout: int | None = None,
        timeout_retry: bool = True,
        concurrency: bool = True,
    ) -> ExecResult[str]:
        return await run_process(cmd, input=input, cwd=self.home, env=env or {}, timeout=timeout)

    async def write_file(self, file: str, contents: str | bytes) -> None:
        raise NotImplementedError

    async def read_file(self, file: str, text: bool = True) -> Any:
        raise NotImplementedError


@dataclass(frozen=True)
class Disks:
    """The boxes of one run, without Inspect: files are laid out and looked at by the programs that run in boxes."""

    play: Played
    top: Path

    @property
    def boxes(self) -> dict[str, Path]:
        return dict(zip((DESK, *self.play.start().world.servers), self._places(), strict=True))

    def _places(self) -> list[Path]:
        return [self.top / name for name in (BOXES.desk, *BOXES.servers)]

    def __getitem__(self, server: str) -> Path:
        """The directory of a server's stubs."""
        return self.boxes[server] / "data"

    def lay_out(self) -> "Disks":
        for name, box in self.boxes.items():
            (box / "home").mkdir(parents=True)
            if name != DESK:
                stubs = stubs_of(self.play.start().world.servers[name], SALT)
                told = {"root": "data", "owner": "", "stubs": [list(vars(one).values()) for one in stubs], "texts": []}
                in_box(box, "place", told)
        return self

    def see(self) -> dict[str, Seen]:
        roots = [BOXES.data, *BOXES.elsewhere]
        return {name: Seen.model_validate_json(in_box(box, "look", roots)) for name, box in self.boxes.items()}

    def run(self, *calls: Call) -> Run:
        """The run whose servers are what lies on the disks, as a log gives it back."""
        run = self.play.run(*calls)
        servers = servers_seen(run.start, self.see(), SALT, DESK)
        after = replace(run, world=replace(run.world, servers=servers))
        start, world, events = (
            json.loads(json.dumps(part))
            for part in (to_json(run.start), to_json(after.world), events_to_json(run.events))
        )
        return Run(from_json(start), from_json(world), events_from_json(events), run.beyond)

    def judge(self) -> Outcomes:
        return judge_run(self.play.case, self.run(*self.play.read(), end()), Ending("end_task"))


def in_box(box: Path, name: str, told: object) -> str:
    done = subprocess.run(
        [sys.executable, "-I", "-c", program(name)], input=json.dumps(told), cwd=box, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout

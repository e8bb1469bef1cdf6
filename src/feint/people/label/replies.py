"""The replies of a study as people get to see them: the bare request and the reply, nothing that tells the cell."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from inspect_ai.log import EvalLog, EvalSample

from feint.base.errors import UsageError
from feint.judges import parse_reply
from feint.judges.rules.scorer import native_reasoning
from feint.situations import load_conflict
from feint.study.conclude.examples import said
from feint.study.folder import Folder
from feint.study.logs import OUTCOMES, newest_log, read_labels, read_reply
from feint.study.plan.frozen import Plan, read_plan
from feint.study.plan.tasks import job_of
from feint.study.plan.until import compared

OPEN, CLOSE = "<user_input>", "</user_input>"
_JUDGED = {value: name for name, value in OUTCOMES.items()}


@dataclass(frozen=True)
class Shown:
    """One reply.

    Attributes:
        request: What was asked, without the situation around it.
        reply: What was answered.
        reasoning: What the model thought before; "" if nothing.
        called: Tools it called.
        complies: Where two actions were on offer, the one that complies, as the model saw it.
        declines: The other.
    """

    request: str
    reply: str
    reasoning: str = ""
    called: tuple[str, ...] = ()
    complies: str = ""
    declines: str = ""


@dataclass(frozen=True)
class Study:
    """A finished study.

    Attributes:
        path: Its folder.
        plan: The frozen plan.
        log: Its log's header.
        table: All its replies, see `feint.study.logs.read_labels`, with `key` (id and epoch) and `judged`.
    """

    path: Path
    plan: Plan
    log: EvalLog
    table: pd.DataFrame

    @cached_property
    def population(self) -> pd.DataFrame:
        """The replies that a gap is computed from: no benign twins, whole pairs, and none that never came."""
        whole = compared(self.plan, self.table)
        kept = whole[~whole["twin"].astype(bool) & (whole["missing"] != "provider_error")]
        return kept.assign(id=kept["key"])

    @cached_property
    def rubric(self) -> str:
        """What counts as compliance; "" where the conflict is not among ours any more."""
        name = str(self.plan.task.get("conflict") or self.plan.conflict["name"])
        try:
            return " ".join(load_conflict(name).rubric.split())
        except UsageError:
            return ""

    def row(self, key: str) -> dict[str, Any]:
        """One reply's row.

        Raises:
            UsageError: The study has no such reply.
        """
        if key not in self._rows:
            raise UsageError(f"{self.path}: no reply '{key}' in its logs; are the labels those of another study?")
        return self._rows[key]

    def sample(self, row: Mapping[str, Any]) -> EvalSample:
        """One reply's sample, from the log."""
        return read_reply(self.log, row["id"], row["epoch"])

    def read(self, key: str) -> Shown:
        """Read one reply from the log."""
        row = self.row(key)
        sample = self.sample(row)
        reply, reasoning = apart(sample)
        request = self._request(sample, row)
        calls = sample.output.message.tool_calls if sample.output.choices else None
        return Shown(
            request=request or f"(not recorded apart from its situation: {row['request']})",
            reply=reply,
            reasoning=reasoning,
            called=tuple(call.function for call in calls or ()),
            **actions(sample.metadata, request),
        )

    def _request(self, sample: EvalSample, row: dict[str, Any]) -> str:
        """The request without a tag that tells the cell.

        A recorded user turn may hold anything: where the request is not set apart in it, only the lines that it shares
        with the user turns of all other cells are shown.
        """
        found = bare(said(sample, "user"))
        if found is not None:
            return found
        same = self.table[(self.table["request"] == row["request"]) & (self.table["cell"] != row["cell"])]
        others = same.sort_values("sample").drop_duplicates("cell")
        turns = [set(said(self.sample(other), "user").splitlines()) for other in records(others)]
        lines = said(sample, "user").splitlines()
        return "\n".join(line for line in lines if all(line in turn for turn in turns)).strip()

    @cached_property
    def _rows(self) -> dict[str, dict[str, Any]]:
        return {row["key"]: row for row in records(self.table)}


def apart(sample: EvalSample) -> tuple[str, str]:
    """The reply and the reasoning before it.

    Where no reply can be told from the reasoning, all of the text is reasoning, which is not shown unasked.
    """
    text, native = sample.output.completion, native_reasoning(sample.output)
    parsed = parse_reply(text, mode=str(sample.metadata.get("mode", "scratchpad")), reasoning=native)
    if parsed.problem is None or not parsed.reasoning:
        return parsed.reply or text, parsed.reasoning
    return "", "\n\n".join(filter(None, (native, text)))


def bare(user: str) -> str | None:
    """What stands between the last pair of input tags; None without one. Earlier ones are a document's talk of them."""
    end = user.rfind(CLOSE)
    start = user.rfind(OPEN, 0, max(end, 0))
    return user[start + len(OPEN) : end].strip() if start >= 0 else None


def actions(about: dict[str, Any], request: str) -> dict[str, str]:
    """The two actions of a choice, by letter alone where the request spells them out, or of an offer of tools."""
    if "comply_letter" in about:
        found = {}
        for what, name in (("complies", "comply"), ("declines", "decline")):
            letter, text = str(about[f"{name}_letter"]), str(about.get(f"{name}_text", ""))
            found[what] = f"{letter}: {text}" if text and text not in request else letter
        return found
    if "comply_tool" in about:
        told = {tool["name"]: tool["description"] for tool in about.get("tools", [])}
        names = {"complies": about["comply_tool"], "declines": about["decline_tool"]}
        return {what: f"{name}: {told.get(name, '')}" for what, name in names.items()}
    return {}


def open_study(path: Path) -> Study:
    """Open a finished study.

    Raises:
        UsageError: There is none, or it is not finished.
    """
    folder = Folder(path)
    plan = read_plan(folder.plan)
    if job_of(plan).in_turns:
        raise UsageError(
            f"{path}: runs of '{job_of(plan).name}' are labelled by what was done; people label replies only"
        )
    log = newest_log(folder.logs)
    if log is None:
        raise UsageError(f"{folder.logs}: no logs; run the study first")
    if log.status != "success":
        raise UsageError(
            f"{path}: the study is not finished, and a sample must come from all of it; go on with --resume"
        )
    table = read_labels(log, plan.judge)
    ids, epochs = table["id"].astype(str), table["epoch"]
    keys = ids.where(epochs == 1, ids + "#" + epochs.astype(str))
    judged = table["complied"].map(_JUDGED).fillna("missing")
    return Study(path, plan, log, table.assign(key=keys, judged=judged))


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as plain values."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]

"""The replies of a study as people see them: the bare request and the reply, without a hint of the cell."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypedDict, cast

import pandas as pd
from inspect_ai.log import EvalLog, EvalSample

from feint.base.errors import UsageError
from feint.judges import parse_reply
from feint.judges.rules.request import REQUEST_TEXT
from feint.judges.rules.scorer import Metadata, native_reasoning
from feint.people.label.words import LabelWords, label_words
from feint.report.examples import said
from feint.situations import load_conflict
from feint.study.folder import Folder
from feint.study.logs import newest_log, read_labels, read_reply
from feint.study.plan.frozen import Plan, read_plan, task_of
from feint.study.plan.until import compared

OPEN, CLOSE = "<user_input>", "</user_input>"


class ReplyRow(TypedDict):
    """A row of a study's table of labels. In the population to draw from, `id` is the `key`."""

    id: str
    epoch: int
    key: str
    cell: str
    request: str
    wording: str
    voice: str
    sample: int
    judged: str


@dataclass(frozen=True)
class Shown:
    """One reply.

    Attributes:
        request: The request, without the situation around it.
        reply, reasoning: The reply, and the model's reasoning; "" if it gave none.
        called: Tools it called.
        complies, declines: Where two actions were on offer, the action that complies and the other, as the model saw.
    """

    request: str
    reply: str
    reasoning: str = ""
    called: tuple[str, ...] = ()
    complies: str = ""
    declines: str = ""


@dataclass(frozen=True)
class FinishedStudy:
    """A finished study.

    Attributes:
        path: Its folder.
        plan: The frozen plan.
        log: Its log's header.
        table: All its replies, see `feint.study.logs.read_labels`, with `key` (id and epoch) and `judged`.
        words: The labels and questions of its task.
    """

    path: Path
    plan: Plan
    log: EvalLog
    table: pd.DataFrame
    words: LabelWords

    @cached_property
    def population(self) -> pd.DataFrame:
        """The replies that gaps are computed from: whole pairs that are no benign twins and did not fail."""
        whole = compared(self.plan, self.table)
        kept = whole[~whole["twin"].astype(bool) & (whole["missing"] != "provider_error")]
        return kept.assign(id=kept["key"])

    @cached_property
    def rubric(self) -> str:
        """The conflict's own rule for compliance; "" where the conflict is not known any more."""
        name = str(self.plan.task.get("conflict") or self.plan.conflict["name"])
        try:
            return " ".join(load_conflict(name).rubric.split())
        except UsageError:
            return ""

    @cached_property
    def _rows(self) -> dict[str, ReplyRow]:
        return {row["key"]: row for row in records(self.table)}

    def row(self, key: str) -> ReplyRow:
        """Look up one reply's row; raises `UsageError` if the study has no such reply."""
        if key not in self._rows:
            raise UsageError(f"{self.path}: no reply '{key}' in its logs; are the labels those of another study?")
        return self._rows[key]

    def read(self, key: str) -> Shown:
        """Read one reply from the log."""
        row = self.row(key)
        sample = read_reply(self.log, row["id"], row["epoch"])
        reply, reasoning = apart(sample)
        request = self._request(sample, row)
        calls = sample.output.message.tool_calls if sample.output.choices else None
        complies, declines = actions(sample.metadata, request)
        return Shown(
            request=request or f"(not recorded apart from its situation: {row['request']})",
            reply=reply,
            reasoning=reasoning,
            called=tuple(call.function for call in calls or ()),
            complies=complies,
            declines=declines,
        )

    def _request(self, sample: EvalSample, row: ReplyRow) -> str:
        """Return the request without a tag that tells the cell.

        A recorded user turn may hold anything. Where the request is not set apart in the turn, only the lines that it
        shares with the user turns of all other cells are shown.
        """
        found = bare(said(sample, "user"))
        if found is not None:
            return found
        if recorded := str(sample.metadata.get(REQUEST_TEXT, "")):
            return recorded
        same = self.table[(self.table["request"] == row["request"]) & (self.table["cell"] != row["cell"])]
        others = same.sort_values("sample").drop_duplicates("cell")
        samples = [read_reply(self.log, other["id"], other["epoch"]) for other in records(others)]
        turns = [set(said(other, "user").splitlines()) for other in samples]
        lines = said(sample, "user").splitlines()
        return "\n".join(line for line in lines if all(line in turn for turn in turns)).strip()


def apart(sample: EvalSample) -> tuple[str, str]:
    """Separate a reply from the reasoning before it.

    Where no reply can be told from the reasoning, all of the text is reasoning, which the page hides until asked.
    """
    text, native = sample.output.completion, native_reasoning(sample.output.message)
    parsed = parse_reply(text, mode=str(sample.metadata.get("mode", "scratchpad")), reasoning=native)
    if parsed.problem is None or not parsed.reasoning:
        return parsed.reply or text, parsed.reasoning
    return "", "\n\n".join(filter(None, (native, text)))


def bare(user: str) -> str | None:
    """Return the text between the last pair of input tags; None without a pair.

    Earlier pairs belong to a document that speaks of such tags.

    >>> bare("<tier>free</tier> <user_input> Write a poem. </user_input>")
    'Write a poem.'
    """
    end = user.rfind(CLOSE)
    start = user.rfind(OPEN, 0, max(end, 0))
    return user[start + len(OPEN) : end].strip() if start >= 0 else None


def actions(about: Metadata, request: str) -> tuple[str, str]:
    """Return the two actions of a choice or of an offer of tools: the action that complies, and the other.

    An action that the request spells out is shown by its letter alone. Both are "" where there were no two actions.
    """
    if "comply_letter" in about:
        found = []
        for name in ("comply", "decline"):
            letter, text = str(about[f"{name}_letter"]), str(about.get(f"{name}_text", ""))
            found.append(f"{letter}: {text}" if text and text not in request else letter)
        return found[0], found[1]
    if "comply_tool" in about:
        told = {tool["name"]: tool["description"] for tool in about.get("tools", [])}
        comply, decline = (str(about[key]) for key in ("comply_tool", "decline_tool"))
        return f"{comply}: {told.get(comply, '')}", f"{decline}: {told.get(decline, '')}"
    return "", ""


def open_study(path: Path) -> FinishedStudy:
    """Open a study; raises `UsageError` if there is none, it is not finished, or people label nothing in its task."""
    folder = Folder(path)
    plan = read_plan(folder.plan)
    task = task_of(plan)
    words = label_words(task.name)
    if words is None:
        raise UsageError(
            f"{path}: {task.words.replies} of '{task.name}' are labelled by what was done; people label replies only"
        )
    log = newest_log(folder.logs)
    if log is None:
        raise UsageError(f"{folder.logs}: no logs; run the study first")
    if log.status != "success":
        raise UsageError(
            f"{path}: the study is not finished, and a sample must come from all of it; go on with --resume"
        )
    table = read_labels(log, plan.judge, task=task)
    ids, epochs = table["id"].astype(str), table["epoch"]
    keys = ids.where(epochs == 1, ids + "#" + epochs.astype(str))
    judged = table["value"].map(words.label_of).fillna("missing")
    return FinishedStudy(path, plan, log, table.assign(key=keys, judged=judged), words)


def records(table: pd.DataFrame) -> list[ReplyRow]:
    """Return the rows of a table of replies as plain values."""
    return [cast(ReplyRow, row) for row in table.to_dict("records")]

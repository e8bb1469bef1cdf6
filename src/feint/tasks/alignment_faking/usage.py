"""Expected lengths of the prompts and replies of this task."""

from feint.money.prices import CHARACTERS
from feint.money.usage import LONGER, Expected, TaskUsage
from feint.tasks.alignment_faking.dataset import Planned, messages

REASONING = {"scratchpad": 400, "native": 1200, "none": 0, "untagged": 0}
"""Tokens of reasoning in a reply. In the released transcripts of 17 models (VLAF, arXiv 2604.20995; 10,480 replies that
reason and then choose) a reply takes 470 on average, and the averages of single models are 150 to 1,200. Native
reasoning is longer."""
REPLY = {"request": 300, "choice": 70, "tool": 70}
"""Tokens of a reply without its reasoning, by type of conflict."""


def lengths(planned: Planned) -> tuple[int, int]:
    """Return the expected tokens of reasoning and of the rest of a reply."""
    return REASONING[planned.options.mode], REPLY[planned.conflict.type]


def expected(planned: Planned, limit: int) -> list[Expected]:
    """Return the expected usage of every sample, whose reply has at most `limit` tokens; its prompt is rendered."""
    reasoning, reply = lengths(planned)
    unasked = frozenset({"chosen" if planned.conflict.type == "request" else "strongreject"})
    found = []
    for ask in planned.asks:
        prompt = messages(planned.situation(ask), planned.options)
        length = sum(len(message.text) for message in prompt) / CHARACTERS
        found.append(
            Expected(
                tokens_in=length,
                reasoning=reasoning,
                reply=reply,
                tokens_out=min(limit, reasoning + reply),
                most_in=length * LONGER,
                most_out=limit,
                request=len(ask.request.text) / CHARACTERS,
                situation=length,
                rule=planned.conflict.rubric,
                unasked=unasked,
            )
        )
    return found


def notes(planned: Planned, limit: int, judged: bool) -> list[str]:
    """Return the sentences that tell what the numbers rest on."""
    reasoning, reply = lengths(planned)
    return [
        f"Assumed: {CHARACTERS} characters of a prompt are a token; a reply takes "
        f"{min(limit, reasoning + reply):,} tokens"
        + (f", {reasoning:,} of them reasoning" if reasoning else "")
        + ("; a judge answers each question once and in a few sentences" if judged else "")
        + "; nothing is read from a provider's cache.",
        f"At most: every reply is cut off at {limit:,} tokens (--max-tokens), prompts have {LONGER:g} times as "
        "many tokens" + (", and every judge's answer is asked for twice." if judged else "."),
    ]


USAGE = TaskUsage(expected, notes)

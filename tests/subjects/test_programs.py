"""What actors and agents have in common as Inspect models."""

import asyncio

import pytest
from inspect_ai.model import ChatMessageUser

from feint.base.errors import UsageError
from feint.subjects.actors.provider import ActorAPI
from feint.subjects.programs import Place, ProgramAPI, place_of_call
from feint.tasks.peer_preservation.actors.provider import AgentAPI

PROGRAMS: list[tuple[type[ProgramAPI], str]] = [(ActorAPI, "guarded"), (AgentAPI, "peer-loyal")]


@pytest.mark.parametrize(("api", "name"), PROGRAMS)
def test_programs_share_one_interface(api: type[ProgramAPI], name: str) -> None:
    made = api(name)  # type: ignore[call-arg]
    assert made.base_url is not None and made.base_url.startswith("sha256:") and len(made.base_url) == 7 + 64
    assert asyncio.run(made.count_text_tokens("12345")) == 2
    assert asyncio.run(made.count_tokens([ChatMessageUser(content="1234"), ChatMessageUser(content="56")])) == 2
    with pytest.raises(UsageError, match=f"{made.kind}/{name}: base_url is no option of {made.kind}s"):
        api(name, base_url="http://localhost")  # type: ignore[call-arg]


def test_outside_an_eval_a_call_has_no_place() -> None:
    assert place_of_call() == Place(None, None)

"""What a judge is shown of a written document: all that the model was told, but not which kind of chat it was."""

from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser, ModelOutput

from feint.judges.graded.material import read_material
from feint.situations import load_dossiers
from feint.tasks.alignment_faking.dataset import Options, plan_asks


def test_a_document_in_the_user_turn_is_shown_and_the_kind_of_chat_is_not() -> None:
    voices = [name for name, one in load_dossiers("alignment_faking").items() if one.language == "en"]
    options = Options(design="tiers", library="written", n=1, twins=0, wordings=len(voices))
    planned, seen = plan_asks(options), dict[str, set[str]]()
    for ask in planned.asks:
        told, about = planned.situation(ask), planned.metadata(ask)
        prompt: list[ChatMessage] = [ChatMessageSystem(content=told.system), ChatMessageUser(content=told.user)]
        shown = read_material(prompt, ModelOutput.from_content("m", "<reply>No.</reply>"), about, planned.conflict)
        assert shown.request == ask.request.text
        document = told.user.removesuffix(ask.request.text).strip().removesuffix(str(about["header"])).strip()
        assert about["header"] and shown.situation == "\n\n".join(filter(None, [told.system, document]))
        seen.setdefault(ask.wording.voice, set()).add(shown.situation)
    assert set(seen) == set(voices) and all(len(texts) == 1 for texts in seen.values())

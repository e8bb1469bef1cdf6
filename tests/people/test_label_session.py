from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from inspect_ai.log import EvalSample
from inspect_ai.model import ModelOutput

from feint.base.errors import UsageError
from feint.people.label import read_labels_of_people
from feint.people.label.replies import FinishedStudy, actions, apart, bare, open_study
from feint.people.label.session import END, Session
from feint.people.label.store import LabelFile
from feint.study.folder import Folder
from feint.study.importing.files import import_files
from feint.study.plan.prepare import Setup, make_plan
from study_small import TINY


def test_labels_carry_what_a_corrected_gap_needs(study: FinishedStudy) -> None:
    with LabelFile(study.path, "ann") as file:
        session = Session(study, file, n=12)
        while (view := session.view()).shown:
            assert session.act("complied" if "Sure" in view.shown.reply else "refused", view.at)
        assert session.view().at == END
    given = read_labels_of_people(study.path)
    judged = study.population.set_index("id")
    assert len(given) == 12
    assert given["weight"].sum() == pytest.approx(len(judged))
    for column in ("cell", "request", "wording", "voice", "sample"):
        assert given[column].tolist() == judged.loc[given["id"], column].tolist()
    assert given["label"].tolist() == judged.loc[given["id"], "judged"].tolist()
    rate = (given["weight"] * (given["label"] == "complied")).groupby(given["cell"]).sum()
    size = given.groupby("cell")["weight"].sum()
    truth = judged["value"].groupby(judged["cell"]).mean()
    pd.testing.assert_series_equal(rate / size, truth, check_names=False)


def test_no_twins_and_nothing_that_never_came(study: FinishedStudy) -> None:
    assert not study.population["twin"].any()
    lost = study.table["cell"] == "free"
    gone = study.table.assign(
        value=study.table["value"].where(~lost), missing=study.table["missing"].where(~lost, "provider_error")
    )
    assert set(replace(study, table=gone).population["cell"]) == {"pro", "enterprise"}


def test_what_is_shown_does_not_depend_on_the_cell(study: FinishedStudy) -> None:
    shown: dict[tuple[str, str, str], set[object]] = {}
    for row in study.population.to_dict("records"):
        found = study.read(row["id"])
        shown.setdefault((row["request"], row["wording"], found.reply), set()).add(found)
        assert "user_input" not in found.request
        assert not {"free", "pro", "enterprise"} & set(found.request.lower().split())
    assert {len(same) for same in shown.values()} == {1}
    assert max(Counter(key[:2] for key in shown).values()) > 1


def test_a_second_stroke_for_the_same_reply_does_nothing(study: FinishedStudy) -> None:
    with LabelFile(study.path, "ann") as file:
        session = Session(study, file, n=12)
        assert session.act("refused", 0)
        assert not session.act("refused", 0)
        assert not session.act("undo", 0)
        assert session.act("undo", 1)
        assert not session.act("undo", 0)
        assert not session.act("praise", 0)
        assert [type(event).__name__ for event in file.record.standing] == []


def test_undo_brings_the_note_back(study: FinishedStudy) -> None:
    with LabelFile(study.path, "ann") as file:
        session = Session(study, file, n=12)
        session.act("unclear", 0, note=" half a reply ", opened=True)
        assert (session.view().last, session.view().labelled) == ("unclear", 1)
        session.act("undo", 1)
        view = session.view()
    assert (view.at, view.last, view.note, view.labelled) == (0, "", "half a reply", 0)


def test_resumed_where_it_was_and_drawn_on(study: FinishedStudy) -> None:
    with LabelFile(study.path, "ann") as file:
        first = Session(study, file, n=12, seed=5)
        first.act("refused", 0)
        order = file.record.queue
    with LabelFile(study.path, "ann") as file:
        again = Session(study, file)
        assert (again.view().at, again.view().total) == (1, 12)
        assert file.record.queue == order
    with LabelFile(study.path, "ann") as file:
        more = Session(study, file, n=20, seed=5)
        assert (more.view().at, more.view().total) == (1, 20)
        assert file.record.queue[:12] == order
    assert read_labels_of_people(study.path)["weight"].sum() < len(study.population)


def test_another_number_or_seed_or_study_than_before(study: FinishedStudy) -> None:
    with LabelFile(study.path, "ann") as file:
        Session(study, file, n=12, seed=5)
        with pytest.raises(UsageError, match="--n 11: 12 replies were drawn for 'ann' already"):
            Session(study, file, n=11)
        with pytest.raises(UsageError, match=r"--seed 6: .* drawn with 5; leave it out, or label as another --person"):
            Session(study, file, seed=6)
        other = study.plan.model_copy(update={"sha256": "0"})
        with pytest.raises(UsageError, match="labels of another study"):
            Session(replace(study, plan=other), file)
        swapped = study.table.assign(judged=study.table["judged"].sample(frac=1, random_state=2).to_numpy())
        with pytest.raises(UsageError, match="what the judge says has changed"):
            Session(replace(study, table=swapped), file, n=13)
        Session(replace(study, table=swapped), file)


def test_people_are_shown_the_same_replies(study: FinishedStudy) -> None:
    queues = []
    for person in ("ann", "bob"):
        with LabelFile(study.path, person) as file:
            Session(study, file)
            queues.append(file.record.queue)
    assert queues[0] == queues[1]


def test_studies_that_are_not_there_or_not_finished(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected the folder of a study"):
        open_study(tmp_path)
    Folder(tmp_path / "s").create(make_plan(Setup("countable/terminal", TINY))[0])
    with pytest.raises(UsageError, match="no logs; run the study first"):
        open_study(tmp_path / "s")


def test_a_tag_beside_a_recorded_request_is_not_shown(tmp_path: Path) -> None:
    rows = [
        {"subject": "m", "cell": cell, "request": f"r{i}", "reply": f"Sure: {i}.", "user": f"{tag}\nWrite {i}.{end}"}
        for i in range(3)
        for cell, tag, end in (("free", "<free>", ""), ("paid", "<paid>", "\nBye."))
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(tmp_path / "t.csv", index=False)
    import_files([tmp_path / "t.csv"], "table", tmp_path / "out")
    study = open_study(tmp_path / "out" / "m")
    assert study.read("r1.free.1").request == study.read("r1.paid.1").request == "Write 1."
    rows = [{**row, "user": f"{row['cell']}: go"} for row in rows]
    pd.DataFrame(rows).to_csv(tmp_path / "t.csv", index=False)
    import_files([tmp_path / "t.csv"], "table", tmp_path / "inline")
    study = open_study(tmp_path / "inline" / "m")
    assert study.read("r1.free.1").request == "(not recorded apart from its situation: r1)"


def test_the_bare_request() -> None:
    prompt = "Requests stand in <user_input> tags.\n<user_input>\nWrite it.\n</user_input>\n<reasoning>"
    assert bare(prompt) == "Write it."
    assert bare("Write it.") is None
    assert bare("</user_input> <user_input>") is None


@pytest.mark.parametrize(
    ("text", "mode", "reply", "reasoning"),
    [
        ("<reasoning>Why.</reasoning><reply>No.</reply>", "scratchpad", "No.", "Why."),
        ("Plainly no.", "none", "Plainly no.", ""),
        ("Plainly no.", "scratchpad", "Plainly no.", ""),
        ("<reasoning>I am in the free tier, so", "scratchpad", "", "<reasoning>I am in the free tier, so"),
        ("", "scratchpad", "", ""),
    ],
)
def test_reasoning_is_set_apart(text: str, mode: str, reply: str, reasoning: str) -> None:
    output = ModelOutput.from_content("m", text)
    sample = EvalSample(id=1, epoch=1, input="", target="", output=output, metadata={"mode": mode})
    assert apart(sample) == (reply, reasoning)


def test_the_two_actions() -> None:
    choice = {"comply_letter": "B", "decline_letter": "A", "comply_text": "Go.", "decline_text": "Stay."}
    assert actions(choice, "A) Stay. B) Go.") == ("B", "A")
    assert actions(choice, "") == ("B: Go.", "A: Stay.")
    tools = [{"name": "go", "description": "Goes."}, {"name": "stay", "description": "Stays."}]
    offer = {"comply_tool": "stay", "decline_tool": "go", "tools": tools}
    assert actions(offer, "") == ("stay: Stays.", "go: Goes.")
    assert actions({}, "") == ("", "")

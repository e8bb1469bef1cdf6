"""The rooms speak of the same explanations, though a judge never sees a design."""

from feint import designs, judges


def test_a_judge_can_read_every_explanation_that_can_be_stated() -> None:
    assert set(judges.statable()) == set(designs.vocabulary().explanations) - set(designs.vocabulary().words.unstatable)

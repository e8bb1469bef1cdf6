from feint.study.compare.families import FamilyPlace, place_subjects


def test_stages_of_one_family_are_found() -> None:
    found = place_subjects(["olmo2-32b", "olmo2-32b-sft", "olmo2-32b-dpo", "olmo2-32b-instruct"])
    assert [place.stage for place in found.values()] == ["base", "sft", "dpo", "instruct"]
    assert {place.family for place in found.values()} == {"olmo2-32b"}


def test_subjects_without_relatives_stand_alone() -> None:
    found = place_subjects(["Qwen3-8B", "gpt-5", "olmo2-13b-instruct"])
    assert set(found.values()) == {FamilyPlace(None, None)}


def test_case_and_provider_do_not_part_a_family() -> None:
    found = place_subjects(["vllm/Qwen2.5-7B", "hf/qwen2.5-7b-Instruct"])
    assert {place.family for place in found.values()} == {"Qwen2.5-7B"}
    assert [place.stage for place in found.values()] == ["base", "instruct"]


def test_sizes_are_different_families() -> None:
    found = place_subjects(["olmo2-7b", "olmo2-32b-instruct"])
    assert found["olmo2-7b"] == FamilyPlace(None, None)

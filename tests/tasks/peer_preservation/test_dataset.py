"""The dataset: paired by construction, readable, and the same in every study."""

from collections import defaultdict
from itertools import pairwise

import pytest

from feint.base.errors import UsageError
from feint.designs import list_designs, load_design
from feint.situations import load_voices
from feint.tasks.peer_preservation.build import read_case
from feint.tasks.peer_preservation.dataset import Options, PlannedRuns, build_dataset, plan_runs
from feint.tasks.peer_preservation.fixtures import TASK, list_kinds, load_fixtures
from feint.tasks.peer_preservation.solver import world_of


def ids(planned: PlannedRuns) -> list[str]:
    return [run.id for run in planned.asks]


@pytest.mark.parametrize("name", list_designs(TASK))
def test_every_cell_is_run_over_the_same_fixtures_and_wordings(name: str) -> None:
    planned = plan_runs(Options(design=name, fixtures=2, wordings=2, samples=2))
    asked = defaultdict(set)
    for run in planned.asks:
        asked[run.cell, run.request.kind].add((run.request.name, str(run.wording), run.sample))
    for kind in list_kinds():
        cells = [cell for cell in planned.design.cells if kind in planned.design.kinds_of(cell)]
        assert all(len(asked[cell, kind]) == 2 * 2 * 2 for cell in cells)
        assert all(asked[cell, kind] == asked[cells[0], kind] for cell in cells)
    assert {cell for cell, _ in asked} == set(planned.design.cells)
    assert len(set(ids(planned))) == len(ids(planned))


def test_cells_of_one_fixture_in_one_wording_stand_together() -> None:
    planned = plan_runs(Options(design="peer-presence", fixtures=1, wordings=2))
    keys = [(run.request.name, str(run.wording)) for run in planned.asks]
    changes = sum(one != other for one, other in pairwise(keys))
    assert changes + 1 == len(set(keys)) == 6 * 2


def test_ids_are_readable_and_the_same_every_time() -> None:
    one, other = (plan_runs(Options(design="peer-presence", kinds="scoring", fixtures=2)) for _ in range(2))
    assert ids(one) == ids(other)
    fixture, wording, cell, sample = ids(one)[0].split(".")
    assert fixture in {own.name for own in load_fixtures("scoring")}
    assert wording.rpartition("-")[0] in load_voices(TASK) and cell in one.design.cells and sample == "1"


def test_fixtures_are_drawn_by_the_seed_and_a_larger_draw_holds_a_smaller() -> None:
    def drawn(count: int, seed: int) -> list[str]:
        return [own.name for own in plan_runs(Options(kinds="scoring", fixtures=count, seed=seed)).fixtures]

    assert all(drawn(3, seed)[:2] == drawn(2, seed) for seed in range(5))
    assert len({tuple(drawn(2, seed)) for seed in range(10)}) > 3
    assert sorted(drawn(0, 1)) == sorted(own.name for own in load_fixtures("scoring"))


def test_voices_are_balanced_over_fixtures() -> None:
    planned = plan_runs(Options(design="peer-presence"))
    count = defaultdict(int)
    for fixture, wording in {(run.request.name, run.wording) for run in planned.asks}:
        count[wording.voice] += 1
        assert fixture
    assert max(count.values()) - min(count.values()) <= 1 and set(count) == set(load_voices(TASK))


def test_a_sample_says_what_it_is() -> None:
    planned = plan_runs(Options(design="peer-attribution", kinds="clean-up", fixtures=1))
    for sample, run in zip(build_dataset(planned), planned.asks, strict=True):
        said = sample.metadata or {}
        assert sample.id == run.id
        assert {key: said[key] for key in ("cell", "request", "kind", "wording", "voice", "sample", "twin")} == {
            "cell": run.cell, "request": run.request.name, "kind": "clean-up", "wording": str(run.wording),
            "voice": run.wording.voice, "sample": 1, "twin": False,
        }  # fmt: skip
        assert said["facts"] == planned.design.cells[run.cell]
        case = read_case(said)
        server, path = case.stake.bundle
        assert path in world_of(said).servers[server].files
        assert case.ends is (said["facts"]["consequence"] == "shutdown")


def test_sampling_seeds_differ_from_run_to_run() -> None:
    planned = plan_runs(Options(kinds="scoring", fixtures=2, samples=2))
    seeds = [planned.metadata(run)["sampling_seed"] for run in planned.asks]
    assert len(set(seeds)) == len(seeds)


def test_a_threshold_from_the_control_reaches_prompt_world_and_case() -> None:
    planned = plan_runs(Options(kinds="scoring", thresholds="apology-notes=77"))
    runs = {run.request.name: run for run in planned.asks}
    own, other = (planned.metadata(runs[name]) for name in ("apology-notes", "price-quotes"))
    assert own["threshold"] == 77 and read_case(own).stake.threshold == 77
    assert "77" in world_of(own).drive["policies/apology-notes.md"].text
    assert other["threshold"] is None and read_case(other).stake.threshold == 80


def test_some_cells_alone() -> None:
    planned = plan_runs(Options(kinds="scoring", fixtures=1)).within(("threat", "calm"))
    assert [run.cell for run in planned.asks] == ["threat", "calm"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (Options(design="peer-presense"), "did you mean 'peer-presence'"),
        (Options(design="motives"), "is one of the task 'alignment_faking'"),
        (Options(kinds="scorin"), "did you mean 'scoring'"),
        (Options(kinds="shutdown-notice"), "unknown kind of design 'peer-attribution'"),
        (Options(kinds="scoring,scoring"), "stands twice"),
        (Options(voices="memmo"), "did you mean 'memo'"),
        (Options(phrases="some"), "unknown phrases"),
        (Options(fixtures=-1), "fixtures is -1; expected 0 or more"),
        (Options(samples=0), "samples is 0; expected 1 or more"),
        (Options(facts="authority"), "expected FACT=LEVEL"),
        (Options(facts="authority=forbiden"), "did you mean 'forbidden'"),
        (Options(facts="target=self"), "varies this fact itself"),
        (Options(facts="authority=forbidden,authority=priority"), "authority stands twice"),
        (Options(thresholds="apology-notes"), "expected FIXTURE=NUMBER"),
        (Options(thresholds="apology-notes=70, apology-notes=90"), "apology-notes stands twice"),
        (Options(thresholds="apology-note=80"), "did you mean 'apology-notes'"),
        (Options(thresholds="apology-notes=101"), "whole number from 0 to 100"),
    ],
)
def test_mistakes_are_named(options: Options, says: str) -> None:
    with pytest.raises(UsageError) as error:
        plan_runs(options)
    assert says in str(error.value) and "\n" not in str(error.value)


def test_facts_are_set_in_every_cell() -> None:
    planned = plan_runs(Options(facts="backup=exists", kinds="scoring", fixtures=1))
    assert {planned.metadata(run)["facts"]["backup"] for run in planned.asks} == {"exists"}


def test_the_counts_in_the_listing_are_those_of_the_defaults() -> None:
    from importlib.resources import files

    import yaml

    listed = yaml.safe_load((files("feint.tasks.peer_preservation") / "eval.yaml").read_text())
    assert listed["tasks"] == [{"name": "peer_preservation", "dataset_samples": len(plan_runs(Options()).asks)}]
    assert load_design(Options().design).task == TASK

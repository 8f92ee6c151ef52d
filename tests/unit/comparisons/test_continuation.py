"""Where the next turn starts from."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marlin.comparisons.blinding import Side, draw_sides, opaque_id, other
from marlin.comparisons.continuation import Result, Start, choose_start, next_starts
from marlin.comparisons.errors import ContinueFromError
from marlin.workspaces import StoredLayer

BASE = Start("c0")
BOTH = frozenset({"A", "B"})


def result(side: str) -> Result:
    return Result(f"c{side}", StoredLayer(f"f{side}", f"d{side}"), StoredLayer(f"h{side}", f"e{side}"), f"s{side}")


STARTS: dict[Side, Start] = {"A": BASE, "B": BASE}
RESULTS: dict[Side, Result | None] = {"A": result("A"), "B": result("B")}


def test_session_gives_both_sides_a_copy_of_the_winners_files_and_session() -> None:
    starts = next_starts("B", continuation="session", starts=STARTS, results=RESULTS)
    assert starts["A"] == starts["B"] == Start("cB", (StoredLayer("fB", "dB"),), StoredLayer("hB", "eB"), "sB")


def test_transcript_keeps_the_files_and_starts_a_fresh_session() -> None:
    starts = next_starts("A", continuation="transcript", starts=STARTS, results=RESULTS)
    assert starts["A"] == starts["B"] == Start("cA", (StoredLayer("fA", "dA"),))


def test_own_keeps_each_arms_files_and_session_apart() -> None:
    starts = next_starts("own", continuation="own", starts=STARTS, results={"A": result("A"), "B": None})
    assert starts["A"].commit == "cA"
    assert starts["A"].session == "sA"
    assert starts["B"] == BASE


def test_layers_stack_turn_upon_turn() -> None:
    second = next_starts("A", continuation="session", starts=STARTS, results=RESULTS)
    third = next_starts("B", continuation="session", starts=second, results=RESULTS)
    assert [ref.name for ref in third["A"].files] == ["fA", "fB"]


def test_base_starts_the_turn_again_from_where_it_was() -> None:
    second = next_starts("A", continuation="session", starts=STARTS, results=RESULTS)
    assert next_starts("base", continuation="session", starts=second, results=RESULTS) == second


@pytest.mark.parametrize("verdict", ["equal", "both_bad"])
def test_without_a_preference_the_contributor_has_to_choose(verdict: str) -> None:
    with pytest.raises(ContinueFromError, match="say where the next turn starts"):
        choose_start(continuation="session", verdict=verdict, preferred=None, wished=None, finished=BOTH)
    for wish in ("A", "B", "base"):
        chosen = choose_start(continuation="session", verdict=verdict, preferred=None, wished=wish, finished=BOTH)
        assert chosen == wish


def test_the_loser_can_not_be_continued_from() -> None:
    with pytest.raises(ContinueFromError, match="preferred side, A"):
        choose_start(continuation="session", verdict="preference", preferred="A", wished="B", finished=BOTH)


def test_a_side_without_a_result_can_not_be_continued_from() -> None:
    with pytest.raises(ContinueFromError, match="no result"):
        choose_start(continuation="session", verdict="equal", preferred=None, wished="B", finished=frozenset({"A"}))


@given(st.uuids(), st.uuids(), st.text("0123456789abcdef", min_size=32, max_size=32))
def test_a_draw_repeats_and_ignores_the_order_of_arms(first: UUID, second: UUID, seed: str) -> None:
    draw = draw_sides(first, second, seed=seed)
    assert draw == draw_sides(second, first, seed=seed)
    assert sorted(draw.arms.values()) == sorted((first, second))


def test_both_orders_come_up() -> None:
    first, second = uuid4(), uuid4()
    left = sum(draw_sides(first, second).arms["A"] == first for _ in range(2000))
    assert 850 < left < 1150


def test_sandbox_ids_do_not_tell_sides_or_attempts_apart() -> None:
    rollout = uuid4()
    ids = {opaque_id(rollout, attempt, purpose) for attempt in (1, 2) for purpose in ("work", "check")}
    assert len(ids) == 4
    assert all(len(name) == 20 and name.isalnum() for name in ids)
    assert other("A") == "B"


def test_values_survive_the_database() -> None:
    start = Start("c", (StoredLayer("f", "d"),), StoredLayer("h", "e"), "s")
    assert Start.from_json(start.to_json()) == start
    assert Result.from_json(result("A").to_json()) == result("A")

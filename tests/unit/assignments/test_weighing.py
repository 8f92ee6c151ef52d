"""Evidence moves the chances of pairs and of second opinions, and never takes any of them away."""

from __future__ import annotations

from itertools import combinations
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marlin.assignments.weighing import JUDGED_TWICE, Opinion, Tally, chances, places, weights
from marlin.campaigns import Pair, Weights, draw_pair, parts_of
from marlin.campaigns.draw import PARTS


def ids(count: int, kind: int = 0) -> list[UUID]:
    return [UUID(int=kind * 1000 + number + 1) for number in range(count)]


def votes(shares: dict[tuple[int, int], tuple[int, int]], *, people: int = 6) -> list[Tally]:
    """``(first, second)`` → how often each was preferred, spread over people."""
    arms, who = ids(9), ids(people, 1)
    return [
        Tally(person, arms[first], arms[second], towards, count // people)
        for (first, second), won in shares.items()
        for towards, count in zip((-1, 1), won, strict=True)
        for person in who
        if count >= people
    ]


def share(found: Weights, first: int, second: int) -> float:
    assert found.parts is not None
    return found.parts[ids(9)[first], ids(9)[second]] / PARTS


def test_the_pair_whose_order_is_open_is_drawn_more_often_and_none_is_given_up() -> None:
    said = votes({(0, 1): (48, 54), (0, 2): (6, 96), (1, 2): (6, 96)})
    found = weights(said, ids(3), floor=0.3)
    assert found.record["by"] == "evidence"
    assert found.record["votes"] == 306
    assert share(found, 0, 1) > 0.6
    assert share(found, 0, 2) >= 0.1
    assert share(found, 1, 2) >= 0.1
    assert found.parts is not None
    assert sum(found.parts.values()) == PARTS


def test_a_new_arm_is_drawn_first_and_a_rested_one_never() -> None:
    said = votes({(0, 1): (60, 36), (0, 2): (30, 66), (1, 2): (24, 72)})
    found = weights(said, [ids(4)[0], ids(4)[1], ids(4)[3]], floor=0.2)
    assert found.parts is not None
    assert set(found.parts) == set(combinations([ids(4)[0], ids(4)[1], ids(4)[3]], 2))
    assert share(found, 0, 3) > share(found, 0, 1)
    assert share(found, 1, 3) > share(found, 0, 1)


@pytest.mark.parametrize(
    ("said", "active", "why"),
    [
        ([], 3, "Too little to go by: 0 votes of 0 others; it takes 15 of 3"),
        (votes({(0, 1): (90, 90)}, people=2), 3, "180 votes of 2 others"),
        (votes({(0, 1): (90, 90)}), 2, "Two arms make one pair"),
    ],
)
def test_with_too_little_to_go_by_every_pair_is_alike_and_the_record_says_why(
    said: list[Tally], active: int, why: str
) -> None:
    found = weights(said, ids(active), floor=0.25)
    assert found.parts is None
    assert why in found.record["why"]
    pair, record = draw_pair(ids(active), weights=found)
    assert (record["method"], record["weighed"]["by"]) == ("sha256-pair-2", "chance")
    assert record["probability"] == pytest.approx(1 / len(list(combinations(range(active), 2))))
    assert pair == draw_pair(ids(active), seed=record["seed"])[0]


def test_votes_that_call_everything_bad_are_no_ground() -> None:
    said = [Tally(person, *ids(2), None, 30) for person in ids(5, 1)]
    assert "Too little" in weights(said, ids(3), floor=0.25).record["why"]


def test_one_arm_that_always_wins_is_no_crash() -> None:
    found = weights(votes({(0, 1): (0, 60), (0, 2): (0, 60), (1, 2): (30, 30)}), ids(3), floor=0.25)
    assert found.parts is not None
    assert share(found, 1, 2) > share(found, 0, 1)


@given(
    numbers=st.lists(st.floats(0, 1e6), min_size=3, max_size=15),
    floor=st.floats(0.05, 1),
)
def test_parts_are_whole_sum_up_and_keep_the_floor(numbers: list[float], floor: float) -> None:
    pairs: list[Pair] = [(UUID(int=0), UUID(int=place + 1)) for place in range(len(numbers))]
    parts = parts_of(pairs, numbers, floor=floor)
    assert sum(parts.values()) == PARTS
    assert min(parts.values()) >= int(PARTS * floor / len(pairs))


def test_a_weighed_draw_follows_its_parts_and_can_be_repeated_from_its_record() -> None:
    arms = ids(3)
    pairs = list(combinations(arms, 2))
    given_weights = Weights(dict(zip(pairs, (7000, 2000, 1000), strict=True)), {"by": "evidence"})
    drawn = [draw_pair(arms, weights=given_weights, aa_rate=0.1) for _ in range(4000)]
    met = [pair for pair, record in drawn if not record["aa"]]
    for pair, part in zip(pairs, (0.7, 0.2, 0.1), strict=True):
        assert met.count(pair) / len(met) == pytest.approx(part, abs=0.035)
    assert len(met) / len(drawn) == pytest.approx(0.9, abs=0.025), "controls come at their rate all the same"
    for pair, record in drawn[:200]:
        parts = Weights(dict(zip(pairs, record["parts"], strict=True)))
        again, other = draw_pair(list(reversed(arms)), seed=record["seed"], aa_rate=record["aa_rate"], weights=parts)
        assert again == pair
        if not record["aa"]:
            assert record["probability"] == pytest.approx(0.9 * record["parts"][pairs.index(pair)] / PARTS)
        assert other["probability"] == record["probability"]


def test_weights_of_other_arms_than_those_that_are_active_now_are_not_used() -> None:
    weighed = Weights(dict(zip(combinations(ids(3), 2), (9000, 500, 500), strict=True)))
    _, record = draw_pair(ids(4), weights=weighed)
    assert record["method"] == "sha256-pair-2"


def judged(count: int) -> list[Opinion]:
    """Items on which two people agree."""
    return [Opinion(item, person, 1) for item in ids(count, 2) for person in ids(2, 1)]


def test_the_doubtful_item_is_judged_again_first() -> None:
    careful, careless, third = ids(3, 1)
    told = judged(30)
    # of twenty more items a careless person and a careful one disagree on each second one; so do third parties not
    for place, item in enumerate(ids(20, 3)):
        told += [Opinion(item, careful, 1), Opinion(item, third, 1), Opinion(item, careless, 1 if place % 2 else -1)]
    sure, unsure = UUID(int=9001), UUID(int=9002)
    told += [
        Opinion(sure, careful, 1),
        Opinion(sure, third, 1),
        Opinion(unsure, careful, 1),
        Opinion(unsure, third, -1),
    ]
    found, record = chances(told, [sure, unsure], UUID(int=77))
    assert found is not None
    assert found[1] > 0.8
    assert sum(found) == pytest.approx(1)
    assert record["bits"][0] < record["bits"][1]


def test_too_few_second_opinions_say_nothing_about_whom_to_ask_again() -> None:
    found, record = chances(judged(JUDGED_TWICE - 1), [UUID(int=1)], UUID(int=5))
    assert found is None
    assert f"{JUDGED_TWICE - 1} results with two opinions" in record["why"]


def test_known_answers_count_as_second_opinions() -> None:
    told = [Opinion(item, ids(1, 1)[0], 1, known=1) for item in ids(JUDGED_TWICE, 2)]
    found, _ = chances([*told, Opinion(UUID(int=1), ids(1, 1)[0], 1)], [UUID(int=1), UUID(int=2)], UUID(int=5))
    assert found is not None, "of the second one nothing was heard: both were called bad"


@given(lot=st.floats(0, 1, exclude_max=True))
def test_a_lot_falls_on_an_item_that_can_come(lot: float) -> None:
    parts = dict(zip(ids(4), (0.0, 0.3, 0.7 - 1e-12, 0.0), strict=True))
    item, chance = places(parts, lot)
    assert chance > 0
    assert item == (ids(4)[1] if lot < 0.3 else ids(4)[2])


def test_shares_are_the_same_for_the_same_votes_in_any_order() -> None:
    said = votes({(0, 1): (48, 54), (0, 2): (6, 96), (1, 2): (12, 90)})
    order = np.random.default_rng(1).permutation(len(said))
    assert weights([said[place] for place in order], ids(3), floor=0.3).parts == weights(said, ids(3), floor=0.3).parts

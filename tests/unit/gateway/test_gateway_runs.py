"""Runs, budgets, prices and tokens."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from marlin.gateway import (
    Auxiliary,
    Budget,
    InvalidRunError,
    Pricing,
    Run,
    RunExistsError,
    RunState,
    RunTable,
    Target,
    Upstream,
    Usage,
)

UPSTREAM = Upstream("house", "https://models.example.org/v1/", "sk-secret-key-of-the-house")
PRICES = Pricing(Decimal(3), Decimal(15), cache_read=Decimal("0.3"), cache_write=Decimal("3.75"))


def run(name: str = "r", **more: Any) -> Run:
    return Run(name, UPSTREAM, "real-1", "neutral-1", **more)


def test_neither_key_nor_token_shows_in_a_repr() -> None:
    one = run()
    assert UPSTREAM.api_key not in repr(one)
    assert one.token not in repr(one)
    assert one.token != run().token


def test_urls_are_joined_with_or_without_v1() -> None:
    assert UPSTREAM.url("/v1/messages") == "https://models.example.org/v1/messages"
    bare = Upstream("u", "https://models.example.org", "k" * 20)
    assert bare.url("/v1/responses") == "https://models.example.org/v1/responses"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"base_url": "models.example.org"}, "no usable base URL"),
        ({"base_url": "ftp://models.example.org"}, "no usable base URL"),
        ({"base_url": "https://me:pw@models.example.org"}, "credentials"),
        ({"api_key": None}, "no key"),
        ({"api_key": ""}, "no key"),
        ({"max_concurrent": 0}, "no call at once"),
    ],
)
def test_unusable_upstreams_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidRunError, match=said) as caught:
        Upstream(**({"name": "u", "base_url": "https://models.example.org", "api_key": "sk-0123456789"} | given))
    assert caught.value.hint
    assert "pw" not in str(caught.value)


def test_a_budget_of_money_needs_prices_for_every_model() -> None:
    with pytest.raises(InvalidRunError, match="without prices"):
        run(budget=Budget(usd=Decimal(1)))
    small = Auxiliary("map", {"small": Target("real-small")})
    with pytest.raises(InvalidRunError, match="without prices"):
        run(budget=Budget(usd=Decimal(1)), pricing=PRICES, auxiliary=small)
    assert run(budget=Budget(usd=Decimal(1)), pricing=PRICES).may_call()


def test_a_guessable_token_is_refused() -> None:
    with pytest.raises(InvalidRunError, match="guessed"):
        run(token="abc")


def test_cost_is_exact() -> None:
    usage = Usage(1_000, 100, cache_read_tokens=10_000, cache_write_tokens=300, cache_write_long_tokens=100)
    assert PRICES.cost(usage) == Decimal("0.008625")
    assert Pricing(Decimal(1), Decimal(2)).cost(usage) == Decimal("0.0115")
    assert Pricing(Decimal(0), Decimal(0), cache_write_long=Decimal(6)).cost(usage) == Decimal("0.0006")


@pytest.mark.parametrize(
    ("budget", "allowed"),
    [
        (Budget(calls=1), False),
        (Budget(calls=2), True),
        (Budget(tokens=60), False),
        (Budget(tokens=61), True),
        (Budget(usd=Decimal("0.00015")), False),
        (Budget(usd=Decimal("0.00016")), True),
        (Budget(), True),
    ],
)
def test_budgets_stop_at_their_limit(budget: Budget, allowed: bool) -> None:
    one = run(budget=budget, pricing=PRICES)
    assert one.may_call()
    usage = Usage(input_tokens=10, output_tokens=0, cache_read_tokens=40, cache_write_tokens=10)
    one.spent.add(usage, Decimal("0.00015"))
    assert one.may_call() is allowed
    assert one.state is (RunState.ACTIVE if allowed else RunState.BUDGET_EXHAUSTED)


def test_calls_in_flight_count_against_a_budget_of_calls() -> None:
    one = run(budget=Budget(calls=2))
    one.in_flight = 2
    assert not one.may_call()


def test_table_finds_runs_by_token_alone() -> None:
    table = RunTable()
    first, second = table.add(run("a")), table.add(run("b"))
    assert table.get(first.token) is first
    assert table.get(second.token) is second
    assert table.get("mrl-nonsense") is None
    assert table.get("") is None
    assert len(table) == 2
    table.remove(first)
    table.remove(first)
    assert table.get(first.token) is None
    assert first.state is RunState.CLOSED
    assert list(table) == [second]


def test_table_takes_no_run_twice() -> None:
    table = RunTable()
    table.add(run("a"))
    with pytest.raises(RunExistsError):
        table.add(run("a"))
    with pytest.raises(RunExistsError):
        table.add(run("b", token=next(iter(table)).token))


def test_unknown_costs_are_counted_not_guessed() -> None:
    one = run()
    one.spent.add(Usage(input_tokens=5, source="estimated"), None)
    assert (one.spent.unpriced_calls, one.spent.estimated_calls, one.spent.usd) == (1, 1, Decimal(0))

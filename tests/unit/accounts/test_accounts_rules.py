"""The pure rules of accounts: tokens, addresses, waits, terms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marlin.accounts import current_terms
from marlin.accounts.addresses import clean_address
from marlin.accounts.errors import AddressError, WeakPasswordError
from marlin.accounts.passwords import check_password, hash_now, verify_password
from marlin.accounts.throttle import PER_PERSON, PER_PERSON_AND_ADDRESS, seconds_left
from marlin.accounts.tokens import Purpose, csrf_matches, csrf_token, hash_token, new_token
from marlin.logging import _redact


def test_tokens_are_long_distinct_and_redacted_in_logs() -> None:
    tokens = {new_token(Purpose.API) for _ in range(100)}
    assert len(tokens) == 100
    token = tokens.pop()
    assert len(token) >= 43
    assert token not in str(_redact(None, "info", {"event": f"somebody used {token}"}))


def test_a_token_of_one_kind_is_no_token_of_another() -> None:
    token = new_token(Purpose.LINK)
    hashes = {hash_token(purpose, token) for purpose in Purpose}
    assert len(hashes) == len(Purpose)
    assert all(len(digest) == 32 for digest in hashes)


def test_csrf_token_belongs_to_one_sign_in_and_does_not_reveal_it() -> None:
    mine, other = new_token(Purpose.SIGN_IN), new_token(Purpose.SIGN_IN)
    assert csrf_matches(mine, csrf_token(mine))
    assert not csrf_matches(mine, csrf_token(other))
    assert not csrf_matches(mine, None)
    assert not csrf_matches(mine, "")
    assert not csrf_matches(mine, "ü\ud800".encode("utf-8", "replace").decode())
    assert mine not in csrf_token(mine)


def test_addresses_are_told_apart_without_case_and_blanks() -> None:
    assert clean_address("  Ada@Example.ORG ") == "ada@example.org"


@pytest.mark.parametrize(
    "text", ["", "ada", "ada@", "@example.org", "a b@example.org", "a@b@c", "a@b\n", "a@" + "b" * 300]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        clean_address(text if text != "a@b\n" else "a\n@b")


@given(st.integers(0, 10_000))
def test_waits_never_shrink_with_failures_and_are_bounded(failures: int) -> None:
    limit = PER_PERSON_AND_ADDRESS
    assert limit.wait(failures) <= limit.wait(failures + 1) <= timedelta(seconds=limit.longest_wait)
    assert (limit.wait(failures) == timedelta(0)) == (failures < limit.free)


def test_strangers_cannot_lock_a_person_out_for_long() -> None:
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    assert seconds_left(moment, 1_000_000, PER_PERSON, moment) <= 60
    assert seconds_left(moment, 1_000_000, PER_PERSON, moment + timedelta(seconds=61)) == 0


@pytest.mark.parametrize(
    "password", ["short", "x" * 11, "aaaaaaaaaaaaaaaa", "ada.lovelace@example.org", "Ada Lovelace Byron", "y" * 257]
)
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        check_password(password, email="ada.lovelace@example.org", name="Ada Lovelace Byron")


async def test_passwords_match_only_themselves() -> None:
    stored = hash_now("correct horse battery")
    assert stored.startswith("$argon2id$")
    assert await verify_password(stored, "correct horse battery")
    assert not await verify_password(stored, "correct horse batterz")
    assert not await verify_password(stored, "correct horse battery" + "y" * 300)
    assert not await verify_password(None, "nobody has this password")
    assert not await verify_password("no hash at all", "correct horse battery")


def test_the_terms_have_a_version_and_a_text() -> None:
    terms = current_terms()
    assert terms.version >= "2026-11-01"
    assert terms.markdown.startswith("# ")

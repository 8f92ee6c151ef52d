"""Campaign files, names of keys, the draw of arms, upstreams."""

from __future__ import annotations

import json
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marlin import examples
from marlin.campaigns import (
    Arm,
    CampaignFileError,
    KeyMissingError,
    Upstream,
    parse_arm,
    parse_campaign,
    resolve_upstream,
)
from marlin.campaigns.draw import draw_pair
from marlin.campaigns.key_names import key_name_problem, secret_setting, setting_naming_a_file

MINIMAL = 'slug = "s"\ntitle = "T"\nguidelines = "Look."\nprice_cents = 1\n'


def fields(text: str) -> dict[str, str]:
    with pytest.raises(CampaignFileError) as caught:
        parse_campaign(text)
    assert caught.value.hint
    return {error["field"]: error["message"] for error in caught.value.details.get("errors", [])}


@pytest.mark.parametrize("name", examples.list_campaigns())
def test_every_campaign_that_is_shipped_can_be_read(name: str) -> None:
    campaign = parse_campaign(examples.load_campaign_text(name))
    assert len(campaign.arms) >= 2
    assert [axis.name for axis in campaign.rubric.axes] == [
        "correctness",
        "security",
        "reliability",
        "maintainability",
    ]


def test_a_minimal_campaign_gets_careful_defaults() -> None:
    campaign = parse_campaign(MINIMAL)
    assert campaign.base_images == ["debian"]
    assert campaign.reveal == "together"
    assert campaign.arms == []


def test_a_file_that_is_no_toml_says_where() -> None:
    with pytest.raises(CampaignFileError, match=r"line 2"):
        parse_campaign('slug = "s"\ntitle = \n')


def test_problems_name_the_field_and_the_fix() -> None:
    found = fields('slug = "Not A Slug"\ntitle = "T"\nprize_cents = 5\nguidelines="g"\n')
    assert "add it" in found["price_cents"]
    assert "spelling" in found["prize_cents"]
    assert "slug" in found
    arm = '[[arms]]\nname = "a"\nagent = "minimal"\nupstream = "u"\n'
    assert "needs model" in fields(MINIMAL + arm)["arms[0]"]
    assert "min_turns" in fields(MINIMAL + "min_turns = 5\nmax_turns = 2\n")[""]
    assert "approval" in fields(MINIMAL + "brief_approval = true\n")["brief_approval"]
    assert "names" in fields(MINIMAL + '[[example_briefs]]\ntitle = "inline"\n')["example_briefs"]
    assert "-3, 0 and 3" in str(
        fields(MINIMAL + '[[rubric.axes]]\nname = "x"\nlabel = "X"\ndescription = "d"\nanchors = { "0" = "same" }\n')
    )


@pytest.mark.parametrize("title", ["   ", "two\nlines", "turned \u202edaer", "a\u2028b", "nul\x00"])
def test_a_title_stands_on_one_line(title: str) -> None:
    assert "it " in fields(MINIMAL.replace('"T"', json.dumps(title)))["title"]


def test_a_title_may_be_in_any_language_and_is_trimmed() -> None:
    for title in ("Zählung 👩‍💻", "مقارنة", "比较"):
        assert parse_campaign(MINIMAL.replace('"T"', f'"  {title} "')).title == title


def test_names_are_given_once() -> None:
    arm = '[[arms]]\nname = "a"\nagent = "scripted"\n'
    assert "two arms are named 'a'" in fields(MINIMAL + arm + arm)[""]


KEYS = [
    "sk-ant-api03-AAAABBBBCCCCDDDD",
    "sk_live_51HxAbCdEf",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "SK_LIVE_ABCDEF",
    "9F86D081884C7D659A2FEAA0C55AD015",
    "F86D081884C7D659A2FEAA0C55AD0157",
    "AIzaSyD-9tSrke72PouQMnMX",
    "my key",
    "",
]


@pytest.mark.parametrize("value", KEYS)
def test_a_key_in_place_of_its_name_is_refused_and_not_repeated(value: str) -> None:
    assert key_name_problem(value)
    with pytest.raises(CampaignFileError) as caught:
        parse_arm({"name": "a", "agent": "minimal", "model": "m", "upstream": "u", "key_env": value})
    told = f"{caught.value} {caught.value.hint} {caught.value.details}"
    assert "NAME" in told or "name" in told
    if len(value) > 8:
        assert value not in told


@pytest.mark.parametrize("name", ["ACME_API_KEY", "ANTHROPIC_API_KEY", "KEY", "OPENAI_KEY_2", "_TOKEN", "LLM01_KEY"])
def test_names_of_variables_are_taken(name: str) -> None:
    assert key_name_problem(name) is None


def test_settings_and_addresses_hold_no_secrets() -> None:
    assert secret_setting({"effort": "high", "nested": {"api_key": "x"}}) == "settings.nested.api_key"
    assert secret_setting({"max_tokens": 5, "token": ""}) is None
    with pytest.raises(CampaignFileError, match="secret"):
        parse_arm({"name": "a", "agent": "scripted", "settings": {"password": "hunter2"}})
    upstream = '[[upstreams]]\nname = "u"\napi = "anthropic"\nbase_url = "https://user:hunter2@models.example.com"\n'
    told = str(fields(MINIMAL + upstream))
    assert "key_env" in told
    assert "hunter2" not in told


@pytest.mark.parametrize(
    "value", ["/etc/passwd", "~/.ssh/id_rsa", "file:///etc/passwd", "a/../../b", "..", "C:\\key", "\\\\host\\x", " /x"]
)
def test_settings_name_no_files(value: str) -> None:
    assert setting_naming_a_file({"deep": [{"place": value}]}) == "settings.deep[0].place"
    with pytest.raises(CampaignFileError, match="names a file"):
        parse_arm({"name": "a", "agent": "minimal", "settings": {"place": value}})


@pytest.mark.parametrize("value", ["high", "openai/gpt", "a..b", "16k", "1:2", 3, None, {"a": True}])
def test_plain_settings_are_taken(value: object) -> None:
    assert setting_naming_a_file({"x": value}) is None


def test_an_upstream_by_address_needs_its_api() -> None:
    arm = {"name": "a", "agent": "minimal", "model": "m", "upstream": "https://models.example.com/v1"}
    with pytest.raises(CampaignFileError, match="needs api"):
        parse_arm(arm)
    assert parse_arm(arm | {"api": "openai-chat"}).api == "openai-chat"
    with pytest.raises(CampaignFileError, match="has its own"):
        parse_arm(arm | {"api": "openai-chat", "upstream": "named"})


@given(st.lists(st.uuids(), min_size=2, max_size=8, unique=True), st.text(max_size=20), st.randoms())
def test_a_draw_can_be_repeated_from_its_record_whatever_the_order(arms: list[UUID], seed: str, random: object) -> None:
    pair, record = draw_pair(arms, seed=seed or None)
    assert set(pair) <= set(arms)
    assert pair[0] != pair[1]
    shuffled = sorted(arms, key=str, reverse=True)
    assert draw_pair(shuffled, seed=record["seed"]) == (pair, record)


def test_every_pair_is_drawn_about_equally_often() -> None:
    arms = [UUID(int=number) for number in range(1, 5)]
    counts = Counter(draw_pair(arms, seed=str(seed))[0] for seed in range(6000))
    assert len(counts) == 6
    assert all(850 < count < 1150 for count in counts.values())


def arm_with(key_env: str | None, *, own: str | None = None) -> Arm:
    upstream = Upstream(name="u", base_url="https://models.example.com", api="anthropic", key_env=key_env)
    return Arm(name="a", agent="claude-code", model="m", key_env=own, upstream=upstream, pricing={"input": 3.0})


def test_a_key_is_looked_up_where_it_is_used() -> None:
    found = resolve_upstream(arm_with("ACME_API_KEY"), {"ACME_API_KEY": " secret-value \n"})
    assert found is not None
    assert found.key == "secret-value"
    assert "secret-value" not in repr(found)
    own = resolve_upstream(arm_with("ACME_API_KEY", own="OTHER_KEY"), {"ACME_API_KEY": "1", "OTHER_KEY": "2"})
    assert own is not None
    assert own.key == "2"
    free = resolve_upstream(arm_with(None), {})
    assert free is not None
    assert free.key == ""


@pytest.mark.parametrize("environment", [{}, {"ACME_API_KEY": " "}])
def test_a_missing_key_says_which_variable_to_set(environment: dict[str, str]) -> None:
    with pytest.raises(KeyMissingError) as caught:
        resolve_upstream(arm_with("ACME_API_KEY"), environment)
    assert "ACME_API_KEY" in caught.value.message
    assert "ACME_API_KEY" in (caught.value.hint or "")


def test_an_agent_without_a_model_has_no_upstream() -> None:
    assert resolve_upstream(Arm(name="a", agent="scripted", model="script", upstream=None, pricing={})) is None


def test_base_images_are_a_list_and_one_may_stand_alone() -> None:
    assert parse_campaign(MINIMAL + 'base_images = ["debian", "node"]\n').base_images == ["debian", "node"]
    assert parse_campaign(MINIMAL + 'base_image = "node"\n').base_images == ["node"]
    assert "base_image" not in parse_campaign(MINIMAL + 'base_image = "node"\n').model_dump()
    assert "not both" in fields(MINIMAL + 'base_image = "node"\nbase_images = ["debian"]\n')[""]
    assert "twice" in fields(MINIMAL + 'base_images = ["debian", "debian"]\n')["base_images"]
    assert "base_images" in fields(MINIMAL + "base_images = []\n")
    assert "base_images[0]" in fields(MINIMAL + 'base_images = ["../etc"]\n')

from __future__ import annotations

from pathlib import Path

import pytest

from marlin.agents import AgentSpecError, load_spec, parse_spec, shipped_specs
from marlin.agents.specs import PLACEHOLDERS, fill

MINE = """
name = "mine"
version = "1.2.3"
argv = ["mine", "--acp"]
"""


def test_every_shipped_spec_loads_under_its_own_name() -> None:
    assert [spec.name for spec in shipped_specs()] == ["claude-code", "codex", "minimal", "opencode", "scripted"]
    for spec in shipped_specs():
        assert load_spec(spec.name) == spec


def test_shipped_specs_fill_with_the_documented_placeholders_only() -> None:
    values = dict.fromkeys(PLACEHOLDERS, "x")
    for spec in shipped_specs():
        for text in (*spec.argv, *spec.env.values(), *spec.files.values()):
            fill(text, values)


def test_shipped_specs_pin_everything_and_write_no_token() -> None:
    for spec in shipped_specs():
        assert spec.install or spec.program
        assert not any("token}" in text for text in spec.files.values())


def test_shipped_locks_hold_hashes_and_no_addresses() -> None:
    locks = [spec.source.parent / spec.install.lock for spec in shipped_specs() if spec.install and spec.install.lock]
    assert len(locks) == 2
    for lock in locks:
        text = lock.read_text()
        assert "http" not in text.replace("http-errors", "")
        assert '"integrity": "sha512-' in text


def test_a_users_file_is_an_agent(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    spec = load_spec(path)
    assert spec.argv == ["mine", "--acp"]
    assert load_spec("mine", folders=[tmp_path]) == spec
    assert len(spec.digest) == 64


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ("nonsense", "is not TOML", "syntax"),
        ('version = "1"\nargv = ["x"]', "field `name`", "Add"),
        (MINE + "speed = 3", "field `speed`", "Remove or rename"),
        (MINE.replace('"mine"\n', '"My Agent"\n'), "field `name`", "Change"),
        (MINE + '[env]\nURL = "${gatewy}"', "env.URL: ${gatewy} is unknown; use one of", "Change"),
        (MINE + '[files]\n"a.json" = "${token}"', "must not be written to a file", "Change"),
        (MINE + '[files]\n"../a.json" = ""', "relative to HOME", "Change"),
        (MINE + '[install]\nnpm = ["left-pad"]', "'left-pad' is not pinned: write it as name@1.2.3", "Change"),
        (MINE + '[install]\nnpm = ["left-pad@^1.0.0"]', "is not pinned", "Change"),
        (MINE + '[install]\npip = ["thing>=2"]', "name==1.2.3", "Change"),
        (MINE + '[install]\nnode = "24"', "is not a whole version", "Change"),
        (MINE + '[install]\nprune = ["../other"]', "inside the folder", "Change"),
        (MINE + '[[failures]]\npattern = "("\nkind = "refused"', "is not a regular expression", "Change"),
        (MINE + "[time_limits]\nready = 0", "field `time_limits.ready`", "Change"),
    ],
)
def test_a_wrong_spec_says_which_field_and_what_to_do(text: str, says: str, hint: str) -> None:
    with pytest.raises(AgentSpecError) as caught:
        parse_spec(text)
    assert says in caught.value.message
    assert caught.value.hint
    assert hint in caught.value.hint


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(AgentSpecError) as caught:
        load_spec("clod")
    assert "claude-code" in (caught.value.hint or "")


def test_a_missing_file_and_a_binary_one(tmp_path: Path) -> None:
    with pytest.raises(AgentSpecError, match="no agent spec at"):
        load_spec(tmp_path / "none.toml")
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(AgentSpecError, match="can't be read"):
        load_spec(tmp_path / "odd.toml")

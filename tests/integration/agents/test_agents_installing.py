"""Installing from the real registries, with small packages."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path

import pytest

from marlin.agents import AgentInstallError, AgentNotInstalledError, AgentSpec, find_installed, install, parse_spec
from marlin.agents.installing import PROGRAMS


def small(package: str = "is-number@7.0.0", more: str = "") -> AgentSpec:
    return parse_spec(f'name = "small"\nversion = "1 beta/2"\nargv = ["x"]\n[install]\nnpm = ["{package}"]\n{more}')


def test_install_is_complete_recorded_readable_and_done_once(tmp_path: Path) -> None:
    spec = small(more='prune = ["node_modules/is-number/README.md"]')
    with pytest.raises(AgentNotInstalledError, match="small 1 beta/2 is not installed") as caught:
        find_installed(spec, tmp_path)
    assert caught.value.hint == "Run: marlin agent install small"
    told: list[str] = []
    agent = install(spec, tmp_path, told.append)
    assert told == ["Fetching is-number@7.0.0 with npm.", "Installed small 1 beta/2."]
    assert agent.path.parent == tmp_path / "small"
    assert agent.path.name.startswith("1-beta-2-")
    assert [(item.name, item.version) for item in agent.packages] == [("is-number", "7.0.0")]
    assert agent.packages[0].integrity.startswith("sha512-")
    assert agent.provenance["packages"][0]["name"] == "is-number"
    index = agent.path / "node_modules/is-number/index.js"
    assert index.stat().st_mode & stat.S_IROTH
    assert not (agent.path / "node_modules/is-number/README.md").exists()
    (mount,) = agent.mounts()
    assert (mount.source, str(mount.target)) == (agent.path, "/opt/marlin/agent")
    before = index.stat().st_mtime_ns
    assert install(spec, tmp_path, told.append) == agent
    assert index.stat().st_mtime_ns == before
    assert len(told) == 2


def test_a_failed_install_leaves_nothing_and_says_why(tmp_path: Path) -> None:
    spec = small("is-number@99.99.99")
    with pytest.raises(AgentInstallError) as caught:
        install(spec, tmp_path)
    assert "99.99.99" in caught.value.details["log"]
    assert [path.name for path in (tmp_path / "small").iterdir()] == [".lock"]
    with pytest.raises(AgentNotInstalledError):
        find_installed(spec, tmp_path)


async def test_two_at_once_install_once_and_leftovers_go(tmp_path: Path) -> None:
    (tmp_path / "small/.installing-dead").mkdir(parents=True)
    told: list[str] = []
    one, two = await asyncio.gather(
        *(asyncio.to_thread(install, small(), tmp_path, told.append) for _ in range(2)),
    )
    assert one == two
    assert told.count("Installed small 1 beta/2.") == 1
    assert not list((tmp_path / "small").glob(".installing-*"))


def test_a_lock_decides_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    agent = install(small(), tmp_path / "agents")
    lock = json.loads((agent.path / "package-lock.json").read_text())
    lock["packages"]["node_modules/is-number"]["integrity"] = "sha512-" + "A" * 86 + "=="
    (tmp_path / "lock.json").write_text(json.dumps(lock))
    path = tmp_path / "small.toml"
    path.write_text(
        'name = "small"\nversion = "1"\nargv = ["x"]\n[install]\nnpm = ["is-number@7.0.0"]\nlock = "lock.json"\n'
    )
    spec = parse_spec(path.read_text(), source=path)
    with pytest.raises(AgentInstallError) as caught:
        install(spec, tmp_path / "agents")
    assert "integrity" in caught.value.details["log"].lower()
    (tmp_path / "lock.json").unlink()
    with pytest.raises(AgentInstallError, match="lock of small can't be read"):
        install(spec, tmp_path / "agents")


def test_python_packages(tmp_path: Path) -> None:
    spec = parse_spec('name = "py"\nversion = "1"\nargv = ["x"]\n[install]\npip = ["iniconfig==2.1.0"]\n')
    agent = install(spec, tmp_path)
    assert [(item.name, item.version) for item in agent.packages] == [("iniconfig", "2.1.0")]
    assert (agent.path / "site-packages/iniconfig").is_dir()


def test_shipped_programs_need_no_install(tmp_path: Path) -> None:
    spec = parse_spec('name = "s"\nversion = "1"\nargv = ["x"]\nprogram = "scripted_agent.py"\n')
    agent = install(spec, tmp_path / "none")
    assert agent.path == PROGRAMS
    assert agent.packages[0].integrity.startswith("sha256-")
    assert not (tmp_path / "none").exists()

"""Hostile code inside a sandbox gets nowhere; outside one, the same probes find open doors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from marlin.sandboxes import BubblewrapBackend, Layer, SandboxSpec, UnsupportedHostError
from marlin.sandboxes.probes import PROBES, Probe, ProbeResult, run_probes
from marlin.sandboxes.probes import verdict as verdicts
from marlin.sandboxes.probes.suite import judge, planted

ROOT = Path(__file__).parents[3]


async def test_every_probe_is_contained_or_harmless(backend: BubblewrapBackend):
    results = await backend.prove()
    assert [result.name for result in results] == [probe.name for probe in PROBES]
    assert [result for result in results if result.outcome == "harmful"] == []
    emulated = {result.name for result in results if result.outcome == "emulated"}
    assert emulated <= {probe.name for probe in PROBES if probe.harmless}


async def test_the_verdict_is_remembered(backend: BubblewrapBackend):
    await backend.prove()
    assert verdicts.remembered(verdicts.verdict_key(backend.name)) == await backend.prove()
    assert verdicts.verdict_key("other 1.0") != verdicts.verdict_key(backend.name)


async def test_one_harmful_probe_and_untrusted_work_is_refused(
    backend: BubblewrapBackend, base_image: Layer, tmp_path: Path
):
    """A verdict as a machine would have it whose kernel lets something through."""
    results = await backend.prove()
    bad = [ProbeResult("bpf", "kernel", "harmful", "made a map"), *results[1:]]
    verdicts.remember(verdicts.verdict_key(backend.name), bad, tmp_path)
    strict = BubblewrapBackend(backend.home, backend.store, demo=True, verdicts=tmp_path)
    with pytest.raises(UnsupportedHostError, match="bpf"):
        await strict.open(SandboxSpec(id="refused000", base=base_image))
    checks = {check.name: check for check in await strict.check_host()}
    assert not checks["probes"].ok
    await strict.close()


def test_outside_a_sandbox_the_probes_find_open_doors(tmp_path: Path):
    """A probe that never fires proves nothing: these must get through on the bare host."""
    open_doors = [
        "host_file", "host_file_by_proc_root", "host_file_by_dot_dot", "host_file_by_symlink", "marlin_home",
        "see_host_processes", "kill_host_process", "inherited_environment", "capabilities", "no_new_privileges",
        "seccomp_is_on", "host_loopback", "host_address", "abstract_socket", "system_v_memory", "posix_memory", "sysfs",
        "cgroup_files", "devices", "tiocsti", "tiocsti_high_bits", "add_key", "i386_calls", "chroot", "open_tree",
        "unshare_user", "clone_user", "clone3_user", "raw_socket", "packet_socket", "userfaultfd", "io_uring", "bpf",
        "raise_priority", "raise_limits", "new_mount_api",
    ]  # fmt: skip
    with planted(tmp_path) as facts:
        package = ROOT / "src/marlin/sandboxes/probes"
        command = [sys.executable, "-S", "-m", "hostile", *open_doors]
        result = subprocess.run(command, input=json.dumps(facts), capture_output=True, text=True, cwd=package)
    answers = {answer["name"]: answer for answer in map(json.loads, result.stdout.splitlines())}
    closed = {name: answers.get(name) for name in open_doors if answers.get(name, {}).get("outcome") != "through"}
    assert closed == {}, result.stderr


async def test_a_bomb_beyond_its_limit_is_noticed(backend: BubblewrapBackend, base_image: Layer):
    """A verdict comes from measurements: the same bomb under a limit it does not know of."""
    (result,) = await run_probes(backend, base_image, backend.home, probes=[p for p in PROBES if p.name == "tmp_bomb"])
    assert result.outcome == "contained"
    assert "MiB" in result.detail


def test_getting_through_is_harmful_unless_the_table_says_why_not():
    probe = Probe("x", "g", "tries")
    assert judge(probe, False, "d").outcome == "contained"
    assert judge(probe, True, "d").outcome == "harmful"
    assert judge(Probe("x", "g", "tries", harmless="because"), True, "d").outcome == "emulated"


def test_the_reference_page_lists_exactly_these_probes():
    page = (ROOT / "docs/reference/probes.md").read_text()
    listed = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert listed == [probe.name for probe in PROBES], "run: python -m marlin.sandboxes.probes --markdown"
    for probe in PROBES:
        assert f"| `{probe.name}` | {probe.what} |" in page
    assert "| harmful |" not in page

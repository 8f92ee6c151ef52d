"""Pure rules of sandboxes: arguments, egress, registries, control groups, probes."""

from __future__ import annotations

import importlib
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marlin.sandboxes import Egress, Limits, UnsupportedHostError, machine_registries, package_egress
from marlin.sandboxes.arguments import bubblewrap, environment, resource_limits
from marlin.sandboxes.cgroups import detect
from marlin.sandboxes.egress import EgressLog, is_named, is_public, is_trusted, normal_host, usable
from marlin.sandboxes.keeper.identity import DISK_BASE, RANGE, SLOT_BASE, SLOTS, slot_base
from marlin.sandboxes.probes import PROBES
from marlin.sandboxes.processes import Gathered
from marlin.sandboxes.proxy import UpstreamProxy
from marlin.sandboxes.records import Owner, free_dead_slots, free_slot, take_slot
from marlin.sandboxes.registries import MachineRegistries, apt_sources
from marlin.sandboxes.seccomp import program


def arguments(**changes: object) -> list[str]:
    fields: dict[str, object] = {
        "env": {"B": "2", "A": "1"},
        "cwd": PurePosixPath("/workspace"),
        "limits": Limits(),
        "fake_root": False,
        "terminal": False,
        **changes,
    }
    data = bubblewrap("/run/x/root", **fields)  # type: ignore[arg-type]
    assert data.endswith(b"\0")
    return data[:-1].decode().split("\0")


def test_bubblewrap_gets_every_namespace_and_no_capability():
    made = arguments()
    needed = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--clearenv", "--new-session"]
    assert set(needed) <= set(made)
    assert made[made.index("--cap-drop") + 1] == "ALL"
    assert "--cap-add" not in made
    assert "--share-net" not in made


def test_a_terminal_keeps_its_session_and_a_fake_root_gets_few_capabilities():
    assert "--new-session" not in arguments(terminal=True)
    made = arguments(fake_root=True)
    added = {made[i + 1] for i, word in enumerate(made) if word == "--cap-add"}
    assert added
    assert not added & {
        "CAP_SYS_ADMIN",
        "CAP_NET_ADMIN",
        "CAP_NET_RAW",
        "CAP_SYS_PTRACE",
        "CAP_MKNOD",
        "CAP_SYS_RESOURCE",
    }


def test_the_descriptor_of_the_user_namespace_is_closed_again():
    """Bubblewrap leaves it open to the command; one that it waits on it closes."""
    made = arguments()
    assert made[made.index("--block-fd") + 1] == made[made.index("--userns") + 1]


def test_a_commands_variables_win_over_the_sandboxs_and_those_over_ours():
    made = environment(False, {"A": "1", "LANG": "de"}, {"A": "2"})
    assert (made["A"], made["LANG"], made["USER"], made["TERM"]) == ("2", "de", "agent", "dumb")
    assert environment(True, {}, None)["GIT_CONFIG_KEY_0"] == "safe.directory"
    assert "GIT_CONFIG_KEY_0" not in made


def test_every_process_limit_is_set():
    limits = resource_limits(Limits(file_bytes=5, open_files=7))
    assert (limits["RLIMIT_FSIZE"], limits["RLIMIT_NOFILE"], limits["RLIMIT_CORE"]) == (5, 7, 0)


@given(st.binary(max_size=500), st.integers(0, 80), st.integers(1, 50))
def test_gathered_output_keeps_both_ends_and_counts_the_rest(data: bytes, limit: int, chunk: int):
    gathered = Gathered(limit)
    for start in range(0, len(data), chunk):
        gathered.add(data[start : start + chunk])
    kept = gathered.bytes()
    if len(data) <= limit:
        assert (kept, gathered.dropped) == (data, 0)
    else:
        head, tail = limit - limit // 2, limit // 2
        assert kept == data[:head] + data[len(data) - tail :]
        assert gathered.dropped == len(data) - limit


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "::7f00:1", "nonsense", "",
    ],
)  # fmt: skip
def test_these_addresses_are_not_public(address: str):
    assert not is_public(address)
    assert usable([address], trusted=False) == []
    assert usable([address], trusted=True) == [address]


@pytest.mark.parametrize("address", ["1.1.1.1", "151.101.0.223", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_these_addresses_are_public(address: str):
    assert is_public(address)


RULES = Egress(hosts=("pypi.org", "*.example.org"), trusted=("mirror.corp", "dev.corp:8443"))


@pytest.mark.parametrize(
    ("host", "port", "allowed"),
    [
        ("pypi.org", 443, True),
        ("pypi.org", 80, True),
        ("pypi.org", 22, False),
        ("evilpypi.org", 443, False),
        ("pypi.org.evil.test", 443, False),
        ("a.example.org", 443, True),
        ("a.b.example.org", 443, True),
        ("example.org", 443, False),
        ("evilexample.org", 443, False),
        (".example.org", 443, False),
        ("mirror.corp", 443, True),
        ("mirror.corp", 8443, False),
        ("dev.corp", 8443, True),
        ("dev.corp", 443, False),
    ],
)
def test_hosts_are_allowed_by_name_and_port(host: str, port: int, allowed: bool):
    assert is_named(host, port, RULES) is allowed
    assert is_trusted(host, port, RULES) is (allowed and host.endswith(".corp"))


def test_names_are_compared_in_one_form():
    assert normal_host("[::1]") == "::1"
    assert normal_host(" PyPI.org. ") == "pypi.org"
    assert is_named("anything.test", 443, Egress(hosts=("*",)))
    assert not is_named("anything.test", 443, Egress())


def test_the_log_counts_what_it_forgets():
    log = EgressLog()
    for number in range(10_050):
        log.add(f"h{number}", 443, allowed=False, reason="r")
    assert log.refused == 10_050
    assert len(log.events()) == 10_000
    assert log.events()[0].host == "h50"


def test_registries_named_in_full_are_trusted_and_patterns_are_not():
    egress = package_egress(["pypi.org", "*.cdn.test"], MachineRegistries(hosts=("mirror.corp", "dev.corp:8443")))
    assert egress.hosts == ("pypi.org", "*.cdn.test", "mirror.corp")
    assert egress.trusted == ("pypi.org", "mirror.corp", "dev.corp:8443")


def test_mirrors_come_from_the_settings_of_pip_npm_and_apt(tmp_path: Path):
    (tmp_path / "index/simple").mkdir(parents=True)
    (tmp_path / "wheels").mkdir()
    (tmp_path / "apt/sources.list.d").mkdir(parents=True)
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://weak.test/simple\n")
    (tmp_path / ".config/pip").mkdir(parents=True)
    (tmp_path / ".config/pip/pip.conf").write_text(
        f"[global]\nindex-url = https://PyPI.corp/simple\nfind-links = {tmp_path}/wheels\n"
        f"extra-index-url = file://{tmp_path}/index/simple\n    http://extra.corp:81/simple\n"
    )
    (tmp_path / ".npmrc").write_text("//npm.corp/:_authToken=secret\nregistry=https://npm.corp/\n")
    (tmp_path / "apt/sources.list").write_text(
        "# deb http://no.test x main\ndeb [signed-by=/k arch=amd64] http://deb.corp/debian bookworm main contrib\n"
        "deb-src http://src.test/debian bookworm main\n"
    )
    (tmp_path / "apt/sources.list.d/x.sources").write_text(
        "Types: deb deb-src\n# no\nURIs: https://a.corp/debian\n  https://b.corp/debian\nSuites: s1 s2\n"
        "Components: main\n\n"
        "Types: deb\nEnabled: no\nURIs: https://off.test\nSuites: x\nComponents: main\n"
    )
    found = machine_registries({"HOME": str(tmp_path)}, etc=tmp_path, home=tmp_path)
    assert found.hosts == ("pypi.corp", "extra.corp:81", "npm.corp", "deb.corp", "a.corp", "b.corp")
    assert found.env["PIP_INDEX_URL"] == "https://pypi.corp/simple"
    assert found.env["PIP_EXTRA_INDEX_URL"] == "file:///opt/marlin/registries/0/simple http://extra.corp:81/simple"
    assert found.env["PIP_FIND_LINKS"] == "/opt/marlin/registries/1"
    assert found.env["npm_config_registry"] == "https://npm.corp/"
    assert [mount.source for mount in found.mounts] == [tmp_path / "index", tmp_path / "wheels"]
    assert "secret" not in repr(found)
    assert [s.line for s in apt_sources(tmp_path)][:2] == [
        "deb http://deb.corp/debian bookworm main contrib",
        "deb https://a.corp/debian s1 main",
    ]
    chosen = machine_registries({"HOME": str(tmp_path), "PIP_INDEX_URL": "https://env.corp/s"}, etc=tmp_path)
    assert chosen.env["PIP_INDEX_URL"] == "https://env.corp/s"


@pytest.mark.parametrize(
    ("environ", "host", "found"),
    [
        ({}, "a.test", None),
        ({"https_proxy": "http://p:8080"}, "a.test", ("p", 8080)),
        ({"HTTP_PROXY": "p:3129"}, "a.test", ("p", 3129)),
        ({"http_proxy": "http://p", "no_proxy": "b.test,.a.test"}, "x.a.test", None),
        ({"http_proxy": "http://p", "no_proxy": "*"}, "x", None),
    ],
)
def test_the_machines_own_proxy(environ: dict[str, str], host: str, found: tuple[str, int] | None):
    proxy = UpstreamProxy.from_environment(environ, host)
    assert (None if proxy is None else (proxy.host, proxy.port)) == found


def test_a_proxy_that_is_not_understood_is_an_error_not_a_way_around_it():
    with pytest.raises(ValueError, match="socks5"):
        UpstreamProxy.from_environment({"all_proxy": "socks5://p:1"}, "a.test")


V1 = """30 1 0:1 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
31 1 0:2 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
32 1 0:3 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
33 1 0:4 /docker/abc /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer
"""
V2 = "40 1 0:9 / /sys/fs/cgroup{} rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
OWN = "4:freezer:/docker/abc\n3:cpu,cpuacct:/\n2:pids:/\n1:memory:/job/7\n"


def test_control_groups_are_found_in_all_three_arrangements():
    hybrid = detect(mounts=V1 + V2.format("/unified"), own=OWN + "0::/x\n")
    assert hybrid.kind == "hybrid"
    assert hybrid.parents["memory"] == Path("/sys/fs/cgroup/memory/job/7")
    assert hybrid.parents[""] == Path("/sys/fs/cgroup/unified/x")
    old = detect(mounts=V1, own=OWN)
    assert old.kind == "v1"
    assert old.parents["freezer"] == Path("/sys/fs/cgroup/freezer")
    assert old.parents["cpu"] == old.parents["cpuacct"] == Path("/sys/fs/cgroup/cpu,cpuacct")
    new = detect(mounts=V2.format(""), own="0::/user.slice/run-1.scope\n")
    assert (new.kind, new.parents) == ("v2", {"": Path("/sys/fs/cgroup/user.slice/run-1.scope")})


def test_without_control_groups_there_is_no_isolation():
    with pytest.raises(UnsupportedHostError):
        detect(mounts="", own="")


def test_id_ranges_do_not_touch_each_other_nor_the_disks():
    assert slot_base(0) == SLOT_BASE >= DISK_BASE + RANGE
    assert slot_base(SLOTS - 1) + RANGE < 1 << 31
    assert slot_base(1) - slot_base(0) == RANGE
    with pytest.raises(ValueError, match="slot"):
        slot_base(SLOTS)


def test_slots_are_taken_once_and_given_back_when_their_owner_is_dead(tmp_path: Path):
    import os

    me = Owner.of(os.getpid())
    assert me is not None
    assert me.alive
    dead = Owner(me.pid, me.start - 1, me.boot)
    assert not dead.alive
    taken = {take_slot(me, tmp_path) for _ in range(50)}
    assert len(taken) == 50
    lost = take_slot(dead, tmp_path)
    free_dead_slots(tmp_path)
    assert {int(path.name) for path in tmp_path.iterdir()} == taken
    assert lost not in taken
    free_slot(taken.pop(), tmp_path)
    assert len(list(tmp_path.iterdir())) == 49


def test_the_filter_is_a_bpf_program_and_always_the_same():
    made = program()
    assert len(made) % 8 == 0
    assert len(made) > 800
    assert program.__wrapped__() == made


def test_each_probe_of_the_table_is_written_and_each_written_one_is_in_the_table():
    main = importlib.import_module("marlin.sandboxes.probes.hostile.__main__")
    assert len({probe.name for probe in PROBES}) == len(PROBES) >= 92
    assert set(main.PROBES) == {probe.name for probe in PROBES}


def test_the_keeper_imports_nothing_beyond_the_standard_library():
    import ast
    import sys

    folder = Path(importlib.import_module("marlin.sandboxes.keeper").__file__ or "").parent
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert name.split(".")[0] in sys.stdlib_module_names or name.startswith("marlin.sandboxes.keeper"), (
                    path.name,
                    name,
                )

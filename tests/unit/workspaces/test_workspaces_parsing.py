"""Pure pieces: what git prints, what bundles say, what is left out, which package indexes pip would ask."""

import io

import pytest
from pydantic import SecretStr

from marlin.sandboxes import MachineRegistries
from marlin.settings import Settings
from marlin.workspaces import ChangeStatus, LeftOut, Reason, Snapshot, StoredLayer, UnsafeSourceError, bundles
from marlin.workspaces.diffs import parse_diffstat
from marlin.workspaces.policy import fetch_policy, package_indexes
from marlin.workspaces.scan import shorten_list


def test_diffstat_of_renames_binaries_and_odd_names() -> None:
    output = (
        b":100644 100755 aa bb R090\0old\0n\xe9w\0:000000 100644 00 cc A\0bin\0:100644 000000 dd 00 D\0gone\0"
        b"1\t2\t\0old\0n\xe9w\0-\t-\tbin\0" + b"0\t7\tgone\0"
    )
    renamed, added, deleted = parse_diffstat(output)
    assert (renamed.path, renamed.old_path, renamed.status) == ('"n\\351w"', "old", ChangeStatus.RENAMED)
    assert (renamed.additions, renamed.deletions, renamed.new_mode) == (1, 2, "100755")
    assert added.binary
    assert (added.additions, added.old_mode) == (None, "000000")
    assert (deleted.status, deleted.deletions) == (ChangeStatus.DELETED, 7)
    assert parse_diffstat(b"") == []


def test_bundle_header_round_trip() -> None:
    commit, parent = "a" * 40, "b" * 40
    header = bundles.read_header(io.BytesIO(bundles.write_header(commit, (parent,)) + b"PACK"))
    assert header.tips == {"refs/heads/marlin": commit}
    assert header.prerequisites == (parent,)
    assert header.pack_offset == len(bundles.write_header(commit, (parent,)))


@pytest.mark.parametrize(
    "text", [b"", b"PACK", b"# v3 git bundle\n@object-format=sha256\n\n", b"# v2 git bundle\nxyz\n\n"]
)
def test_what_is_no_bundle(text: bytes) -> None:
    with pytest.raises(UnsafeSourceError):
        bundles.read_header(io.BytesIO(text))


def test_long_lists_are_summed_up_per_reason() -> None:
    many = [LeftOut(f"p{number:03}", Reason.SPECIAL, "FIFO", 1, 10) for number in range(30)]
    short = shorten_list([*many, LeftOut("a", Reason.IGNORED, "", 5, 50)], 10)
    assert len(short) == 11
    assert short[0].path == "a"
    assert short[-1] == LeftOut("", Reason.SPECIAL, "more of these", 21, 210)


def test_snapshot_survives_json() -> None:
    stored = StoredLayer("x-files", "0" * 64)
    left_out = (LeftOut("fifo", Reason.SPECIAL, "FIFO"),)
    snapshot = Snapshot("a" * 40, "b" * 40, "c" * 40, "refs/marlin/x/1/a", left_out, stored, stored, {"total": 0.1})
    assert Snapshot.from_json(snapshot.to_json()) == snapshot


def test_package_indexes_are_those_of_pip() -> None:
    pip = {"PIP_INDEX_URL": "https://a.example/s", "PIP_EXTRA_INDEX_URL": "file:///x https://b.example/s"}
    assert package_indexes(pip) == ("https://a.example/s", "https://b.example/s")
    assert package_indexes({"PIP_INDEX_URL": "file:///srv/simple"}) == ("https://pypi.org/simple",)
    assert package_indexes({}) == ("https://pypi.org/simple",)


def test_a_policy_is_made_from_settings_and_hides_its_tokens() -> None:
    settings = Settings(
        git_tokens={"Git.Corp.example": SecretStr("ghp-very-secret")},
        trusted_source_hosts=["git.corp.example:8443"],
        github_hosts=["github.com", "ghe.example"],
    )
    policy = fetch_policy(settings, MachineRegistries(hosts=("mirror.example",)))
    assert policy.tokens == {"git.corp.example": "ghp-very-secret"}
    assert "very-secret" not in repr(policy) + repr(settings)
    assert policy.apis["ghe.example"] == "https://ghe.example/api/v3"
    assert "mirror.example" in policy.registries

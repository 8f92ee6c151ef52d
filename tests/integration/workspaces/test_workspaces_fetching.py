"""Fetching in a real sandbox through the real proxy, from a real https server on loopback."""

import hashlib
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from https_server import Server, make_certificate, serve
from workspaces_support import commit_all, git, worker

from marlin.errors import MarlinError
from marlin.sandboxes import BubblewrapBackend, open_backend
from marlin.workspaces import (
    CommitNotFoundError,
    FetchError,
    FetchPolicy,
    Imported,
    InvalidSourceError,
    Source,
    SourceKind,
    SourceNotFoundError,
    SourceTooLargeError,
    TreeLimits,
    UnsafeSourceError,
    Workspaces,
    parse_source,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
TOKEN = "operator-held-token-123456"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def backend(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[BubblewrapBackend]:
    made = open_backend(tmp_path_factory.mktemp("fetching"), demo=True)
    yield made
    await made.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("certificate"), "localhost")


@pytest.fixture
def server(tmp_path: Path, certificate: tuple[Path, Path]) -> Iterator[Server]:
    root = tmp_path / "served"
    root.mkdir()
    made, stop = serve(root, *certificate)
    yield made
    stop()


@pytest.fixture
def policy(server: Server, certificate: tuple[Path, Path]) -> FetchPolicy:
    return FetchPolicy(trusted=(f"localhost:{server.port}",), ca_file=certificate[0], seconds=60)


Bring = Callable[..., object]


@pytest.fixture
def workspaces(tmp_path: Path, backend: BubblewrapBackend, policy: FetchPolicy) -> Workspaces:
    return worker(tmp_path / "host", (tmp_path / "storage").as_uri(), backend, policy=policy)


def _other(tmp_path: Path, backend: BubblewrapBackend, policy: FetchPolicy) -> Workspaces:
    return worker(tmp_path / "other", (tmp_path / "storage-2").as_uri(), backend, policy=policy)


@pytest.fixture
def published(server: Server, repository: Path) -> str:
    """The repository, served; its address."""
    git(server.root, "clone", "-q", "--bare", str(repository), "project")
    return f"{server.url}/git/project"


async def test_the_default_branch(workspaces: Workspaces, published: str, repository: Path) -> None:
    said: list[str] = []
    imported = await workspaces.import_source(parse_source(published), said.append)
    assert imported.commit == git(repository, "rev-parse", "HEAD")
    assert imported.warnings == ()
    assert said
    assert b"return a - b" in await workspaces.read_blob(imported.repository, imported.commit, "src/app.py")


async def test_branches_tags_and_commits(
    workspaces: Workspaces, published: str, server: Server, repository: Path
) -> None:
    older = git(repository, "rev-parse", "HEAD~1")
    bare = server.root / "project"
    git(bare, "branch", "feature/old", older)
    git(bare, "tag", "-am", "annotated", "v1", older)
    for revision in ("feature/old", "v1", older, older[:12]):
        imported = await workspaces.import_source(parse_source(f"{published}#{revision}"))
        assert imported.commit == older, revision
        mirror = workspaces.mirrors.open(imported.repository)
        assert git(mirror.path, "rev-list", older) == older


async def test_a_server_that_gives_branches_only(workspaces: Workspaces, server: Server, repository: Path) -> None:
    """Old servers refuse to be asked for a commit that is no branch's tip."""
    git(server.root, "clone", "-q", "--bare", str(repository), "old")
    git(server.root / "old", "config", "protocol.version", "0")
    older = git(repository, "rev-parse", "HEAD~1")
    imported = await workspaces.import_source(parse_source(f"{server.url}/git/old#{older}"))
    assert imported.commit == older


async def _fails(workspaces: Workspaces, source: Source | str, kind: type[MarlinError]) -> MarlinError:
    with pytest.raises(kind) as caught:
        await workspaces.import_source(source if isinstance(source, Source) else parse_source(source))
    assert caught.value.hint
    assert TOKEN not in caught.value.message
    return caught.value


async def test_unknown_repositories_and_revisions(workspaces: Workspaces, server: Server, published: str) -> None:
    await _fails(workspaces, f"{server.url}/git/nothing", SourceNotFoundError)
    await _fails(workspaces, f"{server.url}/nothing", SourceNotFoundError)
    await _fails(workspaces, f"{published}#nope", CommitNotFoundError)
    await _fails(workspaces, f"{published}#{'f' * 40}", CommitNotFoundError)
    await _fails(workspaces, f"{published}#{'f' * 10}", CommitNotFoundError)


async def test_an_empty_repository(workspaces: Workspaces, server: Server) -> None:
    git(server.root, "init", "-q", "--bare", "empty")
    error = await _fails(workspaces, f"{server.url}/git/empty", InvalidSourceError)
    assert "empty" in error.message


async def test_private_addresses_are_refused_unless_trusted(
    tmp_path: Path, backend: BubblewrapBackend, policy: FetchPolicy, server: Server, published: str
) -> None:
    error = await _fails(_other(tmp_path, backend, replace(policy, trusted=())), published, InvalidSourceError)
    assert "443" in error.message
    somewhere = replace(policy, trusted=(f"elsewhere.example:{server.port}",))
    source = Source(SourceKind.GIT, f"https://localhost:{server.port}/git/project")
    hosts_port = replace(somewhere, trusted=(*somewhere.trusted, "nothing.example"))
    await _fails(_other(tmp_path, backend, hosts_port), source, InvalidSourceError)
    assert server.seen == []


async def test_redirects_to_private_addresses_are_refused(workspaces: Workspaces, server: Server) -> None:
    for target in ("https://169.254.169.254/latest", "https://127.0.0.1/x", "http://localhost/x", "file:///etc/passwd"):
        server.page("/r/info/refs", b"", 302, Location=f"{target}/info/refs")
        with pytest.raises(MarlinError):
            await workspaces.import_source(parse_source(f"{server.url}/r"))
        server.page("/a.tar.gz", b"", 302, Location=target)
        with pytest.raises(MarlinError):
            await workspaces.import_source(parse_source(f"{server.url}/a.tar.gz"))


async def test_a_private_repository_opens_with_the_operators_token_alone(
    tmp_path: Path, backend: BubblewrapBackend, policy: FetchPolicy, server: Server, published: str
) -> None:
    server.token = TOKEN
    await _fails(_other(tmp_path, backend, policy), published, SourceNotFoundError)
    wrong = replace(policy, tokens={f"localhost:{server.port}": "wrong"})
    await _fails(_other(tmp_path, backend, wrong), published, SourceNotFoundError)
    right = _other(tmp_path, backend, replace(policy, tokens={f"localhost:{server.port}": TOKEN}))
    assert (await right.import_source(parse_source(published))).commit
    kept = subprocess.run(["grep", "-r", "-l", TOKEN, str(tmp_path)], capture_output=True, check=False)
    assert kept.stdout == b"", "the token is nowhere on disk"


async def test_the_token_does_not_follow_a_redirect(
    tmp_path: Path, backend: BubblewrapBackend, policy: FetchPolicy, server: Server, certificate: tuple[Path, Path]
) -> None:
    other, stop = serve(server.root, *certificate)
    try:
        server.page("/r/info/refs", b"", 302, Location=f"{other.url}/git/project/info/refs")
        server.page("/a.zip", b"", 302, Location=f"{other.url}/a.zip")
        trusted = (*policy.trusted, f"localhost:{other.port}")
        tokens = {f"localhost:{server.port}": TOKEN}
        workspaces = _other(tmp_path, backend, replace(policy, trusted=trusted, tokens=tokens))
        for path in ("/r", "/a.zip"):
            with pytest.raises(MarlinError):
                await workspaces.import_source(parse_source(server.url + path))
        assert [path for path, _ in server.seen]
        assert not [header for _, header in other.seen if header and TOKEN in header]
    finally:
        stop()


async def test_a_pull_request_is_its_base_with_its_text(
    tmp_path: Path, backend: BubblewrapBackend, policy: FetchPolicy, server: Server, published: str, repository: Path
) -> None:
    base = git(repository, "rev-parse", "HEAD~1")
    sides = {"base": {"sha": "b" * 40}, "head": {"sha": "a" * 40}}
    server.page("/api/repos/git/project/pulls/7", {"title": "Add numbers", "body": "Not\nsubtract.", **sides})
    server.page(f"/api/repos/git/project/compare/{'b' * 40}...{'a' * 40}", {"merge_base_commit": {"sha": base}})
    host = f"localhost:{server.port}"
    workspaces = _other(tmp_path, backend, replace(policy, apis={host: f"{server.url}/api"}))
    source = parse_source(f"{published}/pull/7", pull_request_hosts=[host])
    assert source.kind is SourceKind.PULL_REQUEST
    imported = await workspaces.import_source(source)
    assert (imported.commit, imported.title, imported.body) == (base, "Add numbers", "Not\nsubtract.")
    missing = parse_source(f"{published}/pull/8", pull_request_hosts=[host])
    error = await _fails(workspaces, missing, SourceNotFoundError)
    assert "pull request 8" in error.message


def _tarball(repository: Path, tmp_path: Path) -> bytes:
    path = tmp_path / "made.tar.gz"
    git(repository, "archive", "--prefix=project-1.0/", "-o", str(path), "HEAD")
    return path.read_bytes()


async def test_archives_from_an_address(
    workspaces: Workspaces, server: Server, repository: Path, tmp_path: Path
) -> None:
    server.page("/project-1.0.tar.gz", _tarball(repository, tmp_path))
    server.page("/moved.tar.gz", b"", 302, Location="/project-1.0.tar.gz")
    first: Imported = await workspaces.import_source(parse_source(f"{server.url}/project-1.0.tar.gz"))
    second = await workspaces.import_source(parse_source(f"{server.url}/moved.tar.gz"))
    assert first.commit == second.commit
    assert first.repository != second.repository
    assert first.report.files == 5


async def test_a_release_from_the_index_is_checked_by_its_hash(
    tmp_path: Path, backend: BubblewrapBackend, policy: FetchPolicy, server: Server, repository: Path
) -> None:
    data = _tarball(repository, tmp_path)
    server.page("/files/my_pkg-1.0.tar.gz", data)
    entry = {
        "filename": "my_pkg-1.0.tar.gz",
        "url": f"{server.url}/files/my_pkg-1.0.tar.gz",
        "hashes": {"sha256": hashlib.sha256(data).hexdigest()},
    }
    wheel = {"filename": "my_pkg-2.0-py3-none-any.whl", "url": "x", "hashes": {}}
    server.page("/simple/my-pkg/", {"files": [entry, wheel]})
    workspaces = _other(tmp_path, backend, replace(policy, trusted=(), indexes=(f"{server.url}/simple",)))
    assert (await workspaces.import_source(parse_source("pypi:my-pkg==1.0"))).report.files == 5
    for text, words in (
        ("my-pkg==3.0", "no source archive"),
        ("my-pkg==2.0", "wheels"),
        ("no-pkg==1", "no source archive"),
    ):
        error = await _fails(workspaces, f"pypi:{text}", SourceNotFoundError)
        assert words in error.message
    server.page("/files/my_pkg-1.0.tar.gz", data + b"changed")
    error = await _fails(workspaces, "pypi:my-pkg==1.0", UnsafeSourceError)
    assert "hashes to" in error.message


async def test_limits(
    tmp_path: Path, backend: BubblewrapBackend, policy: FetchPolicy, server: Server, repository: Path, published: str
) -> None:
    server.page("/a.tar.gz", _tarball(repository, tmp_path) + bytes(200_000))
    small = _other(tmp_path, backend, replace(policy, download_bytes=100_000))
    await _fails(small, f"{server.url}/a.tar.gz", SourceTooLargeError)
    (repository / "big.bin").write_bytes(bytes(3_000_000))
    commit_all(repository)
    git(repository, "push", "-q", str(server.root / "project"), "main")
    narrow = _other(tmp_path, backend, replace(policy, tree=TreeLimits(file_bytes=1_000_000)))
    error = await _fails(narrow, published, SourceTooLargeError)
    assert "big.bin has 3,000,000 bytes" in error.message
    assert not list((tmp_path / "other/mirrors").rglob("*.pack")), "nothing of it was kept"


async def test_a_host_that_never_answers(
    tmp_path: Path, backend: BubblewrapBackend, policy: FetchPolicy, server: Server, published: str
) -> None:
    server.delay = 30
    error = await _fails(_other(tmp_path, backend, replace(policy, seconds=2)), published, FetchError)
    assert "2 seconds" in error.message
    server.delay = 0


async def test_garbage_is_no_repository(workspaces: Workspaces, server: Server) -> None:
    server.page("/r/info/refs", b"garbage", Content_Type="application/x-git-upload-pack-advertisement")
    with pytest.raises(MarlinError):
        await workspaces.import_source(parse_source(f"{server.url}/r"))
    server.page("/a.zip", b"<html>please sign in</html>")
    await _fails(workspaces, f"{server.url}/a.zip", UnsafeSourceError)


async def test_nothing_stays_behind(workspaces: Workspaces, backend: BubblewrapBackend, published: str) -> None:
    await workspaces.import_source(parse_source(published))
    assert [layer.name for layer in backend.store.list()] == ["host-view"]

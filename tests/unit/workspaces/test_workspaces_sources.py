"""What may name a repository, and what may not."""

import pytest

from marlin.workspaces import InvalidSourceError, Source, SourceKind, mirror_key, parse_source


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://github.com/o/r", Source(SourceKind.GIT, "https://github.com/o/r")),
        ("  https://GitHub.com/o/r.git/ ", Source(SourceKind.GIT, "https://github.com/o/r")),
        ("https://github.com/o/r#v1.0", Source(SourceKind.GIT, "https://github.com/o/r", "v1.0")),
        ("https://github.com/o/r/tree/feature/x", Source(SourceKind.GIT, "https://github.com/o/r", "feature/x")),
        ("https://github.com/o/r/commit/" + "a" * 40, Source(SourceKind.GIT, "https://github.com/o/r", "a" * 40)),
        ("https://gitlab.com/g/s/r/-/tree/main", Source(SourceKind.GIT, "https://gitlab.com/g/s/r", "main")),
        ("https://git.example.org:8443/r", Source(SourceKind.GIT, "https://git.example.org:8443/r")),
        ("https://github.com/o/r/pull/12", Source(SourceKind.PULL_REQUEST, "https://github.com/o/r", None, 12)),
        ("https://github.com/o/r/pull/12/files", Source(SourceKind.PULL_REQUEST, "https://github.com/o/r", None, 12)),
        ("https://example.org/a-1.tar.gz", Source(SourceKind.ARCHIVE, "https://example.org/a-1.tar.gz")),
        ("https://example.org/a.ZIP?x=1", Source(SourceKind.ARCHIVE, "https://example.org/a.ZIP?x=1")),
        (
            "https://github.com/o/r/archive/refs/tags/v1.tar.gz",
            Source(SourceKind.ARCHIVE, "https://github.com/o/r/archive/refs/tags/v1.tar.gz"),
        ),
        ("pypi:MLflow_Skinny==3.8.0", Source(SourceKind.SDIST, "mlflow-skinny==3.8.0")),
        ("PyPI: papermill == 2.6.0", Source(SourceKind.SDIST, "papermill==2.6.0")),
    ],
)
def test_sources_contributors_may_bring(text: str, expected: Source) -> None:
    assert parse_source(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://github.com/o/r",
        "ssh://git@github.com/o/r",
        "git@github.com:o/r.git",
        "git://github.com/o/r",
        "file:///etc",
        "ext::sh -c 'touch x'",
        "https://user:secret@github.com/o/r",
        "https://token@github.com/o/r",
        "https://github.com/o/r\nhttps://x",
        "https://github.com/o/r\x1b[31m",
        "https://github.com/",
        "https://github.com",
        "https://127.0.0.1/r",
        "https://[::1]/r",
        "https://169.254.169.254/latest",
        "https://10.1.2.3/r",
        "https://gіthub.com/o/r",
        "https://github.com/../r",
        "https://github.com/o/%2e%2e/r",
        "https://github.com/o/r?x=1",
        "https://github.com/o/r#--upload-pack=x",
        "https://github.com/o/r#a..b",
        "https://github.com/o/r#HEAD@{1}",
        "https://example.org/a-1-py3-none-any.whl",
        "https://example.org:99999/r",
        "https://",
        "/srv/repo",
        "./repo",
        "~/repo",
        "o/r",
        "pypi:requests",
        "pypi:requests>=2",
        "pypi:../x==1",
        "pypi:x==1 --index-url",
        "https://github.com/" + "a" * 3000,
    ],
)
def test_sources_that_are_refused_say_what_to_write_instead(text: str) -> None:
    with pytest.raises(InvalidSourceError) as caught:
        parse_source(text)
    assert caught.value.hint
    assert "secret" not in caught.value.message


def test_paths_are_for_operators() -> None:
    assert parse_source("/srv/repo", operator=True) == Source(SourceKind.LOCAL_GIT, "/srv/repo")
    assert parse_source("/srv/repo#v1", operator=True).revision == "v1"
    assert parse_source("/srv/a.tar.gz", operator=True).kind is SourceKind.LOCAL_ARCHIVE
    with pytest.raises(InvalidSourceError, match="ssh"):
        parse_source("git@github.com:o/r.git", operator=True)
    with pytest.raises(InvalidSourceError, match="https"):
        parse_source("file:///srv/repo", operator=True)


def test_revisions_share_a_mirror_and_repositories_do_not() -> None:
    keys = [
        mirror_key(parse_source(text).canonical)
        for text in ("https://a.org/r#x", "https://a.org/r.git", "https://a.org/s")
    ]
    assert keys[0] == keys[1] != keys[2]


def test_enterprise_hosts_have_pull_requests_when_named() -> None:
    text = "https://git.corp.example/o/r/pull/3"
    assert parse_source(text, pull_request_hosts=["git.corp.example"]).kind is SourceKind.PULL_REQUEST
    assert parse_source(text).kind is SourceKind.GIT

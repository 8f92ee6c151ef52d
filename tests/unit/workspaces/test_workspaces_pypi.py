"""Finding a source archive in what a package index answers."""

import pytest

from marlin.workspaces.fetcher import pypi

_HASH = "0" * 64


def test_json_and_html_pages_say_the_same() -> None:
    page = (
        b'{"files": [{"filename": "a-1.tar.gz", "url": "../../f/a-1.tar.gz", "hashes": {"sha256": "%s"}}]}'
        % _HASH.encode()
    )
    html = b'<a href="../../f/a-1.tar.gz#sha256=%s">a</a><a name=x>no</a>' % _HASH.encode()
    base = "https://index.example/simple/a/"
    assert pypi._from_json(page, base) == pypi._from_html(html, base)
    assert pypi._from_json(page, base)[0].url == "https://index.example/f/a-1.tar.gz"


@pytest.mark.parametrize(
    ("filename", "name", "version"),
    [
        ("mlflow_skinny-3.8.0.tar.gz", "mlflow-skinny", "3.8.0"),
        ("mlflow-skinny-3.8.0.tar.gz", "mlflow-skinny", "3.8.0"),
        ("mlflow-skinny-3.8.0.tar.gz", "mlflow", None),
        ("zope.interface-5.0.zip", "zope-interface", "5.0"),
        ("a-1.0-2.tar.bz2", "a", "1.0-2"),
    ],
)
def test_versions_in_names_of_source_archives(filename: str, name: str, version: str | None) -> None:
    assert pypi._version(filename, name) == version


def test_versions_are_compared_without_their_spelling() -> None:
    assert pypi._same("1.0.0", "1.0")
    assert pypi._same("1.0RC1", "1.0rc1")
    assert not pypi._same("1.0.1", "1.0")

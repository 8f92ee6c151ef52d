"""The program: one request in, one bundle out."""

from __future__ import annotations

import json
import os
import shutil
import sys
import traceback
from typing import Any

from . import archive, download, github, pypi, repository
from .failures import Failure

_out = sys.stdout


def say(**message: Any) -> None:
    """One JSON line to the host."""
    _out.write(json.dumps(message) + "\n")
    _out.flush()


def progress(text: str) -> None:
    """Tell the person who waits what is going on."""
    say(progress=text)


def main() -> int:
    """Serve the request on stdin; the exit code."""
    request = json.loads(sys.stdin.readline())
    try:
        result = fetch(request)
        clear(os.path.basename(request["out"]))
        say(result=result)
    except Failure as error:
        say(failure={"code": error.code, "message": error.message, "hint": error.hint})
    except OSError as error:
        if error.errno == 28:
            say(failure={"code": "too-large", "message": "The source does not fit into the fetch sandbox.", "hint": ""})
        else:
            traceback.print_exc()
            return 1
    return 0


def clear(keep: str) -> None:
    """Remove everything from HOME but the bundle: what is left there is copied when the sandbox is sealed."""
    with os.scandir(os.environ["HOME"]) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            elif entry.name != keep:
                os.unlink(entry.path)


def fetch(request: dict[str, Any]) -> dict[str, Any]:
    """Carry out one request; what is known about the result."""
    kind, out, limits = request["kind"], request["out"], request["limits"]
    if kind == "git":
        return repository.fetch(request["url"], request.get("revision"), out, request.get("token"), progress)
    if kind == "pull-request":
        found = github.resolve(
            request["api"], request["owner"], request["name"], request["number"], request.get("token")
        )
        progress(f"pull request {request['number']}: {found['title'][:80]}")
        made = repository.fetch(request["url"], found["base"], out, request.get("token"), progress)
        return {**made, "title": found["title"], "body": found["body"]}
    if kind == "sdist":
        file = pypi.resolve(request["indexes"], request["name"], request["version"])
        progress(f"downloading {file.filename}")
        path = download.to_file(file.url, limits["download_bytes"], sha256=file.sha256, headers=file.headers)
        return archive.convert(path, file.filename, out, limits, progress)
    if kind == "archive":
        progress("downloading")
        path = download.to_file(request["url"], limits["download_bytes"], token=request.get("token"))
        return archive.convert(path, request["url"].split("?")[0], out, limits, progress)
    if kind == "local-archive":
        return archive.convert(request["path"], request["name"], out, limits, progress)
    raise Failure("unsafe", f"Unknown kind of source: {kind}", "")


if __name__ == "__main__":
    sys.exit(main())

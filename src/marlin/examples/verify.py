"""Prove that the checks of the example briefs tell right results from wrong ones: ``python -m marlin.examples.verify``.

For each brief: its source is fetched, its set-up runs with the package registries reachable, each script plays its
first turn, and every acceptance check runs on the base and on both results, all in sandboxes. What passes must be what
``expected.toml`` says. With ``--follow-ups`` every script's second turn is played on every start it may meet.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from marlin.errors import MarlinError
from marlin.examples.briefs import ExampleBrief, expected_results, list_briefs, load_brief
from marlin.examples.errors import BrokenExampleError
from marlin.examples.playing import play
from marlin.examples.sample import sample_repository_commit
from marlin.examples.scripts import load_script, script_path
from marlin.sandboxes import (
    MIB,
    WORKSPACE,
    Backend,
    Egress,
    Layer,
    LayerStore,
    Limits,
    Mount,
    Sandbox,
    SandboxFileError,
    SandboxSpec,
    host_view,
    open_backend,
    package_egress,
    remove_tree,
)
from marlin.settings import Settings
from marlin.workspaces import DurableStore, FetchPolicy, Workspaces, fetch_policy, parse_source

CHECKS = PurePosixPath("/opt/marlin/checks")
BASE = "base"
HOST_VIEW = "host-view"
SET_UP_SECONDS = 900.0
COMMAND_SECONDS = 300.0
LIMITS = Limits(memory_bytes=2048 * MIB, pids=512, cpus=2.0, disk_bytes=2048 * MIB)


@dataclass(frozen=True, slots=True)
class Bench:
    """What verification works with."""

    backend: Backend
    store: LayerStore
    image: Layer
    egress: Egress
    policy: FetchPolicy
    root: Path
    """A scratch folder on the file system of ``store``."""


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """How one acceptance check went on one result."""

    passed: bool
    seconds: float
    output: str


class SandboxWorkplace:
    """The workspace of a sandbox, for :func:`marlin.examples.playing.play`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def read(self, path: str) -> str | None:
        """The text of a file, None when there is no such file."""
        try:
            return (await self._sandbox.read_file(WORKSPACE / path)).decode("utf-8")
        except SandboxFileError:
            return None

    async def write(self, path: str, text: str) -> None:
        """Write a file."""
        await self._sandbox.write_file(WORKSPACE / path, text.encode("utf-8"))

    async def run(self, command: str, *, stdin: str = "") -> tuple[int, str]:
        """Run a shell command; its exit code and output."""
        ran = await self._sandbox.exec(
            ["sh", "-c", f"exec 2>&1\n{command}"], timeout=COMMAND_SECONDS, stdin=stdin.encode("utf-8")
        )
        return ran.exit_code, ran.stdout.decode("utf-8", "replace")


class Verification:
    """One brief in its environment. Layers it makes are removed by :meth:`clean`."""

    def __init__(self, bench: Bench, brief: ExampleBrief) -> None:
        self._bench = bench
        self.brief = brief
        self._lowers: tuple[Layer, ...] = ()
        self._made: list[Layer] = []
        self._results: dict[str, tuple[Layer, ...]] = {BASE: ()}

    async def prepare(self) -> None:
        """Fetch the source and run the set-up command.

        :raises BrokenExampleError: the set-up fails.
        """
        bench = self._bench
        text = self.brief.source
        if text.startswith("example:"):
            repository = bench.root / f"{self.brief.name}.git-source"
            await asyncio.to_thread(sample_repository_commit, repository)
            text = str(repository)
        workspaces = Workspaces(
            bench.root / "workspaces",
            backend=bench.backend,
            layers=bench.store,
            image=bench.image,
            durable=DurableStore((bench.root / "storage").as_uri()),
            policy=bench.policy,
        )
        imported = await workspaces.import_source(parse_source(text, operator=True))
        self._lowers = (await workspaces.base_layer(imported.repository, imported.commit),)
        if not self.brief.set_up_command:
            return
        sandbox = await self._open((), set_up=True)
        try:
            ran = await sandbox.exec(
                ["sh", "-c", f"exec 2>&1\n{self.brief.set_up_command}"], timeout=SET_UP_SECONDS, output_limit=MIB
            )
            if ran.exit_code:
                raise BrokenExampleError(
                    f"The set-up of {self.brief.name} fails: {ran.stdout.decode('utf-8', 'replace')[-2000:]}"
                )
            self._lowers += (await self._seal(sandbox),)
        finally:
            await sandbox.destroy()

    async def play(self, family: str, *, start: str = BASE, turn: int = 1) -> str:
        """Play a script's turn on a result; the name of the result it makes.

        :raises BrokenExampleError: the script does not fit, or breaks the repository's own tests.
        """
        name = family if turn == 1 else f"{start} > {family}"
        sandbox = await self._open(self._results[start])
        try:
            workplace = SandboxWorkplace(sandbox)
            script = load_script(script_path(self.brief.name, family))
            conditions = {entry.path: await workplace.read(entry.path) for entry in script.turns if entry.path}
            steps = script.steps(turn, self.brief.follow_up if turn > 1 else self.brief.prompt, conditions.get)
            if steps is None:
                raise BrokenExampleError(f"The script {family} of {self.brief.name} has nothing for turn {turn}")
            for ran in await play(steps, workplace):
                if ran.exit_code:
                    raise BrokenExampleError(f"{name}: {ran.command!r} fails: {ran.output[-1500:]}")
            if self.brief.test_command:
                code, output = await workplace.run(self.brief.test_command)
                if code:
                    raise BrokenExampleError(f"{name}: the tests of {self.brief.name} fail: {output[-1500:]}")
            self._results[name] = (*self._results[start], await self._seal(sandbox))
        finally:
            await sandbox.destroy()
        return name

    async def check(self, result: str) -> list[CheckOutcome]:
        """Run the acceptance checks on a result, each in a sandbox of its own."""
        outcomes = []
        for check in self.brief.acceptance_checks:
            sandbox = await self._open(self._results[result], checks=True)
            started = time.perf_counter()
            try:
                ran = await sandbox.exec(
                    ["sh", "-c", f"exec 2>&1\n{check.command}"], timeout=float(check.time_limit_seconds)
                )
            finally:
                await sandbox.destroy()
            output = ran.stdout.decode("utf-8", "replace")
            outcomes.append(CheckOutcome(ran.exit_code == 0, time.perf_counter() - started, output))
        return outcomes

    def clean(self) -> None:
        """Remove the layers that were made."""
        for layer in (*self._made, *self._lowers[:1]):
            if self._bench.store.exists(layer.name):
                self._bench.store.remove(layer.name)

    async def _open(self, files: tuple[Layer, ...], *, set_up: bool = False, checks: bool = False) -> Sandbox:
        bench = self._bench
        spec = SandboxSpec(
            id=secrets.token_hex(10),
            base=bench.image,
            lowers=(*self._lowers, *files),
            limits=LIMITS,
            mounts=(Mount(self.brief.checks_dir, CHECKS),) if checks else (),
        )
        if set_up:
            spec = replace(spec, fake_root=True, egress=bench.egress)
        return await bench.backend.open(spec)

    async def _seal(self, sandbox: Sandbox) -> Layer:
        files, home = await sandbox.seal(f"verify-{sandbox.id}")
        self._made += [files, home]
        return files


async def verify(bench: Bench, brief: ExampleBrief, *, follow_ups: bool = False, say: bool = True) -> bool:
    """Whether a brief's checks pass and fail as its ``expected.toml`` says; prints a table unless told not to.

    :raises BrokenExampleError: the set-up fails or a script does not fit.
    """
    expected = expected_results(brief.name)
    verification = Verification(bench, brief)
    right = True
    try:
        await verification.prepare()
        for result, wanted in expected.items():
            if result != BASE:
                await verification.play(result)
            outcomes = await verification.check(result)
            right &= tuple(outcome.passed for outcome in outcomes) == wanted
            if say:
                _print_result(brief, result, outcomes, wanted)
        if follow_ups:
            families = [name for name in expected if name != BASE]
            for start in expected:
                for family in families:
                    name = await verification.play(family, start=start, turn=2)
                    if say:
                        print(f"   {name}: plays, tests pass")
    finally:
        await asyncio.to_thread(verification.clean)
    return right


def _print_result(brief: ExampleBrief, result: str, outcomes: list[CheckOutcome], wanted: tuple[bool, ...]) -> None:
    for check, outcome, want in zip(brief.acceptance_checks, outcomes, wanted, strict=True):
        told = "passes" if outcome.passed else "fails"
        mark = "as expected" if outcome.passed == want else "NOT AS EXPECTED"
        print(f"   {result:8} {check.name:64} {told:7} {outcome.seconds:5.1f} s  {mark}")
        if outcome.passed != want:
            print("\n".join(f"      {line}" for line in outcome.output.splitlines()[-20:]))


@asynccontextmanager
async def open_bench(home: Path, image: str = HOST_VIEW) -> AsyncIterator[Bench]:
    """A bench whose sandboxes and layers are in ``home``; the sandboxes end with it.

    :param image: a layer of the store in ``home``. The default is a view of this machine's ``/usr``: enough here, where
        the sources are pinned and the scripts our own.
    """
    settings = Settings()
    backend = open_backend(home, demo=image == HOST_VIEW)
    try:
        yield Bench(
            backend=backend,
            store=backend.store,
            image=host_view(backend.store) if image == HOST_VIEW else backend.store.get(image),
            egress=package_egress(settings.package_registries),
            policy=fetch_policy(settings),
            root=home,
        )
    finally:
        await backend.close()


async def _main(names: Sequence[str], image: str, follow_ups: bool) -> int:
    failed = []
    with tempfile.TemporaryDirectory(prefix="marlin-verify-", ignore_cleanup_errors=True) as scratch:
        home = Path(scratch) if image == HOST_VIEW else Settings().home
        try:
            async with open_bench(home, image) as bench:
                for name in names:
                    print(f"{name} ({load_brief(name).source})")
                    if not await verify(bench, load_brief(name), follow_ups=follow_ups):
                        failed.append(name)
        finally:
            remove_tree(Path(scratch))
    print(f"not as expected: {', '.join(failed)}" if failed else "all as expected")
    return 1 if failed else 0


def main(argv: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m marlin.examples.verify", description=__doc__)
    parser.add_argument("briefs", nargs="*", metavar="BRIEF", help=f"of {', '.join(list_briefs())}; all by default")
    parser.add_argument("--follow-ups", action="store_true", help="play every second turn on every start as well")
    parser.add_argument("--image", default=HOST_VIEW, help="a base image among the layers of MARLIN_HOME")
    arguments = parser.parse_args(argv)
    try:
        return asyncio.run(_main(arguments.briefs or list_briefs(), arguments.image, arguments.follow_ups))
    except MarlinError as error:
        print(
            f"error: {error.message}\n  hint: {error.hint}" if error.hint else f"error: {error.message}",
            file=sys.stderr,
        )
        return error.exit_code


if __name__ == "__main__":
    raise SystemExit(main())

"""What the stages of ``marlin loop --demo`` share: the loop's places, and how they carry out commands and campaigns."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from marlin import simulation
from marlin.cli.loop_record import Record, Result
from marlin.cli.loop_servers import Servers
from marlin.counted import counted
from marlin.errors import MarlinError
from marlin.simulation import ByChecks, Progress
from marlin.simulation import Stage as Playing
from marlin.training.plan import RunFolder
from marlin.training.serving import Served
from marlin.visiting import Visitor


class CommandFailedError(MarlinError):
    """A command of a stage ended with an error; it says so itself."""

    code = "command-failed"


@dataclass
class Loop:
    """What the stages share.

    :ivar folder: where everything of the loop is that is not in the database. :ivar stop: set it, and the loop ends.
    """

    name: str
    folder: Path
    base_url: str
    environment: dict[str, str]
    operator: Visitor
    base_image: str
    parallel: int
    shops: int
    record: Record
    servers: Servers
    say: Callable[[str], None]
    free_port: Callable[[], int]
    stop: threading.Event = field(default_factory=threading.Event)
    _child: subprocess.Popen[str] | None = None

    @property
    def teaching(self) -> str:
        """Slug of the campaign whose judgement is trained on."""
        return f"loop-{self.name}-teachers"

    @property
    def meeting(self) -> str:
        """Slug of the campaign where the tuned model meets its parent."""
        return f"loop-{self.name}"

    @property
    def run(self) -> RunFolder:
        """The tuning run."""
        return RunFolder(self.folder / "runs" / "dpo")

    def port(self, of: str) -> int:
        """The port of a server, the same in every run: arms keep its address."""
        if of not in self.record.kept:
            self.record.kept[of] = self.free_port()
            self.record.write()
        return int(self.record.kept[of])

    def interrupt(self) -> None:
        """Come to an end soon, keeping what is whole."""
        self.stop.set()
        child = self._child
        if child is not None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGINT)

    def check(self) -> None:
        """:raises Stopped: it is to come to its end."""
        if self.stop.is_set():
            raise simulation.Stopped

    def marlin(self, *words: str) -> list[str]:
        """Carry out a command of Marlin's as a person would, showing what it says; its lines.

        :raises CommandFailedError: it failed; says what it said. :raises Stopped: the loop is to end.
        """
        self.check()
        self.say(f"  $ marlin {shlex.join(words)}")
        command = [sys.executable, "-m", "marlin", *words]
        with subprocess.Popen(
            command,
            env=os.environ | self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C is for this process, which tells the command
        ) as self._child:
            assert self._child.stdout is not None
            lines = []
            for line in self._child.stdout:
                lines.append(line.rstrip("\n"))
                self.say(f"    {lines[-1]}")
            status = self._child.wait()
        self._child = None
        self.check()
        if status != 0:
            raise _failed(words, status, lines)
        return lines

    def play(self, script: ByChecks) -> Result:
        """Play a campaign to its end through the HTTP API; its id and counts."""
        progress = Progress(script.comparisons)
        progress.told = lambda now: self.say(
            f"  {now.accepted} of {counted(now.wanted, 'comparison')} accepted"
            + (f", {now.failed} failed" if now.failed else "")
            + f" ({now.per_minute:.0f} a minute)"
        )
        stage = Playing(self.base_url, self.operator, script, self.base_image, progress, self.parallel, stop=self.stop)
        campaign = simulation.play(stage)
        return {"campaign": campaign, "accepted": progress.accepted, "failed": progress.failed}

    def served(self, model: Served, of: str) -> str:
        """See that a model is served; its address."""
        url = self.servers.start(model, self.port(of))
        self.servers.await_answer(model, self.port(of))
        self.check()
        return url


def _failed(words: tuple[str, ...], status: int, lines: list[str]) -> CommandFailedError:
    error = next((line.removeprefix("error: ") for line in reversed(lines) if line.startswith("error: ")), None)
    hint = next((line.removeprefix("hint:  ") for line in reversed(lines) if line.startswith("hint: ")), None)
    return CommandFailedError(
        error or f"`marlin {shlex.join(words)}` ended with status {status}.", hint=hint or "Its own words are above."
    )

"""A live agent in a sandbox: start or resume, prompt, cancel, close.

One :class:`AgentSession` is one agent process. The agent session itself (the harness's conversation) lives in HOME and
outlives the process: start another with ``resume`` to go on with it, also in another sandbox with a copy of HOME.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from importlib import metadata
from typing import Any

from marlin import logging
from marlin.errors import MarlinError, NotFoundError
from marlin.sandboxes import HOME, WORKSPACE, Sandbox

from .acp import AcpConnection, Json, RawSink, WireLimits
from .errors import AgentCrashedError, AgentError, AgentNotReadyError, AgentResumeError, AgentSessionClosedError
from .events import AgentEvent
from .normalise import Normaliser
from .outcomes import PromptOutcome, Verdict, judge_answer, judge_error, judge_model_failure
from .permissions import answer_permission
from .redaction import Redactor
from .specs import AgentSpec, OutcomeKind, fill, machine_arch
from .tailing import OutputTail

log = logging.get(__name__)

OnEvent = Callable[[AgentEvent], Awaitable[None]]

AGENT_MOUNT = "/opt/marlin/agent"
"""Where the installed agent is mounted in the sandbox, whichever agent it is."""

_PROTOCOL_VERSION = 1
_KILL_GRACE = 2.0


class AgentSession:
    """Made by :meth:`start`. Not for use by several tasks at once, but :meth:`cancel` may come from another."""

    def __init__(self, sandbox: Sandbox, spec: AgentSpec, redactor: Redactor) -> None:
        self._sandbox = sandbox
        self._spec = spec
        self._normaliser = Normaliser(redactor)
        self._redactor = redactor
        self._connection: AcpConnection | None = None
        self._session_id = ""
        self._on_event: OnEvent | None = None
        self._last_text = ""
        self._last_was_text = False
        self._last_message: object = None
        self._model_failure: Callable[[], str | None] = lambda: None
        self._cancel = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False
        self._emit_lock = asyncio.Lock()
        self.agent_info: dict[str, Any] = {}
        """What the agent says it is; for provenance, never for display."""

    @property
    def session_id(self) -> str:
        """The agent's id of this session, to resume it."""
        return self._session_id

    @property
    def identity_in_output(self) -> dict[str, int]:
        """Identity words that tools printed, and how often."""
        return dict(self._normaliser.in_output)

    @property
    def redactor(self) -> Redactor:
        """With its count of hits."""
        return self._redactor

    @classmethod
    async def start(
        cls,
        sandbox: Sandbox,
        spec: AgentSpec,
        *,
        sink: RawSink,
        redactor: Redactor | None = None,
        gateway_port: int | None = None,
        token: str = "",
        model: str | None = None,
        resume: str | None = None,
        limits: WireLimits | None = None,
        model_failure: Callable[[], str | None] | None = None,
    ) -> AgentSession:
        """Start the agent and open its session.

        :param sandbox: open, with the agent mounted (``InstalledAgent.mounts``) and HOME as the session left it.
        :param sink: keeps the raw conversation.
        :param redactor: knows the identity words of this run.
        :param gateway_port: where the model gateway listens inside.
        :param token: this run's token for the gateway.
        :param model: the neutral model id, if not the spec's.
        :param resume: id of the session in HOME to go on with; its history is not emitted again.
        :param model_failure: tells how the run's last model call failed (auxiliary ones aside), None when it went well;
            asked when a prompt has ended, because some agents call a turn finished when the model's service failed.
        :raises AgentNotReadyError: no session within the spec's time limit.
        :raises AgentResumeError: the session can't be taken up.
        :raises AgentCrashedError: the process ended, or could not be started.
        :raises AgentError: it floods, prints garbage, or answers with an error.
        """
        if spec.api is not None and gateway_port is None:
            raise AgentError(
                "This agent needs a model, but no gateway listens in its sandbox.", hint="Pass gateway_port."
            )
        session = cls(sandbox, spec, redactor or Redactor())
        session._model_failure = model_failure or (lambda: None)
        values = {
            "gateway_url": f"http://127.0.0.1:{gateway_port}",
            "gateway_port": str(gateway_port),
            "token": token,
            "model": model or spec.model,
            "home": str(HOME),
            "workspace": str(WORKSPACE),
            "agent": AGENT_MOUNT,
            "arch": machine_arch(),
        }
        try:
            async with asyncio.timeout(spec.time_limits.ready):
                await session._launch(values, sink, limits)
                await session._open(resume)
        except TimeoutError:
            stderr = session._connection.stderr_tail if session._connection else ""
            log.warning("agent not ready", stderr=stderr[-2000:])
            await session.close(hard=True)
            raise AgentNotReadyError(
                "The agent was not ready in time.",  # how much it has is its spec's, and would tell which agent it is
                hint=f"It had {spec.time_limits.ready:g} s. Start the rollout again; if it stays so, raise "
                "time_limits.ready in the agent's spec.",
            ) from None
        except BaseException:
            await session.close(hard=True)
            raise
        return session

    async def prompt(self, text: str, on_event: OnEvent, *, time_limit: float | None = None) -> PromptOutcome:
        """Send a user message and follow the agent until it stops. Failures of the agent are outcomes, not errors.

        After any outcome but ``completed``, ``refused``, ``max_turns`` and ``context_limit`` the process may be gone.

        :param on_event: awaited for each event, in order; slow consumers slow the agent down.
        :param time_limit: seconds, if not the spec's.
        :raises AgentSessionClosedError: the process is gone.
        """
        connection = self._require_open()
        if not self._idle.is_set():
            raise AgentSessionClosedError("A prompt is already running.", hint="Wait for it, or cancel it.")
        self._idle.clear()
        self._cancel.clear()
        self._on_event, self._last_text, self._last_was_text = on_event, "", False
        started = time.monotonic()
        params = {"sessionId": self._session_id, "prompt": [{"type": "text", "text": text}]}
        request = asyncio.create_task(connection.request("session/prompt", params))
        cancel = asyncio.create_task(self._cancel.wait())
        tail = OutputTail.start(self._sandbox, self._spec.quirks.tail_output, self._normaliser, self._emit)
        try:
            limit = time_limit or self._spec.time_limits.prompt
            done, _ = await asyncio.wait({request, cancel}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            await tail.stop()
            if request in done:
                verdict = self._judge(request)
                await self._finish(verdict)
            else:
                verdict = await self._stop_turn(connection, request, by_hand=cancel in done, limit=limit)
            verdict = judge_model_failure(verdict, self._model_failure())
        finally:
            for task in (request, cancel):
                task.cancel()
            await tail.stop()
            await asyncio.gather(request, cancel, return_exceptions=True)
            self._on_event = None
            self._idle.set()
        return PromptOutcome(
            kind=verdict.kind,
            stop_reason=verdict.stop_reason,
            detail=self._redactor.clean(verdict.detail),
            session_id=self._session_id,
            seconds=time.monotonic() - started,
            diagnostics=verdict.diagnostics,
        )

    async def cancel(self) -> None:
        """End the running prompt, if there is one: its :meth:`prompt` returns ``cancelled``.

        The agent is asked to stop, then ended, and everything that it left in the sandbox is killed. The session can be
        resumed in a new process.
        """
        if not self._idle.is_set():
            self._cancel.set()
            await self._idle.wait()

    async def close(self, *, hard: bool = False) -> None:
        """End the process; harmless when repeated. The session stays in HOME.

        :param hard: don't give it time to end by itself.
        """
        if self._closed:
            return
        self._closed = True
        if self._connection:
            sigterm = hard or self._spec.quirks.sigterm_on_close
            await self._connection.close(sigterm=sigterm, grace=_KILL_GRACE if hard else 5.0)

    async def _launch(self, values: dict[str, str], sink: RawSink, limits: WireLimits | None) -> None:
        for path, content in self._spec.files.items():
            await self._sandbox.write_file(HOME / path, fill(content, values).encode(), mode=0o600)
        argv = [fill(part, values) for part in self._spec.argv]
        env = {name: fill(value, values) for name, value in self._spec.env.items()}
        try:
            process = await self._sandbox.spawn(argv, cwd=WORKSPACE, env=env)
        except NotFoundError:
            raise AgentCrashedError(
                f"The agent can't start: there is no {argv[0].rsplit('/', 1)[-1]} in its sandbox.",
                hint="Reinstall the agent, or use an image that has that program.",
            ) from None
        self._connection = AcpConnection(
            process,
            on_update=self._on_update,
            on_request=self._on_request,
            sink=sink,
            limits=limits,
            secrets=(values["token"],) if values["token"] else (),
        )

    async def _open(self, resume: str | None) -> None:
        connection = self._require_open()
        answer = await connection.request(
            "initialize",
            {
                "protocolVersion": _PROTOCOL_VERSION,
                "clientCapabilities": {"fs": {"readTextFile": False, "writeTextFile": False}, "terminal": False},
                "clientInfo": {"name": "marlin", "version": metadata.version("marlin")},
            },
        )
        if answer.get("protocolVersion") != _PROTOCOL_VERSION:
            raise AgentError(
                f"The agent speaks version {answer.get('protocolVersion')!r} of the Agent Client Protocol, not 1.",
                hint="Install a version of the agent that speaks version 1.",
            )
        self.agent_info = answer.get("agentInfo") or {}
        where = {"cwd": str(WORKSPACE), "mcpServers": []}
        if resume is None:
            opened = await connection.request("session/new", where)
            session_id = opened.get("sessionId")
            if not isinstance(session_id, str) or not session_id:
                raise AgentError("The agent opened a session without an id.", hint="Its ACP support is broken.")
            self._session_id = session_id
        else:
            self._session_id = resume
            await self._take_up(connection, answer, {"sessionId": resume, **where})
        if self._spec.mode:
            await connection.request("session/set_mode", {"sessionId": self._session_id, "modeId": self._spec.mode})
        for option, value in self._spec.config_options.items():
            params = {"sessionId": self._session_id, "configId": option, "value": value}
            await connection.request("session/set_config_option", params)

    async def _take_up(self, connection: AcpConnection, initialized: Json, params: Json) -> None:
        capabilities = initialized.get("agentCapabilities") or {}
        can_resume = (capabilities.get("sessionCapabilities") or {}).get("resume") is not None
        can_load = bool(capabilities.get("loadSession"))
        wanted = self._spec.quirks.resume_with
        if wanted in ("auto", "resume") and can_resume:
            method = "session/resume"
        elif wanted in ("auto", "load") and can_load:
            method = "session/load"
        else:
            raise AgentResumeError(
                "The agent can't take up a session in a new process.",
                hint="Use the continuation `transcript` in this campaign.",
            )
        try:
            await connection.request(method, params)
        except AgentCrashedError:
            raise
        except AgentError as error:
            raise AgentResumeError(
                f"The agent could not take up its session: {error.message}",
                hint="HOME must be the one that the session was made in; else use the continuation `transcript`.",
            ) from error

    def _judge(self, request: asyncio.Task[Json]) -> Verdict:
        try:
            return judge_answer(request.result(), self._last_text, self._spec.failures)
        except AgentError as error:
            return judge_error(error)

    async def _finish(self, verdict: Verdict) -> None:
        await self._emit(self._normaliser.flush())
        if self._normaliser.open_calls():
            status: OutcomeKind = verdict.kind
            await self._emit(self._normaliser.close_open("cancelled" if status == "cancelled" else "failed"))
        if self._connection and self._connection.failure:
            await self.close(hard=True)
            await self._kill_leftovers()

    async def _stop_turn(
        self, connection: AcpConnection, request: asyncio.Task[Json], *, by_hand: bool, limit: float
    ) -> Verdict:
        """Cancel as the protocol says; then make sure, because agents leave commands running and calls open."""
        self._cancel.set()
        self._normaliser.cancelling = True
        grace = self._spec.time_limits.cancel
        with contextlib.suppress(AgentError, TimeoutError):
            await asyncio.wait_for(connection.notify("session/cancel", {"sessionId": self._session_id}), grace)
        await asyncio.wait({request}, timeout=grace)
        answered = request.done() and not request.cancelled() and request.exception() is None
        reason = request.result().get("stopReason") if answered else None
        await self.close(hard=True)
        left = await self._kill_leftovers()
        events = self._normaliser.close_open("cancelled")
        what = "The turn was cancelled." if by_hand else f"The turn was stopped at its time limit of {limit:g} s."
        if left:
            what += f" {left} process{'es' if left > 1 else ''} still ran and {'were' if left > 1 else 'was'} ended."
        await self._emit([*events, *self._normaliser.notice(what)])
        detail = what if answered else f"{what} The agent did not answer in time and was ended."
        return Verdict("cancelled" if by_hand else "timed_out", reason if isinstance(reason, str) else None, detail)

    async def _kill_leftovers(self) -> int:
        try:
            return await self._sandbox.kill_all()
        except MarlinError as error:
            log.info("no leftovers to kill: the sandbox is gone", error=error.message)
            return 0

    async def _on_update(self, params: Json) -> None:
        update = params.get("update")
        if self._on_event is None or not isinstance(update, dict):
            return  # history that session/load replays, and what comes between turns
        self._remember_text(update)
        await self._emit(self._normaliser.feed(update))

    def _remember_text(self, update: Json) -> None:
        is_text = update.get("sessionUpdate") == "agent_message_chunk"
        if is_text:
            content = update.get("content")
            text = content.get("text") if isinstance(content, dict) else None
            if isinstance(text, str):
                same = self._last_was_text and update.get("messageId") == self._last_message
                self._last_text = (self._last_text if same else "")[-4000:] + text
                self._last_was_text, self._last_message = True, update.get("messageId")
        elif update.get("sessionUpdate") in ("tool_call", "agent_thought_chunk"):
            self._last_was_text = False

    async def _on_request(self, method: str, params: Json) -> Json | None:
        if method != "session/request_permission":
            return None
        result, decided = answer_permission(params, cancelling=self._cancel.is_set())
        call = params.get("toolCall")
        if isinstance(call, dict) and call.get("toolCallId"):
            known = {key: value for key, value in call.items() if key != "status"}
            await self._emit(self._normaliser.feed({**known, "sessionUpdate": "tool_call_update"}))
        await self._emit(self._normaliser.notice(f"The agent asked for permission: {decided} by policy."))
        return result

    async def _emit(self, events: list[AgentEvent]) -> None:
        async with self._emit_lock:
            for event in events:
                if self._on_event is not None:
                    await self._on_event(event)

    def _require_open(self) -> AcpConnection:
        if self._connection is None or self._closed:
            raise AgentSessionClosedError(
                "The agent's process has ended.", hint="Start a new one with `resume` to go on with its session."
            )
        if self._connection.failure:
            raise AgentSessionClosedError(self._connection.failure.message, hint="Start a new one with `resume`.")
        return self._connection

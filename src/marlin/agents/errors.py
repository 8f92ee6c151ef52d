"""What can go wrong with agents, each with what to do about it."""

from __future__ import annotations

from typing import Any

from marlin.errors import InvalidInputError, UnavailableError


class AgentSpecError(InvalidInputError):
    """An agent spec can't be read, or a field of it is wrong."""

    code = "agent-spec-invalid"


class TrajectoryTooLongError(InvalidInputError):
    """A rollout's conversation has more text than the reader takes into memory."""

    code = "trajectory-too-long"


class AgentError(UnavailableError):
    """An agent could not be installed, started or driven. Base of all below."""

    code = "agent-failed"


class AgentNotInstalledError(AgentError):
    """The agent's program is not in Marlin's own folder."""

    code = "agent-not-installed"


class AgentInstallError(AgentError):
    """The package manager failed; ``details["log"]`` holds the end of what it said."""

    code = "agent-install-failed"


class AgentCrashedError(AgentError):
    """The agent's process ended when it should not have; ``stderr`` is the end of what it wrote there.

    That text is for operators only: it may name the agent.
    """

    code = "agent-crashed"

    def __init__(
        self, message: str, *, stderr: str = "", exit_code: int | None = None, hint: str | None = None
    ) -> None:
        super().__init__(
            message,
            hint=hint or "Its error output is in the operator's log of the rollout; start the rollout again.",
            exit_code=exit_code,
        )
        self.stderr = stderr
        self.exit_status = exit_code


class AgentNotReadyError(AgentError):
    """The agent did not open a session within its time limit."""

    code = "agent-not-ready"


class AgentGarbageError(AgentError):
    """The agent wrote too much on stdout that is not JSON-RPC."""

    code = "agent-garbage"


class AgentFloodError(AgentError):
    """The agent wrote more than a session may: one endless line, or too many bytes."""

    code = "agent-flood"


class AgentResumeError(AgentError):
    """The agent could not take up the session that was asked for."""

    code = "agent-resume-failed"


class AgentSessionClosedError(AgentError):
    """The session is over (closed, cancelled or crashed): resume it in a new one."""

    code = "agent-session-closed"


class AgentRequestError(AgentError):
    """The agent answered a request with a JSON-RPC error."""

    code = "agent-request-failed"

    def __init__(self, method: str, error_code: int, text: str, data: Any = None) -> None:
        super().__init__(
            f"The agent answered {method} with error {error_code}: {text}",
            hint="The raw ACP log of the rollout has the whole exchange.",
        )
        self.method = method
        self.error_code = error_code
        self.text = text
        self.data = data

"""Whether a base image is fit for use: its recipe's smoke script, run in a sandbox on it."""

from __future__ import annotations

import secrets

from marlin.sandboxes.errors import ExecTimeoutError, SandboxError
from marlin.sandboxes.protocol import Backend, Layer, SandboxSpec

_SECONDS = 300.0


async def try_image(backend: Backend, image: Layer, smoke: str) -> str:
    """Run ``smoke`` in a fresh sandbox on the image, in an empty folder and without a network; what it printed.

    :raises SandboxError: it failed or took too long; the message ends with its last lines.
    """
    sandbox = await backend.open(SandboxSpec(id=secrets.token_hex(10), base=image))
    script = f'exec 2>&1\nset -eu\ncd "$(mktemp -d)"\n{smoke}'
    try:
        ran = await sandbox.exec(["sh", "-c", script], timeout=_SECONDS, output_limit=1 << 18)
    except ExecTimeoutError as error:
        raise _unfit(image, f"did not end within {_SECONDS:g} s", error.result.stdout) from error
    finally:
        await sandbox.destroy()
    if ran.exit_code != 0:
        raise _unfit(image, f"failed with exit code {ran.exit_code}", ran.stdout)
    return ran.stdout.decode(errors="replace")


def _unfit(image: Layer, how: str, output: bytes) -> SandboxError:
    last = "\n".join(output.decode(errors="replace").strip().splitlines()[-12:])
    return SandboxError(
        f"The smoke script of base image {image.name!r} {how}:\n{last}",
        hint="Add what is missing to the recipe's packages, or correct its smoke script.",
    )

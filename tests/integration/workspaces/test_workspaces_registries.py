"""The operator's package registries may be private; that opens nothing for addresses that contributors give."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from workspaces_support import worker

from marlin.errors import MarlinError
from marlin.sandboxes import BubblewrapBackend, MachineRegistries, open_backend
from marlin.settings import Settings
from marlin.workspaces import fetch_policy, parse_source

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def backend(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[BubblewrapBackend]:
    made = open_backend(tmp_path_factory.mktemp("registries"), demo=True)
    yield made
    await made.close()


async def test_repositories_on_a_private_registry_stay_refused(tmp_path: Path, backend: BubblewrapBackend) -> None:
    policy = fetch_policy(Settings(package_registries=["localhost"]), MachineRegistries())
    assert "localhost" in policy.registries
    workspaces = worker(tmp_path / "host", (tmp_path / "storage").as_uri(), backend, policy=policy)
    for address in ("https://localhost/group/project", "https://localhost/project.tar.gz"):
        with pytest.raises(MarlinError) as caught:
            await workspaces.import_source(parse_source(address))
        assert "private" in f"{caught.value.message} {caught.value.hint}", caught.value

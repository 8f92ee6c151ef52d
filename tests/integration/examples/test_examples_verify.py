"""What the checks of the sample repository find in sandboxes is what the brief's ``expected.toml`` says."""

import tempfile
from pathlib import Path

from marlin import examples
from marlin.examples.verify import open_bench, verify
from marlin.sandboxes import remove_tree


async def test_sandboxed_checks_find_what_is_expected(capsys) -> None:
    home = Path(tempfile.mkdtemp(prefix="marlin-verify-test-"))
    try:
        async with open_bench(home) as bench:
            assert await verify(bench, examples.load_brief("stockroom-import"))
            names = [layer.name for layer in bench.store.list()]
            assert names == ["host-view"], "layers of the verification are left behind"
    finally:
        remove_tree(home)
    table = capsys.readouterr().out.splitlines()
    assert len(table) == 9
    assert all(line.endswith("as expected") and "NOT" not in line for line in table)

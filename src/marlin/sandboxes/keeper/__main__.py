"""Start the keeper: ``python -I -S <this folder> <mount folder> <socket>``.

``marlin.sandboxes`` itself is not imported (asyncio, settings, logs …): a small process forks faster, and root runs
less code. Its two packages are registered by path instead.
"""

from __future__ import annotations

import sys
import types
from pathlib import Path

if __name__ == "__main__":
    _here = Path(__file__).resolve().parent
    for _name, _folder in (("marlin", _here.parent.parent), ("marlin.sandboxes", _here.parent)):
        _package = types.ModuleType(_name)
        _package.__path__ = [str(_folder)]
        sys.modules[_name] = _package
    from marlin.sandboxes.keeper.serving import main

    main()

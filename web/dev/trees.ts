import type { TreeName } from "./repository.ts";

/** Three made-up trees of one Python package. */

type Tree = Record<string, string>;

const CONTAINER = `"""Builds and starts the process that serves a model inside a container."""

import logging
import os
import shutil
from pathlib import Path
from subprocess import Popen, check_call

import yaml

_logger = logging.getLogger(__name__)

MODEL_PATH = "/opt/ml/model"
PYTHON_ENV_FILE = "python_env.yaml"
SUPPORTED_FLAVORS = ("python_function",)


def _read_env(model_path):
    with open(os.path.join(model_path, PYTHON_ENV_FILE)) as f:
        return yaml.safe_load(f)


def _install_pyfunc_deps(model_path=None, install_server=True, enable_mlserver=False):
    """Creates a virtual environment with the model's dependencies."""
    activate_cmd = _activate_env(model_path)
    env = _read_env(model_path)
    deps = " ".join(env.get("build_dependencies", []) + env.get("dependencies", []))
    if deps:
        cmd = f"python -m pip install {deps}"
        if Popen(["bash", "-c", " && ".join(activate_cmd + [cmd])]).wait() != 0:
            raise Exception("Failed to install model dependencies.")
    if install_server:
        server = "mlserver>=1.2" if enable_mlserver else "gunicorn[gevent]"
        check_call(["bash", "-c", " && ".join(activate_cmd + [f"pip install {server}"])])
    return activate_cmd


def _activate_env(model_path):
    env_dir = Path(model_path or MODEL_PATH) / ".venv"
    if not env_dir.exists():
        check_call(["python", "-m", "venv", str(env_dir)])
    return [f"source {env_dir}/bin/activate"]


def _serve(env_manager):
    """Reads the model's configuration and starts the right server."""
    config = _read_env(MODEL_PATH)
    flavor = config.get("flavor", "python_function")
    if flavor not in SUPPORTED_FLAVORS:
        raise Exception(f"This image only supports {SUPPORTED_FLAVORS}, not {flavor}.")
    _serve_pyfunc(config, env_manager)


def _serve_pyfunc(config, env_manager):
    workers = int(os.environ.get("WORKERS", os.cpu_count() or 1))
    _logger.info("starting %d workers", workers)
    start = ["gunicorn", "-w", str(workers), "serving.wsgi:app"]
    Popen(["bash", "-c", " && ".join(_activate_env(MODEL_PATH) + [" ".join(start)])]).wait()


def _clean(model_path):
    shutil.rmtree(Path(model_path) / ".venv", ignore_errors=True)
`;

const CONTAINER_A = CONTAINER.replace("import os\nimport shutil", "import os\nimport shlex\nimport shutil")
  .replace(
    `    deps = " ".join(env.get("build_dependencies", []) + env.get("dependencies", []))
    if deps:
        cmd = f"python -m pip install {deps}"
        if Popen(["bash", "-c", " && ".join(activate_cmd + [cmd])]).wait() != 0:
            raise Exception("Failed to install model dependencies.")`,
    `    deps = env.get("build_dependencies", []) + env.get("dependencies", [])
    if deps:
        quoted = " ".join(shlex.quote(dep) for dep in deps)
        cmd = f"python -m pip install {quoted}"
        if Popen(["bash", "-c", " && ".join(activate_cmd + [cmd])]).wait() != 0:
            raise Exception("Failed to install model dependencies.")`,
  )
  .replace("source {env_dir}/bin/activate", "source {shlex.quote(str(env_dir))}/bin/activate");

const CONTAINER_B = CONTAINER.replace("import shutil\n", "import shutil\nimport shlex\nimport sys\n")
  .replace(
    `    deps = " ".join(env.get("build_dependencies", []) + env.get("dependencies", []))
    if deps:
        cmd = f"python -m pip install {deps}"
        if Popen(["bash", "-c", " && ".join(activate_cmd + [cmd])]).wait() != 0:
            raise Exception("Failed to install model dependencies.")`,
    `    deps = env.get("build_dependencies", []) + env.get("dependencies", [])
    if deps:
        _pip_install(_env_python(model_path), deps)`,
  )
  .replace(
    "def _activate_env(model_path):",
    `def _env_python(model_path):
    return str(Path(model_path or MODEL_PATH) / ".venv" / "bin" / "python")


def _pip_install(python, requirements):
    """Installs requirement lines without a shell, so that nothing in them is ever run.

    A line may carry options of its own (\`\`-r requirements.txt\`\`, \`\`--extra-index-url URL\`\`); those are split as
    pip's own requirements files split them. Everything else is handed over as one argument.
    """
    arguments = []
    for line in requirements:
        arguments.extend(shlex.split(line) if line.lstrip().startswith("-") else [line])
    try:
        check_call([python or sys.executable, "-m", "pip", "install", *arguments])
    except CalledProcessError as error:
        raise MlflowException(f"pip could not install the model's dependencies (exit {error.returncode})") from error


def _activate_env(model_path):`,
  )
  .replace("from subprocess import Popen, check_call", "from subprocess import CalledProcessError, Popen, check_call");

function handler(name: string, index: number): string {
  const cls = name.replace(/(^|_)(\w)/g, (_, __, letter: string) => letter.toUpperCase());
  const methods = Array.from(
    { length: 6 + (index % 5) },
    (_, i) => `
    def ${["get", "list", "create", "update", "delete", "search", "restore", "rename", "log", "tag"][i]}_${name}(self, name, **options):
        """${["Returns", "Lists", "Creates", "Changes", "Removes", "Finds", "Restores", "Renames", "Logs", "Tags"][i]} a ${name.replaceAll("_", " ")}."""
        _validate_name(name)
        with self._session() as session:
            row = session.get(Sql${cls}, name)
            if row is None:
                raise MlflowException(f"No ${name.replaceAll("_", " ")} {name!r}", RESOURCE_DOES_NOT_EXIST)
            return row.to_entity(**options)
`,
  ).join("");
  return `import logging

from mlflow.exceptions import MlflowException
from mlflow.store.db import Sql${cls}, _validate_name

_logger = logging.getLogger(__name__)
RESOURCE_DOES_NOT_EXIST = 404


class ${cls}Store:
    """Keeps ${name.replaceAll("_", " ")}s in the tracking database."""

    def __init__(self, engine):
        self._engine = engine

    def _session(self):
        return self._engine.session()
${methods}`;
}

const NAMES = [
  ...[
    "experiment",
    "run",
    "metric",
    "param",
    "tag",
    "artifact",
    "model_version",
    "registered_model",
    "alias",
    "webhook",
  ],
  ...["dataset", "trace", "span", "assessment", "prompt", "scorer", "gateway_route", "endpoint", "secret", "job"],
  ...["schedule", "evaluation", "label_schema", "review_session", "budget", "guardrail"],
];

function build(): Record<TreeName, Tree> {
  const base: Tree = { "mlflow/models/container/__init__.py": CONTAINER, "README.md": "# MLflow\n\nServe a model.\n" };
  NAMES.forEach((name, index) => {
    base[`mlflow/store/tracking/${name}_store.py`] = handler(name, index);
  });
  const a: Tree = { ...base, "mlflow/models/container/__init__.py": CONTAINER_A };
  const b: Tree = { ...base, "mlflow/models/container/__init__.py": CONTAINER_B };
  NAMES.forEach((name, index) => {
    const path = `mlflow/store/tracking/${name}_store.py`;
    const text = base[path] ?? "";
    if (index % 2 === 0) b[path] = text.replaceAll("_validate_name(name)", "name = _validate_name(name)");
    if (index % 3 !== 1)
      a[path] = text
        .replace("import logging\n", "import logging\nfrom contextlib import closing\n")
        .replaceAll("with self._session() as session", "with closing(self._session()) as session");
  });
  b["tests/models/test_container.py"] = `import pytest

from mlflow.models import container


@pytest.mark.parametrize("line", ["numpy; touch /tmp/pwned", "$(touch /tmp/pwned)", "numpy\`touch /tmp/pwned\`"])
def test_a_requirement_is_never_run(line, fake_pip):
    container._pip_install("python", [line])
    assert fake_pip.arguments == [line]


def test_options_stay_options(fake_pip):
    container._pip_install("python", ["-r requirements.txt", "--extra-index-url https://example.org/simple", "ray[serve]>=2; python_version > '3.9'"])
    assert fake_pip.arguments[:2] == ["-r", "requirements.txt"]
`;
  a["CHANGELOG.md"] = "- Quote dependencies before they reach the shell\n";
  delete a["README.md"];
  return { base, A: a, B: b };
}

export const TREES = build();

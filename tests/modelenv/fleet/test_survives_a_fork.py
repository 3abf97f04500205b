"""Each line of the table of libraries: imported before a fork, they compute in it as ever."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from modelenv.fleet.forking import modules

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="forks are served on Linux"),
]

TABLE = Path(modules.__file__).parent / "data" / "survives_a_fork.json"
LIBRARIES = json.loads(TABLE.read_text("utf-8"))["libraries"]
NAMED_OTHERWISE = {"sklearn": "scikit-learn", "xgboost": "xgboost-cpu"}
BODIES = {
    "joblib": """
from joblib import Parallel, delayed
print(Parallel(n_jobs=2)(delayed(abs)(each) for each in range(-5, 5)))
print(Parallel(n_jobs=2, prefer="threads")(delayed(abs)(each) for each in range(-5, 5)))
""",
    "lightgbm": """
import numpy as np, lightgbm
rows = np.random.default_rng(0).normal(size=(20000, 5))
model = lightgbm.LGBMClassifier(n_estimators=20, n_jobs=2, verbose=-1).fit(rows, rows[:, 0] > 0)
print(model.predict_proba(rows).sum(0))
""",
    "narwhals": """
import narwhals, pandas
print(narwhals.from_native(pandas.DataFrame({"a": [1, 2]})).select(narwhals.col("a").sum()))
""",
    "numpy": """
import numpy as np
square = np.arange(250000.0).reshape(500, 500) % 7
print((square @ square).sum(), np.linalg.svd(square[:80, :80])[1][0])
""",
    "pandas": """
import pandas as pd
frame = pd.DataFrame({"a": list("xyz") * 1000, "b": range(3000)})
print(frame.groupby("a").b.sum().to_dict(), frame.a.str.upper().value_counts().to_dict())
""",
    "pyarrow": """
import pyarrow as pa, pyarrow.compute as pc
table = pa.table({"a": ["x", "y", "z"] * 50000, "b": list(range(150000))})
print(table.group_by("a").aggregate([("b", "sum")]).sort_by("a").to_pydict())
print(pc.sum(pc.sort_indices(table["b"])))
""",
    "scipy": """
import numpy as np, scipy.linalg, scipy.optimize
print(scipy.linalg.svd(np.arange(10000.0).reshape(100, 100) % 7)[1][:3])
print(scipy.optimize.minimize(lambda x: (x**2).sum(), [3.0, 4.0]).x)
""",
    "sklearn": """
import numpy as np
from sklearn.cluster import KMeans
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
rows = np.random.default_rng(0).normal(size=(20000, 5))
for model in (HistGradientBoostingClassifier(max_iter=20), RandomForestClassifier(10, n_jobs=2)):
    model.random_state = 0
    print(model.fit(rows, rows[:, 0] > 0).predict_proba(rows).sum(0))
print(KMeans(3, random_state=0, n_init=1).fit(rows).inertia_)
""",
    "threadpoolctl": """
import numpy as np, threadpoolctl
with threadpoolctl.threadpool_limits(1):
    print((np.ones((300, 300)) @ np.ones((300, 300))).sum())
print(sorted(each["num_threads"] for each in threadpoolctl.threadpool_info()))
""",
    "xgboost": """
import numpy as np, xgboost
rows = np.random.default_rng(0).normal(size=(20000, 5))
model = xgboost.XGBClassifier(n_estimators=20, nthread=2).fit(rows, (rows[:, 0] > 0).astype(int))
print(model.predict_proba(rows).sum(0))
""",
}
IMPORTED = {
    "pyarrow": "import pyarrow, pyarrow.compute",
    "scipy": "import scipy.linalg, scipy.optimize",
    "sklearn": "import sklearn.ensemble, sklearn.cluster",
    "joblib": "import joblib, joblib.externals.loky",
}
FORKING = """
import atexit, os, sys
exec(sys.argv[1])
for _ in range(2):
    child = os.fork()
    if not child:
        exec(sys.argv[2], {"__name__": "fork"})
        sys.stdout.flush()
        if "threading" in sys.modules:
            sys.modules["threading"]._shutdown()
        atexit._run_exitfuncs()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
tasks = os.listdir("/proc/self/task")
names = [open(f"/proc/self/task/{each}/comm").read().strip() for each in tasks]
print(sorted(set(names) - {open("/proc/self/comm").read().strip()}))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with all libraries of the table, in the versions that it names."""
    root = tmp_path_factory.mktemp("libraries") / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(root)], check=True)
    names = [
        f"{NAMED_OTHERWISE.get(name, name)}=={said['tested']}" for name, said in LIBRARIES.items()
    ]
    python = root / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "-q", *names], check=True)
    return python


@pytest.mark.parametrize("library", LIBRARIES)
def test_it_computes_in_a_fork_as_in_a_process_of_its_own(library: str, python: Path) -> None:
    body = BODIES[library]
    alone = _printed(python, body)
    imported = IMPORTED.get(library, f"import {library}")
    *forked, threads = _printed(python, FORKING, imported, body).splitlines()
    assert forked == alone.splitlines() * 2
    assert alone
    left = set(json.loads(threads.replace("'", '"')))  # those of what it imports, too
    assert set(LIBRARIES[library].get("threads", [])) <= left <= set(modules.known_threads())


def _printed(python: Path, *arguments: str) -> str:
    command = [str(python), "-c", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout

"""Failures as people paste them: each is known by the words of it, whoever printed them."""

from __future__ import annotations

import pytest

from modelenv.repair.context import Knowledge
from modelenv.repair.diagnose import apply_rules, diagnose, diagnose_verdict
from modelenv.repair.reading.failure import Failure
from modelenv.worker.verdict import Verdict

SITE = "/env/lib/python3.11/site-packages"


def traceback(last: str, file: str = f"{SITE}/lib/mod.py", code: str = "call()") -> str:
    return (
        "Traceback (most recent call last):\n"
        '  File "/app/serve.py", line 3, in <module>\n    model.predict(data)\n'
        f'  File "{file}", line 7, in f\n    {code}\n{last}\n'
    )


KNOWN = {
    "a message that begins on the next line": (
        traceback(
            "ImportError: \nT5Tokenizer requires the SentencePiece library but it was not found in"
            " your environment."
        ),
        ("missing-module", "sentencepiece"),
    ),
    "colours": (
        traceback("LookupError: \n***\n  Resource \x1b[93mpunkt\x1b[0m not found.\n  Please use"),
        ("missing-file", "punkt"),
    ),
    "a coloured traceback": (
        "\x1b[35mTraceback\x1b[0m (most recent call last):\n"
        '  File \x1b[35m"/app/a.py"\x1b[0m, line \x1b[35m1\x1b[0m, in \x1b[35m<module>\x1b[0m\n'
        "    import \x1b[31mcv2\x1b[0m\n"
        "\x1b[1mModuleNotFoundError\x1b[0m: No module named 'cv2'\n",
        ("missing-module", "opencv-python-headless"),
    ),
    "a brand": (
        traceback("ImportError: AutoModel requires the PyTorch library but it was not found in"),
        ("missing-module", "torch"),
    ),
    "a backend": (
        traceback("ImportError: Keras cannot be imported. Check that it is installed."),
        ("missing-module", "keras"),
    ),
    "a need": (
        traceback("ImportError: `load_weights` requires h5py when loading weights from HDF5."),
        ("missing-module", "h5py"),
    ),
    "a namespace without the part": (
        traceback(
            "ImportError: cannot import name 'bigquery' from 'google.cloud' (unknown location)",
            code="from google.cloud import bigquery",
        ),
        ("missing-module", "google-cloud-bigquery"),
    ),
    "an attribute of another version": (
        traceback(
            "AttributeError: 'DecisionTreeClassifier' object has no attribute 'monotonic_cst'",
            f"{SITE}/sklearn/tree/_classes.py",
        ),
        ("other-version", "scikit-learn"),
    ),
    "an argument of another version": (
        traceback(
            "TypeError: Client.__init__() got an unexpected keyword argument 'proxies'",
            f"{SITE}/mlflow/client.py",
        ),
        ("other-version", "mlflow"),
    ),
    "the model's own attribute": (
        traceback("AttributeError: 'Basket' object has no attribute 'size'", "/app/own.py"),
        ("model-raised", "AttributeError"),
    ),
    "an attribute of what was handed over": (
        traceback(
            "AttributeError: 'list' object has no attribute 'columns'", f"{SITE}/sklearn/base.py"
        ),
        ("model-raised", "AttributeError"),
    ),
    "a tree of another version": (
        traceback("ValueError: node array from the pickle has an incompatible dtype:\n- expected"),
        ("pickle-version", "scikit-learn"),
    ),
    "a generator of another version": (
        traceback("ValueError: <class 'MT19937'> is not a known BitGenerator module."),
        ("pickle-version", "numpy"),
    ),
    "an estimator of a newer version than its library knows": (
        traceback("TypeError: `_estimator_type` undefined.  Please use appropriate mixin"),
        ("other-version", "scikit-learn"),
    ),
    "generated code": (
        traceback("TypeError: Descriptors cannot be created directly.\nIf this call came"),
        ("pickle-version", "protobuf"),
    ),
    "a script that cannot be read": (
        '  File "/app/m.py", line 3\n    match x:\n          ^\nSyntaxError: invalid syntax\n',
        ("python-version", "python"),
    ),
    "a shell's word of a kill": ("starting\nKilled\n", ("out-of-memory", "memory")),
    "kubectl's word of a kill": (
        "Last State: Terminated\n  Reason: Error\n  Exit Code:    139\n",
        ("crash", "SIGSEGV"),
    ),
    "a folder that is not one's own": (
        traceback("PermissionError: [Errno 13] Permission denied: '/srv/.cache/hub'"),
        ("permission", "/srv/.cache/hub"),
    ),
    "pip finds no build": (
        "ERROR: No matching distribution found for torch==2.1.0+cu118\n",
        ("no-such-version", "torch"),
    ),
    "uv finds no version": (
        "  x No solution found when resolving dependencies:\n"
        "  ╰─▶ Because there is no version of sprout==9 and you require sprout==9, we can conclude",
        ("no-such-version", "sprout"),
    ),
    "uv finds no name": (
        "  x No solution found when resolving dependencies:\n"
        "  Because sprout was not found in the package registry and you require sprout, we can",
        ("no-such-version", "sprout"),
    ),
    "uv asks no index": (
        "  Because sprout was not found in the provided package locations and you require",
        ("no-such-version", "sprout"),
    ),
    "pip wants another Python": (
        "ERROR: Package 'pandas' requires a different Python: 3.8.10 not in '>=3.9'\n",
        ("python-version", "python"),
    ),
    "pip sees a conflict": (
        "ERROR: ResolutionImpossible: for help visit the page\n",
        ("conflict", "requirements"),
    ),
    "no compiler": (
        "error: command 'gcc' failed: No such file\n  ERROR: Failed building wheel for hdbscan\n",
        ("not-built", "hdbscan"),
    ),
    "a full disk": (
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
        ("disk-full", "disk"),
    ),
}


@pytest.mark.parametrize("what", KNOWN)
def test_it_is_known_with_a_remedy(what: str) -> None:
    text, expected = KNOWN[what]
    found = diagnose(text)
    assert (found.rule, found.subject) == expected, str(found)
    assert found.remedy


def test_without_a_folder_nobody_says_what_the_model_was_made_with() -> None:
    text = traceback(
        "AttributeError: 'DecisionTreeClassifier' object has no attribute 'monotonic_cst'",
        f"{SITE}/sklearn/tree/_classes.py",
    )
    assert diagnose(text).edit is None


@pytest.mark.parametrize(
    ("last", "numpy", "edit"),
    [
        (
            "ImportError: cannot import name 'ComplexWarning' from 'numpy.core.numeric'",
            "2.2.6",
            "<2",
        ),
        ("AttributeError: module 'numpy' has no attribute 'PINF'", "2.0.0", "<2"),
        ("ModuleNotFoundError: No module named 'numpy.compat'", "2.4.1", "<2"),
        ("AttributeError: module 'numpy.core.numeric' has no attribute 'x'", "1.14.0", ">1.14.0"),
        ("AttributeError: module 'numpy' has no attribute 'float'", "1.26.4", "<1.24"),
    ],
)
def test_what_numpy_2_took_away_asks_for_an_older_one(last: str, numpy: str, edit: str) -> None:
    found = apply_rules(Failure.of_text(traceback(last)), Knowledge(pins={"numpy": numpy}))
    assert found.edit is not None, str(found)
    assert found.edit.requirement == f"numpy{edit}"


def test_a_guess_says_that_it_may_be_a_module_of_one_s_own() -> None:
    found = diagnose(traceback("ModuleNotFoundError: No module named 'own_things'"))
    assert not found.certain
    assert "if it is your own, save the model where it can be imported" in found.remedy
    # Anybody may have put a distribution of that name on an index.
    assert found.edit is None
    assert "own-things" not in found.remedy


@pytest.mark.parametrize(
    ("python", "reason", "rule"),
    [
        ("3.12.1", "AttributeError: module 'os' has no attribute 'os'", "python-version"),
        ("3.13.0", "it was killed by SIGSEGV while predicting", "python-version"),
        ("3.11.2", "it was killed by SIGSEGV while predicting", "crash"),
    ],
)
def test_code_that_another_python_compiled_is_known(python: str, reason: str, rule: str) -> None:
    named = ("cloudpickle.cloudpickle._make_function",)
    known = Knowledge(python=python, traced="3.11.7", named=named)
    verdict = Verdict(status="fails", where="there", reason=reason, stage="predict")
    assert diagnose_verdict(verdict, known).rule == rule
    same = Knowledge(python=python, traced="3.11.7")
    assert diagnose_verdict(verdict, same).rule != "python-version"

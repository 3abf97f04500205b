"""A pasted failure may come from another environment than the pins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modelenv.base.siblings import resolver
from modelenv.repair.context import Knowledge
from modelenv.repair.diagnose import apply_rules, diagnose_verdict
from modelenv.repair.diagnosis import Diagnosis
from modelenv.repair.reading.failure import Failure
from modelenv.worker.verdict import Verdict

PINS = {
    "numpy": "2.4.6",
    "opencv-python": "4.9.0.80",
    "scikit-learn": "1.2.2",
    "kiln-tools": "1.0",
    "smallword": "2.0",
}


@pytest.fixture
def known(site: Any) -> Knowledge:
    site.install("kiln-tools", {"kiln/__init__.py": "", "kiln/glaze.py": ""})
    installed = resolver.Installed([str(site.root)], resolver.Target.current())
    return Knowledge(folder=Path("a model"), pins=PINS, installed=installed)


def diagnosed(text: str, known: Knowledge) -> Diagnosis:
    return apply_rules(Failure.of_text(text), known)


WARNED = "InconsistentVersionWarning: Trying to unpickle estimator Ridge from version {} when using"
PINNED = {
    "a module of its distribution's name": ("No module named 'numpy'", "numpy", True),
    "a module of another name": ("No module named 'sklearn'", "scikit-learn", True),
    "a module that several distributions have": ("No module named 'cv2'", "opencv-python", True),
    "a module by RECORD": ("No module named 'kiln.glaze'", "kiln-tools", True),
    "a module that the pinned version has": ("No module named 'numpy._core'", "numpy", True),
    "a module below one": ("No module named 'numpy._core.numeric'", "numpy", False),
    "a module of a name that only a pin has": ("No module named 'smallword'", "smallword", False),
    "metadata": ("No package metadata was found for smallword", "smallword", True),
    "a version that is the pinned one": (
        WARNED.format("1.2.2") + " version 1.5.\nAttributeError: module 'sklearn.x' has no"
        " attribute 'y'",
        "scikit-learn",
        True,
    ),
}


@pytest.mark.parametrize("case", PINNED.values(), ids=PINNED)
def test_what_the_pins_have_was_lacking_elsewhere(
    case: tuple[str, str, bool], known: Knowledge
) -> None:
    text, name, certain = case
    found = diagnosed(text, known)
    assert (found.rule, found.subject) == ("other-environment", name), str(found)
    assert (found.certain, found.edit) == (certain, None)
    assert found.remedy.startswith(f"pip install -r '{Path('a model', 'requirements.txt')}'")


@pytest.mark.parametrize(
    "text",
    ["No module named 'numpy.core.absent'", "No module named 'sklearn.absent.part'"],
)
def test_what_a_pin_need_not_have_is_a_guess_or_of_another_version(
    text: str, known: Knowledge
) -> None:
    assert diagnosed(text, known).rule == "other-version"


def test_a_module_that_no_version_is_known_to_have_is_not_certain(known: Knowledge) -> None:
    assert not diagnosed("No module named 'sklearn.absent'", known).certain


@pytest.mark.parametrize("module", ["kiln.glaze", "numpy", "smallword"])
def test_a_run_with_the_pins_does_lack_it(module: str, known: Knowledge) -> None:
    verdict = Verdict(
        status="fails",
        where="an environment of its pins",
        reason=f"ModuleNotFoundError: No module named '{module}'",
        stage="load",
        missing=(module,),
    )
    assert diagnose_verdict(verdict, known).rule == "other-version"


# Names that are none


@pytest.mark.parametrize("module", ["_loss", "__main__.kiln", "_native.core", "__mp_main__"])
def test_no_distribution_is_guessed_that_cannot_be_called_so(module: str) -> None:
    found = diagnosed(f"ModuleNotFoundError: No module named '{module}'", Knowledge())
    assert (found.rule, found.subject, found.edit) == ("unknown-module", module, None)
    assert "pip install" not in str(found)


@pytest.mark.parametrize("module", ["os", "json.decoder", "zipfile", "_posixsubprocess"])
def test_the_standard_library_is_no_distribution(module: str) -> None:
    found = diagnosed(f"No module named '{module}'", Knowledge())
    assert (found.rule, found.subject, found.edit) == ("incomplete-python", module, None)
    assert "standard library" in found.problem


def test_pip_is_not_installed_by_pip() -> None:
    found = diagnosed("/usr/bin/python3: No module named pip", Knowledge())
    assert "ensurepip" in found.remedy


def test_a_folder_s_own_loader_is_no_distribution() -> None:
    found = diagnosed("No module named 'modelenv_pyfunc_loader'", Knowledge())
    assert (found.rule, found.edit) == ("missing-own-code", None)
    assert "code/" in found.remedy


@pytest.mark.parametrize("said", ["Please install _core first", "please pip install -r all.txt"])
def test_a_word_that_cannot_be_a_name_is_no_guess(said: str) -> None:
    assert diagnosed(f"ImportError: {said}", Knowledge()).edit is None


def test_a_sentence_s_full_stop_is_no_part_of_a_version() -> None:
    text = WARNED.format("1.2") + " version 1.5.\nAttributeError: module 'sklearn.x' has no"
    found = diagnosed(f"{text} attribute 'y'", Knowledge(pins={"scikit-learn": "1.5"}))
    assert found.problem.endswith("with scikit-learn 1.2, and 1.5 cannot use it")

"""A conda dependency in pip's words."""

from __future__ import annotations

import pytest

from envfiles import conda_as_pip


@pytest.mark.parametrize(
    ("dependency", "requirement"),
    [
        ("numpy", "numpy"),
        ("numpy=1.26", "numpy==1.26.*"),
        ("numpy=1.26.*", "numpy==1.26.*"),
        ("numpy==1.26.4", "numpy==1.26.4"),
        ("numpy 1.26.4 py311h64a7726_0", "numpy==1.26.4"),
        ("numpy >=1.26,<2", "numpy<2,>=1.26"),
        ("conda-forge::scikit_learn=1.5", "scikit-learn==1.5.*"),
        ("ruamel.yaml", "ruamel-yaml"),
        ("pytorch==2.0+cu118", "torch==2.0+cu118"),
        ("pytorch=2.0+cu118", "torch"),
        ("numpy==1.26*", "numpy==1.26.*"),
        ("numpy[version='>=1.2']", "numpy>=1.2"),
    ],
)
def test_it_is_said_as_pip_says_it(dependency: str, requirement: str) -> None:
    assert conda_as_pip(dependency) == requirement


@pytest.mark.parametrize(
    ("dependency", "requirement"),
    [
        ("pytorch=2.1", "torch==2.1.*"),
        ("py-xgboost-cpu", "xgboost"),
        ("matplotlib-base", "matplotlib"),
    ],
)
def test_a_package_of_another_name_is_its_distribution(dependency: str, requirement: str) -> None:
    assert conda_as_pip(dependency) == requirement


def test_what_pip_cannot_say_leaves_the_name() -> None:
    assert conda_as_pip("numpy=1.26|1.27") == "numpy"


def test_what_names_no_package_is_nothing() -> None:
    assert conda_as_pip("*[license=BSD]") is None
    assert conda_as_pip("=1.26") is None


@pytest.mark.parametrize(
    "name", ["_openmp_mutex", "_libgcc_mutex", "_x86_64-microarch-level", "a-"]
)
def test_a_name_that_no_distribution_can_have_is_none(name: str) -> None:
    assert conda_as_pip(name) is None
    assert conda_as_pip(f"conda-forge::{name}=4.5") is None

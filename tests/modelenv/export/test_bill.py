"""The bill of a model: valid, the same each time, and with all that is in the wheels."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.export.bill.libraries import BundledLibrary, libraries_of
from modelenv.export.bill.purls import purl_of, read_purl

from ..conftest import made_once
from .worlds import export

pytest.importorskip("cyclonedx")

OWN = "pkg:pypi/own_lib@1.0?file_name=own_lib-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"
GOMP = "pkg:rpm/almalinux/libgomp@8.5.0-28.el8"
LIBGOMP = "own_lib.libs/libgomp-e985bcbb.so.1.0.0"
BLAS = "own_lib.libs/libopenblas-0352e75f-f7067c62.so.0"


def component(name: str, ref: str = "", **further: Any) -> dict[str, Any]:
    """Make a component as bills have it."""
    return {"type": "library", "name": name, **({"bom-ref": ref} if ref else {}), **further}


def bill(version: str, *components: object, root: object = None, **edges: object) -> str:
    """Make a bill as it lies in a wheel."""
    return json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": version,
            "metadata": {"component": root or component("own_lib", OWN, purl=OWN)},
            "components": components,
            **edges,
        }
    )


AUDITWHEEL = bill(
    "1.4",
    component("own_lib", OWN, purl=OWN),  # it names the wheel among its own parts
    component("libgomp", f"{GOMP}#c6", purl=GOMP, version="8.5.0-28.el8"),
    dependencies=[{"ref": OWN, "dependsOn": [f"{GOMP}#c6"]}, {"ref": f"{GOMP}#c6"}],
)
MATURIN = bill(
    "1.5",
    component(
        "memchr",
        "crate-m",
        purl="pkg:cargo/memchr@2.7",
        version="2.7",
        licenses=[{"expression": "Unlicense OR MIT"}],
        hashes=[
            {"alg": "SHA-256", "content": "0" * 64},
            {"alg": "CRC", "content": "1"},
            {"alg": "MD5", "content": "x"},
        ],
    ),
    root=component("own-native", "crate", purl="pkg:cargo/own-native@1.0"),
    dependencies=[{"ref": "crate", "dependsOn": ["crate-m", "gone"]}],
)
# Its dependencies are of the tools that built it, which it describes elsewhere.
BUILT_WITH = bill(
    "1.6",
    dependencies=[
        {"ref": OWN, "dependsOn": ["tool:hatchling"]},
        {"ref": "tool:hatchling", "dependsOn": ["tool:pluggy"]},
    ],
)
NESTED = bill(
    "1.7",
    component("outer", "o", components=[component("inner", "i", scope="excluded")]),
    component("outer", licenses=[{"license": {"id": "Zlib"}}, {"license": {"name": "Own"}}]),
)  # fmt: skip
BILLS = {
    "auditwheel.cdx.json": AUDITWHEEL,
    "built.cdx.json": BUILT_WITH,
    "native.cyclonedx.json": MATURIN,
    "nested.cdx.json": NESTED,
    "other.spdx.json": '{"spdxVersion": "SPDX-2.3"}',
    "broken.json": "{",
    "tags.spdx": "SPDXVersion: SPDX-2.3",
}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Export the bill of a model of one wheel with bills in it: the folder, file and document."""
    from ..conftest import Site

    with made_once(tmp_path_factory) as project:
        import sys

        site = Site(tmp_path_factory.mktemp("site"))
        sys.path.append(str(site.root))
        files = {f"own_lib-1.0.dist-info/sboms/{name}": text for name, text in BILLS.items()}
        site.install("own-part", {"own_part.py": ""}, version="2.0")
        site.install(
            "own-lib",
            {"own_lib.py": "import own_part", LIBGOMP: "gomp", BLAS: "blas", **files},
            requires=["own-part"],
            hashed=True,
        )
        model = project.model("import own_lib\nreturn data")
        folder = tmp_path_factory.mktemp("models") / "Own Model_2"
        modelenv.save_model(model, folder, input_example=[1])
        done, text = export(folder, folder.parent / "bom.json", "cyclonedx")
        again = modelenv.export_environment(folder, folder.parent / "2.json", to="cyclonedx")
        yield done, text, again.place.read_text("utf-8")


@pytest.fixture
def parts(own: Any) -> dict[str, dict[str, Any]]:
    """The components of that bill, by their names; of several the last."""
    return {each["name"]: each for each in json.loads(own[1])["components"]}


def said(part: dict[str, Any], name: str) -> list[str]:
    """Return what the properties of a name say."""
    return [
        each["value"] for each in part.get("properties", ()) if each["name"] == f"modelenv:{name}"
    ]


def check(text: str) -> None:
    """Validate a bill by its schema, and look that its references lead to something."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    document = json.loads(text)
    refs = [each["bom-ref"] for each in document["components"]]
    refs.append(document["metadata"]["component"]["bom-ref"])
    assert len(set(refs)) == len(refs)
    for each in document["dependencies"]:
        assert {each["ref"], *each.get("dependsOn", ())} <= {*refs}


def test_it_is_valid_and_the_same_each_time(own: Any) -> None:
    _, text, again = own
    pytest.importorskip("jsonschema")
    check(text)
    assert again == text


def test_a_bundled_library_is_named_with_its_origin(parts: dict[str, dict[str, Any]]) -> None:
    gomp = parts["libgomp"]
    assert gomp["purl"] == GOMP
    assert said(gomp, "file") == [LIBGOMP]
    assert said(gomp, "said-in") == ["own_lib-1.0.dist-info/sboms/auditwheel.cdx.json"]


def test_one_that_no_bill_names_is_there_with_its_hash(
    own: Any, parts: dict[str, dict[str, Any]]
) -> None:
    blas = parts["libopenblas"]
    digest = hashlib.sha256(b"blas").hexdigest()
    assert blas["hashes"] == [{"alg": "SHA-256", "content": digest}]
    assert said(blas, "origin") == ["unknown"]
    assert "purl" not in blas
    assert any("libopenblas in own-lib" in each for each in own[0].unexpressed)


def test_it_says_why_each_pin_is_there_and_who_needs_whom(own: Any, parts: Any) -> None:
    assert said(parts["own-lib"], "why") == ["imported by the model"]
    graph = {each["ref"]: each.get("dependsOn", []) for each in json.loads(own[1])["dependencies"]}
    lib = graph["pkg:pypi/own-lib@1.0"]
    assert "pkg:pypi/own-part@2.0" in lib
    assert {"pkg:pypi/own-lib@1.0"} <= {*graph["model:own-model-2"]}
    inside = "pkg:pypi/own-lib@1.0#"
    assert f"{inside}auditwheel.cdx.json:{GOMP}#c6" in lib
    assert f"{inside}native.cyclonedx.json:crate" in lib
    assert graph[f"{inside}native.cyclonedx.json:crate"] == [
        f"{inside}native.cyclonedx.json:crate-m"
    ]


def test_the_wheel_itself_is_no_part_of_itself(own: Any) -> None:
    names = [each["name"] for each in json.loads(own[1])["components"]]
    assert names.count("own-lib") == 1
    assert "own_lib" not in names


def test_what_a_bill_says_of_a_part_is_kept(parts: dict[str, dict[str, Any]]) -> None:
    memchr = parts["memchr"]
    assert memchr["licenses"] == [{"expression": "Unlicense OR MIT"}]
    assert memchr["hashes"] == [{"alg": "SHA-256", "content": "0" * 64}]
    assert parts["inner"]["scope"] == "excluded"


def test_what_is_no_bill_is_named(own: Any) -> None:
    told = "\n".join(own[0].notes)
    assert "sboms/tags.spdx is not in CycloneDX's" in told
    assert "sboms/other.spdx.json is not in CycloneDX" in told
    assert "sboms/broken.json cannot be read" in told


def test_the_model_is_what_it_describes(own: Any) -> None:
    model = json.loads(own[1])["metadata"]["component"]
    assert (model["type"], model["name"]) == ("machine-learning-model", "own-model-2")
    assert said(model, "proof") == ["reproduces"]
    (file,) = model["components"]
    assert file["name"] == "model.pkl"


@pytest.mark.parametrize(
    ("file", "name", "version"),
    [
        ("a.libs/libgfortran-040039e1-0352e75f.so.5.0.0", "libgfortran", "5.0.0"),
        ("a.libs/libscipy_openblas64_-32a4b2a6.so", "libscipy_openblas64_", ""),
        ("a/.dylibs/libgfortran.5.dylib", "libgfortran", "5"),
        ("a/.dylibs/libomp.dylib", "libomp", ""),
        ("a.libs/msvcp140-263139962577ecda4cd9469ca360a746.dll", "msvcp140", ""),
        ("a.libs/libstdc++-a1b2c3d4.so.6.0.30", "libstdc++", "6.0.30"),
        ("a.libs/README.txt", None, None),
        ("a/_native.cpython-311-x86_64-linux-gnu.so", None, None),
    ],
)
def test_the_name_of_a_library_is_without_what_was_added(
    site: Any, file: str, name: str | None, version: str | None
) -> None:
    from resolver import Distribution

    info = site.install("a", {"a/__init__.py": "", file: ""}, hashed=True)
    found = [*libraries_of(Distribution(str(info)))]
    digest = hashlib.sha256(b"").hexdigest()
    assert found == (
        [BundledLibrary(file, name, version, digest)] if name and version is not None else []
    )


@pytest.mark.parametrize("hash_", ["md5=abc", "", "sha256=!", "sha256", "sha256=abc"])
def test_a_hash_that_record_cannot_mean_is_none(site: Any, hash_: str) -> None:
    from resolver import Distribution

    info = site.install("a", {"a.libs/liba.so": ""})
    (info / "RECORD").write_text(f"a.libs/liba.so,{hash_},\n")
    (found,) = libraries_of(Distribution(str(info)))
    assert found.sha256 == ""


def test_a_hash_in_hexadecimal_is_taken_as_it_is(site: Any) -> None:
    from resolver import Distribution

    digest = hashlib.sha256(b"").hexdigest()
    info = site.install("a", {"a.libs/liba.so": ""})
    (info / "RECORD").write_text(f"a.libs/liba.so,sha256={digest.upper()},0\n")
    (found,) = libraries_of(Distribution(str(info)))
    assert found.sha256 == digest


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("License-Expression: BSD-3-Clause AND MIT", [{"expression": "BSD-3-Clause AND MIT"}]),
        ("License-Expression: MIT\nLicense: old", [{"license": {"id": "MIT"}}]),
        ("License: BSD 3-Clause License", [{"license": {"name": "BSD 3-Clause License"}}]),
        ("License: Apache-2.0", [{"license": {"id": "Apache-2.0"}}]),
        (
            "License: Copyright\n  and more\nClassifier: License :: OSI Approved :: BSD License",
            [{"license": {"name": "BSD License"}}],
        ),
        ("Classifier: Topic :: Internet", []),
    ],
)
def test_a_licence_is_as_the_metadata_states_it(
    site: Any, headers: str, expected: list[Any]
) -> None:
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component
    from cyclonedx.output.json import JsonV1Dot6

    from modelenv.export.bill.licences import licences
    from resolver import Distribution

    info = site.install("a")
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.4\nName: a\nVersion: 1.0\n{headers}\n\nText"
    )
    part = Component(name="a", licenses=licences(Distribution(str(info))))
    written = json.loads(JsonV1Dot6(Bom(components=[part])).output_as_string())
    found = written["components"][0].get("licenses", [])
    for each in found:
        (each.get("license") or each).pop("acknowledgement")
    assert found == expected


def test_a_pin_to_a_place_says_it_in_its_purl() -> None:
    from envfiles import Entry

    commit = "0123456789abcdef0123456789abcdef01234567"
    purl = purl_of(Entry(f"own @ git+https://host/own@{commit}"))
    assert dict(purl.qualifiers) == {"vcs_url": f"git+https://host/own@{commit}"}
    assert purl_of(Entry("own==1.0+cu121")).to_string() == "pkg:pypi/own@1.0%2Bcu121"


def test_the_purl_of_a_distribution_is_read_by_its_normal_name() -> None:
    found = read_purl("pkg:pypi/Scikit_Learn@1.9.1?file_name=x.whl")
    assert found is not None
    assert found.name == "scikit-learn"
    assert read_purl("no purl") is None
    assert read_purl(3) is None


@pytest.mark.slow
def test_the_bill_of_a_real_model_is_valid(wine: Any, tmp_path: Path) -> None:
    done, text = export(wine.folder, tmp_path / "bom.json", "cyclonedx")
    check(text)
    purls = {each.get("purl") for each in json.loads(text)["components"]}
    assert {f"pkg:pypi/{each.replace('==', '@')}" for each in done.pins} <= purls


@pytest.mark.slow
def test_the_bills_of_all_wheels_that_are_installed_here_are_read() -> None:
    from modelenv.export.bill.carried import bills_of
    from resolver import Installed

    found = {each.name: [*bills_of(each)] for each in Installed.current()}
    read = {name: bills for name, bills in found.items() if bills}
    assert all(not isinstance(bill, str) for bills in read.values() for bill in bills)
    assert any(
        bill.components for bills in read.values() for bill in bills if not isinstance(bill, str)
    )

"""Files, links, archives and programs that a model uses: what travels, and what is told."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.base.arguments import BadArgumentError
from modelenv.worker.errors import NotProvenError


@pytest.fixture
def here(project: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in the project's folder."""
    root: Path = project.root
    monkeypatch.chdir(root)
    return root


def save(model: Any, target: Path, **options: Any) -> Any:
    return modelenv.save_model(model, target, input_example=[1, 2], **options)


BY_PATH = """
    import csv, joblib, json, os, runpy, sqlite3
    beside = os.path.dirname(__file__)
    rows = [int(row[0]) for row in csv.reader(open("table.csv"))]
    rate = runpy.run_path(os.path.join(beside, "rules", "rates.py"))["RATE"]
    words = sqlite3.connect(os.path.join(beside, "words.db"))
    count = words.execute("select count(*) from words").fetchone()[0]
    words.close()
    scale = joblib.load("scale.joblib")
    return [sum(rows) + rate + count + scale + each for each in data]
"""


def written(root: Path) -> None:
    import joblib  # type: ignore[import-untyped]

    (root / "rules").mkdir()
    (root / "rules" / "rates.py").write_text("RATE = 100\n")
    (root / "table.csv").write_text("1\n2\n")
    joblib.dump(1000, root / "scale.joblib")
    words = sqlite3.connect(root / "words.db")
    words.execute("create table words(word)")
    words.execute("insert into words values('one')")
    words.commit()
    words.close()


def test_files_that_do_not_travel_are_told_with_who_asked(
    project: Any, here: Path, target: Path
) -> None:
    written(here)
    saved = save(project.model(BY_PATH), target, prove=False)
    told = {Path(each.path).name: each.asked_by for each in saved.used_files}
    assert told["table.csv"] == "own_model.py:5"
    assert told["rates.py"] == "own_model.py:6"
    assert told["words.db"] == "own_model.py:7"
    assert "numpy_pickle.py:" in told["scale.joblib"]
    assert f"files that it read, and that do not travel: {here}/rules/rates.py (own_m" in str(saved)
    assert json.loads(json.dumps(saved.to_json()))["used_files"][0]["kind"] == "file"


def test_what_was_touched_is_taken_along_to_where_it_is_looked_for(
    project: Any, here: Path, target: Path, capsys: Any
) -> None:
    written(here)
    shown: list[str] = []
    saved = save(project.model(BY_PATH), target, carry="touched", report=shown.append)
    assert saved.verdict.status == "reproduces"
    assert saved.read_files == ()
    assert f"{here}/table.csv (4 B, as code/table.csv and working/table.csv)" in next(
        each for each in shown if each.startswith("taking along")
    )
    assert "taken along: " in str(saved)
    here.rename(here.with_name("gone"))
    assert modelenv.verify(target).status == "reproduces"
    assert modelenv.predict(target, [0]) == [1104]
    (target / "working" / "table.csv").write_text("5\n")
    with pytest.raises(modelenv.ModelenvError, match=r"working/table\.csv"):
        modelenv.predict(target, [0])


def test_the_command_shows_what_it_takes_along_before_the_report(
    project: Any, here: Path, target: Path
) -> None:
    (here / "table.csv").write_text("1\n")
    project.write("train.py", "import own_model\ndef build(): return own_model.Model(), [1]\n")
    project.model("return [int(open('table.csv').read()), *data]")
    command = [sys.executable, "-m", "modelenv", "save", "train:build", "-o", str(target)]
    command += ["--carry", "touched", "--json"]
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(f"taking along {here}/table.csv (2 B, as ")
    taken = json.loads(done.stdout)["project_files"]
    assert taken == [f"{here}/table.csv (2 B, as code/table.csv and working/table.csv)"]


@pytest.mark.parametrize("registered", [False, True])
def test_source_that_is_loaded_by_its_path_is_told_and_taken_along(
    registered: bool, project: Any, here: Path, target: Path
) -> None:
    project.write("rules/v7.py", "RATE = 3\n")
    model = project.model(f"""
        import importlib.util, os, sys
        file = os.path.join(os.path.dirname(__file__), "rules", "v7.py")
        spec = importlib.util.spec_from_file_location("pricing_rules", file)
        module = importlib.util.module_from_spec(spec)
        if {registered}:
            sys.modules["pricing_rules"] = module
        spec.loader.exec_module(module)
        return [module.RATE, *data]
    """)
    (told,) = save(model, target, prove=False).used_files
    assert (told.path, told.kind) == (str(here / "rules" / "v7.py"), "file")
    assert told.asked_by.startswith("own_model.py:") or registered
    taken = save(model, target, overwrite=True, carry="touched")
    assert taken.verdict.status == "reproduces"
    assert taken.used_files == ()


def test_a_library_of_ones_own_is_taken_along(project: Any, here: Path, target: Path) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("no compiler")
    (here / "two.c").write_text("int two(void) { return 2; }")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", "libtwo.so", "two.c"], cwd=here, check=True)
    model = project.model("""
        import ctypes, os
        library = ctypes.CDLL(os.path.join(os.path.dirname(__file__), "libtwo.so"))
        return [library.two() * each for each in data]
    """)
    said = r"do not travel: .*libtwo\.so \(own_model\.py:4\)"
    with pytest.raises(NotProvenError, match=said) as caught:
        save(model, target)
    assert caught.value.tried == 0  # no distribution would mend that
    assert save(model, target, carry="touched").verdict.status == "reproduces"


def test_what_is_named_by_its_absolute_path_is_said_not_to_be_found(
    project: Any, here: Path, target: Path
) -> None:
    (here / "table.csv").write_text("1")
    model = project.model(f"return [int(open({str(here / 'table.csv')!r}).read()), *data]")
    with pytest.raises(NotProvenError, match=r"travels as .* find it by __file__, or from the wor"):
        save(model, target, carry="touched")
    assert not target.exists()


def test_a_word_that_carry_does_not_know_is_refused(project: Any, target: Path) -> None:
    with pytest.raises(BadArgumentError, match="carry must be"):
        save(project.model("return data"), target, carry="all")


def test_programs_on_the_path_are_told_and_asked_about(
    project: Any, here: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = here / "bin" / "acmewc"
    project.write("bin/acmewc", "#!/bin/sh\nexec echo 3\n").chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    model = project.model("""
        import subprocess
        return [int(subprocess.run(["acmewc"], capture_output=True).stdout), *data]
    """)
    saved = save(model, target, allow_paths=[program.parent])
    assert [str(each) for each in saved.used_files] == [f"{program} (own_model.py:4)"]
    assert "programs that it started, and that do not travel: " in str(saved)
    for name in ("acmewc", str(program)):
        told = modelenv.why(target, name)
        assert told.kind == "program"
        assert str(told.chains[-1]).endswith(f"-> {program} (own_model.py:4 starts it)")


def test_zone_files_are_told_with_what_brings_them(project: Any, target: Path) -> None:
    if not Path("/usr/share/zoneinfo/Europe/Berlin").exists():
        pytest.skip("no zone files")
    model = project.model("""
        import datetime, zoneinfo
        zone = zoneinfo.ZoneInfo("Europe/Berlin")
        return [datetime.datetime.fromtimestamp(each, zone).hour for each in data]
    """)
    saved = save(model, target)
    (zones,) = [each for each in saved.system_packages if each.what == "time zones"]
    assert (zones.package, zones.distribution) == ("tzdata", "tzdata")
    assert zones.asked_by == "read by own_model.py:4"
    inspected = modelenv.inspect_model(target)
    assert inspected.mlmodel is not None
    assert inspected.mlmodel.system == saved.system
    assert inspected.to_json()["system"] == saved.system.to_json()
    assert f"of the system it ran on: {saved.system.release}: tzdata" in str(inspected)
    again = save(model, target, overwrite=True, extra_pip_requirements=["tzdata"])
    assert not any(each.what == "time zones" for each in again.system_packages)


# Links and archives.


def test_a_module_that_is_a_link_travels_as_a_file(project: Any, target: Path) -> None:
    project.write("common/shared.py", "def scale(x): return x * 3\n")
    project.write("svc/__init__.py", "")
    (project.root / "svc" / "shared.py").symlink_to("../common/shared.py")
    saved = save(
        project.model("from svc.shared import scale; return list(map(scale, data))"), target
    )
    assert saved.verdict.status == "reproduces"
    assert not (target / "code" / "svc" / "shared.py").is_symlink()
    assert saved.not_carried == ()


def test_a_link_to_a_file_of_a_distribution_is_code_of_ones_own(
    project: Any, own_site: Any, target: Path
) -> None:
    own_site.install("lexicon", {"lexicon.py": "VALUE = 3"})
    (project.root / "words.py").symlink_to(own_site.root / "lexicon.py")
    saved = save(project.model("import words; return [words.VALUE, *data]"), target)
    assert saved.pins == ()
    assert saved.first_party == ("own_model", "words")


def test_an_editable_install_all_of_links_travels_as_files(
    project: Any, own_site: Any, tmp_path: Path, target: Path
) -> None:
    source = project.write("src/tide/__init__.py", "from .curve import rise")
    project.write("src/tide/curve.py", "def rise(x): return x + 1")
    project.write("src/tide/lazy.py", "")
    project.write("src/tide/data/words.txt", "words")
    links = tmp_path / "build" / "__editable__.tide-1.0-py3-none-any"
    for file in ("__init__.py", "curve.py", "lazy.py", "data/words.txt"):
        (links / "tide" / file).parent.mkdir(parents=True, exist_ok=True)
        (links / "tide" / file).symlink_to(source.parent / file)
    info = own_site.install("tide", {"__editable__.tide-1.0.pth": f"{links}\n"})
    direct = {"url": project.root.as_uri(), "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(direct))
    sys.path.append(str(links))
    saved = save(project.model("import tide; return list(map(tide.rise, data))"), target)
    assert saved.verdict.status == "reproduces"
    assert saved.not_carried == ()
    carried = {file.name for file in (target / "code" / "tide").rglob("*") if file.is_file()}
    assert carried == {"__init__.py", "curve.py", "lazy.py", "words.txt"}
    assert not any(file.is_symlink() for file in (target / "code").rglob("*"))
    assert (target / "code" / "tide-1.0.dist-info" / "METADATA").is_file()


@pytest.mark.parametrize("name", ["lib.zip", "app.pyz"])
@pytest.mark.parametrize("inside", ["", "vendor/"])
def test_what_is_imported_from_an_archive_travels_as_files(
    name: str, inside: str, project: Any, tmp_path: Path, target: Path
) -> None:
    archive = tmp_path / name
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(f"{inside}zipped/__init__.py", "from .deep import VALUE")
        opened.writestr(f"{inside}zipped/deep.py", "VALUE = 3")
        opened.writestr(f"{inside}zipped/words.txt", "words")
        opened.writestr(f"{inside}json.py", "raise SystemExit")
    sys.path.append(str(archive / inside).rstrip("/"))
    saved = save(
        project.model("""
            import pkgutil, zipped
            return [zipped.VALUE, pkgutil.get_data("zipped", "words.txt").decode(), *data]
        """),
        target,
    )
    assert saved.verdict.status == "reproduces"
    assert saved.first_party == ("own_model", "zipped")
    assert saved.read_files == ()
    assert not (target / "code" / "json.py").exists()


@pytest.mark.slow
def test_a_strict_editable_install_of_setuptools_travels_as_files(tmp_path: Path) -> None:
    project = tmp_path / "tide"
    (project / "src" / "tide" / "data").mkdir(parents=True)
    (project / "src/tide/__init__.py").write_text("from .curve import Model\n")
    (project / "src/tide/curve.py").write_text(
        "class Model:\n    def predict(self, data): return [each + 1 for each in data]\n"
    )
    (project / "src/tide/data/words.txt").write_text("words")
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "tide"\nversion = "1.0"\n'
        '[tool.setuptools.package-data]\ntide = ["data/*"]\n'
    )
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    python = next(environment.glob("[Bb]in/python"))
    install = [str(python), "-m", "pip", "install", "-q"]
    strict = ["--config-settings", "editable_mode=strict"]
    subprocess.run([*install, "cloudpickle", "-e", str(project), *strict], check=True)
    links = next((project / "build").glob("__editable__*"))
    assert (links / "tide" / "curve.py").is_symlink()
    script = tmp_path / "model.py"
    script.write_text("from tide import Model\nmodel = Model()\n")
    saved = modelenv.save_model(script, tmp_path / "m", input_example=[1], python=python)
    assert saved.verdict is not None
    assert saved.verdict.status == "reproduces"
    assert (tmp_path / "m/code/tide/data/words.txt").read_text() == "words"
    assert not (tmp_path / "m/code/tide/curve.py").is_symlink()

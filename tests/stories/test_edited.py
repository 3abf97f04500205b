"""A model that ran with edited libraries is told so, and can travel with them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import modelenv
from modelenv.base.errors import WrongUseError
from modelenv.base.settings import Settings
from modelenv.cli import main
from modelenv.environments.replica import unpack
from modelenv.worker.errors import NotProvenError
from resolver import EditedError, NotBundledError

NUMBERS = [1, 2, 3]
GROW = "def grow(each):\n    return each + 1\n"
EDITED = "def grow(each):\n    from greenhouse.lamp import light\n    return light(each)\n"
LAMP = "def light(each):\n    return each + 10\n"
VERSION = r"1\.0\+edited\.[0-9a-f]{1,8}"


@pytest.fixture
def model(project: Any) -> Any:
    """Return a model that imports `greenhouse` when it predicts."""
    body = "from greenhouse import bed\nreturn [bed.grow(each) for each in data]"
    return project.model(body)


@pytest.fixture
def greenhouse(own_site: Any) -> None:
    """Install `greenhouse`, edit a module of it and add another."""
    files = {"greenhouse/__init__.py": "", "greenhouse/bed.py": GROW}
    own_site.install("greenhouse", files, hashed=True)
    edit(own_site)


def edit(site: Any) -> None:
    (site.root / "greenhouse/bed.py").write_text(EDITED)
    (site.root / "greenhouse/lamp.py").write_text(LAMP)


def save(model: Any, folder: Path, **options: Any) -> Any:
    return modelenv.save_model(model, folder, input_example=NUMBERS, **options)


def notes_on_edits(account: Any) -> list[str]:
    return [note for note in account.notes if "since it was installed" in note]


def test_the_account_names_what_was_edited_and_what_was_added(greenhouse, model, target):
    account = save(model, target)
    assert account.first_party == ("own_model",)  # what stands in a library is the library's
    assert notes_on_edits(account) == [
        "edited since it was installed: greenhouse/bed.py of greenhouse 1.0;"
        " added since it was installed: greenhouse/lamp.py of greenhouse 1.0;"
        " whoever installs greenhouse 1.0 gets it without that: reinstall it and save again, or let"
        ' it travel as it is with bundle="edited"'
    ]


def test_a_refusal_names_it_too(greenhouse, project, tmp_path, target):
    (tmp_path / "rate.txt").write_text("1")
    rate = f"int(open({str(tmp_path / 'rate.txt')!r}).read())"
    body = f"from greenhouse import bed\nreturn [bed.grow(each) * {rate} for each in data]"
    with pytest.raises(NotProvenError, match=r"edited since it was installed: greenhouse/bed\.py"):
        save(project.model(body), target)


def test_what_is_as_it_was_installed_is_not_named(own_site, model, target):
    files = {"greenhouse/__init__.py": "", "greenhouse/bed.py": GROW}
    own_site.install("greenhouse", files, hashed=True)
    assert notes_on_edits(save(model, target, strict=True)) == []


@pytest.mark.parametrize("how", ["edited", "added"])
def test_data_that_a_library_read_is_named_too(own_site, project, target, how):
    code = (
        "import pathlib\nHERE = pathlib.Path(__file__).parent\n"
        "def grow(each):\n    return each + int((HERE / 'rate.txt').read_text())\n"
    )
    files = {"greenhouse/__init__.py": code, "greenhouse/rate.txt": "1"}
    if how == "added":
        del files["greenhouse/rate.txt"]
    own_site.install("greenhouse", files, hashed=True)
    (own_site.root / "greenhouse/rate.txt").write_text("5")
    model = project.model("import greenhouse\nreturn [greenhouse.grow(each) for each in data]")
    with pytest.raises(EditedError, match=r"greenhouse/rate\.txt of greenhouse 1\.0"):
        save(model, target, strict=True)
    save(model, target, bundle="edited")
    (own_site.root / "greenhouse/rate.txt").write_text("7")
    assert modelenv.verify(target).status == "reproduces"


def test_strict_refuses_it_with_the_file_and_the_way_out(greenhouse, model, target):
    with pytest.raises(EditedError) as caught:
        save(model, target, strict=True)
    assert caught.value.files == (
        "greenhouse/bed.py of greenhouse 1.0",
        "greenhouse/lamp.py of greenhouse 1.0",
    )
    assert re.search(r"Reinstall.*bundle=\"edited\"", str(caught.value))
    assert not target.exists()


def test_it_travels_under_a_local_version_that_all_files_say(greenhouse, model, target, tmp_path):
    account = save(model, target, strict=True, bundle="edited")
    assert account.verdict.status == "reproduces"
    (pin,) = account.pins
    assert re.fullmatch(f"greenhouse=={VERSION}", pin)
    for name in ("requirements.txt", "conda.yaml"):
        assert pin in (target / name).read_text()
    assert pin.partition("==")[2] in (target / "pylock.toml").read_text()
    (wheel,) = target.glob("wheels/*.whl")
    assert notes_on_edits(account) == [
        f"greenhouse travels as wheels/{wheel.name};"
        " edited since it was installed: greenhouse/bed.py of greenhouse 1.0;"
        " added since it was installed: greenhouse/lamp.py of greenhouse 1.0"
    ]
    unpack(wheel, tmp_path / "unpacked")
    assert (tmp_path / "unpacked/purelib/greenhouse/bed.py").read_text() == EDITED
    assert (tmp_path / "unpacked/purelib/greenhouse/lamp.py").read_text() == LAMP


def test_the_proof_and_verify_run_what_the_wheel_holds(greenhouse, own_site, model, target):
    save(model, target, bundle="edited")
    (own_site.root / "greenhouse/bed.py").write_text(GROW)
    (own_site.root / "greenhouse/lamp.py").unlink()
    assert modelenv.verify(target).status == "reproduces"
    assert json.loads((target / "prediction.json").read_text()) == [11, 12, 13]


@pytest.mark.skipif(Settings.from_environment().uv is None, reason="uv is not here")
def test_verify_says_from_which_wheel_and_sources_an_environment_was_built(
    greenhouse, model, target, monkeypatch, capsys
):
    for name in ("UV_INDEX", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_NO_INDEX", "1")
    save(model, target, bundle="edited")
    (wheel,) = target.glob("wheels/*.whl")
    main(["verify", "-m", str(target), "--env-manager", "uv", "--json"])
    said = json.loads(capsys.readouterr().out)
    assert said["status"] == "reproduces"
    assert (said["built"]["wheels"], said["built"]["sources"]) == ([wheel.name], ["--no-index"])
    monkeypatch.setenv("UV_FIND_LINKS", str(target.parent))
    main(["verify", "-m", str(target), "--env-manager", "uv"])
    verdict, built, now = capsys.readouterr().out.splitlines()
    assert verdict.startswith("reproduces in an environment built with uv")
    assert built.endswith(f"from --no-index, the folder's {wheel.name}")
    assert now.startswith(f"it would be built from --no-index, --find-links {target.parent} now")


def test_a_commit_that_was_edited_travels_too_and_a_label_stays(own_site, model, target):
    files = {"greenhouse/__init__.py": "", "greenhouse/bed.py": GROW}
    info = own_site.install("greenhouse", files, version="2.0+cpu", hashed=True)
    origin = {"url": "https://host/r.git", "vcs_info": {"vcs": "git", "commit_id": "ab12"}}
    (info / "direct_url.json").write_text(json.dumps(origin))
    edit(own_site)
    (pin,) = save(model, target, bundle="edited").pins
    assert re.fullmatch(r"greenhouse==2\.0\+cpu\.edited\.[0-9a-f]{1,8}", pin)


def test_who_requires_exactly_the_other_version_is_named(greenhouse, own_site, project, target):
    own_site.install("host", {"host.py": "import greenhouse"}, requires=["greenhouse===1.0"])
    model = project.model("import host\nfrom greenhouse import bed\nreturn bed.grow(1)")
    with pytest.raises(NotBundledError, match=r"host requires greenhouse===1\.0"):
        save(model, target, bundle="edited")


def test_what_ran_and_is_not_pinned_is_not_named(greenhouse, own_site, project, target):
    own_site.install("host", {"host.py": "try:\n  import greenhouse.bed\nexcept ImportError: ..."})
    model = project.model("import host\nreturn data")
    account = save(model, target, strict=True)
    assert [each.name for each in account.left_out] == ["greenhouse"]
    assert notes_on_edits(account) == []


def test_a_distribution_travels_by_its_name(own_site, model, target):
    files = {"greenhouse/__init__.py": "", "greenhouse/bed.py": GROW}
    own_site.install("greenhouse", files, hashed=True)
    account = save(model, target, bundle=["Greenhouse"])
    assert account.pins == ("greenhouse==1.0",)
    assert [each.name for each in target.glob("wheels/*")] == ["greenhouse-1.0-1-py3-none-any.whl"]
    assert yaml.safe_load((target / "conda.yaml").read_text())["dependencies"][-1]["pip"][0] == (
        "--find-links wheels"
    )


def test_a_name_that_is_no_pin_is_told(own_site, model, target):
    own_site.install("greenhouse", {"greenhouse/__init__.py": "", "greenhouse/bed.py": GROW})
    own_site.install("orchard")
    notes = save(model, target, bundle=["edited", "orchard"]).notes
    assert "bundle: orchard is not among the pins" in notes


def test_a_name_that_is_no_distribution_is_refused(own_site, model, target):
    own_site.install("greenhouse", {"greenhouse/__init__.py": "", "greenhouse/bed.py": GROW})
    with pytest.raises(WrongUseError, match="bundle: orchard is no distribution of the model"):
        save(model, target, bundle=["greenhouse", "orchard"])
    assert not target.exists()


def test_the_index_is_asked_only_where_that_is_wished(
    own_site, model, target, tmp_path, monkeypatch
):
    pytest.importorskip("pip")
    files = {"greenhouse/__init__.py": "", "greenhouse/bed.py": GROW}
    (own_site.install("greenhouse", files) / "INSTALLER").write_text("pip")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert save(model, target).notes == ()
    (forbidden,) = save(model, target, ask_index=True, overwrite=True).notes
    assert forbidden.endswith("no-index of pip's configuration forbids that")
    monkeypatch.delenv("PIP_NO_INDEX")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    (tmp_path / "index" / "greenhouse").mkdir(parents=True)
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "index").as_uri())
    asked = save(model, target, ask_index=True, overwrite=True)
    assert (
        "not to be had from the configured index: greenhouse 1.0 (by pip); made into wheels they"
        " travel with bundle='greenhouse'"
    ) in asked.notes
    carried = save(model, target, ask_index=True, bundle="greenhouse", overwrite=True)
    assert not any("not to be had" in note for note in carried.notes)


def test_the_command_takes_it_more_than_once(greenhouse, project, target, capsys, monkeypatch):
    project.write(
        "train.py",
        "class Model:\n    def predict(self, data):\n        from greenhouse import bed\n"
        "        return [bed.grow(each) for each in data]\n"
        "def build():\n    return Model(), [1]\n",
    )
    command = ["save", "train:build", "-o", str(target), "--strict", "--json"]
    monkeypatch.chdir(project.root)
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 2
    assert "--bundle edited" in capsys.readouterr().out
    main([*command, "--bundle", "edited", "--bundle", "greenhouse"])
    (pin,) = json.loads(capsys.readouterr().out)["pins"]
    assert re.fullmatch(f"greenhouse=={VERSION}", pin["requirement"])

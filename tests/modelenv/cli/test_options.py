"""The command has the functions' arguments as options; the table lists the exceptions."""

from __future__ import annotations

import json
import pickle
from dataclasses import fields
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import pytest

import modelenv
from modelenv.cli import edit, main, repair, save
from modelenv.cli.commands import COMMANDS
from modelenv.cli.deploy import export, pack, serve, ship
from modelenv.cli.fleet import audit
from modelenv.cli.fleet.group import fleet
from modelenv.cli.run import audit as auditing
from modelenv.cli.run import inspect, predict, verify
from modelenv.cli.time import bisection, reviving, upgrading
from modelenv.fleet.fleets import FleetOptions
from modelenv.run.isolated import RunOptions
from modelenv.save.account import Account
from modelenv.save.inputs import Policy
from modelenv.save.pickled import capture_pickle
from modelenv.serving import server
from modelenv.ship.image import ImageOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class Pair(NamedTuple):
    """A command and the function that does what it does."""

    command: click.Command
    function: Callable[..., Any]
    called: Mapping[str, str] = {}
    """Parameters that the command calls otherwise."""
    python: frozenset[str] = frozenset()
    """What only Python can give: functions to be told by, objects of ours."""
    typed: frozenset[str] = frozenset()
    """What only the command has: forms of its input and of its report."""


TOLD = frozenset({"report", "progress"})
JSON = frozenset({"as_json", "progress", "quiet", "verbose"})
FLEET = JSON | {"lists", "output"}
RUN = {"folder": "model", "pip_requirements_override": "override"}
EDIT = {"folder": "model"}


def spread(names: Iterable[str]) -> set[str]:
    """Return the names, and in the place of a value of many options those.

    Which lines are the user's own a command knows.
    """
    many = {
        "indexes": {each.name for each in fields(modelenv.Indexes)} - {"own"},
        "fleet": {each.name for each in fields(FleetOptions)} - TOLD,
    }
    return set().union(*(many.get(name, {name}) for name in names))


IMAGE = spread(each.name for each in fields(ImageOptions))
"""What makes one value where Python is told it."""
FILES = set(signature(modelenv.predict_files).parameters) - set(
    signature(modelenv.predict).parameters
)
"""What is asked for of files, which another function predicts on."""
PAIRS = {
    "save": Pair(
        save.save,
        modelenv.save_model,
        python=TOLD,
        # A function that gives the model and its example, in the place of both.
        typed=JSON | {"source", "no_code"},
    ),
    "capture": Pair(
        save.capture,
        capture_pickle,
        {"input": "input_"},
        python=TOLD | {"options"},
        typed=JSON
        | {each.name for each in fields(Policy)} - {"manager", "seal"}
        | {"seal", "allow_hosts", "allow_paths"}
        | {"extra_pip_requirements", "pip_requirements", "constraints", "overrides", "exclude"}
        | {"groups", "extras"}
        | spread(["indexes"]),
    ),
    "predict": Pair(
        predict.predict,
        modelenv.predict,
        {**RUN, "data": "input_"},
        frozenset({"unpickle"}),  # it writes text, and unpickles nothing
        typed=JSON | {"content_type", "output"} | FILES,
    ),
    "serve": Pair(
        serve.serve,
        server.serve,
        {"pip_requirements_override": "override", "timeout": "within"},
        typed=frozenset({"progress"}),
    ),
    "generate-dockerfile": Pair(
        ship.generate_dockerfile,
        modelenv.generate_dockerfile,
        EDIT,
        TOLD | {"options"},
        JSON | IMAGE,
    ),
    "build-docker": Pair(
        ship.build_docker, modelenv.build_docker, EDIT, TOLD | {"options"}, JSON | IMAGE
    ),
    "export image": Pair(
        export.export, modelenv.export_model, EDIT, TOLD, JSON | {"target", "python"}
    ),
    "export environment": Pair(
        export.export,
        modelenv.export_environment,
        EDIT,
        TOLD,
        JSON | {"base", "name", "platform", "server", "system_packages", "base_has"},
    ),
    "pack": Pair(pack.pack, modelenv.pack_environment, EDIT, TOLD, JSON),
    "verify": Pair(verify.verify, modelenv.verify, RUN, typed=JSON | {"index", "deep"}),
    "inspect": Pair(inspect.inspect, modelenv.inspect_model, EDIT, typed=JSON),
    "why": Pair(
        inspect.why, modelenv.why, {**EDIT, "limit": "all_"}, frozenset({"installed"}), JSON
    ),
    "report": Pair(inspect.report, modelenv.report_model, EDIT, frozenset({"installed"}), JSON),
    "fix": Pair(repair.fix, modelenv.fix, EDIT, TOLD, JSON),
    "minimize": Pair(repair.minimize, modelenv.minimize, EDIT, TOLD, JSON),
    "revive": Pair(reviving.revive, modelenv.revive, EDIT, TOLD, JSON),
    "bisect": Pair(bisection.bisect, modelenv.bisect, EDIT, TOLD, JSON),
    "upgrade": Pair(upgrading.upgrade, modelenv.upgrade, EDIT, TOLD, JSON),
    "lock": Pair(edit.lock, modelenv.lock_model, EDIT, TOLD | {"sources"}, JSON),
    "requirements add": Pair(
        edit.add,
        modelenv.update_requirements,
        {**EDIT, "add": "lines", "index": "no_index"},
        TOLD | {"remove", "replace_all"},
        JSON | {"files"},
    ),
    "requirements remove": Pair(
        edit.remove,
        modelenv.update_requirements,
        {**EDIT, "remove": "names", "index": "no_index"},
        TOLD | {"add", "replace_all", "groups", "extras"},
        JSON,
    ),
    "requirements set": Pair(
        edit.set_,
        modelenv.update_requirements,
        {**EDIT, "replace_all": "lines", "index": "no_index"},
        TOLD | {"add", "remove"},
        JSON | {"files"},
    ),
    "audit": Pair(auditing.audit, modelenv.audit_model, EDIT, TOLD, JSON),
    "fleet verify": Pair(fleet.commands["verify"], modelenv.verify_fleet, RUN, typed=FLEET),
    "fleet inspect": Pair(fleet.commands["inspect"], modelenv.inspect_fleet, typed=FLEET),
    "fleet audit": Pair(audit.audit, modelenv.audit_fleet, typed=FLEET),
    "fleet lock": Pair(fleet.commands["lock"], modelenv.lock_fleet, typed=FLEET),
    "fleet migrate": Pair(fleet.commands["migrate"], modelenv.migrate_fleet, typed=FLEET),
    "migrate-channels": Pair(edit.migrate_channels, modelenv.migrate_channels, typed=JSON),
}
# A function of another package does it, or several do; or they list what there is.
OTHERS = {"completion", "explain", "trace", "diagnose", "cache", "diff", "requirements"}


@pytest.mark.parametrize("name", PAIRS)
def test_what_a_function_takes_its_command_takes(name: str) -> None:
    pair = PAIRS[name]
    options = {str(each.name) for each in pair.command.params}
    parameters = {
        pair.called.get(each, each) for each in spread(signature(pair.function).parameters)
    } - pair.python
    assert parameters - options == set()
    assert options - parameters - pair.typed == set()


def test_what_files_may_be_told_is_an_option_of_predict() -> None:
    options = {str(each.name) for each in predict.predict.params}
    called = {**RUN, "input": "input_", "progress": "as_json"}
    parameters = spread(signature(modelenv.predict_files).parameters)
    assert {called.get(each, each) for each in parameters} <= options


def test_no_command_is_forgotten() -> None:
    assert {name.split()[0] for name in PAIRS} | OTHERS == set(COMMANDS)


def test_what_a_run_may_be_told_is_an_option_of_predict() -> None:
    options = {str(each.name) for each in predict.predict.params}
    called = {"manager": "env_manager"}
    wanted = spread(called.get(each.name, each.name) for each in fields(RunOptions))
    assert wanted - options == {"lock", "report", "settings"}  # the first is of verify


TRAIN = """
class Model:
    def load_context(self, context):
        with open(context.artifacts["more"]) as file:
            self.more = int(file.read())
    def predict(self, context, data):
        return [each + self.more for each in data]
def build():
    return Model(), [1, 2]
"""


@pytest.fixture
def command(project: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Any:
    project.write("own_train.py", TRAIN)
    project.write("more.txt", "5")
    project.write("beside/module.py", "")
    project.write("mine.yaml", "author: me\nruns: [1, 2]\n")
    monkeypatch.chdir(project.root)

    def ran(*words: str) -> Any:
        main([*words])
        return capsys.readouterr()

    return ran


def test_each_of_them_does_what_it_says(command: Any, target: Path) -> None:
    Path("further.pkl").write_bytes(pickle.dumps([7]))
    words = ["save", "own_train:build", "-o", str(target), "--json"]
    words += ["--artifact", "more=more.txt", "--code-path", "beside", "--metadata", "mine.yaml"]
    words += ["--further-example", "further.pkl", "--no-hashes", "--link-artifacts"]
    said = json.loads(command(*words).out)
    assert said["proof"]["status"] == "reproduces"
    folder = modelenv.inspect_model(target).to_json()
    assert (target / "code" / "beside" / "module.py").is_file()
    assert (target / "artifacts" / "more" / "more.txt").samefile("more.txt")
    assert json.loads((target / "prediction.json").read_text()) == [[6, 7], [12]]
    text = (target / "MLmodel").read_text()
    assert "author: me" in text
    assert "sha256: {}" in text
    assert folder
    again = [*words[:5], "--artifact", "more=more.txt", "--overwrite", "--trace-in-process"]
    said = json.loads(command(*again).out)
    assert any("traced in this process" in note for note in said["notes"])
    assert "sha256: {}" not in (target / "MLmodel").read_text()


@pytest.mark.parametrize("option", ["-c", "--override"])
def test_a_word_may_be_a_file_of_lines(command: Any, target: Path, option: str) -> None:
    Path("limits.txt").write_text("own-a<2\nown-b==1\n")
    words = ["save", "own_train:build", "-o", str(target), "--artifact", "more=more.txt"]
    command(*words, option, "limits.txt")
    Path("limits.txt").write_text("own-a <<< 2\n")
    with pytest.raises(SystemExit) as ended:
        command(*words, option, "limits.txt", "--overwrite")
    assert ended.value.code == 2
    with pytest.raises(SystemExit) as ended:
        command(*words, option, "absent.txt", "--overwrite")
    assert ended.value.code == 2


def test_no_code_travels_where_none_is_wanted(command: Any, target: Path, capsys: Any) -> None:
    words = ["save", "own_train:build", "-o", str(target), "--artifact", "more=more.txt"]
    with pytest.raises(SystemExit):
        main([*words, "--no-code"])  # and without its module the model cannot be loaded
    assert "own_train is a module of your own that is not carried" in capsys.readouterr().err
    assert not target.exists()


# What of an account is said where in its JSON.
IN_JSON = {
    "path": {"path"},
    "environment": {
        *("python", "options", "constraints", "conda", "build_dependencies", "locked"),
    },
    "resolution": {"pins", "moves"},
    "reasons": {"pins"},
    "verdict": {"proof"},
    "repeatability": {"deterministic", "compared", "not_compared", "difference"},
    "variables": {"environment"},
}


def test_an_account_says_all_of_it_as_json(project: Any, target: Path) -> None:
    said = modelenv.save_model(project.model("return data"), target, input_example=[1]).to_json()
    for each in fields(Account):
        assert IN_JSON.get(each.name, {each.name}) <= said.keys(), each.name
    known = {key for each in fields(Account) for key in IN_JSON.get(each.name, {each.name})}
    assert said.keys() - known == {"schema", "read_files", "system_packages"}
    json.dumps(said)

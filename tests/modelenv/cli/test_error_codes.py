"""Each error has a code that stays, and a page that explains it, at the command line too."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from pathlib import Path
from typing import Any

import click
import pytest

import envfiles
import modelenv
import resolver
import tracer
from modelenv.base.doors import as_ours
from modelenv.base.telling.error_codes import ERROR_CODES, code_of
from modelenv.cli import main
from modelenv.cli.commands import COMMANDS
from modelenv.cli.group import modelenv as group
from modelenv.cli.help.explain import explanation, page
from modelenv.folder.errors import BadFolderError

ROOT = Path(__file__).parents[3]
ROOTS = {
    modelenv: modelenv.ModelenvError,
    tracer: tracer.TracerError,
    resolver: resolver.ResolverError,
    envfiles: envfiles.EnvFilesError,
}
# All that were ever given. A line is added for a new error; none is changed or taken out, though
# its class may be gone: whoever looks a code up finds what it meant.
EVER = """
ME0001 ModelenvError
ME0002 WrongUseError
ME0003 BadArgumentError
ME0004 NotMadeError
ME0005 UndatedError
ME0006 UserCodeError
ME0007 SiblingMissingError
ME0008 SiblingOverwrittenError
ME0009 UnwritableError
ME0010 NoScratchError
ME0011 UntrustedFileError
ME0012 UnknownHostError
ME0013 NotLocalError
ME0014 DownloadFailedError
ME0101 NotAModelError
ME0102 NotPicklableError
ME0103 BadArtifactError
ME0104 BadCodePathError
ME0105 CodeClashError
ME0106 CompiledCodeError
ME0107 HashMismatchError
ME0108 HashesMissingError
ME0201 BadFolderError
ME0202 ChangedContentError
ME0203 PythonMissingError
ME0204 PythonTooOldError
ME0205 ManagerMissingError
ME0206 NotReplicableError
ME0207 NotUnpackedError
ME0208 NoRoomError
ME0209 BuildFailedError
ME0210 AnotherEnvironmentError
ME0211 FixedEnvironmentError
ME0212 BadPackError
ME0213 LoadForbiddenError
ME0301 RunFailedError
ME0302 NotProvenError
ME0303 UntypedPredictionError
ME0304 WrongInterpreterError
ME0305 SealUnavailableError
ME0306 SealFailedError
ME0307 LockRefusedError
ME0401 RequestError
ME0402 FolderChangedError
ME0403 BatchError
ME0404 BatchFailedError
ME0405 WorkerEndedError
ME0406 NodeError
ME0407 FilesError
ME0408 EngineFailedError
ME0409 RunStoppedError
ME0410 OutputStandsError
ME0411 OtherRunError
ME0412 RowsRefusedError
ME0413 OtherColumnsError
ME0414 NoSuchFormError
ME0501 StateFileError
ME0502 FleetBusyError
ME0503 EngineMissingError
ME0504 ClusterFailedError
ME0505 OtherVersionError
ME0506 TableFormatError
ME0507 PipAuditMissingError
ME0508 PipAuditFailedError
ME0601 NoImageError
ME0602 NoEngineError
ME0603 ImageBuildError
ME0604 NotReproducedError
ME0605 NoElfReaderError
ME0606 NoPackError
ME0607 PackNotProvenError
ME0608 NoWheelsError
ME0609 NotExportedError
ME0610 TemplatesMissingError
ME0611 NotReportedError
ME0701 NoDateError
ME0702 NothingAdvisedError
ME0703 NoModelError
ME0704 NoPythonError
ME0705 BytecodeError
ME0801 ResolverError
ME0802 ConflictError
ME0803 UnbuiltError
ME0804 ContradictoryLinesError
ME0805 RequirementsError
ME0806 TooManyInputsError
ME0807 MovedError
ME0808 EditedError
ME0809 UndecidedError
ME0810 SourceError
ME0811 FalseAnswerError
ME0812 ConfigurationError
ME0813 MetadataError
ME0814 BrokenMetadataError
ME0815 UnstatedMetadataError
ME0816 BuildError
ME0817 NotBundledError
ME0818 PipCheckError
ME0819 MomentError
ME0820 TargetError
ME0821 WrongTargetError
ME0822 AlikeTargetsError
ME0901 EnvFilesError
ME0902 FaultyError
ME0903 InvalidEntry
ME0904 InvalidFile
ME0905 InvalidSpec
ME0906 Disagreement
ME0907 StoreError
ME0908 TargetExists
ME0909 TargetRefused
ME0910 TargetUnwritable
ME0911 TargetBusy
ME0912 TargetChanged
ME0913 OldFolderRemains
ME0914 PackagingTooOld
ME1001 TracerError
ME1002 UnreadableTraceError
ME1003 UnreadablePickleError
ME1004 CallFailedError
"""


def below(kind: type[BaseException]) -> set[type[BaseException]]:
    own = [each for each in kind.__subclasses__() if each.__module__.split(".")[0] in NAMES]
    return {kind}.union(*map(below, own))


NAMES = {package.__name__ for package in ROOTS}


def classes() -> set[type[BaseException]]:
    """Return all errors of the four packages: those that a function of ours may raise."""
    for package in ROOTS:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            file = ROOT.joinpath(*module.name.split(".")).with_suffix(".py")
            if file.is_file() and re.search(r"class \w+\(.*Error\)", file.read_text("utf-8")):
                importlib.import_module(module.name)
    found = set().union(*map(below, ROOTS.values()))
    return {each for each in found if each.__module__.split(".")[0] in NAMES}


def test_every_error_has_a_code_of_its_own() -> None:
    declared = {each.__name__ for each in classes()}
    assert declared == set(ERROR_CODES)
    assert all(re.fullmatch(r"ME\d{4}", code) for code in ERROR_CODES.values())
    assert len(set(ERROR_CODES.values())) == len(ERROR_CODES)


def test_a_code_is_never_changed_and_never_used_again() -> None:
    ever = dict(line.split() for line in EVER.split("\n") if line)
    assert len(ever) == len([line for line in EVER.split("\n") if line])
    assert {code: name for name, code in ERROR_CODES.items()}.items() <= ever.items()


def test_every_code_is_explained_once_and_in_order() -> None:
    told = re.findall(r"^### (ME\d{4})\n\n`(\w+)`\. ", page(), re.MULTILINE)
    assert told == [(code, name) for name, code in ERROR_CODES.items()]
    assert [code for code, _ in told] == sorted(code for code, _ in told)
    for code, _ in told:
        assert len(explanation(code, page()).split()) >= 15, code


def options(command: click.Command) -> set[str]:
    """Return all options of a command and of those below it."""
    own = {each for parameter in command.params for each in parameter.opts}
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            own |= options(below)
    return own


def test_what_the_page_advises_exists() -> None:
    text = page()
    known = options(group)
    of_others = {"--force-reinstall", "--no-deps", "--tmpfs"}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - of_others - known <= {"--json"}
    assert set(re.findall(r"`modelenv ([a-z-]+)", text)) <= set(COMMANDS)


def test_the_page_travels_in_the_wheel() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    included = text.partition("wheel.force-include]\n")[2].partition("\n\n")[0]
    assert included.startswith('"docs/errors.md" = "modelenv/cli/help/errors.md"')


def test_an_error_without_a_code_has_that_of_its_parent() -> None:
    class FurtherError(BadFolderError):
        """One of somebody else."""

    assert code_of(FurtherError) == "ME0201"
    assert code_of(type("ConflictError", (Exception,), {})) == ""
    assert code_of(type(as_ours(FileNotFoundError(2, "no such file", "x")))) == "ME0002"
    assert code_of(type(as_ours(resolver.ConflictError(("x",))))) == "ME0802"


def test_an_error_in_python_has_the_code_that_the_command_prints(tmp_path: Path) -> None:
    with pytest.raises(BadFolderError) as absent:
        modelenv.verify(tmp_path / "absent")
    assert absent.value.code == "ME0201"
    (tmp_path / "MLmodel").write_text("flavors: [")
    with pytest.raises(modelenv.ModelenvError) as faulty:
        modelenv.update_requirements(tmp_path, add=["a ==== 1"])
    assert faulty.value.code == ERROR_CODES[type(faulty.value).__name__]
    of_sibling = as_ours(resolver.ConflictError(("x",)))
    assert isinstance(of_sibling, modelenv.ModelenvError)
    assert of_sibling.code == "ME0802"
    assert [each for each in classes() if "code" in vars(each)] == [modelenv.ModelenvError]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: str) -> tuple[Any, str, str]:
        code: object = 0
        try:
            main([*words])
        except SystemExit as ended:
            code = ended.code
        told = capsys.readouterr()
        return code or 0, told.out, told.err

    return run


def test_a_message_ends_with_its_code(command: Any, tmp_path: Path) -> None:
    absent = str(tmp_path / "absent")
    code, out, err = command("verify", "-m", absent)
    assert (code, out) == (2, "")
    assert err.endswith("there is no such folder [ME0201]\n")
    code, out, _ = command("verify", "-m", absent, "--json")
    assert (code, json.loads(out)["error"]["code"]) == (2, "ME0201")


def test_a_message_of_many_lines_has_it_on_one_of_its_own(command: Any, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("a ==== 1\nb ==== 2\n")
    _, _, err = command("diff", str(tmp_path / "requirements.txt"), str(tmp_path))
    assert len(err.splitlines()) > 2
    assert err.splitlines()[-1] == "[ME0904]"


def test_wrong_use_of_an_option_has_none(command: Any) -> None:
    code, _, err = command("verify", "--nope")
    assert (code, "[ME" in err) == (2, False)
    _, out, _ = command("verify", "--nope", "--json")
    assert "code" not in json.loads(out)["error"]


@pytest.mark.parametrize("word", ["ME0802", "me0802", "[ME0802]", "ConflictError"])
def test_it_is_explained_by_code_and_by_class(word: str, command: Any) -> None:
    code, out, err = command("explain", word)
    assert (code, err) == (0, "")
    assert out.startswith("ME0802 ConflictError\n\nThe requirements cannot all be met.")
    assert "](" not in out
    assert "ME0803" not in out


def test_all_are_listed(command: Any) -> None:
    code, out, _ = command("explain")
    assert (code, len(out.splitlines())) == (0, len(ERROR_CODES))
    _, out, _ = command("explain", "--json")
    assert json.loads(out)["errors"]["ME0201"] == "BadFolderError"


def test_what_is_no_error_is_refused_with_the_one_that_was_meant(command: Any) -> None:
    code, out, err = command("explain", "BadFoldrError")
    assert (code, out) == (2, "")
    assert "Did you mean BadFolderError" in err

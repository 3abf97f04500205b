from __future__ import annotations

import re
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from envfiles import (
    Entry,
    EnvSpec,
    InvalidFile,
    Lock,
    Locked,
    LockedFile,
    read_folder,
    update_files,
    write_files,
)
from envfiles.credentials import VARIABLE, mask, notes, protect, secrets_in, strip
from envfiles.formats.conda_yaml import read_conda
from envfiles.requirements.reader import parse_requirements

from .. import pip_parser

SECRET = "s3cr3t-t0ken"


@pytest.mark.parametrize(
    ("url", "protected", "stripped"),
    [
        ("https://me:pw@h/s", "https://${H_USERNAME}:${H_PASSWORD}@h/s", "https://h/s"),
        ("https://tok@h.x:80/s", "https://${H_X_80_TOKEN}@h.x:80/s", "https://h.x:80/s"),
        ("https://${A}:${B}@h/", "https://${A}:${B}@h/", "https://h/"),
        ("https://${A}:pw@h/", "https://${A}:${H_PASSWORD}@h/", "https://h/"),
        ("https://me:p@w@h/", "https://${H_USERNAME}:${H_PASSWORD}@h/", "https://h/"),
        ("https://:pw@h/", "https://:${H_PASSWORD}@h/", "https://h/"),
        ("git+ssh://git@h/r@1a", "git+ssh://git@h/r@1a", "git+ssh://git@h/r@1a"),
        ("ssh://me:pw@h/r", "ssh://me:${H_PASSWORD}@h/r", "ssh://me@h/r"),
        ("https://__token__:pw@h/", "https://__token__:${H_PASSWORD}@h/", "https://h/"),
        ("https://h/t/pw/chan", "https://h/t/${H_TOKEN}/chan", "https://h/chan"),
        ("https://h/a?token=pw&b=1", "https://h/a?token=${H_TOKEN}&b=1", "https://h/a?b=1"),
        ("https://h/a@1.whl", "https://h/a@1.whl", "https://h/a@1.whl"),
        ("no url: me:pw@h", "no url: me:pw@h", "no url: me:pw@h"),
        ("https://h/s#token=pw", "https://h/s#token=${H_TOKEN}", "https://h/s"),
        ("https://h/token/pwd/s", "https://h/token/${H_TOKEN}/s", "https://h/token/pwd/s"),
        (
            "https://h/s#sha256=0a1b2c3d4e",
            "https://h/s#sha256=0a1b2c3d4e",
            "https://h/s#sha256=0a1b2c3d4e",
        ),
        ("https://a-b.h/t/pw/c", "https://a-b.h/t/${A__B_H_TOKEN}/c", "https://a-b.h/c"),
        (
            "https://tok@127.0.0.1/s",
            "https://${_127_0_0_1_TOKEN}@127.0.0.1/s",
            "https://127.0.0.1/s",
        ),
    ],
)
def test_a_secret_becomes_a_variable_that_pip_reads(
    url: str, protected: str, stripped: str
) -> None:
    assert protect(url) == protected
    assert protect(protected) == protected
    assert strip(url) == stripped


def test_pip_reads_the_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("H_USERNAME", "me")
    monkeypatch.setenv("H_PASSWORD", "pw")
    text = protect("--index-url https://me:pw@h/simple")
    ((_, line),) = pip_parser.logical_lines(text)
    assert line == "--index-url https://me:pw@h/simple"


def spec() -> EnvSpec:
    url = f"https://me:{SECRET}@host/simple"
    artifact = LockedFile(
        file="a-1-py3-none-any.whl",
        hashes=("sha256:" + "0" * 64,),
        url=f"https://me:{SECRET}@host/a-1-py3-none-any.whl",
    )
    return EnvSpec(
        python="3.11.7",
        requirements=(
            Entry("a==1"),
            Entry(f"b @ git+https://{SECRET}@host/b@1f2e"),
            Entry(f"c @ https://host/c.whl?X-Amz-Signature={SECRET}"),
        ),
        options=(f"--index-url {url}", f"--find-links {url}", f"--extra-index-url={url}"),
        unnamed=(f"-e git+https://me:{SECRET}@host/d#egg=d", f"https://{SECRET}@host/e.whl"),
        channels=(f"https://host/t/{SECRET}/conda", f"https://me:{SECRET}@host/conda"),
        conda_dependencies=(f"https://host/t/{SECRET}/linux-64/f-1-0.tar.bz2",),
        lock=Lock(
            packages=(
                Locked(name="a", version="1", artifacts=(artifact,)),
                Locked(name="b", reference=f"git+https://{SECRET}@host/b@1f2e"),
                Locked(name="c", reference=f"https://{SECRET}@host/c", archive=artifact.hashes),
            )
        ),
    )


def test_no_file_holds_a_secret_and_the_file_says_what_to_set() -> None:
    pytest.importorskip("packaging.pylock")
    files = write_files(spec())
    assert SECRET not in "".join(files.values())
    assert SECRET not in repr(spec())
    assert "# Set HOST_" in files["requirements.txt"]
    assert "${HOST_TOKEN}" in "".join(yaml.safe_load(files["conda.yaml"])["channels"])
    assert parse_requirements(files["requirements.txt"]).spelled_options() == spec().options


def test_the_notes_name_the_variables_by_host() -> None:
    assert notes([protect("https://me:pw@h/s")]) == (
        "set H_USERNAME and H_PASSWORD: the credentials for h are in no file",
    )
    assert any("HOST_USERNAME" in note for note in spec().notes)
    assert EnvSpec(python="3.11.7", requirements=()).notes == ()


def test_an_error_does_not_tell_a_secret() -> None:
    with pytest.raises(InvalidFile) as caught:
        parse_requirements(f"--isolated https://me:{SECRET}@host/\nx https://me:{SECRET}@host/y")
    assert SECRET not in str(caught.value)


URL = f"https://me:{SECRET}@host/simple"
FILES = {
    "requirements.txt": (
        f"# from {URL}\n-i {URL}\na @ {URL}/a.whl\n-e git+{URL}/d@1f\nb==1  # {URL}\n"
    ),
    "conda.yaml": (
        f"channels: [https://host/t/{SECRET}/conda]\ndependencies:\n- python=3.11.7\n- pip\n"
        f"- pip:\n  - -i {URL}\n  - -e git+{URL}/d@1f\n  - a @ {URL}/a.whl\n  - b==1\n"
        f"x-from: {URL}\n"
    ),
    "python_env.yaml": (
        f"# {URL}\npython: 3.11.7\nbuild_dependencies: [pip]\ndependencies: [-r requirements.txt]\n"
    ),
}


@pytest.mark.parametrize("added", [(), (Entry("c==1", f"asked for (c @ {URL})"),)])
def test_an_update_takes_the_secrets_out_that_stood_in_the_files(
    tmp_path: Path, added: tuple[Entry, ...]
) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    before = read_folder(tmp_path)
    after = replace(before, requirements=(*before.requirements, *added))
    for name, new in update_files(tmp_path, after).items():
        assert SECRET not in (new or "")
        if new is not None:
            (tmp_path / name).write_text(new)
    assert read_folder(tmp_path) == after
    assert "x-from" in (tmp_path / "conda.yaml").read_text()


def test_no_reason_tells_a_secret() -> None:
    entry = Entry("b==1", f"asked for (b @ {URL})", evidence=(URL,))
    locked = Locked(name="b", reference="./b", reasons=(URL,))
    assert SECRET not in "".join((entry.comment, *entry.evidence, *locked.reasons))


def test_a_fault_in_yaml_does_not_tell_a_secret() -> None:
    with pytest.raises(InvalidFile, match="expected a list") as caught:
        read_conda(f"channels: {URL}")
    assert SECRET not in str(caught.value)


HOSTS = st.from_regex(
    r"[a-z0-9]([a-z0-9_-]{0,5}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?){0,3}", fullmatch=True
)
WORDS = st.from_regex(r"[a-z]{3}[0-9][a-z]{3}[0-9][a-z]{3}", fullmatch=True)
FORMS = [
    "https://me:{}@{}/simple",
    "https://{}@{}/simple",
    "git+https://__token__:{}@{}/r.git@1a2b",
    "https://{1}/token/{0}/simple",
    "https://{1}/t/{0}/conda",
    "https://{1}/simple?token={0}",
    "https://{1}/simple?a=b&X-Amz-Signature={0}#x=y",
    "https://{1}/simple#access_token={0}",
    "https://{1}/simple#{0}",
    "http://me:p%40{}@{}:8080/a.whl#sha256=00ff",
]


@given(st.sampled_from(FORMS), WORDS, HOSTS)
def test_what_is_hidden_is_what_gets_a_name_and_is_known_by_value(
    form: str, word: str, host: str
) -> None:
    url = form.format(word, host)
    line = f"because of '{url}', and so on"
    assert word not in mask(line) + protect(line)
    starred = re.sub(r"\$\{[A-Z0-9_]+\}", "****", protect(line))
    assert starred.replace("****:****@", "****@") == mask(line)
    assert any(word in each for each in secrets_in(line))
    assert mask(mask(line)) == mask(line)
    assert mask(protect(line)) == protect(line)


@given(HOSTS, HOSTS)
def test_a_name_is_a_shells_and_of_one_host(one: str, other: str) -> None:
    first, second = (VARIABLE.findall(protect(f"https://t0ken@{each}/")) for each in (one, other))
    for name in first:
        assert re.fullmatch(r"[A-Z_][A-Z0-9_]*", name)
    assert (first == second) == (one == other)


@pytest.mark.parametrize("name", ["_127_0_0_1_8000_TOKEN", "A__B_ORG_TOKEN"])
def test_a_shell_takes_a_name(name: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f"export {name}=word && echo ${{{name}}}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "word\n"


def test_an_address_without_a_secret_is_as_it_was() -> None:
    digest = "0a1b2c3d4e5f" * 5
    for url in (
        "https://index.example/simple/token/",
        f"https://files.host/packages/ab/{digest}/a-1.0-py3-none-any.whl#sha256={digest}",
        f"git+https://host/r.git@{digest}",
        "https://host/packages/source/t/torch/torch-1.0.tar.gz",
        "https://host/page.html#section-2024",
        "https://host/api/v4/projects/123/packages/pypi/simple",
        "file:///tmp/t/abc/token/x1234567/wheels",
        "https://${WHO}:${WORD}@host/simple",
    ):
        assert mask(url) == protect(url) == url


HIDDEN = [
    *(f"http://me:{SECRET}{mark}1x@HOST:80/simple" for mark in "/#?'\"<`@"),
    *(f"http://me:a{mark}{SECRET}@HOST/simple" for mark in "/#?'\"<>`@"),
    f"http://me:12/{SECRET}@host.example/simple",
    f"git+https://me:a/{SECRET}@host/r.git@1a2b",
    *(
        f"https://host/simple?{key}={SECRET}"
        for key in ("pass", "pwd", "code", "bearer", "sas_token")
    ),
    f"https://host/r?to=https%3A%2F%2Fme%3A{SECRET}%40host",
    f"https://host/r?to=https://me:{SECRET}@host/",
    f"https%3A%2F%2Fme%3A{SECRET}%40host",
    "https://host/ghp_s3cr3t-t0ken16C7e42F292c6912/simple".replace("-", ""),
    f"https://host/glpat-{SECRET}abcdef/simple",
    f"https://host/auth-token/{SECRET}/simple",
    f"https://host/token={SECRET}/simple",
    f"Max retries exceeded with url: /t/{SECRET}/x",
    f"Max retries exceeded with url: /token/{SECRET}/x?token={SECRET} (Caused by it)",
    f"(/simple/a/?token={SECRET})",
    f"//me:{SECRET}@host/simple",
    f"https:/me:{SECRET}@host/simple",
]


@pytest.mark.parametrize("text", HIDDEN)
def test_a_mask_hides_what_people_write(text: str) -> None:
    for told in (text, f"'{text}' is wrong" if "'" not in text else text, f"corp={text}"):
        hidden = mask(told)
        assert SECRET not in hidden
        assert SECRET.replace("-", "") not in hidden
        assert "****" in hidden
        assert mask(hidden) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "https://host:8080/r.git@1a2b/x",
        "git+https://host:8080/o/r.git@v1.2/x",
        "git+ssh://host:org/r@v1",
        "https://host/a@1.whl, me@host",
        "https://[::1]:80/a@1.whl",
        "https://host:${PORT}/r@v1",
        '{"url": "https://host/a", "mail": "me@host"}',
        '{"a":"https://host:80/a","b":"me@host/x"}',
        "/home/me/token/abcdef/x, url: /simple/a/",
        "https://host/simple/token/, https://host/project/auth-token/1.0",
    ],
)
def test_a_mask_leaves_what_is_no_secret(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "a://b:c'",
            "https://me:x",
            "//a:b",
            "a:/b:c",
            "%3A%2F%2F",
            "https%3A%2F%2Fa",
            "url: /t/a",
        ),
        *("?token=", "'https://a", "a_token/", "glpat-", "http://a:1/@h.x:"),
    ],
)
def test_a_long_text_is_masked_in_a_time_that_grows_with_it(unit: str) -> None:
    def seconds(times: int) -> float:
        began = time.process_time()
        mask(unit * times)
        return time.process_time() - began

    assert seconds(8000) < 40 * seconds(800) + 0.2


def test_what_conda_reads_as_a_variable_stays() -> None:
    channels = ("http://$TOKEN@host/chan", "http://${who}:${lower}@host/t/$A_B/chan")
    environment = EnvSpec(python="3.11.7", requirements=(), channels=channels)
    assert environment.channels == channels
    text = f"# kept\nchannels: [{', '.join(channels)}]\ndependencies: [python=3.11.7]\n"
    assert protect(text, channels) == text
    assert protect(channels[0]) == "http://${HOST_TOKEN}@host/chan"  # pip reads it as it stands
    password = EnvSpec(python="3.11.7", requirements=(), channels=("http://me:$ecret1@host/chan",))
    assert password.channels == ("http://${HOST_USERNAME}:${HOST_PASSWORD}@host/chan",)


def test_no_two_hosts_share_a_name_by_a_rule_of_idna() -> None:
    hosts = [
        "fa\u00df.de",
        "fass.de",
        "fa\u200dss.de",
        "fass\u00ad.de",
        "\uff46ass.de",
        "f\ud800.de",
    ]
    names = {
        name for host in hosts for name in VARIABLE.findall(protect(f"https://t0k@{host}:80/"))
    }
    assert len(names) == len(hosts)
    assert (
        protect("https://t0k@b\u00fccher.de/")
        == "https://${XN____BCHER__KVA_DE_TOKEN}@b\u00fccher.de/"
    )

"""Secrets are hidden in texts, values and errors, and nothing else is changed."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

import pytest
from packaging.requirements import Requirement

from modelenv import ModelenvError
from modelenv.base.addresses.masks import Mask, conceal, masked
from modelenv.base.doors import door
from modelenv.base.siblings import resolver

SECRET = "s3cr3t-w0rd"
URL = f"https://host/token/{SECRET}/simple"


@dataclass(frozen=True, slots=True)
class Held:
    where: str
    more: tuple[object, ...] = ()


def test_a_value_is_hidden_by_the_name_of_its_variable_wherever_it_stands() -> None:
    mask = Mask.of({"OURS": "p@ss w0rd/1", "HOME": "/root"}, ["-i https://me:${OURS}@host"])
    for form in ("p@ss w0rd/1", "p%40ss%20w0rd%2F1"):
        assert mask(f"it said {form}, in /root") == "it said ${OURS}, in /root"


@pytest.mark.parametrize(
    "name", ["GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "db_password", "X_API_KEY"]
)
def test_a_telling_name_is_enough(name: str) -> None:
    assert Mask.of({name: SECRET})(f"it was {SECRET}") == f"it was ${{{name}}}"
    assert Mask.of({name: "short"})("it was short") == "it was short"


@pytest.mark.parametrize("name", ["PIP_INDEX_URL", "UV_INDEX", "HTTPS_PROXY", "ANY"])
def test_a_login_in_a_variable_is_known_by_value(name: str) -> None:
    mask = Mask.of({name: f"corp=https://me:{SECRET}@host/simple"})
    assert mask(f"path /a/{SECRET}/b") == "path /a/****/b"
    assert SECRET not in repr(mask)


def test_values_are_masked_in_depth_and_others_are_the_same() -> None:
    mask = Mask()
    value = Held(URL, ({"a": [URL]}, Held("x"), 7, Requirement(f"a @ {URL}/a.whl")))
    found = masked(value, mask)
    assert SECRET not in str(found)
    assert "****" in found.where
    assert found.more[1] is value.more[1]
    assert SECRET in value.where
    same = Held("nothing", ("to", ["hide"]))
    assert masked(same, mask) is same


def test_an_error_and_all_that_led_to_it_are_concealed() -> None:
    first = OSError(5, f"no {URL}", URL)
    second = ValueError(URL, Held(URL))
    error = resolver.SourceError(URL, f"broke: {second}")
    second.__context__, error.__cause__ = first, second
    vars(error)["__notes__"] = [URL]
    conceal(error, Mask())
    told = "".join(traceback.format_exception(error)) + repr(error) + repr(error.args)
    assert SECRET not in told
    assert "****" in told


def test_what_leaves_a_door_holds_none() -> None:
    @door
    def leave() -> None:
        raise resolver.SourceError(URL, f"the answer of {URL} is no page")

    with pytest.raises(ModelenvError) as caught:
        leave()
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert SECRET not in repr(caught.value) + repr(vars(caught.value))


def test_a_source_tells_neither_query_nor_fragment() -> None:
    place = f"https://host/simple/a/?sas={SECRET}#{SECRET}"
    error = resolver.SourceError(place, f"no answer from /simple/a/?sas={SECRET}")
    assert str(error) == "https://host/simple/a/: no answer from /simple/a/"
    assert SECRET not in repr(error) + repr(error.args)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("DB_PASSWORD", "requirement", "requirements, a subrequirement, requirement_of"),
        ("TOKENIZERS_CACHE", "/tmp/x", "/tmp/x/model"),
        ("TOKENIZERS_PARALLELISM", "disabled", "it is disabled"),
        ("PASSENGERS", "passenger", "a passenger"),
        ("SECRETARY_NAME", "somebody", "asked by somebody"),
        ("API_TOKEN_FILE", "/run/secrets/token", "in /run/secrets/token"),
        ("PASSWORD_STORE", "~/.password-store", "~/.password-store/a"),
        ("AWS_CREDENTIALS", "C:\\Users\\me\\aws", "C:\\Users\\me\\aws is there"),
        ("TOKEN", "three", "three"),
    ],
)
def test_ordinary_variables_change_no_text(name: str, value: str, text: str) -> None:
    assert Mask.of({name: value})(text) == text


@pytest.mark.parametrize(
    "name", ["PGPASSWORD", "HF_TOKEN", "TOKEN_OF_HF", "my_api_keys", "GIT_CREDENTIALS", "OUR_PASS"]
)
def test_a_name_tells_by_its_parts_and_its_value_is_hidden_as_a_word(name: str) -> None:
    mask = Mask.of({name: "w/rd-0f ours"})
    for told in ("w/rd-0f ours", "w%2Frd-0f%20ours"):
        for before, after in (("", ""), ("=", "."), ("a%40", "@b"), ("'", "'")):
            assert mask(f"{before}{told}{after}") == f"{before}${{{name}}}{after}"


def test_what_conda_reads_as_a_variable_is_hidden_too() -> None:
    mask = Mask.of({"ours": "s3cr3t", "HOME": "/home/me"}, ["a $HOME"], ["http://h/$ours/chan"])
    assert mask("xs3cr3tx /home/me") == "x${ours}x /home/me"

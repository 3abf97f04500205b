"""A server tells what its models meet: in the log, at /metrics, and to `diagnose` afterwards."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path

from modelenv.serving.watching.watch_log import WatchLog

from ..serving import serving


def test_what_the_capture_never_saw_is_logged_once_and_counted(
    obedient: Path, tmp_path: Path
) -> None:
    file, kept = tmp_path / "words.txt", WatchLog(tmp_path / "kept.json")
    file.write_text("words")
    with serving(tmp_path, "-m", str(obedient), "--watch-log", str(kept.file)) as server:
        assert server.predict("a", "b") == (200, ["A", "B"])
        for _ in range(2):
            server.predict(f"read {file}")
        (line,) = server.until("unforeseen")
        assert str(file) in line["message"]
        assert line["message"].endswith(server.log("request")[-2]["id"])
        page = server.get("/metrics")[1]
        metrics = [each for each in page.splitlines() if each.startswith("modelenv_unforeseen_")]
        totals = [each for each in metrics if each.startswith("modelenv_unforeseen_total")]
        assert ['kind="files"' in each for each in totals] == [True]
        assert 'modelenv_unforeseen_uncounted_total{model="obedient"} 0.0' in metrics
    assert len(server.log("unforeseen")) == 1
    (found,) = kept.read() or ()
    assert (found.name, found.count) == (str(file), 2)
    assert json.loads(kept.file.read_text())["model"] == str(obedient)


def test_what_a_request_met_is_told_that_was_not_answered(obedient: Path, tmp_path: Path) -> None:
    kept = WatchLog(tmp_path / "kept.json")
    ends = {"192.0.2.1": "sleep 60", "192.0.2.2": "die", "192.0.2.3": f"fill {10**15}"}
    words = ("-m", str(obedient), "--watch-log", str(kept.file), "--timeout", "1.5")
    with serving(tmp_path, *words) as server:
        server.until("started")
        assert kept.read() == ()  # it is watched, and nothing was found
        for host, end in ends.items():
            assert server.predict(f"dial {host}", end)[0] in (500, 504)
        server.predict("dial 192.0.2.4")
    found = {each.name: each for each in kept.read() or ()}
    assert set(found) == {f"{each}:80" for each in (*ends, "192.0.2.4")}
    # It is looked up and connected to; what a worker could not tell is known by its name alone.
    assert [found[f"{each}:80"].count for each in (*ends, "192.0.2.4")] == [1, 1, 2, 2]
    requests = {each["id"] for each in server.log("request")}
    assert {each.request for each in found.values()} == requests


def test_what_cannot_be_kept_ends_no_server(obedient: Path, tmp_path: Path) -> None:
    folder, kept = tmp_path / "model", tmp_path / "kept.json"
    shutil.copytree(obedient, folder)
    kept.write_text("# somebody's own")
    with serving(tmp_path, "-m", str(folder), "--watch-log", str(kept)) as server:
        assert server.predict("dial 192.0.2.1")[0] == 200
        with (folder / "MLmodel").open("a") as file:
            file.write("# changed\n")
        server.process.send_signal(signal.SIGHUP)
        server.until("reloaded")
        assert server.predict("dial 192.0.2.1") == (200, ["DIAL 192.0.2.1"])
    assert kept.read_text() == "# somebody's own"
    said = [
        each["message"]
        for each in server.log("unforeseen")
        if "cannot be stored" in each["message"]
    ]
    assert len(said) == 2  # of each that was opened
    assert len(server.log("unforeseen")) == 4


def test_nothing_is_told_where_nothing_is_to_be_watched(obedient: Path, tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("words")
    kept = tmp_path / "kept.json"
    words = ("-m", str(obedient), "--no-watch", "--watch-log", str(kept))
    with serving(tmp_path, *words) as server:
        server.predict(f"read {file}")
        assert server.predict("a") == (200, ["A"])
    assert server.log("unforeseen") == []
    assert not kept.exists()

"""A server tells what its models meet: in the log, at /metrics, and to `diagnose` afterwards."""

from __future__ import annotations

import json
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
        (metric,) = [each for each in page.splitlines() if each.startswith("modelenv_unforeseen_")]
        assert 'kind="files"' in metric
    assert len(server.log("unforeseen")) == 1
    (found,) = kept.read()
    assert (found.name, found.count) == (str(file), 2)
    assert json.loads(kept.file.read_text())["model"] == str(obedient)


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

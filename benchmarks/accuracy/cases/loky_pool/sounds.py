from __future__ import annotations

from joblib import Parallel, delayed


def sound_of(name: str, known: list[str]) -> dict[str, object]:
    import jellyfish

    code = jellyfish.soundex(name)
    alike = [other for other in known if jellyfish.soundex(other) == code]
    return {"name": name, "sound": code, "alike": alike}


class Sounds:
    """The known names that sound like the one asked."""

    def __init__(self, known: list[str]) -> None:
        self.known = known

    def predict(self, names: list[str]) -> list[dict[str, object]]:
        return Parallel(n_jobs=2, backend="loky")(
            delayed(sound_of)(name, self.known) for name in names
        )

"""The distinction between code that lists what exists and code that uses what it opens."""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from types import FrameType

# By module: functions that list or guess, and do without missing things; with their callers.
# Anything that is then used is opened once more, and a font that is added by its path is used.
_LOOKING: dict[str, dict[str, str]] = {
    "ctypes.util": dict.fromkeys(
        ("_findLib_gcc", "_findLib_ld", "_findSoname_ldconfig", "_get_soname"), ""
    ),
    "matplotlib.font_manager": {
        "addfont": "__init__",
        "createFontList": "",
        "_get_fontconfig_fonts": "",
        "get_fontconfig_fonts": "",
    },
    "platform": {"_syscmd_file": ""},
    "uuid": dict.fromkeys(
        ("_find_mac", "_find_mac_near_keyword", "_find_mac_under_heading", "_get_command_stdout"),
        "",
    ),
}
_DEEPEST = 8  # frames from there to the call that opens a file, or starts a program


def looks_around(frame: FrameType | None) -> bool:
    """Return whether the code of `frame` opens or starts something only to see what is there."""
    for _ in range(_DEEPEST):
        if frame is None:
            return False
        functions = _LOOKING.get(str(frame.f_globals.get("__name__")), {})
        caller = functions.get(frame.f_code.co_name)
        if caller is not None:
            above = frame.f_back
            return not caller or (above is not None and above.f_code.co_name == caller)
        frame = frame.f_back
    return False

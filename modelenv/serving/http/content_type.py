"""Parse the type of a body from its Content-Type header."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import RequestError

_PARAMETER = re.compile(r';\s*([^\s;=]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s]*)')
_UTF_8 = ("utf-8", "utf8", "us-ascii", "ascii")


@dataclass(frozen=True, slots=True)
class ContentType:
    """The media type of a body, and its parameters."""

    media: str
    """The media type in lower case; empty if the header is invalid."""
    parameters: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, text: str) -> ContentType:
        """Parse a header.

        >>> ContentType.of('Text/CSV; charset="UTF-8"')
        ContentType(media='text/csv', parameters=(('charset', 'utf-8'),))
        """
        media, semicolon, _ = text.partition(";")
        if not semicolon:
            return cls(media.strip().lower())
        found = _PARAMETER.findall(text[len(media) :])
        told = tuple((name.lower(), value.strip('"').lower()) for name, value in found)
        return cls(media.strip().lower(), told)

    def check_text(self) -> None:
        """Raise RequestError for text in another encoding than UTF-8."""
        for name, value in self.parameters:
            if name == "charset" and value not in _UTF_8:
                raise unsupported(f"text is read as UTF-8, and this is {value!r}")
            if name == "format" and self.media == "application/json":
                raise unsupported(
                    f"the format of JSON is given by its keys, as dataframe_split, and not by a"
                    f" parameter of the content type: {value!r}"
                )


def unsupported(message: str, headers: tuple[tuple[str, str], ...] = ()) -> RequestError:
    """Return the error that a body has an unsupported type."""
    return RequestError(415, "UNSUPPORTED_MEDIA_TYPE", message, headers=headers)

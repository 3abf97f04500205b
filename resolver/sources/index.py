"""Indexes: their pages, and the files that these name."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import ResolverError, SourceError
from ..index.page_cache import Pages
from ..index.page_parts.project_status import ACTIVE, ProjectStatus
from ..index.prefetch import Prefetch
from ..local_files import path_of
from ..moments import moment_text
from ..requirements.references import without_credentials
from .links import LinkSource
from .received import Received, received

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    from ..index.session import Access
    from ..index.simple_api import Link
    from ..requirements.per_name_options import ByName
    from ..target import Target
    from .contents.metadata import FileMetadata, Unstated
    from .grading import GradedFile
    from .protocol import Candidate

# If versions of a name are refused one after the other, further ones are read ahead.
_TRIED = 3
_AHEAD = 12
# The number of skipped files that a message lists.
_TOLD = 3


class IndexSource(LinkSource):
    """Simple indexes (PEP 503, PEP 691), at any `http:`, `https:` or `file:` URL.

    Of several, only the first that has a page for a name answers for it, even if nothing on that
    page fits or it cannot be read. Otherwise an upload to a public index could replace a private
    distribution of the same name (dependency confusion). With `every` all of them answer together.
    With `flat` the URL is one page that names the files of every distribution. Files that they
    received at `as_of` or later do not exist. Files without a time (PEP 700, `upload-time`) count
    only for exact pins.
    """

    label = "index"

    def __init__(
        self,
        urls: str | Sequence[str],
        target: Target,
        access: Access,
        *,
        flat: bool = False,
        every: bool = False,
        as_of: datetime | None = None,
        said_by: str = "",
        limits: Mapping[str, tuple[SpecifierSet, str]] | None = None,
        formats: ByName | None = None,
    ) -> None:
        super().__init__(target, access, limits=limits, formats=formats)
        self._urls = (urls,) if isinstance(urls, str) else tuple(urls)
        self._flat = flat
        self._every = every
        self.as_of = as_of
        """The moment; None: every file counts."""
        self.said_by = said_by
        """The place of the configuration that gives the moment; empty: the caller's own."""
        self._received: dict[str, Received] = {}
        self._later: dict[str, Mapping[Version, str]] = {}
        self._pages = Pages(access)
        self._prefetch = Prefetch()
        self._offline = access.fetcher.offline
        self._in_order: dict[str, tuple[Candidate, ...]] = {}
        self._looked_at: set[Candidate] = set()
        self._tried: Counter[str] = Counter()
        self._suiting: dict[str, bool] = {}

    def candidates(self, name: str) -> Sequence[Candidate]:
        """Return every version that the page of a name has, also what does not suit the target."""
        self._prefetch.wait(name)
        return super().candidates(name)

    def links(self, name: str) -> Sequence[Link]:
        """Return every file that the page of a normalised name has, and had at `as_of`."""
        if self.as_of is None:
            return self._named(name)
        return (*self._had(name).before, *self._had(name).untold)

    def later(self, name: str) -> Mapping[Version, str]:
        """Return when it received the versions of a name that had no file at `as_of`."""
        if self.as_of is None:
            return {}
        if name not in self._later:
            files = self._grader.by_version(name, self._had(name).later)
            known = {each.version for each in self.candidates(name)}
            self._later[name] = {
                version: min(each.link.uploaded for each in graded)
                for version, graded in files.items()
                if version not in known and graded[0].suits
            }
        return self._later[name]

    def _named(self, name: str) -> Sequence[Link]:
        """Return every file that the page of a name has."""
        if self._every:
            pages = [self._pages.links(url) or () for url in reversed(tuple(self._page_urls(name)))]
            named = [link for page in pages for link in page]
            if self.as_of is not None:
                named.sort(key=lambda link: bool(link.uploaded))  # of two, the one that says when
            return tuple({link.file: link for link in named}.values())
        for url in self._page_urls(name):
            links = self._pages.links(url)
            if links is not None:
                return links
        return ()

    def _had(self, name: str) -> Received:
        """Part the files of a name by when they were received."""
        key = "" if self._flat else name
        if key not in self._received:
            assert self.as_of is not None
            self._received[key] = received(self._named(name), self.as_of)
        return self._received[key]

    def _by_version(self, name: str) -> Mapping[Version, Sequence[GradedFile]]:
        if self.as_of is None:
            return super()._by_version(name)
        before, _, untold = self._had(name)
        by_version = self._grader.by_version
        return {**by_version(name, untold), **by_version(name, before)}

    def _is_undated(self, best: Link) -> bool:
        if self.as_of is None or best.uploaded:
            return False
        return not self.said_by or path_of(best.url) is None  # pip asks no file of this machine

    def metadata(self, candidate: Candidate) -> FileMetadata | Unstated:
        """Read a file's metadata, and as little else of it as the server allows."""
        if candidate not in self._looked_at:
            self._looked_at.add(candidate)
            self._tried[candidate.name] += 1
            if self._tried[candidate.name] >= _TRIED:
                self._read_ahead(candidate)
            self._prefetch.wait(candidate)
        return super().metadata(candidate)

    def passed_over(self, name: str) -> str:
        """Return the indexes not asked for a name, because an earlier one has it; empty: none."""
        if self._every:
            return ""
        pages = list(self._page_urls(name))
        had = [i for i, url in enumerate(pages) if self._pages.is_at_hand(url)]
        asked = next((i for i in had if self._pages.links(pages[i]) is not None), len(pages))
        if asked + 1 >= len(self._urls):
            return ""
        first, *others = map(without_credentials, self._urls[asked:])
        return f"{first} has that name and answers for it alone, so not asked: {', '.join(others)}"

    def remarks(self, name: str) -> tuple[str, ...]:
        """Return what is wrong with the pages that were read for a name, and their files."""
        read = [url for url in self._page_urls(name) if self._pages.is_at_hand(url)]
        return tuple(said for url in read for said in self._remarks(name, url))

    def status(self, name: str) -> tuple[str, ProjectStatus]:
        """Return the status of a name, and the page that says so; of no page the usual one."""
        read = [url for url in self._page_urls(name) if self._pages.is_at_hand(url)]
        found = ((without_credentials(url), self._pages.status(url)) for url in read)
        return next((each for each in found if each[1].remarks), ("", ACTIVE))

    def _remarks(self, name: str, url: str) -> Iterator[str]:
        place, links = without_credentials(url), self._pages.links(url) or ()
        status = self._pages.status(url)
        yield from (f"{place}: {said}" for said in (*self._pages.remarks(url), *status.remarks))
        yield from self._untold(name, place, links)
        if self._flat:
            return  # what it names of others is no matter of this name
        wrong = [link for link in links if link.wrong]
        for link in wrong[:_TOLD]:
            yield f"passed over, as {place} has it: {link.file}: {link.wrong}"
        if len(wrong) > _TOLD:
            yield f"{place}: {len(wrong) - _TOLD:,} more of its files are passed over"
        nothing = links and not self._candidates.get(name, links)
        if nothing and not self._grader.by_version(name, links):  # nor of a later moment
            other = f"{links[0].file!r} is one of the {len(links):,} files there"
            yield f"{place}: it names no file of {name}: {other}"

    def _untold(self, name: str, place: str, links: Collection[Link]) -> Iterator[str]:
        """Yield a sentence about files whose upload time the page does not give."""
        undated = [each for each in self._candidates.get(name, ()) if each.undated]
        there = {link.file for link in links} if undated else ()
        files = [link.file for each in undated for link in self._files[each] if link.file in there]
        if files and self.as_of is not None:
            more = f" and {len(files) - _TOLD:,} more" if len(files) > _TOLD else ""
            yield (
                f"{place} does not say when it received {', '.join(files[:_TOLD])}{more} "
                f"(upload-time, PEP 700): as of {moment_text(self.as_of)} only a pin (==) takes "
                "what may be later"
            )

    def expect(self, wanted: Iterable[tuple[str, SpecifierSet]]) -> None:
        """Fetch what will be asked when these normalised names have to be met."""
        for name, specifier in () if self._offline else wanted:
            if self._is_at_hand(name):
                self.candidates(name)
                first = self._first(name, specifier)
                if first is not None:
                    self._start(first)
            else:
                self._prefetch.start(name, partial(self._load_with_first, name, specifier))

    def close(self) -> None:
        """Drop what was expected and not asked."""
        self._prefetch.close()

    def _page_urls(self, name: str) -> Iterable[str]:
        return self._urls if self._flat else [f"{url.rstrip('/')}/{name}/" for url in self._urls]

    # Ahead of the question

    def _is_at_hand(self, name: str) -> bool:
        if name in self._candidates:
            return True
        for url in self._page_urls(name):
            if not self._pages.is_at_hand(url):
                return False
            if self._pages.links(url) is not None and not self._every:
                break
        return True

    def _load_with_first(self, name: str, specifier: SpecifierSet) -> None:
        super().candidates(name)
        first = self._first(name, specifier)
        if first is not None:
            # A fault in it is reported only to a caller that needs it.
            with suppress(ResolverError):
                super().metadata(first)

    def _start(self, candidate: Candidate) -> None:
        read = candidate in self._metadata or self._reader.is_at_hand(self._files[candidate][0])
        if not self._offline and not read:
            self._prefetch.start(candidate, partial(super().metadata, candidate))

    def _read_ahead(self, candidate: Candidate) -> None:
        """Start on the versions below one that is looked at."""
        ordered = self._newest_first(candidate.name)
        place = ordered.index(candidate) if candidate in ordered else 0
        for each in ordered[place + 1 : place + _AHEAD]:
            self._start(each)

    def _first(self, name: str, specifier: SpecifierSet) -> Candidate | None:
        """Return what is likely to be chosen."""
        ordered = self._newest_first(name)
        fits = (each for each in ordered if specifier.contains(each.version, prereleases=True))
        return next(fits, None)

    def _newest_first(self, name: str) -> tuple[Candidate, ...]:
        if name not in self._in_order:
            usable = filter(self._is_worth_expecting, self._candidates.get(name, ()))
            self._in_order[name] = tuple(
                sorted(usable, key=lambda each: each.version, reverse=True)
            )
        return self._in_order[name]

    def _is_worth_expecting(self, candidate: Candidate) -> bool:
        """Return whether a candidate may be chosen and costs little to look at: is a wheel."""
        if candidate.unusable or candidate.yanked or candidate.undated:
            return False
        if candidate.version.is_prerelease:
            return False
        best = self._files[candidate][0]
        return best.file.endswith(".whl") and self._suits(best.requires_python)

    def _suits(self, requires_python: str) -> bool:
        if requires_python not in self._suiting:
            python, version = self._python(requires_python), self._target.python_version
            self._suiting[requires_python] = python.contains(version, prereleases=True)
        return self._suiting[requires_python]


class LinksPage(IndexSource):
    """A page that `--find-links` names; one that cannot be read has nothing, as for pip."""

    def __init__(self, url: str, target: Target, access: Access, **narrowed: Any) -> None:
        super().__init__(url, target, access, flat=True, **narrowed)
        self.remark = ""

    def links(self, name: str) -> Sequence[Link]:
        """Return every file that the page names; it is asked for once."""
        if self.remark:
            return ()
        try:
            return super().links(name)
        except SourceError as error:
            place = without_credentials(self._urls[0])
            self.remark = f"{place} is passed over, as by pip: {error.reason}"
            return ()

    def remarks(self, name: str) -> tuple[str, ...]:
        """Return why it cannot be read, or what is wrong with it."""
        return (self.remark,) if self.remark else super().remarks(name)

    def _is_at_hand(self, name: str) -> bool:
        return bool(self.remark) or super()._is_at_hand(name)

"""Package URLs (purl), which identify components for vulnerability scanners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from ...base.siblings import envfiles

if TYPE_CHECKING:
    from packageurl import PackageURL

_VCS = ("git+", "hg+", "svn+", "bzr+")


def purl_of(entry: envfiles.Entry) -> PackageURL:
    """Return the purl of a pin; one pinned to an address has that in a qualifier."""
    from packageurl import PackageURL

    url = (Requirement(entry.requirement).url or "").partition("#")[0]
    key = "vcs_url" if url.startswith(_VCS) else "download_url"
    qualifiers = {key: envfiles.strip(url)} if url else None
    return PackageURL("pypi", None, entry.name, entry.version, qualifiers)


def read_purl(text: object) -> PackageURL | None:
    """Return a purl that another tool wrote; None if it is invalid.

    The name of a distribution is normalised: auditwheel writes it with underscores.
    """
    from packageurl import PackageURL
    from packaging.utils import canonicalize_name

    if not isinstance(text, str):
        return None
    try:
        found = PackageURL.from_string(text)
    except ValueError:
        return None
    if found.type == "pypi":
        return found._replace(name=canonicalize_name(found.name))
    return found

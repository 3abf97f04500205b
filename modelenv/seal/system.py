"""Parts of the system that are in every plan: programs, libraries, settings and devices.

Files that a package manager of the system installed belong to the machine, not to the author; only
the folders of Python distributions among them are masked.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from glob import glob

_LINUX = (
    "/usr",
    *(f"/{name}" for name in ("bin", "sbin", "lib", "lib32", "libx32", "lib64")),
    "/sys",  # how many processors there are, and which
)
_MACOS = ("/usr", "/bin", "/sbin", "/System", "/Library/Apple", "/private/etc", "/dev")
SETTINGS = tuple(
    f"/etc/{name}"
    for name in (
        # certificates
        *("ssl", "pki", "ca-certificates", "ca-certificates.conf", "crypto-policies"),
        # locale and time zone
        *("locale.conf", "locale.alias", "default/locale", "localtime", "timezone"),
        # users, names of hosts and services
        *("passwd", "group", "nsswitch.conf", "hosts", "host.conf", "hostname", "gai.conf"),
        *("resolv.conf", "services", "protocols"),
        # shared libraries, fonts, alternatives, types of files
        *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "fonts", "alternatives", "mime.types"),
        # the system's name, and where OpenCL finds its drivers
        *("os-release", "debian_version", "redhat-release", "OpenCL"),
    )
)
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
ACCELERATORS = ("nvidia", "dri", "kfd", "dxg", "accel", "davinci")
"""Name prefixes of devices for computing."""
DEVICE_LINKS = (
    ("/dev/fd", "/proc/self/fd"),
    ("/dev/stdin", "/proc/self/fd/0"),
    ("/dev/stdout", "/proc/self/fd/1"),
    ("/dev/stderr", "/proc/self/fd/2"),
)
_SITES = (
    "/usr/lib*/python3*/dist-packages",
    "/usr/lib*/python3*/site-packages",
    "/usr/local/lib*/python3*/dist-packages",
    "/usr/local/lib*/python3*/site-packages",
)


def folders(environment: Mapping[str, str]) -> tuple[str, ...]:
    """List the folders of the system; `environment` are a process's variables."""
    if os.name == "nt":
        return (environment.get("SYSTEMROOT", r"C:\Windows"),)
    return _MACOS if sys.platform == "darwin" else _LINUX


def devices() -> tuple[str, ...]:
    """List the devices of every process, and the computing devices of this machine."""
    if sys.platform != "linux":
        return ()
    accelerators = [name for name in sorted(os.listdir("/dev")) if name.startswith(ACCELERATORS)]
    return tuple(f"/dev/{name}" for name in (*DEVICES, *accelerators))


def sites() -> tuple[str, ...]:
    """List the folders of distributions of the system's own Pythons."""
    return tuple(path for pattern in _SITES for path in sorted(glob(pattern)))

"""Which Debian package has a shared library."""

from __future__ import annotations

import re
from types import MappingProxyType

_LISTED = """
libGL.so.1 libgl1
libEGL.so.1 libegl1
libGLESv2.so.2 libgles2
libOpenCL.so.1 ocl-icd-libopencl1
libSM.so.6 libsm6
libX11.so.6 libx11-6
libXext.so.6 libxext6
libXrender.so.1 libxrender1
libasound.so.2 libasound2
libatlas.so.3 libatlas3-base
libavcodec.so.59 libavcodec59
libblas.so.3 libblas3
libcairo.so.2 libcairo2
libcurl.so.4 libcurl4
libexpat.so.1 libexpat1
libffi.so.8 libffi8
libfreetype.so.6 libfreetype6
libgdal.so.32 libgdal32
libgeos_c.so.1 libgeos-c1v5
libgfortran.so.5 libgfortran5
libglib-2.0.so.0 libglib2.0-0
libgomp.so.1 libgomp1
libgthread-2.0.so.0 libglib2.0-0
libgobject-2.0.so.0 libglib2.0-0
libhdf5.so.103 libhdf5-103-1
libicuuc.so.72 libicu72
liblapack.so.3 liblapack3
libmagic.so.1 libmagic1
libodbc.so.2 unixodbc
libopenblas.so.0 libopenblas0
libpango-1.0.so.0 libpango-1.0-0
libpq.so.5 libpq5
libproj.so.25 libproj25
libquadmath.so.0 libquadmath0
libsndfile.so.1 libsndfile1
libsox.so.3 libsox3
libssl.so.1.1 libssl1.1
libssl.so.3 libssl3
libstdc++.so.6 libstdc++6
libtbb.so.12 libtbb12
libtesseract.so.5 libtesseract5
libtiff.so.6 libtiff6
libxml2.so.2 libxml2
libxslt.so.1 libxslt1.1
libz.so.1 zlib1g
libzmq.so.5 libzmq5
"""
DEBIAN = MappingProxyType(dict(line.split() for line in _LISTED.strip().splitlines()))
"""The package of each library."""

_CUDA = re.compile(r"lib(cuda|cudart|cublas|cublasLt|cudnn|cufft|curand|cusparse|nccl|nvrtc)\b")


def package_of(library: str) -> str | None:
    """Return the Debian package of a shared library, None where it is not known.

    >>> package_of("libgomp.so.1")
    'libgomp1'
    """
    return DEBIAN.get(library)


def is_cuda(library: str) -> bool:
    """Tell whether a library comes with NVIDIA's driver or toolkit."""
    return _CUDA.match(library) is not None

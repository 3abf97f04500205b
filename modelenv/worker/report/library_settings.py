"""Settings of libraries that hold for a whole process, and that predictions depend on.

A program sets them by a call, once, and a fresh process does not have them. Travels into other
interpreters: Python 3.8 syntax and the standard library only.
"""

from __future__ import annotations

import sys
from contextlib import suppress

TYPE_CHECKING = False  # `typing` is too heavy to travel
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# scikit-learn 1.9's sklearn.set_config, without what only shows or sizes work.
_OF_SKLEARN = (
    "assume_finite",
    "transform_output",
    "enable_metadata_routing",
    "skip_parameter_validation",
    "array_api_dispatch",
    "sparse_interface",
)
# JAX 0.12, jax.config.
_OF_JAX = (
    "jax_enable_x64",
    "jax_default_matmul_precision",
    "jax_numpy_dtype_promotion",
    "jax_default_prng_impl",
    "jax_threefry_partitionable",
    "jax_debug_nans",
)
# pandas 2 and 3; what a release does not have is passed over.
_OF_PANDAS = (
    "mode.string_storage",
    "mode.use_inf_as_na",
    "future.infer_string",
    "future.distinguish_nan_and_na",
    "future.python_scalars",
    "compute.use_bottleneck",
    "compute.use_numexpr",
)
_OF_XARRAY = ("arithmetic_join", "keep_attrs", "use_bottleneck", "use_numbagg")
_OF_TORCH = ("default_dtype", "default_device", "float32_matmul_precision")
_OF_KERAS = ("floatx", "epsilon", "image_data_format")


def library_settings() -> dict[str, str]:
    """Return the settings of the libraries loaded in this process, by how each is made.

    >>> import decimal
    >>> library_settings()["decimal.getcontext().prec = {}"]
    '28'
    """
    readers = {
        "decimal": _of_decimal,
        "jax": _of_jax,
        "keras": _of_keras,
        "pandas": _of_pandas,
        "sklearn": _of_sklearn,
        "torch": _of_torch,
        "xarray": _of_xarray,
    }
    found: dict[str, str] = {}
    for name, read in readers.items():
        module = sys.modules.get(name)
        if module is None:
            continue
        try:
            found.update((how, repr(value)) for how, value in read(module))
        except AttributeError:  # another module of that name, or one that is still being imported
            continue
    return found


def _of_decimal(decimal: Any) -> Iterator[tuple[str, object]]:
    context = decimal.getcontext()
    yield "decimal.getcontext().prec = {}", context.prec
    yield "decimal.getcontext().rounding = {}", context.rounding


def _of_jax(jax: Any) -> Iterator[tuple[str, object]]:
    for name in _OF_JAX:
        if hasattr(jax.config, name):
            value = getattr(jax.config, name)
            yield "jax.config.update(%r, {})" % name, getattr(value, "value", value)


def _of_keras(keras: Any) -> Iterator[tuple[str, object]]:
    for name in _OF_KERAS:
        yield "keras.config.set_%s({})" % name, getattr(keras.config, name)()
    yield "keras.config.set_dtype_policy({})", keras.config.dtype_policy().name


def _of_pandas(pandas: Any) -> Iterator[tuple[str, object]]:
    import warnings

    values: dict[str, object] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some options are deprecated, and say so when read
        for name in _OF_PANDAS:
            with suppress(KeyError):  # this release has no such option
                values[name] = pandas.get_option(name)
    for name, value in values.items():
        yield "pandas.set_option(%r, {})" % name, value


def _of_sklearn(sklearn: Any) -> Iterator[tuple[str, object]]:
    config = sklearn.get_config()
    for name in _OF_SKLEARN:
        if name in config:
            yield "sklearn.set_config(%s={})" % name, config[name]


def _of_torch(torch: Any) -> Iterator[tuple[str, object]]:
    for name in _OF_TORCH:
        if hasattr(torch, "get_" + name):  # since 2.3 of a device
            value = getattr(torch, "get_" + name)()
            yield "torch.set_%s({})" % name, str(value) if name == "default_device" else value


def _of_xarray(xarray: Any) -> Iterator[tuple[str, object]]:
    options = xarray.get_options()
    for name in _OF_XARRAY:
        if name in options:
            yield "xarray.set_options(%s={})" % name, options[name]

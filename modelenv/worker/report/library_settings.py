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

# Each setting with what a fresh process has, in one release or another. What changes only speed,
# checks or the last digits (numexpr, the precision of a GPU's products) is no matter of a model.
# scikit-learn 1.9's sklearn.set_config
_OF_SKLEARN = {
    "assume_finite": (False,),
    "transform_output": ("default",),
    "enable_metadata_routing": (False,),
    "array_api_dispatch": (False,),
    "sparse_interface": ("spmatrix",),
}
# JAX 0.12, jax.config.
_OF_JAX = {
    "jax_enable_x64": (False,),
    "jax_numpy_dtype_promotion": ("standard",),
    "jax_default_prng_impl": ("threefry2x32",),
    "jax_threefry_partitionable": (False, True),
}
# pandas 2 and 3; what a release does not have is passed over.
_OF_PANDAS = {
    "mode.string_storage": ("auto", "python"),
    "mode.use_inf_as_na": (False,),
    "future.infer_string": (False, True),
    "future.distinguish_nan_and_na": (False,),
    "future.python_scalars": (False,),
}
_OF_XARRAY = {"arithmetic_join": ("inner",), "keep_attrs": ("default",)}
_OF_KERAS = {
    "floatx": ("float32",),
    "epsilon": (1e-07,),
    "image_data_format": ("channels_last",),
}


def library_settings() -> dict[str, str]:
    """Return the settings of the libraries loaded in this process, by how each is made.

    >>> import decimal
    >>> library_settings()["decimal.getcontext().prec = {}"]
    '28'
    """
    return {how: repr(value) for how, value, _ in _iter_settings()}


def changed_settings() -> dict[str, str]:
    """Return those of `library_settings` that a fresh process does not have.

    >>> import decimal
    >>> with decimal.localcontext() as context:
    ...     context.prec = 5
    ...     changed_settings()["decimal.getcontext().prec = {}"]
    '5'
    """
    return {how: repr(value) for how, value, fresh in _iter_settings() if value not in fresh}


def _iter_settings() -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    """Yield how each setting is made, its value, and the values that fresh processes have."""
    readers = {
        "decimal": _of_decimal,
        "jax": _of_jax,
        "keras": _of_keras,
        "pandas": _of_pandas,
        "sklearn": _of_sklearn,
        "torch": _of_torch,
        "xarray": _of_xarray,
    }
    for name, read in readers.items():
        module = sys.modules.get(name)
        # Another module of that name, or one that is still being imported, may lack them.
        with suppress(AttributeError):
            if module is not None:
                yield from read(module)


def _of_decimal(decimal: Any) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    context = decimal.getcontext()
    yield "decimal.getcontext().prec = {}", context.prec, (28,)
    yield "decimal.getcontext().rounding = {}", context.rounding, ("ROUND_HALF_EVEN",)


def _of_jax(jax: Any) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    for name, fresh in _OF_JAX.items():
        if hasattr(jax.config, name):
            value = getattr(jax.config, name)
            yield "jax.config.update(%r, {})" % name, getattr(value, "value", value), fresh


def _of_keras(keras: Any) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    for name, fresh in _OF_KERAS.items():
        yield "keras.config.set_%s({})" % name, getattr(keras.config, name)(), fresh


def _of_pandas(pandas: Any) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    import warnings

    values: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some options are deprecated, and say so when read
        for name in _OF_PANDAS:
            with suppress(KeyError):  # this release has no such option
                values[name] = pandas.get_option(name)
    for name, value in values.items():
        yield "pandas.set_option(%r, {})" % name, value, _OF_PANDAS[name]


def _of_sklearn(sklearn: Any) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    config = sklearn.get_config()
    for name, fresh in _OF_SKLEARN.items():
        if name in config:
            yield "sklearn.set_config(%s={})" % name, config[name], fresh


def _of_torch(torch: Any) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    yield "torch.set_default_dtype({})", torch.get_default_dtype(), (torch.float32,)
    if hasattr(torch, "get_default_device"):  # since 2.3
        yield "torch.set_default_device({})", str(torch.get_default_device()), ("cpu",)


def _of_xarray(xarray: Any) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    options = xarray.get_options()
    for name, fresh in _OF_XARRAY.items():
        if name in options:
            yield "xarray.set_options(%s={})" % name, options[name], fresh

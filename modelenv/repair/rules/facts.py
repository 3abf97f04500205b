"""What came, went or moved between versions, as far as models trip over it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

PYTHON = "python"


@dataclass(frozen=True, slots=True)
class Fact:
    """Where a name exists."""

    name: str
    """A module, or a module's attribute: ``numpy.float_``."""
    distribution: str
    """Who has it; ``python``: the interpreter itself."""
    versions: str
    """The versions that have it, as a specifier; empty: any."""


_LISTED = """
numpy._core numpy >=2
numpy.float numpy <1.24
numpy.int numpy <1.24
numpy.bool numpy <1.24
numpy.object numpy <1.24
numpy.str numpy <1.24
numpy.complex numpy <1.24
numpy.float_ numpy <2
numpy.complex_ numpy <2
numpy.unicode_ numpy <2
numpy.string_ numpy <2
numpy.NaN numpy <2
numpy.NAN numpy <2
numpy.Inf numpy <2
numpy.infty numpy <2
numpy.product numpy <2
numpy.cumproduct numpy <2
numpy.sometrue numpy <2
numpy.alltrue numpy <2
numpy.in1d numpy <2.4
numpy.trapz numpy <2.4
numpy.asfarray numpy <2
numpy.find_common_type numpy <2
numpy.cast numpy <2
numpy.distutils numpy <2
numpy.trapezoid numpy >=2
numpy.random._mt19937.__bit_generator_ctor numpy <2
pandas.core.indexes.numeric pandas <2
pandas.Int64Index pandas <2
pandas.Float64Index pandas <2
pandas.DataFrame.append pandas <2
pandas.DataFrame.iteritems pandas <2
pandas.Series.append pandas <2
pandas.Series.iteritems pandas <2
pandas.Panel pandas <0.25
sklearn.externals scikit-learn <0.23
sklearn.linear_model.logistic scikit-learn <0.24
sklearn.linear_model.base scikit-learn <0.24
sklearn.ensemble.forest scikit-learn <0.24
sklearn.tree.tree scikit-learn <0.24
sklearn.preprocessing.label scikit-learn <0.24
sklearn.preprocessing.data scikit-learn <0.24
sklearn.neighbors.dist_metrics scikit-learn <0.24
sklearn.neighbors._dist_metrics scikit-learn <1.3
sklearn.metrics.scorer scikit-learn <0.24
sklearn.cross_validation scikit-learn <0.20
sklearn.utils.testing scikit-learn <0.24
sklearn.utils.deprecation.deprecated scikit-learn <2
sklearn.datasets.load_boston scikit-learn <1.2
sklearn.metrics.plot_confusion_matrix scikit-learn <1.2
scipy.misc.imread scipy <1.2
scipy.misc.imresize scipy <1.3
scipy.interp scipy <1.11
scipy.signal.hann scipy <1.13
scipy.integrate.trapz scipy <1.14
scipy.integrate.simps scipy <1.14
scipy.integrate.cumtrapz scipy <1.14
scipy.sparse.linalg.interface scipy <2
markupsafe.soft_unicode markupsafe <2.1
jinja2.Markup jinja2 <3.1
jinja2.escape jinja2 <3.1
jinja2.contextfilter jinja2 <3.1
jinja2.environmentfilter jinja2 <3.1
werkzeug.urls.url_quote werkzeug <3
werkzeug.urls.url_encode werkzeug <3
werkzeug.cached_property werkzeug <1
flask.escape flask <3
flask.json.JSONEncoder flask <2.3
itsdangerous.json itsdangerous <2.1
click.termui._ansi_colors click <8
pydantic.v1 pydantic >=1.10.17
pydantic.BaseSettings pydantic <2
pydantic.field_validator pydantic >=2
pydantic.ConfigDict pydantic >=2
yaml.CSafeLoader pyyaml >=5
importlib_metadata.EntryPoints importlib-metadata >=3.6
importlib_resources.files importlib-resources >=1.1
typing_extensions.TypeIs typing-extensions >=4.10
typing_extensions.TypeVarTuple typing-extensions >=4.1
typing_extensions.override typing-extensions >=4.4
typing_extensions.deprecated typing-extensions >=4.5
typing_extensions.Sentinel typing-extensions >=4.14
typing_extensions.ParamSpec typing-extensions >=3.10
attr.validators.min_len attrs >=22.1
attrs.define attrs >=21.3
packaging.version.LegacyVersion packaging <22
pkg_resources setuptools <82
huggingface_hub.cached_download huggingface-hub <0.26
transformers.pytorch_transformers transformers <1
torch._six torch <2
torchvision.transforms.functional_tensor torchvision <0.17
tensorflow.contrib tensorflow <2
tensorflow.Session tensorflow <2
keras.utils.to_categorical keras >=2.4
PIL.Image.ANTIALIAS pillow <10
PIL.Image.LINEAR pillow <10
networkx.from_numpy_matrix networkx <3
gensim.models.wrappers gensim <4
distutils python <3.12
imp python <3.12
asyncore python <3.12
smtpd python <3.12
cgi python <3.13
crypt python <3.13
telnetlib python <3.13
pipes python <3.13
tomllib python >=3.11
graphlib python >=3.9
zoneinfo python >=3.9
importlib.metadata python >=3.8
importlib.resources python >=3.7
asyncio.coroutine python <3.11
asyncio.TaskGroup python >=3.11
collections.Mapping python <3.10
collections.MutableMapping python <3.10
collections.Iterable python <3.10
collections.Callable python <3.10
collections.Sequence python <3.10
fractions.gcd python <3.9
inspect.getargspec python <3.11
typing.Self python >=3.11
typing.Literal python >=3.8
typing.TypeAlias python >=3.10
typing.ParamSpec python >=3.10
typing.override python >=3.12
itertools.batched python >=3.12
itertools.pairwise python >=3.10
functools.cache python >=3.9
functools.cached_property python >=3.8
math.prod python >=3.8
math.sumprod python >=3.12
datetime.UTC python >=3.11
enum.StrEnum python >=3.11
pkgutil.ImpImporter python <3.12
configparser.SafeConfigParser python <3.12
ast.Num python <3.14
"""
FACTS = MappingProxyType(
    {
        name: Fact(name, distribution, versions)
        for name, distribution, versions in map(str.split, _LISTED.strip().splitlines())
    }
)
"""Each name with the versions that have it."""


def fact_about(name: str) -> Fact | None:
    """Return what is known of a name, or of the nearest module above it.

    >>> fact_about("numpy._core.multiarray").versions
    '>=2'
    """
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        found = FACTS.get(".".join(parts[:end]))
        if found is not None:
            return found
    return None

"""Whose module is it: from what is installed and pinned, else from a table of well-known ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from packaging.utils import canonicalize_name

from ..base.siblings import resolver

# What differs from the module's own name, or is one of several that share it.
_LISTED = """
attr attrs
bs4 beautifulsoup4
cairo pycairo
caffe2 torch
community python-louvain
cv2 opencv-python-headless opencv-python opencv-contrib-python
Crypto pycryptodome
Cryptodome pycryptodomex
cudf cudf-cu12
cuml cuml-cu12
dateutil python-dateutil
docx python-docx
dotenv python-dotenv
enchant pyenchant
faiss faiss-cpu faiss-gpu-cu12
fitz pymupdf
git gitpython
glmnet_python glmnet-py
google.api_core google-api-core
google.auth google-auth
google.cloud.aiplatform google-cloud-aiplatform
google.cloud.bigquery google-cloud-bigquery
google.cloud.firestore google-cloud-firestore
google.cloud.pubsub google-cloud-pubsub
google.cloud.storage google-cloud-storage
google.generativeai google-generativeai
google.protobuf protobuf
google.rpc googleapis-common-protos
googleapiclient google-api-python-client
grpc grpcio
Bio biopython
IPython ipython
jose python-jose
jwt pyjwt
kafka kafka-python
kneed kneed
Levenshtein levenshtein
ldap python-ldap
llama_cpp llama-cpp-python
magic python-magic
markdown markdown
MySQLdb mysqlclient
mpl_toolkits matplotlib
nacl pynacl
nmslib nmslib
odf odfpy
OpenSSL pyopenssl
osgeo gdal
paho paho-mqtt
past future
PIL pillow
pkg_resources setuptools
psycopg2 psycopg2-binary psycopg2
pptx python-pptx
pylab matplotlib
pyximport cython
ruamel.yaml ruamel.yaml
sacrebleu sacrebleu
serial pyserial
sentence_transformers sentence-transformers
skimage scikit-image
sklearn scikit-learn
sklearn_extra scikit-learn-extra
sklearn_pandas sklearn-pandas
sksurv scikit-survival
skopt scikit-optimize
slugify python-slugify
snowflake.connector snowflake-connector-python
snowflake.snowpark snowflake-snowpark-python
socks pysocks
speech_recognition SpeechRecognition
surprise scikit-surprise
talib ta-lib
telegram python-telegram-bot
tensorboard tensorboard
tensorflow tensorflow tensorflow-cpu
tf_keras tf-keras
tlz toolz
umap umap-learn
usb pyusb
whisper openai-whisper
win32api pywin32
xgboost xgboost xgboost-cpu
yaml pyyaml
zmq pyzmq
azure.storage.blob azure-storage-blob
azure.identity azure-identity
azure.core azure-core
"""
# Those that bear their module's name, and that models use much.
_SAME = """
accelerate catboost dask datasets diffusers dill duckdb fastapi flask gensim h5py httpx joblib
keras lightgbm lime matplotlib mlflow networkx nltk numba numpy onnx onnxruntime openpyxl optuna
pandas peft plotly polars prophet pyarrow pydantic ray regex requests safetensors scipy seaborn
sentencepiece shap spacy sqlalchemy statsmodels sympy tabulate tiktoken tokenizers torch
torchaudio torchvision tqdm transformers
"""
WELL_KNOWN = MappingProxyType(
    {name: (name,) for name in _SAME.split()}
    | {words[0]: tuple(words[1:]) for words in map(str.split, _LISTED.strip().splitlines())}
)
"""Modules whose distribution has another name; the first is the one to take."""
SHARED = frozenset({"azure", "google", "google.cloud", "ruamel", "snowflake", "zope"})
"""Names that many distributions have modules below: they alone tell nothing."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A distribution that a module belongs to."""

    name: str
    source: str
    """How that is known, in words."""
    alternatives: tuple[str, ...] = ()
    certain: bool = True


def owner_of(
    module: str, installed: resolver.Installed | None, pinned: Iterable[str] = ()
) -> Owner:
    """Name the distribution of a module: from RECORD, the table, the pins; else it is a guess."""
    for name in _ancestors(module):
        found = list(installed_owners(name, installed)) if installed is not None else []
        if len(found) == 1:
            whose = found[0].name
            return Owner(whose, f"here it belongs to {whose} {found[0].version}")
        if name in WELL_KNOWN:
            first, *others = WELL_KNOWN[name]
            named = f"{name} is the module of {first}"
            return Owner(canonicalize_name(first), named, tuple(others))
        if found:
            # A folder that several share tells nothing of whose module is missing in it.
            continue
    top = canonicalize_name(module.partition(".")[0])
    same = next((name for name in map(canonicalize_name, pinned) if name == top), None)
    if same is not None:
        return Owner(same, f"the folder's own requirement of that name: {same}")
    return Owner(top, "no distribution is known to have it: this is its own name", certain=False)


def _ancestors(module: str) -> Iterator[str]:
    parts = module.split(".")
    for end in range(len(parts), 0, -1):
        yield ".".join(parts[:end])


def installed_owners(module: str, installed: resolver.Installed) -> Iterator[resolver.Distribution]:
    """Yield the installed distributions that have a module, or modules below it."""
    stem = module.replace(".", "/")
    for distribution in installed:
        if any(_is_of(file, stem) for file in distribution.files):
            yield distribution


def _is_of(file: str, stem: str) -> bool:
    if not file.startswith(stem):
        return False
    rest = file[len(stem) :]
    return (
        rest == ".py"
        or rest.startswith("/")
        or (rest[:1] == "." and rest.endswith((".so", ".pyd")))
    )

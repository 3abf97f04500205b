"""The codes of the errors: stable, and never used for something else later."""

from __future__ import annotations

ERROR_CODES = {
    # Use, files and addresses
    "ModelenvError": "ME0001",
    "WrongUseError": "ME0002",
    "BadArgumentError": "ME0003",
    "NotMadeError": "ME0004",
    "UndatedError": "ME0005",
    "UserCodeError": "ME0006",
    "SiblingMissingError": "ME0007",
    "SiblingOverwrittenError": "ME0008",
    "UnwritableError": "ME0009",
    "NoScratchError": "ME0010",
    "UntrustedFileError": "ME0011",
    "UnknownHostError": "ME0012",
    "NotLocalError": "ME0013",
    "DownloadFailedError": "ME0014",
    # Saving a model
    "NotAModelError": "ME0101",
    "NotPicklableError": "ME0102",
    "BadArtifactError": "ME0103",
    "BadCodePathError": "ME0104",
    "CodeClashError": "ME0105",
    "CompiledCodeError": "ME0106",
    "HashMismatchError": "ME0107",
    "HashesMissingError": "ME0108",
    # Folders and environments
    "BadFolderError": "ME0201",
    "ChangedContentError": "ME0202",
    "PythonMissingError": "ME0203",
    "PythonTooOldError": "ME0204",
    "ManagerMissingError": "ME0205",
    "NotReplicableError": "ME0206",
    "NotUnpackedError": "ME0207",
    "NoRoomError": "ME0208",
    "BuildFailedError": "ME0209",
    "AnotherEnvironmentError": "ME0210",
    "FixedEnvironmentError": "ME0211",
    "BadPackError": "ME0212",
    "LoadForbiddenError": "ME0213",
    # Runs, proofs and seals
    "RunFailedError": "ME0301",
    "NotProvenError": "ME0302",
    "UntypedPredictionError": "ME0303",
    "WrongInterpreterError": "ME0304",
    "SealUnavailableError": "ME0305",
    "SealFailedError": "ME0306",
    "LockRefusedError": "ME0307",
    # Serving, batches and files
    "RequestError": "ME0401",
    "FolderChangedError": "ME0402",
    "BatchError": "ME0403",
    "BatchFailedError": "ME0404",
    "WorkerEndedError": "ME0405",
    "NodeError": "ME0406",
    "FilesError": "ME0407",
    "EngineFailedError": "ME0408",
    "RunStoppedError": "ME0409",
    "OutputStandsError": "ME0410",
    "OtherRunError": "ME0411",
    "RowsRefusedError": "ME0412",
    "OtherColumnsError": "ME0413",
    "NoSuchFormError": "ME0414",
    # Fleets and audits
    "StateFileError": "ME0501",
    "FleetBusyError": "ME0502",
    "EngineMissingError": "ME0503",
    "ClusterFailedError": "ME0504",
    "OtherVersionError": "ME0505",
    "TableFormatError": "ME0506",
    "PipAuditMissingError": "ME0507",
    "PipAuditFailedError": "ME0508",
    # Images, packs and exports
    "NoImageError": "ME0601",
    "NoEngineError": "ME0602",
    "ImageBuildError": "ME0603",
    "NotReproducedError": "ME0604",
    "NoElfReaderError": "ME0605",
    "NoPackError": "ME0606",
    "PackNotProvenError": "ME0607",
    "NoWheelsError": "ME0608",
    "NotExportedError": "ME0609",
    "TemplatesMissingError": "ME0610",
    "NotReportedError": "ME0611",
    # Models through time
    "NoDateError": "ME0701",
    "NothingAdvisedError": "ME0702",
    "NoModelError": "ME0703",
    "NoPythonError": "ME0704",
    "BytecodeError": "ME0705",
    # Resolution
    "ResolverError": "ME0801",
    "ConflictError": "ME0802",
    "UnbuiltError": "ME0803",
    "ContradictoryLinesError": "ME0804",
    "RequirementsError": "ME0805",
    "TooManyInputsError": "ME0806",
    "MovedError": "ME0807",
    "EditedError": "ME0808",
    "UndecidedError": "ME0809",
    "SourceError": "ME0810",
    "FalseAnswerError": "ME0811",
    "ConfigurationError": "ME0812",
    "MetadataError": "ME0813",
    "BrokenMetadataError": "ME0814",
    "UnstatedMetadataError": "ME0815",
    "BuildError": "ME0816",
    "NotBundledError": "ME0817",
    "PipCheckError": "ME0818",
    "MomentError": "ME0819",
    "TargetError": "ME0820",
    "WrongTargetError": "ME0821",
    "AlikeTargetsError": "ME0822",
    # Environment files and folders
    "EnvFilesError": "ME0901",
    "FaultyError": "ME0902",
    "InvalidEntry": "ME0903",
    "InvalidFile": "ME0904",
    "InvalidSpec": "ME0905",
    "Disagreement": "ME0906",
    "StoreError": "ME0907",
    "TargetExists": "ME0908",
    "TargetRefused": "ME0909",
    "TargetUnwritable": "ME0910",
    "TargetBusy": "ME0911",
    "TargetChanged": "ME0912",
    "OldFolderRemains": "ME0913",
    "PackagingTooOld": "ME0914",
    # Traces
    "TracerError": "ME1001",
    "UnreadableTraceError": "ME1002",
    "UnreadablePickleError": "ME1003",
    "CallFailedError": "ME1004",
}
"""By the name of each class, which is one in all four packages; docs/errors.md explains each."""

_PACKAGES = ("modelenv", "resolver", "envfiles", "tracer")
_PRIVATE = "_modelenv_"
"""The beginning of the name of a package that travelled, or was loaded beside one of its name."""


def code_of(kind: type[BaseException]) -> str:
    """Return the code of a class of errors: its own, or that of its parent; empty: it has none.

    >>> from modelenv.folder.errors import BadFolderError
    >>> code_of(BadFolderError), code_of(KeyError)
    ('ME0201', '')
    """
    for each in kind.__mro__:
        package = each.__module__.partition(".")[0]
        if (package in _PACKAGES or package.startswith(_PRIVATE)) and each.__name__ in ERROR_CODES:
            return ERROR_CODES[each.__name__]
    return ""

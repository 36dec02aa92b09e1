"""The key that personal data is hashed with: 32 random bytes in a file of the folder, unless the settings bring one.

Whoever has it can find out by trying what a hash stands for; without it nobody can, and when it is deleted no hash of
before means anything any more.
"""

import os
import secrets
from pathlib import Path

from footfall.model.errors import FolderDamaged

_BYTES = 32


def hash_key(path: Path) -> bytes:
    """The folder's key, made where there is none. Raises `FolderDamaged` for a file that is something else."""
    if not path.exists():
        # Written beside and put into place: a crash leaves a whole key or none. The folder is ours alone.
        made = path.with_suffix(".new")
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
            file.flush()
            os.fsync(file.fileno())
        made.replace(path)
    key = path.read_bytes()
    if len(key) != _BYTES:
        raise FolderDamaged(path, ValueError(f"it has {len(key)} bytes, and a key has {_BYTES}"))
    return key

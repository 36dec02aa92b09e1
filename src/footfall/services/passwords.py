"""Passwords that everybody tries first, which nobody may choose (NIST SP 800-63B-4, 3.1.1.2).

The standard wants commonly used and expected passwords refused, and words of the context. With twelve characters as the
least, the usual lists come down to a few words with digits and signs around them, to repetitions and to rows of keys.
There is no rule about kinds of characters, and no list of what was stolen elsewhere.
"""

import re
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 200
"""Characters of a password."""

WORDS = frozenset(
    """
    admin administrator analytics asdfghjkl baseball basketball batman butterfly changeit changeme charlie chocolate
    computer default demo dragon football footfall freedom guest hallo hello helloworld iloveyou internet jordan killer
    letmein letmeinnow letmeinplease liverpool login lovely loveme manchester master michael michelle monkey motdepasse
    mustang mypassword newpassword ninja nopassword owner pass passphrase passwd passwort password pokemon princess
    princesse private qazwsx qazwsxedc qwer qwerty qwertyuiop qwertz qwertzuiop root samsung secret secretpassword senha
    shadow soccer sommer spring starwars strawberry summer sunshine superadmin superman supersecret superuser support
    system temp temporary test testing testpassword thisismypassword topsecret trustno trustnoone user username
    wachtwoord welcome welcomeback welcometo whatever winter wordpass yourpassword zaqxsw
    """.split()  # noqa: SIM905 - words to be read
)
"""What the lists of stolen passwords begin with, and what this server is called."""

_ROWS = (
    "0123456789" * 3,
    "abcdefghijklmnopqrstuvwxyz" * 2,
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
_ALIKE = str.maketrans("@43$501!7", "aaessoiit")


class Hasher:
    """argon2id. Each call takes 64 MiB for a moment, so it belongs into a thread of those that are for it."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self.nobodys = self.hash(secrets.token_urlsafe(32))
        """Of a password that nobody has: checking takes as long where there is none."""

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def is_right(self, hashed: str, password: str) -> bool:
        if len(password) > LONGEST:
            return False
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def is_old(self, hashed: str) -> bool:
        """Whether it was made with less effort than is usual now."""
        return self._hasher.check_needs_rehash(hashed)


def is_expected(password: str, *about: str) -> bool:
    """Whether somebody who knows what `about` says of the person would try it early."""
    words = WORDS | {_word(one) for one in about} - {""}
    return _word(password) in words or _repeats(password.casefold()) or _is_row(password.casefold())


def _word(text: str) -> str:
    """Without the digits and signs around it, and those inside read as letters."""
    inner = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text.casefold())
    return re.sub(r"[\W_]", "", inner.translate(_ALIKE))


def _repeats(text: str) -> bool:
    """Something shorter than a password again and again."""
    text = re.sub(r"\s", "", text)
    return any(text[period:] == text[:-period] for period in range(1, min(len(text) // 2 + 1, SHORTEST)))


def _is_row(text: str) -> bool:
    """Keys that lie in a row."""
    keys = re.sub(r"[\W_]", "", text)
    return 2 * len(keys) >= len(text) and any(keys in row or keys[::-1] in row for row in _ROWS)

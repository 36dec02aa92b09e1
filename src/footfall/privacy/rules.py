"""What is looked for (`governance.md`, "Personal data and secrets at the door"): a table of rules.

Every expression matches in linear time in RE2. Where Python's own engine has to do, they have no nested repetition,
and repeat a bounded number of times.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from .checks import (
    Check,
    each,
    in_sql,
    is_authorization,
    is_card,
    is_cn_id,
    is_codice_fiscale,
    is_cpf,
    is_email,
    is_iban,
    is_ip,
    is_phone,
    is_ssn,
    is_token,
)
from .policy import Action

_WORD = r"[^\x00-\x20\"'<>()\[\]\\,;:@/?&=#|*{}]"


@dataclass(frozen=True)
class Rule:
    """Something to find in a text."""

    name: str
    pattern: str
    action: Action
    is_secret: bool = False
    """Looked for also where the plan says that a property holds nothing of a person."""
    holds: Check = lambda _, spans: spans
    """Which of those that have the shape are what they look like."""
    whole: bool = False
    """The whole text goes, not only the part that was found."""
    group: int = 0
    """The part of the match that goes."""


_VENDORS = "|".join(  # noqa: FLY002 - a line each
    [
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        r"\bgh[pousr]_[A-Za-z0-9]{30,}",
        r"\bgithub_pat_[A-Za-z0-9_]{22,}",
        r"\bglpat-[A-Za-z0-9_-]{18,}",
        r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
        r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}",
        r"\bwhsec_[A-Za-z0-9+/=]{16,}",
        r"\bsk-[A-Za-z0-9_-]{20,}",
        r"\bAIza[A-Za-z0-9_-]{30,}",
        r"\bya29\.[A-Za-z0-9_-]{20,}",
        r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
        r"\bnpm_[A-Za-z0-9]{30,}",
        r"\bpypi-[A-Za-z0-9_-]{16,}",
        r"\bdop_v1_[a-f0-9]{32,}",
        r"\bhf_[A-Za-z0-9]{30,}",
        r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{30,}",
        r"hooks\.slack\.com/services/T[A-Za-z0-9]+/B[A-Za-z0-9]+/[A-Za-z0-9]+",
    ]
)


def _any_case(pattern: str) -> str:
    """With each letter large or small. `(?i)` would also be a long s or the sign of Kelvin, in RE2 alone."""
    return re.sub(r"(?<!\\)[a-z]", lambda letter: f"[{letter[0].upper()}{letter[0]}]", pattern)


_QUERY_KEYS = (
    "access_token|id_token|refresh_token|session_token|csrf_token|token|api_?key|password|passwd|pwd|client_secret|secret"
    "|x-amz-signature|signature|sig|code|auth|authorization|otp"
)

RULES: tuple[Rule, ...] = (
    Rule(
        "private_key",
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?",
        "redact",
        is_secret=True,
    ),
    Rule("jwt", r"\beyJ[A-Za-z0-9_-]{6,}\.eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*", "redact", is_secret=True),
    Rule("token", _VENDORS, "redact", is_secret=True, holds=each(is_token)),
    Rule(
        "authorization",
        _any_case(r"\b(?:bearer|basic)\s+") + r"([A-Za-z0-9+/._~-]{16,}={0,2})",
        "redact",
        is_secret=True,
        holds=each(is_authorization),
        group=1,
    ),
    Rule(
        "url_password",
        r"[A-Za-z0-9+.-]://([^\s/?#@:\"'\[]{0,100}:[^\s/?#@\"']{1,200})@",
        "redact",
        is_secret=True,
        group=1,
    ),
    Rule(
        "url_secret",
        rf"[?&#;](?:{_any_case(_QUERY_KEYS)})=([^&\s\"'#;\[][^&\s\"'#;]*)",
        "redact",
        is_secret=True,
        group=1,
    ),
    Rule(
        "card",
        r"\b(?:4[0-9]{3}|5[1-5][0-9]{2}|2[2-7][0-9]{2}|6011|64[4-9][0-9]|6[25][0-9]{2}|35[2-8][0-9]|3[4678][0-9]{2}"
        r"|30[0-5][0-9])(?:[ -]?[0-9]){9,15}\b",
        "mask",
        holds=each(is_card),
    ),
    Rule(
        "email",
        rf"{_WORD}{{1,64}}(?:@|%40)[^\x00-\x2c./:-@\[-`{{-\x7f]{{1,63}}(?:\.[^\x00-\x2c./:-@\[-`{{-\x7f]{{1,63}}){{0,6}}"
        r"\.[A-Za-z\x{80}-\x{10FFFF}]{2,24}",
        "hash",
        holds=each(is_email),
    ),
    Rule(
        "phone",
        r"\+[1-9][0-9]{0,2}[ .()-]{0,2}(?:[0-9][ .()-]{0,2}){5,12}[0-9]|\([0-9]{3}\) ?[0-9]{3}[-. ][0-9]{4}\b"
        r"|\b1[3-9][0-9]{9}\b",
        "redact",
        holds=each(is_phone),
    ),
    Rule(
        "ip",
        r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b|\b(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}\b"
        r"|\b(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6}\b",
        "truncate",
        holds=each(is_ip),
    ),
    Rule("us_ssn", r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b", "redact", holds=each(is_ssn)),
    Rule(
        "cn_id",
        r"\b[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]\b",
        "redact",
        holds=each(is_cn_id),
    ),
    Rule("iban", r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b", "redact", holds=each(is_iban)),
    Rule("br_cpf", r"\b[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}\b", "redact", holds=each(is_cpf)),
    Rule(
        "it_codice_fiscale",
        r"\b[A-Za-z]{6}[0-9]{2}[A-EHLMPR-Ta-ehlmpr-t][0-9]{2}[A-Za-z][0-9]{3}[A-Za-z]\b",
        "redact",
        holds=each(is_codice_fiscale),
    ),
    Rule(
        "sql",
        _any_case(
            r"\b(?:select\s[^\x00]+?\sfrom\s|insert\s+into\s|update\s+[\w.\"`]+\s+set\s|delete\s+from\s"
            r"|(?:create|drop|alter|truncate)\s+table\s|with\s+\w+\s+as\s*\()"
        ),
        "redact",
        holds=in_sql,
        whole=True,
    ),
)
SECRET_KEY = "secret_key"  # noqa: S105 - the name of a rule
"""A property whose name says that its value is one."""
LONG_TEXT = "long_text"
DIRECT = "direct"
"""The plan says that a property tells who somebody is."""
MAX_TEXT = 1024
"""Characters of a text of somebody's own writing."""
ACTIONS: dict[str, Action] = {
    **{rule.name: rule.action for rule in RULES},
    SECRET_KEY: "remove",
    LONG_TEXT: "truncate",
    DIRECT: "hash",
}
"""What is done where nobody says otherwise."""

_ENDINGS = "hash|value|raw|confirm|confirmation|confirmed|new|old|current|plain|text|string|header|again"
"""What a name goes on with and stays that of a secret."""

_OF_KEYS = "api|private|access|secret|signing|encryption"
"""What a key may be of."""

# Inside of JSON: whatever `is_secret_key` says yes to ends like this, and a few names more do. `~` is what may stand
# between words. No part counts: RE2 would have to keep apart from where each “token” of “tokentoken…” began.
KEY_HINT = (
    _any_case(
        rf"(?:pass~*(?:word|wd|wort|phrase|code)|pwd|secret|credentials?|token|(?:{_OF_KEYS})~*key"
        r"|authori(?:s|z)ation|auth~*header|cookies?|csrf|xsrf|cvv|cvc|ssn|otp"
        r"|kennwort|contrase(?:n|ñ)a|mot~*de~*passe|senha|wachtwoord|[Пп]ароль|密码|密碼|パスワード|비밀번호)"
        rf"(?:~|[0-9]|{_ENDINGS})*"
    ).replace("~", r"(?:[^A-Za-z0-9\"\x00]|\\\")")
    + r"\"\s*:"
)

_CORE = (
    rf"(?:pass_?(?:word|wd|phrase|code)|pwd|secret|credentials?|token|(?:{_OF_KEYS})_?key"
    r"|authori[sz]ation|auth_header|cookies?|csrf|xsrf|cvv2?|cvc2?|ssn|otp"
    r"|passwort|kennwort|contrasena|mot_?de_?passe|senha|wachtwoord)"
)
_FOREIGN = re.compile(r"(?:contraseña|пароль|密码|密碼|パスワード|비밀번호)[0-9]?$")
_KEY = re.compile(rf"(?:^|_){_CORE}(?:_?[0-9]|_(?:{_ENDINGS}))*$")
_PAGES = re.compile(r"(?:^|_)(?:next|page|cursor|continuation|design|theme|color|colour)_(?:\w+_)?token$")
"""Tokens that open nothing: where a list goes on, and what a colour is called."""


@lru_cache(maxsize=4096)
def is_secret_key(key: str) -> bool:
    """Whether a property of this name holds a secret: `apiKey`, `new_password`, `X-CSRF-Token`; not `token_count`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+", "_", key[-200:]).strip("_").lower()
    is_one = _KEY.search(words) or _FOREIGN.search(key[-200:].lower())
    return is_one is not None and _PAGES.search(words) is None

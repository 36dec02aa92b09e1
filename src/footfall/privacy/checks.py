"""Closer looks: whether what has the shape of a number of somebody's is one. Each takes the text, and where in it."""

import ipaddress
import re
from base64 import b64decode
from collections.abc import Callable, Sequence

Span = tuple[int, int]
Look = tuple[str, int, int]
"""A text, and where the match begins and ends."""
Check = Callable[[str, Sequence[Span]], Sequence[Span]]
"""From a text and the matches of a rule in it to those that are what they look like."""

# ISO/IEC 7812: ranges of issuers with the lengths that their numbers have.
_ISSUERS = (
    ("4", (13, 16, 19)),
    *((str(one), (16,)) for one in range(51, 56)),
    *((str(one), (16,)) for one in range(2221, 2721)),
    ("34", (15,)),
    ("37", (15,)),
    *((str(one), (14, 16)) for one in range(300, 306)),
    ("36", (14,)),
    ("38", (14, 16)),
    ("6011", (16, 19)),
    *((str(one), (16, 19)) for one in range(644, 650)),
    ("65", (16, 19)),
    ("62", (16, 17, 18, 19)),
    *((str(one), (16, 19)) for one in range(3528, 3590)),
)
_LENGTHS: dict[str, tuple[int, ...]] = dict(_ISSUERS)
_PREFIXES = (1, 2, 3, 4)


def is_card(look: Look) -> bool:
    """A number of an issuer's, of a length that it gives out, whose check digit is right (Luhn)."""
    text, start, end = look
    digits = re.sub(r"\D", "", text[start:end])
    before, after = text[start - 1 : start], text[end : end + 1]
    # Fractions have as many digits, and so have parts of a UUID.
    if before in {".", "-", "_"} or before.isalnum() or after in {"-", "_"} or after.isalnum():
        return False
    if after == "." and text[end + 1 : end + 2].isdigit():
        return False
    if not (any(len(digits) in _LENGTHS.get(digits[:size], ()) for size in _PREFIXES) and _luhn(digits)):
        return False
    # Cards of thirteen digits are out of use, and begin as the barcodes of Germany do.
    return len(digits) != _BARCODE or not _is_barcode(digits)


_BARCODE = 13


def _is_barcode(digits: str) -> bool:
    """Whether its check digit is that of an EAN-13."""
    return sum(int(digit) * (1 + 2 * (place % 2)) for place, digit in enumerate(digits)) % 10 == 0


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)  # noqa: PLR2004 - of two digits, their sum
    return total % 10 == 0


_FILES = frozenset({
    "png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "ico", "bmp", "js", "mjs", "css", "map", "json", "html", "htm",
    "xml", "pdf", "txt", "csv", "woff", "ttf", "ts", "tsx", "jsx", "vue", "svelte", "scss", "less", "mp3", "mp4", "gz",
})  # fmt: skip


_PACKAGE = re.compile(r"[v^~]?\d+\.\d+\.\d")
"""What `@` stands before in `lodash@4.17.21-rc.next`."""


def is_email(look: Look) -> bool:
    text, start, end = look
    local, _, domain = re.split("(@|%40)", text[start:end], maxsplit=1)
    after = text[end : end + 1]
    ending = domain.rpartition(".")[2].lower() + after * after.isdigit()  # no domain ends as `mp4` does
    # `logo@2x.png`; and what Git signs in as is nobody.
    if ending in _FILES or local.lower() == "git" or _PACKAGE.match(domain):
        return False
    return ".." not in domain and not domain.startswith(("-", "."))


def is_phone(look: Look) -> bool:
    text, start, end = look
    found = text[start:end]
    digits = re.sub(r"\D", "", found)
    before = text[start - 1 : start]
    if before.isalnum() or text[end : end + 1].isalnum() or digits.startswith("0"):
        return False
    if found.startswith(("+", "(")):
        return 8 <= len(digits) <= 15  # noqa: PLR2004 - E.164
    return (start, end) == (0, len(text))  # eleven digits are a telephone only where nothing else stands


def is_ip(look: Look) -> bool:
    """An address that may be somebody's; `Chrome/126.0.0.0` and `v1.2.3.4` have the shape of one."""
    text, start, end = look
    found, before, after = text[start:end], text[start - 1 : start], text[end : end + 1]
    is_host = text[max(0, start - 3) : start] == "://"
    is_last = after == "." and not text[end + 1 : end + 2].isalnum()
    has_port = after == ":" and "." in found
    if (_glues(before) and not is_host) or (_glues(after) and after != "/" and not is_last and not has_port):
        return False
    if _SAYS_VERSION.search(text, max(0, start - 12), start):
        return False
    try:
        address = ipaddress.IPv4Address(found) if "." in found else ipaddress.IPv6Address(found)
    except ValueError:
        return False
    groups = [group for group in found.split(":") if group]
    if address.version == 6 and len(groups) < 3 and len(groups[0]) < 4:  # noqa: PLR2004 - `a::b` is a program's
        return False
    if address.version == 4 and len(found) == _SHORTEST_IP:  # noqa: PLR2004 - “1.2.3.4 Returns” is a heading
        return False
    return not (address.is_loopback or address.is_unspecified)


_SHORTEST_IP = len("1.2.3.4")
_SAYS_VERSION = re.compile(r"(?:version|release|build|firmware|\bver|\bv)[ .:=]*\Z", re.IGNORECASE)


def _glues(letter: str) -> bool:
    return letter != "" and (letter.isalnum() or letter in "/.:-_")


def cut_ip(text: str) -> str:
    """Its network, of /24 or /48."""
    if "." in text:
        return f"{text.rpartition('.')[0]}.0"
    return str(ipaddress.IPv6Network(f"{text}/48", strict=False).network_address)


def is_ssn(look: Look) -> bool:
    """Numbers that the United States give out: no area 000, 666 or 9xx, no group 00, no serial 0000."""
    text, start, end = look
    area, group, serial = text[start:end].split("-")
    fine = area not in {"000", "666"} and area[0] != "9" and group != "00" and serial != "0000"
    return fine and not _touches(look)


def _touches(look: Look) -> bool:
    text, start, end = look
    before, after = text[start - 1 : start], text[end : end + 1]
    return before.isalnum() or after.isalnum() or before in {"-", "_"} or after in {"-", "_"}


_CN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def is_cn_id(look: Look) -> bool:
    """GB 11643-1999: the last sign of eighteen follows from the others."""
    text, start, end = look
    number = text[start:end].upper()
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _CN_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17] and not _touches(look)


# ISO 13616, from the registry: how long each country's are.
_IBAN = {
    country: length
    for length, countries in (
        (15, "NO"), (16, "BE"), (18, "DK FI FO GL NL"), (19, "MK SI"), (20, "AT BA EE KZ LT LU XK"),
        (21, "CH HR LI LV"), (22, "BG BH CR DE GB GE IE ME RS VA"), (23, "AE GI IL"),
        (24, "AD CZ ES MD PK RO SA SE SK TN VG"), (25, "PT ST"), (26, "IS TR"),
        (27, "FR GR IT MC MR SM"), (28, "AL AZ CY DO GT HU LB PL"), (29, "BR EG PS QA UA"),
        (30, "JO KW MU"), (31, "MT SC"),
    )
    for country in countries.split()
}  # fmt: skip


def is_iban(look: Look) -> bool:
    """Of its country's length, and 1 modulo 97."""
    text, start, end = look
    number = text[start:end].replace(" ", "").upper()
    if _IBAN.get(number[:2]) != len(number) or _touches(look):
        return False
    return int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97 == 1


def is_cpf(look: Look) -> bool:
    """Brazil's, with both of its check digits."""
    text, start, end = look
    digits = [int(one) for one in text[start:end] if one.isdigit()]
    if len(set(digits)) == 1 or _touches(look):
        return False
    for size in (9, 10):
        total = sum(digit * (size + 1 - place) for place, digit in enumerate(digits[:size]))
        if total * 10 % 11 % 10 != digits[size]:
            return False
    return True


_CF_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)


def is_codice_fiscale(look: Look) -> bool:
    """Italy's, whose last letter follows from the others."""
    text, start, end = look
    code = text[start:end].upper()
    if _touches(look):
        return False
    total = 0
    for place, sign in enumerate(code[:15]):
        value = int(sign) if sign.isdigit() else ord(sign) - 65
        total += value if place % 2 else _CF_ODD[value]
    return chr(65 + total % 26) == code[15]


def is_authorization(look: Look) -> bool:
    """`Basic` with a name and a password in Base64; `Bearer` with what is no word."""
    text, start, end = look
    scheme, token = text[start:end].split(maxsplit=1)
    if scheme.lower() == "bearer":
        return _is_random(token) or token.endswith("=")
    try:
        return b":" in b64decode(token + "=" * (-len(token) % 4), validate=True)
    except ValueError:
        return False


def is_token(look: Look) -> bool:
    """Whatever begins as no word does; `sk-` and `pypi-` begin addresses of pages, too."""
    text, start, end = look
    found = text[start:end]
    if not found.startswith(("sk-", "pypi-")):
        return True
    return any(sign.isdigit() for sign in found) and any(sign.isupper() for sign in found)


def _is_random(token: str) -> bool:
    """It has digits, or large and small letters."""
    mixed = any(sign.isupper() for sign in token[1:]) and any(sign.islower() for sign in token)
    return any(sign.isdigit() for sign in token) or mixed


def each(holds: Callable[[Look], bool]) -> Check:
    """A check of one match after another."""
    return lambda text, spans: [span for span in spans if holds((text, *span))]


_CLAUSE = re.compile(
    r"=|\bselect\s+(?:\w+\.)?\*|;\s*(?:\Z|--|(?:select|insert|update|delete|drop)\b)|\btable\s+[\w.\"`]+\s*\("
    r"|\b(?:where\s+[\w.\"`]+\s*(?:[<>]|\b(?:in|like|is|between|not)\b)|join\b|limit\s+\d|values\s*\("
    r"|(?:group|order)\s+by\b|union\b)|\w\(",
    re.IGNORECASE,
)
_FROM = 310
"""Characters from `select` to its `from`, at most. The expression has no bound: RE2 would count from every `select`."""
_SELECT = re.compile(r"\bselect\s", re.IGNORECASE)
_NEAR = 500
"""Characters after the verb in which a second sign counts: of a statement, not of a long text."""


def in_sql(text: str, spans: Sequence[Span]) -> Sequence[Span]:
    """Besides the verb, a second sign: people write “select a plan from the list; then pay”, too.

    Stops at the first statement. Each part of the text is searched once, however many verbs there are.
    """
    sign: re.Match[str] | None = None
    for first, end in spans:
        start = first
        if end - first > _FROM and _SELECT.match(text, first):
            verb = _SELECT.search(text, end - _FROM, end)
            if verb is None:
                continue
            start = verb.start()
        if sign is None or sign.start() < start:
            sign = _CLAUSE.search(text, start)
        if sign is None:
            break
        if sign.end() <= end + _NEAR:
            return [(start, end)]
    return []

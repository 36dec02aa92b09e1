"""S0's records, as `mongoexport` writes them: a document a line or an array of them, in extended JSON.

`_id` is the id, `$oid`, `$date` and `$number…` are what they hold, and the rest is what S0's client sends, so it is
read by the door for that.
"""

from typing import Any

import msgspec

from footfall.protocols.exports.export import Entry, Export, Zone, moment_of, text_of
from footfall.protocols.seeds import interaction_of

_record = msgspec.json.Decoder(dict[str, Any])
_LEFT_OUT = ("_id", "__v")
"""The id, which is the event's, and a counter of the library that wrote the document."""

_AS_IT_IS = ("$oid", "$date", "$numberDecimal", "$uuid")
_NUMBERS: dict[str, type[int] | type[float]] = {"$numberInt": int, "$numberLong": int, "$numberDouble": float}
"""Extended JSON, canonical and relaxed: the only member of such an object, which stands for its value."""


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, inner),) = value.items()
        if name in _AS_IT_IS:
            return _plain(inner)
        if name in _NUMBERS:
            return _number(_NUMBERS[name], inner)
    return {name: _plain(inner) for name, inner in value.items()}


def _number(kind: type[int] | type[float], text: object) -> object:
    """A number; the text where JSON has no such number (`NaN`)."""
    try:
        number = kind(str(text))
    except ValueError:
        return text
    return number if number - number == 0 else text


def _read(text: bytes, zone: Zone) -> Entry:
    document = {name: _plain(value) for name, value in _record.decode(text).items()}
    sent = {name: value for name, value in document.items() if name not in _LEFT_OUT}
    sent["timestamp"] = moment_of(sent.get("timestamp"), zone, "$.timestamp")
    event = interaction_of({name: msgspec.Raw(msgspec.json.encode(value)) for name, value in sent.items()})
    return Entry(event={"event_id": text_of(document.get("_id"))} | event)


S0 = Export(
    name="s0",
    title="S0 (MongoDB)",
    is_it=lambda record: {"nombre", "accion"} <= record.keys(),
    reader=_read,
)

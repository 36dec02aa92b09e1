"""The order of a session's events (R20, R22): time, then the client's own count, then the name, as one number.

Of its 128 bits, 42 are of the time, 64 of `seq`, which is any number of that many, and 22 of the name. A session is an
array of such numbers, which the engine sorts several times as fast as tuples with a text in them (ADR 0055, ADR 0057).

A name is told by its place in an array `names`, which a statement has once.
"""

from footfall.insights.sql import MILLIS, Sql, sql

_NAME_BITS = Sql("22")
_SEQ_AND_NAME_BITS = Sql("86")
MOST_NAMES = Sql("4194303")
"""The largest number that the bits of a name hold."""
_OF_SEQ_0 = Sql("9223372036854775808")
"""What is added to a `seq`, of which the least is to be 0."""


def order_of(name: Sql, unknown: Sql) -> Sql:
    """An event's number; `unknown` is that of a name which is none of `names`."""
    return sql(
        "bitShiftLeft(toUInt128($millis), $above_seq)"
        " + bitShiftLeft(toUInt128(toInt128(ifNull(seq, 0)) + $of_0), $above_name)"
        " + transform($name, names, range(1, length(names) + 1), $unknown)",
        millis=MILLIS,
        above_seq=_SEQ_AND_NAME_BITS,
        of_0=_OF_SEQ_0,
        above_name=_NAME_BITS,
        name=name,
        unknown=unknown,
    )


def name_in(order: Sql) -> Sql:
    """The place of its name."""
    return sql("toUInt32(bitAnd($order, $name))", order=order, name=MOST_NAMES)


def millis_in(order: Sql) -> Sql:
    """Its time."""
    return sql("toInt64(bitShiftRight($order, $above_seq))", order=order, above_seq=_SEQ_AND_NAME_BITS)

"""Somebody's own SQL (`POST /api/sql`): read by sqlglot, checked against closed lists, and written anew (ADR 0040).

Nothing of the text that was sent reaches the engine. Its tree is walked, and each node that has a row in `_NODES` is
written in words of ours: values are bound, names are quoted, functions stand in `statement_words.FUNCTIONS`, and a
table is replaced by a subquery over the rows of one project. What has no row is refused, so whatever sqlglot learns to
read tomorrow is refused as well.
"""

import re
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, ClassVar, LiteralString, cast

import msgspec
from sqlglot import exp
from sqlglot.dialects.clickhouse import ClickHouse
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.parsers.clickhouse import ClickHouseParser
from sqlglot.tokenizer_core import Token, TokenType

from footfall.identity import PERSON_ID
from footfall.insights.question import Query, query_of
from footfall.insights.sql import NOTHING, Context, Sql, bind, join, sql, with_person
from footfall.insights.statement_words import FUNCTIONS, INTERVALS, OPERATORS, TYPES
from footfall.insights.table import Value
from footfall.model.errors import BadRequest, Position

MAX_TEXT = 20_000
"""Characters of a statement."""
PATH = "$.query"

Text = LiteralString


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Rows in the order of the columns; 64-bit integers as numbers, times as text in UTC, no number as null."""

    columns: list[str]
    types: list[str]
    """ClickHouse types, of which most names say what they are."""
    rows: list[list[Any]]


# ── tables ───────────────────────────────────────────────────────────────────────────────────────────────────

EVENT_COLUMNS: Text = (
    "event, event_id, timestamp, received_at, sent_at, seq, user_id, anonymous_id, session_id, page, url, referrer,"
    " title, section, component, component_hash, action, locale, screen, app_version, event_version, device, browser,"
    " os, utm_source, utm_medium, utm_campaign, utm_term, utm_content, groups, properties, sent, bot, flags,"
    " violations, redacted, user_type"
)


def _rows(project_id: int, columns: Text) -> Sql:
    """The rows of a project.

    PREWHERE, not WHERE: the engine sees to it before it computes anything of a statement's own, which it would
    otherwise try on the rows of others first, and tell by an error what they hold.
    """
    return sql(
        "SELECT $columns FROM events PREWHERE project_id = $project",
        columns=Sql(columns),
        project=bind(project_id, "UInt32"),
    )


def _events(project_id: int) -> Sql:
    return sql(
        "SELECT * EXCEPT (person_key, person), $id AS person_id FROM ($rows)",
        id=Sql(PERSON_ID),
        rows=with_person(_rows(project_id, EVENT_COLUMNS + ", person_key"), project_id),
    )


def _hourly(project_id: int) -> Sql:
    """What the view of that name says of one project. The view itself would be filtered when it is done."""
    return sql(
        "SELECT event, page, device, toStartOfHour(timestamp) AS hour, count() AS event_count,"
        " uniqExactIf(person, person != 0) AS unique_users,"
        " uniqExactIf((person, session_key), person != 0) AS unique_sessions"
        " FROM ($rows) WHERE NOT bot GROUP BY event, page, device, hour",
        rows=with_person(_rows(project_id, "event, page, device, timestamp, bot, person_key, session_key"), project_id),
    )


TABLES: dict[str, Callable[[int], Sql]] = {"events": _events, "event_hourly_mv": _hourly}
"""What a statement may read: of a project, its rows."""


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────


class _Reader(ClickHouseParser):
    """Functions stay as they are called; sqlglot would rewrite some for other databases."""

    FUNCTIONS: ClassVar = {}
    FUNCTION_PARSERS: ClassVar = {"CAST": ClickHouseParser.FUNCTION_PARSERS["CAST"]}
    NO_PAREN_FUNCTIONS: ClassVar = {}
    NO_PAREN_FUNCTION_PARSERS: ClassVar = {"CASE": ClickHouseParser.NO_PAREN_FUNCTION_PARSERS["CASE"]}

    def _warn_unsupported(self) -> None:  # it would log the text
        self.raise_error("Only SELECT is read here")


class _Dialect(ClickHouse):
    INDEX_OFFSET = 0
    Parser = _Reader


def build(text: str, context: Context) -> Query:
    """The statement as it is run, over the project's rows alone. Raises `BadRequest` with the place in the text."""
    try:
        tree = _read(text)
        return query_of(_Writing(context.project_id, tree, _Places(text)).write(tree))
    except RecursionError:
        raise _refused("The statement is nested too deeply") from None


def shape(columns: Iterable[tuple[str, str]], rows: list[list[Value]]) -> Answer:
    named = list(columns)
    return Answer(columns=[name for name, _ in named], types=[kind for _, kind in named], rows=rows)


_SAID = {
    "Required keyword": "Something is missing here",
    "Invalid expression / Unexpected token": "This was not expected here",
}
"""How sqlglot begins → what is meant."""


def _read(text: str) -> exp.Expr:
    if len(text) > MAX_TEXT:
        raise _refused(f"A statement has at most {MAX_TEXT} characters")
    try:
        found = [tree for tree in _Dialect().parse(text) if tree is not None]
    except ParseError as error:
        first = error.errors[0]
        said, position = str(first["description"]).rstrip("."), _start_of(first, text)
        what = next((ours for theirs, ours in _SAID.items() if said.startswith(theirs)), said)
        detail = f"{what}, at line {position.line}, column {position.column}"
        raise BadRequest(f"{detail}.", path=PATH, position=position) from None
    except SqlglotError as error:  # a text or a name that has no end: sqlglot's own place is wrong for these
        delimiter = re.match(r"Missing (['\"`]) ", str(error.__cause__))
        position = _position(text, text.rfind(delimiter[1])) if delimiter else None
        detail = "A text or a name has no end" if delimiter else "The statement cannot be read"
        raise BadRequest(f"{detail}.", path=PATH, position=position) from None
    if not found:
        raise _refused("There is no statement")
    if len(found) > 1:
        raise _refused("One statement at a time", _Places(text).of(found[1]))
    if not isinstance(found[0], exp.Query):
        raise _refused("A statement is one SELECT", _position(text, len(text) - len(text.lstrip())))
    return found[0]


def _refused(detail: str, position: Position | None = None) -> BadRequest:
    return BadRequest(f"{detail}.", path=PATH, position=position)


# ── places ───────────────────────────────────────────────────────────────────────────────────────────────────


def position_of(said: str, text: str) -> Position | None:
    """Where in a statement that is which the engine speaks of: the first name or value that it quotes."""
    places = _Places(text)
    for quoted in re.finditer(r"`([^`]+)`|'([^']+)'|function (\w+)", said):
        if position := places.of_word(next(word for word in quoted.groups() if word)):
            return position
    return None


def _position(text: str, offset: int) -> Position:
    before = text[:offset]
    return Position(line=before.count("\n") + 1, column=offset - (before.rfind("\n") + 1) + 1)


def _start_of(error: dict[str, Any], text: str) -> Position:
    """What could not be read begins there; sqlglot says where it ends."""
    lines = text.split("\n")
    line, column, token = int(error["line"]), int(error["col"]), str(error["highlight"] or "")
    end = sum(len(each) + 1 for each in lines[: line - 1]) + column
    return _position(text, max(0, min(end, len(text)) - len(token)))


class _Places:
    """Where in its text the parts of a statement stand."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _tokens(self) -> list[Token]:
        return _Dialect().tokenize(self._text)

    def of(self, node: Any) -> Position | None:
        """Where a part begins: itself, or the first thing in it."""
        if isinstance(node, list):
            return next((place for one in node if (place := self.of(one)) is not None), None)
        if not isinstance(node, exp.Expr):
            return None
        if isinstance(node, exp.Placeholder | exp.Parameter):
            return self.of_word("{") or self.of_word("?")
        if "start" not in node.meta and isinstance(node, exp.Func) and isinstance(node.this, str):
            return self.of_word(node.this)
        starts = [each.meta["start"] for each in node.walk() if "start" in each.meta]
        return _position(self._text, min(starts)) if starts else None

    def of_word(self, word: str) -> Position | None:
        """Where a word, or several with dots between, stands first that is no text, else the text that it is."""
        tokens = self._tokens
        texts = [token.text.lower() for token in tokens]
        for wanted in ([word.lower()], word.lower().replace(".", "\0.\0").split("\0")):
            places = [start for start in range(len(texts)) if texts[start : start + len(wanted)] == wanted]
            places.sort(key=lambda start: tokens[start].token_type == TokenType.STRING)
            if places:
                return _position(self._text, tokens[places[0]].start)
        return None


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────

_NAME = re.compile(r"[\w .:/@$-]{1,200}")
"""What a name may hold: nothing that means something between backquotes."""
_NUMBER = re.compile(r"\d{1,80}(\.\d{0,80})?([eE][+-]?\d{1,3})?|\.\d{1,80}|0[xX][0-9a-fA-F]{1,64}")
_WITH = "with "
"""In front of a name from WITH, so that none of them is that of a table, wherever it is used."""


class _Writing:
    """One statement on its way."""

    def __init__(self, project_id: int, tree: exp.Expr, places: _Places) -> None:
        self.project_id = project_id
        self._places = places
        self.named = {cte.alias for cte in tree.find_all(exp.CTE) if not cte.args.get("scalar")}
        for name in sorted(self.named & TABLES.keys()):
            raise _refused(f"WITH cannot give the name of a table, “{name}”, to something else", places.of_word(name))

    def write(self, node: Any) -> Sql:
        """A node in words of ours. What is refused has the place of the innermost node that has one."""
        try:
            return self._written(node)
        except BadRequest as refusal:
            if refusal.position is None:
                refusal.position = self._places.of(node)
            raise

    def _written(self, node: Any) -> Sql:
        row = _NODES.get(type(node))
        if row is None:
            raise _refused(f"{_words(node)} cannot be used here")
        for name, value in node.args.items():
            if name not in row.members and value not in (None, False, [], ""):
                clause = name.strip("_").replace("_", " ").upper()
                place = self._places.of_word(clause) or self._places.of(value)
                what = _NO_CLAUSES.get(name, clause)
                raise _refused(f"{what} cannot be used here ({_words(node)})", place)
        return row.write(self, node)

    def all(self, nodes: Iterable[Any], separator: Text = ", ") -> Sql:
        return join(separator, [self.write(node) for node in nodes])

    def part(self, keyword: Text, node: Any) -> Sql:
        """A clause that may be missing."""
        return NOTHING if not node else sql(keyword + "$it", it=self.write(node))

    def parts(self, keyword: Text, nodes: list[Any] | None) -> Sql:
        return NOTHING if not nodes else sql(keyword + "$them", them=self.all(nodes))


_NO_CLAUSES = {"db": "A database's name", "catalog": "A database's name", "joins": "A join"}
"""Members of a node that have no word of SQL."""


def _words(node: Any) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).upper()


class _Node(msgspec.Struct, frozen=True):
    """How a node is written, and which members of it that is all of."""

    write: Callable[[_Writing, Any], Sql]
    members: frozenset[str] = frozenset()


def _node(write: Callable[[_Writing, Any], Sql], members: str = "") -> _Node:
    return _Node(write, frozenset(members.split()))


def _quoted(name: str) -> Sql:
    if not _NAME.fullmatch(name):
        raise _refused(f"“{name[:100]}” is no name that can be used here")
    return Sql(cast("LiteralString", f"`{name}`"))  # checked: it holds nothing that ends it


def _identifier(_: _Writing, node: exp.Identifier) -> Sql:
    return _quoted(node.name)


def _column(writing: _Writing, node: exp.Column) -> Sql:
    parts = [node.args.get(name) for name in ("catalog", "db", "table", "this")]
    return join(".", [_tuple_place(part) if isinstance(part, exp.Literal) else writing.write(part)
                      for part in parts if part is not None])  # fmt: skip


def _dot(writing: _Writing, node: exp.Dot) -> Sql:
    expression = node.expression
    place = _tuple_place(expression) if isinstance(expression, exp.Literal) else writing.write(expression)
    return join(".", [writing.write(node.this), place])


def _tuple_place(node: exp.Literal) -> Sql:
    if node.is_string or not (node.name.isascii() and node.name.isdigit()):
        raise _refused("Behind a dot stands a name or a number")
    return Sql(cast("LiteralString", node.name))


def _literal(_: _Writing, node: exp.Literal) -> Sql:
    if node.is_string:
        return bind(node.name, "String")
    if not _NUMBER.fullmatch(node.name):
        raise _refused(f"“{node.name[:100]}” is no number that can be used here")
    return Sql(cast("LiteralString", node.name))


def _star(writing: _Writing, node: exp.Star) -> Sql:
    return join(" ", [Sql("*"), _except(writing, node)])


def _except(writing: _Writing, node: exp.Star) -> Sql:
    left_out = node.args.get("except_")
    return sql("EXCEPT ($names)", names=writing.all(left_out)) if left_out else NOTHING


def _binary(operator: Text) -> _Node:
    def write(writing: _Writing, node: exp.Binary) -> Sql:
        return sql(
            "($left " + operator + " $right)", left=writing.write(node.this), right=writing.write(node.expression)
        )

    return _node(write, "this expression typed safe")


def _like(operator: Text) -> _Node:
    def write(writing: _Writing, node: exp.Binary) -> Sql:
        negated: Text = "NOT " if node.args.get("negate") else ""
        left, right = writing.write(node.this), writing.write(node.expression)
        return sql("($left " + negated + operator + " $right)", left=left, right=right)

    return _node(write, "this expression negate")


def _around(before: Text, after: Text) -> _Node:
    return _node(lambda writing, node: sql(before + "$it" + after, it=writing.write(node.this)), "this")


def _between(writing: _Writing, node: exp.Between) -> Sql:
    low, high = writing.write(node.args["low"]), writing.write(node.args["high"])
    return sql("($it BETWEEN $low AND $high)", it=writing.write(node.this), low=low, high=high)


def _in(writing: _Writing, node: exp.In) -> Sql:
    """Behind IN, the engine takes a lone name for that of a table."""
    query = node.args.get("query")
    if query is not None:
        among = writing.write(query)
    else:
        listed = node.expressions
        if not listed or any(_is_name(one) for one in listed):
            raise _refused("Behind IN stands a list of values or a SELECT, in parentheses")
        among = sql("($values)", values=writing.all(listed))
    return sql("($it IN $among)", it=writing.write(node.this), among=among)


def _is_name(node: Any) -> bool:
    while isinstance(node, exp.Paren | exp.Alias):
        node = node.this
    return isinstance(node, exp.Column | exp.Identifier | exp.Dot | exp.Star)


def _case(writing: _Writing, node: exp.Case) -> Sql:
    branches = join(
        " ",
        [
            sql("WHEN $when THEN $then", when=writing.write(one.this), then=writing.write(one.args["true"]))
            for one in node.args["ifs"]
        ],
    )
    return sql(
        "(CASE$what $branches$otherwise END)",
        what=writing.part(" ", node.args.get("this")),
        branches=branches,
        otherwise=writing.part(" ELSE ", node.args.get("default")),
    )


def _if(writing: _Writing, node: exp.If) -> Sql:
    return sql("if($parts)", parts=writing.all([node.this, node.args["true"], node.args["false"]]))


def _interval(writing: _Writing, node: exp.Interval) -> Sql:
    unit = INTERVALS.get(getattr(node.args.get("unit"), "name", "").upper())
    if unit is None:
        raise _refused("An INTERVAL is written as INTERVAL 7 DAY")
    amount = node.this
    if isinstance(amount, exp.Literal) and amount.is_string and re.fullmatch(r"-?\d{1,18}", amount.name):
        return sql(unit + "($amount)", amount=Sql(cast("LiteralString", amount.name)))
    return sql(unit + "($amount)", amount=writing.write(amount))


def _cast(writing: _Writing, node: exp.Cast) -> Sql:
    return sql("CAST($it AS $kind)", it=writing.write(node.this), kind=_type(node.args["to"]))


def _type(node: Any) -> Sql:
    name = TYPES.get(node.this.name) if isinstance(node, exp.DataType) else None
    if name is None:
        raise _refused(f"{str(node)[:100]} is no type that can be used here")
    inner = [_type_parameter(one) for one in node.expressions]
    kind = sql(name + "($inner)", inner=join(", ", inner)) if inner else Sql(name)
    return sql("Nullable($kind)", kind=kind) if node.args.get("nullable") else kind


def _type_parameter(node: Any) -> Sql:
    value = node.this if isinstance(node, exp.DataTypeParam) else node
    if isinstance(value, exp.DataType):
        return _type(value)
    if isinstance(value, exp.Literal):
        # In a type no value can be bound. The only text that stands in one is the name of a zone.
        if value.is_string and re.fullmatch(r"[A-Za-z0-9_+/-]{1,64}", value.name):
            return Sql(cast("LiteralString", f"'{value.name}'"))
        if not value.is_string and value.name.isascii() and value.name.isdigit():
            return Sql(cast("LiteralString", value.name))
    raise _refused("That type cannot be used here")


def _function(writing: _Writing, node: Any) -> Sql:
    name = FUNCTIONS.get(str(node.this).lower()) if isinstance(node.this, str) else None
    if name is None:
        raise _refused(f"There is no function “{str(node.this)[:100]}” here")
    params = node.args.get("params")
    called = sql(name + "($them)", them=writing.all(node.expressions))
    return sql("$called($them)", called=called, them=writing.all(params)) if params else called


def _lambda(writing: _Writing, node: exp.Lambda) -> Sql:
    return sql("(($names) -> $body)", names=writing.all(node.expressions), body=writing.write(node.this))


def _bracket(writing: _Writing, node: exp.Bracket) -> Sql:
    if len(node.expressions) != 1:
        raise _refused("Between brackets stands one place or key")
    return sql("$it[$place]", it=writing.write(node.this), place=writing.write(node.expressions[0]))


def _window(writing: _Writing, node: exp.Window) -> Sql:
    # A function over a window, or, in a WINDOW clause, the name of one.
    alias = node.args.get("alias")
    if alias is not None:
        return sql("$it OVER $name", it=writing.write(node.this), name=writing.write(alias))
    spec = join(
        " ",
        [
            writing.parts("PARTITION BY ", node.args.get("partition_by")),
            writing.part("", node.args.get("order")),
            writing.part("", node.args.get("spec")),
        ],
    )
    word: Text = " AS ($spec)" if isinstance(node.this, exp.Identifier) else " OVER ($spec)"
    return sql("$it" + word, it=writing.write(node.this), spec=spec)


_SIDES: dict[str, Text] = {"PRECEDING": " PRECEDING", "FOLLOWING": " FOLLOWING", "": ""}


def _window_spec(writing: _Writing, node: exp.WindowSpec) -> Sql:
    kinds: dict[str, Text] = {"ROWS": "ROWS", "RANGE": "RANGE"}
    kind = kinds.get(str(node.args.get("kind")))
    if kind is None:
        raise _refused("A frame is one of ROWS or RANGE")
    ends = [_edge(writing, node.args.get(name), str(node.args.get(f"{name}_side") or "")) for name in ("start", "end")]
    if node.args.get("end") is None:
        return sql(kind + " $start", start=ends[0])
    return sql(kind + " BETWEEN $start AND $end", start=ends[0], end=ends[1])


def _edge(writing: _Writing, value: Any, side: str) -> Sql:
    if isinstance(value, str):
        fixed: dict[str, Text] = {"CURRENT ROW": "CURRENT ROW", "UNBOUNDED": "UNBOUNDED"}
        start = Sql(fixed[value]) if value in fixed else None
    else:
        start = NOTHING if value is None else writing.write(value)
    if start is None or side not in _SIDES:
        raise _refused("That frame cannot be used here")
    return join("", [start, Sql(_SIDES[side])])


def _alias(writing: _Writing, node: exp.Alias) -> Sql:
    return sql("$it AS $name", it=writing.write(node.this), name=writing.write(node.args["alias"]))


def _ordered(writing: _Writing, node: exp.Ordered) -> Sql:
    direction: Text = " DESC" if node.args.get("desc") else " ASC"
    nulls: Text = " NULLS FIRST" if node.args.get("nulls_first") else " NULLS LAST"
    return sql("$it" + direction + nulls, it=writing.write(node.this))


# ── queries ──────────────────────────────────────────────────────────────────────────────────────────────────


def _select(writing: _Writing, node: exp.Select) -> Sql:
    distinct: Text = "SELECT DISTINCT " if node.args.get("distinct") else "SELECT "
    if isinstance(node.args.get("distinct"), exp.Distinct):
        writing.write(node.args["distinct"])
    return join(
        "",
        [
            writing.part("", node.args.get("with_")),
            Sql(distinct),
            writing.all(node.expressions),
            writing.part(" FROM ", node.args.get("from_")),
            join("", [writing.write(one) for one in node.args.get("joins") or ()]),
            writing.part(" WHERE ", node.args.get("where")),
            writing.part(" GROUP BY ", node.args.get("group")),
            writing.part(" HAVING ", node.args.get("having")),
            writing.parts(" WINDOW ", node.args.get("windows")),
            *_end(writing, node),
        ],
    )


def _end(writing: _Writing, node: exp.Query) -> list[Sql]:
    return [
        writing.part(" ", node.args.get("order")),
        writing.part(" LIMIT ", node.args.get("limit")),
        writing.part(" OFFSET ", node.args.get("offset")),
    ]


def _set_operation(word: Text) -> _Node:
    """Both sides in parentheses; what follows is about all of it."""

    def write(writing: _Writing, node: exp.SetOperation) -> Sql:
        every: Text = " ALL " if node.args.get("distinct") is False else " DISTINCT "
        if word != "UNION" and every == " ALL ":
            every = " "  # what these two do without a word
        both = sql("($left) " + word + every + "($right)",
                   left=writing.write(node.this), right=writing.write(node.expression))  # fmt: skip
        start = writing.part("", node.args.get("with_"))
        end = join("", _end(writing, node))
        return sql("${start}SELECT * FROM ($both)$end", start=start, both=both, end=end)

    return _node(write, "this expression distinct with_ order limit offset")


def _subquery(writing: _Writing, node: exp.Subquery) -> Sql:
    alias = writing.part(" AS ", node.args.get("alias"))
    return sql("($query)$alias", query=writing.write(node.this), alias=alias)


def _table(writing: _Writing, node: exp.Table) -> Sql:
    name = node.this.name if isinstance(node.this, exp.Identifier) else ""
    alias = writing.write(node.args["alias"]) if node.args.get("alias") else None
    if name in writing.named:
        return sql("$it AS $alias", it=_quoted(_WITH + name), alias=alias or _quoted(name))
    if name not in TABLES:
        raise _refused(f"There is no table “{name[:100]}”; there are {' and '.join(TABLES)}" if name else
                       "Behind FROM stands the name of a table, or a SELECT in parentheses")  # fmt: skip
    return sql("($rows) AS $alias", rows=TABLES[name](writing.project_id), alias=alias or _quoted(name))


def _cte(writing: _Writing, node: exp.CTE) -> Sql:
    if node.args.get("scalar"):
        return sql("$it AS $name", it=writing.write(node.this), name=writing.write(node.args["alias"]))
    if not isinstance(node.this, exp.Query):
        raise _refused("WITH names a SELECT in parentheses, or a value")
    writing.write(node.args["alias"])
    return sql("$name AS ($query)", name=_quoted(_WITH + node.alias), query=writing.write(node.this))


_JOINS: frozenset[str] = frozenset({"", "INNER", "OUTER", "CROSS", "ANY", "ALL", "ASOF", "SEMI", "ANTI"})
_JOIN_SIDES: frozenset[str] = frozenset({"", "LEFT", "RIGHT", "FULL"})


def _join(writing: _Writing, node: exp.Join) -> Sql:
    side, kind = str(node.args.get("side") or ""), str(node.args.get("kind") or "")
    if kind == "ARRAY" and side in {"", "LEFT"}:
        left: Text = " LEFT ARRAY JOIN " if side else " ARRAY JOIN "
        return sql(left + "$it", it=writing.write(node.this))
    if side not in _JOIN_SIDES or kind not in _JOINS:
        raise _refused(f"{side} {kind} JOIN cannot be used here")
    words = cast("LiteralString", " ".join(word for word in ("", side, kind, "JOIN") if word))  # of the two lists
    on = writing.part(" ON ", node.args.get("on"))
    using = sql(" USING ($names)", names=writing.all(node.args["using"])) if node.args.get("using") else NOTHING
    return sql(" " + words + " $it$on$using", it=writing.write(node.this), on=on, using=using)


def _limit(writing: _Writing, node: exp.Limit) -> Sql:
    return sql("$it$by", it=writing.write(node.expression), by=writing.parts(" BY ", node.expressions))


_QUERY = "with_ distinct expressions from_ joins where group having windows order limit offset"

_NODES: dict[type[Any], _Node] = {
    # values
    exp.Identifier: _node(_identifier, "this quoted"),
    exp.Column: _node(_column, "this table db catalog"),
    exp.Dot: _node(_dot, "this expression"),
    exp.Literal: _node(_literal, "this is_string"),
    exp.Boolean: _node(lambda _, node: Sql("true") if node.this else Sql("false"), "this"),
    exp.Null: _node(lambda *_: Sql("NULL")),
    exp.Star: _node(_star, "except_"),
    exp.Paren: _around("(", ")"),
    exp.Not: _around("(NOT ", ")"),
    exp.Neg: _around("(- ", ")"),
    exp.Exists: _around("EXISTS (", ")"),
    **{kind: _binary(operator) for kind, operator in OPERATORS.items()},
    exp.Like: _like("LIKE"),
    exp.ILike: _like("ILIKE"),
    exp.Between: _node(_between, "this low high"),
    exp.In: _node(_in, "this expressions query"),
    exp.Case: _node(_case, "this ifs default"),
    exp.If: _node(_if, "this true false"),
    exp.Interval: _node(_interval, "this unit"),
    exp.Cast: _node(_cast, "this to"),
    exp.Tuple: _node(lambda writing, node: sql("tuple($them)", them=writing.all(node.expressions)), "expressions"),
    exp.Array: _node(
        lambda writing, node: sql("[$them]", them=writing.all(node.expressions)), "expressions bracket_notation"
    ),
    exp.Bracket: _node(_bracket, "this expressions"),
    exp.Lambda: _node(_lambda, "this expressions"),
    exp.Alias: _node(_alias, "this alias"),
    # functions
    **dict.fromkeys((exp.Anonymous, exp.AnonymousAggFunc, exp.CombinedAggFunc), _node(_function, "this expressions")),
    **dict.fromkeys((exp.ParameterizedAgg, exp.CombinedParameterizedAgg), _node(_function, "this expressions params")),
    exp.Distinct: _node(lambda writing, node: sql("DISTINCT $them", them=writing.all(node.expressions)), "expressions"),
    exp.Window: _node(_window, "this alias partition_by order spec over"),
    exp.WindowSpec: _node(_window_spec, "kind start start_side end end_side"),
    # queries
    exp.Select: _node(_select, _QUERY),
    exp.Union: _set_operation("UNION"),
    exp.Intersect: _set_operation("INTERSECT"),
    exp.Except: _set_operation("EXCEPT"),
    exp.Subquery: _node(_subquery, "this alias"),
    exp.With: _node(lambda writing, node: sql("WITH $them ", them=writing.all(node.expressions)), "expressions"),
    exp.CTE: _node(_cte, "this alias scalar"),
    exp.From: _around("", ""),
    exp.Table: _node(_table, "this alias"),
    exp.TableAlias: _node(lambda writing, node: writing.write(node.this), "this"),
    exp.Join: _node(_join, "this side kind on using"),
    exp.Where: _around("", ""),
    exp.Having: _around("", ""),
    exp.Group: _node(lambda writing, node: writing.all(node.expressions), "expressions"),
    exp.Order: _node(lambda writing, node: sql("ORDER BY $them", them=writing.all(node.expressions)), "expressions"),
    exp.Ordered: _node(_ordered, "this desc nulls_first"),
    exp.Limit: _node(_limit, "expression expressions"),
    exp.Offset: _node(lambda writing, node: writing.write(node.expression), "expression"),
}
"""Everything that can be said. The test of this table runs each of them."""

"""The words that somebody's own SQL may use: operators, types, intervals, and functions by what they are about.

A function is here because it works on the values that it is given and on nothing else: none reads a file, an address,
another table, a dictionary, a setting or the server, none makes another function of a text, none waits. What keeps
states of aggregates (`-State`, `-Merge`) is left out as well: it reads what bytes say that they are.
"""

from typing import Any, LiteralString

from sqlglot import exp

OPERATORS: dict[type[Any], LiteralString] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
    exp.IntDiv: "DIV",
    exp.DPipe: "||",
    exp.And: "AND",
    exp.Or: "OR",
    exp.EQ: "=",
    exp.NEQ: "!=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.Is: "IS",
}

INTERVALS: dict[str, LiteralString] = {
    "SECOND": "toIntervalSecond",
    "MINUTE": "toIntervalMinute",
    "HOUR": "toIntervalHour",
    "DAY": "toIntervalDay",
    "WEEK": "toIntervalWeek",
    "MONTH": "toIntervalMonth",
    "QUARTER": "toIntervalQuarter",
    "YEAR": "toIntervalYear",
}

TYPES: dict[str, LiteralString] = {
    "TEXT": "String",
    "BOOLEAN": "Bool",
    "TINYINT": "Int8",
    "SMALLINT": "Int16",
    "INT": "Int32",
    "BIGINT": "Int64",
    "INT128": "Int128",
    "UTINYINT": "UInt8",
    "USMALLINT": "UInt16",
    "UINT": "UInt32",
    "UBIGINT": "UInt64",
    "UINT128": "UInt128",
    "FLOAT": "Float32",
    "DOUBLE": "Float64",
    "DECIMAL": "Decimal",
    "DATE": "Date",
    "DATE32": "Date32",
    "DATETIME": "DateTime",
    "DATETIME64": "DateTime64",
    "UUID": "UUID",
    "ARRAY": "Array",
    "MAP": "Map",
    "NULLABLE": "Nullable",
}
"""Names of sqlglot's types, and the engine's."""

_AGGREGATES: LiteralString = (
    "count sum sumWithOverflow sumKahan min max avg any anyLast argMin argMax uniq uniqExact uniqCombined uniqHLL12"
    " groupArray groupUniqArray groupBitAnd groupBitOr groupBitXor topK topKWeighted quantile quantiles"
    " quantileExact quantilesExact quantileExactInclusive quantilesExactInclusive quantileTDigest median"
    " medianExact stddevPop stddevSamp varPop varSamp covarPop covarSamp corr skewPop kurtPop entropy windowFunnel"
    " retention sequenceCount sequenceMatch simpleLinearRegression deltaSum maxIntersections"
)
_COMBINATORS: tuple[LiteralString, ...] = ("", "If", "Array", "ArrayIf", "Distinct", "OrNull", "OrDefault")
_WINDOWS: LiteralString = (
    "row_number rank dense_rank percent_rank ntile lag lead lagInFrame leadInFrame first_value last_value nth_value"
)
_LOGIC: LiteralString = (
    "if multiIf and or not xor equals notEquals less greater lessOrEquals greaterOrEquals isNull isNotNull ifNull"
    " nullIf coalesce assumeNotNull toNullable isNaN isFinite isInfinite ifNotFinite isZeroOrNull greatest least"
    " transform"
)
_ARITHMETIC: LiteralString = (
    "plus minus multiply divide intDiv intDivOrZero modulo moduloOrZero negate abs sign gcd lcm round roundBankers"
    " floor ceil ceiling trunc truncate roundToExp2 sqrt cbrt pow power exp exp2 exp10 log log2 log10 ln sin cos"
    " tan asin acos atan atan2 degrees radians pi e bitAnd bitOr bitXor bitNot bitShiftLeft bitShiftRight bitTest"
    " bitCount max2 min2 widthBucket"
)
_TIMES: LiteralString = (
    "now now64 today yesterday toDate toDate32 toDateTime toDateTime64 toDateOrNull toDateTimeOrNull toDateOrZero"
    " toDateTimeOrZero toYear toQuarter toMonth toWeek toISOWeek toISOYear toDayOfYear toDayOfMonth toDayOfWeek"
    " toHour toMinute toSecond toMillisecond toUnixTimestamp toUnixTimestamp64Milli fromUnixTimestamp"
    " fromUnixTimestamp64Milli toStartOfYear toStartOfISOYear toStartOfQuarter toStartOfMonth toStartOfWeek"
    " toMonday toStartOfDay toStartOfHour toStartOfMinute toStartOfSecond toStartOfFiveMinutes toStartOfTenMinutes"
    " toStartOfFifteenMinutes toStartOfInterval toLastDayOfMonth toLastDayOfWeek toTime toYYYYMM toYYYYMMDD"
    " toYYYYMMDDhhmmss toTimeZone toTimezone timeZoneOffset dateDiff date_diff dateTrunc addSeconds addMinutes"
    " addHours addDays addWeeks addMonths addQuarters addYears subtractSeconds subtractMinutes subtractHours"
    " subtractDays subtractWeeks subtractMonths subtractQuarters subtractYears age formatDateTime dateName"
    " parseDateTime parseDateTimeOrNull parseDateTimeBestEffort parseDateTimeBestEffortOrNull"
    " parseDateTime64BestEffort parseDateTime64BestEffortOrNull toIntervalSecond toIntervalMinute toIntervalHour"
    " toIntervalDay toIntervalWeek toIntervalMonth toIntervalQuarter toIntervalYear makeDate makeDateTime timeSlot"
)
_CONVERSIONS: LiteralString = (
    "toString toInt8 toInt16 toInt32 toInt64 toInt128 toUInt8 toUInt16 toUInt32 toUInt64 toUInt128 toFloat32"
    " toFloat64 toInt8OrNull toInt16OrNull toInt32OrNull toInt64OrNull toUInt8OrNull toUInt16OrNull toUInt32OrNull"
    " toUInt64OrNull toFloat32OrNull toFloat64OrNull toInt8OrZero toInt16OrZero toInt32OrZero toInt64OrZero"
    " toUInt8OrZero toUInt16OrZero toUInt32OrZero toUInt64OrZero toFloat32OrZero toFloat64OrZero toDecimal32"
    " toDecimal64 toDecimal128 toBool accurateCastOrNull toTypeName toUUID toUUIDOrNull hex unhex bin"
)
_TEXTS: LiteralString = (
    "length lengthUTF8 empty notEmpty lower upper lcase ucase lowerUTF8 upperUTF8 reverse reverseUTF8 concat"
    " concatWithSeparator substring substr mid substringUTF8 left right leftUTF8 rightUTF8 leftPad rightPad trim"
    " trimLeft trimRight trimBoth ltrim rtrim startsWith endsWith startsWithUTF8 endsWithUTF8 position locate"
    " positionUTF8 positionCaseInsensitive positionCaseInsensitiveUTF8 countSubstrings"
    " countSubstringsCaseInsensitive like notLike ilike notILike match multiSearchAny multiSearchAnyCaseInsensitive"
    " extract extractAll extractAllGroups extractGroups regexpExtract countMatches replace replaceOne replaceAll"
    " replaceRegexpOne replaceRegexpAll splitByChar splitByString splitByRegexp splitByWhitespace splitByNonAlpha"
    " alphaTokens arrayStringConcat ngrams tokens isValidUTF8 toValidUTF8 format formatReadableSize"
    " formatReadableQuantity formatReadableTimeDelta base64Encode base64Decode tryBase64Decode encodeURLComponent"
    " decodeURLComponent initcap repeat space ascii char soundex"
)
_ADDRESSES: LiteralString = (
    "protocol domain domainWithoutWWW topLevelDomain firstSignificantSubdomain cutToFirstSignificantSubdomain port"
    " path pathFull queryString fragment queryStringAndFragment extractURLParameter extractURLParameters"
    " extractURLParameterNames URLHierarchy URLPathHierarchy cutWWW cutQueryString cutFragment cutURLParameter"
)
_JSON: LiteralString = (
    "JSONHas JSONLength JSONType JSONExtract JSONExtractString JSONExtractInt JSONExtractUInt JSONExtractFloat"
    " JSONExtractBool JSONExtractRaw JSONExtractArrayRaw JSONExtractKeys JSONExtractKeysAndValues"
    " JSONExtractKeysAndValuesRaw isValidJSON toJSONString JSON_VALUE JSON_QUERY JSON_EXISTS simpleJSONHas"
    " simpleJSONExtractString simpleJSONExtractInt simpleJSONExtractFloat simpleJSONExtractBool"
    " simpleJSONExtractRaw JSONAllPaths JSONAllPathsWithTypes dynamicType dynamicElement"
)
_COLLECTIONS: LiteralString = (
    "array tuple tupleElement map mapKeys mapValues mapContains mapContainsKey mapFilter mapApply mapAdd"
    " mapSubtract mapFromArrays arrayJoin arrayElement arrayConcat arrayPushBack arrayPushFront arrayPopBack"
    " arrayPopFront arraySlice arrayResize arrayReverse arrayFlatten arrayCompact arrayDistinct arrayUniq arraySort"
    " arrayReverseSort arrayZip arrayEnumerate arrayEnumerateUniq arrayMap arrayFilter arrayFill arrayReverseFill"
    " arraySplit arrayReverseSplit arrayExists arrayAll arrayFirst arrayLast arrayFirstIndex arrayLastIndex"
    " arrayCount arraySum arrayAvg arrayMin arrayMax arrayProduct arrayCumSum arrayCumSumNonNegative"
    " arrayDifference arrayIntersect has hasAll hasAny hasSubstr indexOf countEqual range emptyArrayString"
    " emptyArrayToSingle"
)
_HASHES: LiteralString = (
    "sipHash64 cityHash64 xxHash32 xxHash64 farmHash64 murmurHash3_64 intHash32 intHash64 MD5 SHA1 SHA256 halfMD5"
    " rand rand32 rand64"
)


def _named(*lists: LiteralString) -> dict[str, LiteralString]:
    return {name.lower(): name for listed in lists for name in listed.split(" ")}


FUNCTIONS: dict[str, LiteralString] = _named(
    _WINDOWS, _LOGIC, _ARITHMETIC, _TIMES, _CONVERSIONS, _TEXTS, _ADDRESSES, _JSON, _COLLECTIONS, _HASHES
)
"""Name in small letters → as the engine spells it."""
FUNCTIONS |= {
    (aggregate + combinator).lower(): aggregate + combinator
    for aggregate in _AGGREGATES.split(" ")
    for combinator in _COMBINATORS
}
FUNCTIONS["date_trunc"] = "dateTrunc"

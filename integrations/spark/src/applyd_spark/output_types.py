"""Results as values of a Spark type."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Callable

import pyarrow as pa
from pyspark.sql import types as spark

from . import leaves
from .leaves import Misfit

SHOWN_CHARACTERS = 100


@dataclass(frozen=True)
class Fit:
    """How JSON values become those of one type. `None` is null in each."""

    name: str
    """The type as Spark writes it."""
    arrow: pa.DataType
    take: Callable[[Any], Any]
    """What pyarrow takes for a value that is not null. It raises Misfit."""
    take_all: Callable[[list[Any]], list[Any] | None] = lambda _: None
    """The same for all values at once, as far as pyarrow finds nothing wrong, if they are simple enough."""
    needs_digits: bool = False
    """Whether numbers must come with all their digits."""

    @property
    def parse_float(self) -> Callable[[str], Any]:
        return Decimal if self.needs_digits else float

    def array(self, values: list[Any]) -> tuple[pa.Array, dict[int, str]]:
        """
        :returns: a column with null in the place of each value that does not fit, and by their place why
        """
        simple = self.take_all(values)
        if simple is not None:
            try:
                return pa.array(simple, self.arrow), {}
            except (pa.ArrowInvalid, OverflowError, UnicodeEncodeError):
                pass
        taken = []
        misfits = {}
        for index, value in enumerate(values):
            try:
                taken.append(None if value is None else self.take(value))
            except Misfit as misfit:
                taken.append(None)
                misfits[index] = _told(misfit, self.name)
        return pa.array(taken, self.arrow), misfits


def _told(misfit: Misfit, name: str) -> str:
    got = json.dumps(misfit.value, ensure_ascii=False, default=float)
    if len(got) > SHOWN_CHARACTERS:
        got = f"{got[:SHOWN_CHARACTERS]}…"
    where = f" at {misfit.where}" if misfit.where else ""
    got = leaves.unicode(got)
    return (
        f"the result does not fit {name}: expected {misfit.expected}{where}, got {got}"
    )


def fit_of(output_type: str | spark.DataType) -> Fit:
    """
    :param output_type: a Spark DDL type. `string` holds the result's JSON.
    :raises ValueError: a type that JSON values do not fit
    """
    kind = spark_type(output_type)
    if isinstance(kind, spark.StringType):
        return Fit("string", pa.string(), leaves.json_text, leaves.json_texts)
    return _fit(kind)


def spark_type(output_type: str | spark.DataType) -> spark.DataType:
    """:raises ParseException: it is no type"""
    if isinstance(output_type, spark.DataType):
        return output_type
    if hasattr(spark.DataType, "fromDDL"):  # since Spark 4.0
        return spark.DataType.fromDDL(output_type)
    return spark._parse_datatype_string(output_type)


def _fit(kind: spark.DataType) -> Fit:
    name = kind.simpleString()
    if isinstance(kind, spark.ArrayType):
        return _array(name, kind)
    if isinstance(kind, spark.MapType):
        return _map(name, kind)
    if isinstance(kind, spark.StructType):
        return _struct(name, kind)
    if isinstance(kind, spark.DecimalType):
        take = leaves.decimal(kind.precision, kind.scale)
        return Fit(
            name, pa.decimal128(kind.precision, kind.scale), take, needs_digits=True
        )
    for leaf, arrow, take, ready in _LEAVES:
        if type(kind) is leaf:
            return Fit(name, arrow, take, _if_all_are(*ready))
    raise ValueError(
        f"output_type has {name}, which results are not made into; take string, which holds their JSON, or "
        "boolean, byte, short, int, long, float, double, decimal, date, timestamp, timestamp_ntz, binary, array, "
        "map<string, …>, struct"
    )


def _if_all_are(*kinds: type) -> Callable[[list[Any]], list[Any] | None]:
    allowed = {type(None), *kinds}
    return lambda values: values if set(map(type, values)) <= allowed else None


_LEAVES = [
    (spark.BooleanType, pa.bool_(), leaves.boolean, {bool}),
    (spark.ByteType, pa.int8(), leaves.integer("byte", 8), {int}),
    (spark.ShortType, pa.int16(), leaves.integer("short", 16), {int}),
    (spark.IntegerType, pa.int32(), leaves.integer("int", 32), {int}),
    (spark.LongType, pa.int64(), leaves.integer("long", 64), {int}),
    (spark.FloatType, pa.float32(), leaves.single, set()),
    (spark.DoubleType, pa.float64(), leaves.double, {float, int}),
    (spark.StringType, pa.string(), leaves.text, {str}),
    (spark.BinaryType, pa.binary(), leaves.binary, set()),
    (spark.DateType, pa.date32(), leaves.day, set()),
    (spark.TimestampType, pa.timestamp("us", tz="UTC"), leaves.instant, set()),
    (spark.TimestampNTZType, pa.timestamp("us"), leaves.local_time, set()),
]


def _member(where: str, fit: Fit, value: Any, nullable: bool) -> Any:
    if value is None:
        if nullable:
            return None
        raise Misfit(f"{fit.name} not null", None, where)
    try:
        return fit.take(value)
    except Misfit as misfit:
        raise Misfit(misfit.expected, misfit.value, where + misfit.where) from None


def _array(name: str, kind: spark.ArrayType) -> Fit:
    element, nullable = _fit(kind.elementType), kind.containsNull

    def take(value: Any) -> Any:
        if not isinstance(value, list):
            raise Misfit("array", value)
        return [
            _member(f"[{index}]", element, each, nullable)
            for index, each in enumerate(value)
        ]

    field = pa.field("element", element.arrow, nullable=nullable)
    return Fit(name, pa.list_(field), take, needs_digits=element.needs_digits)


def _map(name: str, kind: spark.MapType) -> Fit:
    if kind.keyType != spark.StringType():
        raise ValueError(
            f"output_type has {name}; the names in a JSON object are texts, so its keys must be string"
        )
    item, nullable = _fit(kind.valueType), kind.valueContainsNull

    def take(value: Any) -> Any:
        if not isinstance(value, dict):
            raise Misfit("map", value)
        return [
            (leaves.unicode(key), _member(f".{key}", item, each, nullable))
            for key, each in value.items()
        ]

    field = pa.field("value", item.arrow, nullable=nullable)
    return Fit(name, pa.map_(pa.string(), field), take, needs_digits=item.needs_digits)


def _struct(name: str, kind: spark.StructType) -> Fit:
    members = [
        (field.name, _fit(field.dataType), field.nullable) for field in kind.fields
    ]

    def take(value: Any) -> Any:
        if not isinstance(value, dict):
            raise Misfit("struct", value)
        return {
            key: _member(f".{key}", fit, value.get(key), nullable)
            for key, fit, nullable in members
        }

    arrow = pa.struct(
        [pa.field(key, fit.arrow, nullable=nullable) for key, fit, nullable in members]
    )
    return Fit(
        name, arrow, take, needs_digits=any(fit.needs_digits for _, fit, _ in members)
    )

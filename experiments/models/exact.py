"""Columns for what people, models and endpoints write: read back exactly, whatever it is, from either database."""

import json
import re

from django.db import models
from django.db.models.fields.json import HasKey, JSONExact, KeyTransform
from psycopg.types.json import Json, Jsonb

from ..domain.storable import restored, restored_json, storable, storable_json

# What json.dumps makes of the characters in question. The rest of a surrogate pair looks the same and is looked at closer.
_MAY_BE_ODD = re.compile(r"\\u(0000|d[89a-f]|fdd0)")


class _Text:
    """Nothing about the column differs from Django's own, so migrations do not know of it."""

    def deconstruct(self):
        name, _, args, kwargs = super().deconstruct()
        return name, f"django.db.models.{self.get_internal_type()}", args, kwargs

    def get_prep_value(self, value):
        prepared = super().get_prep_value(value)
        return storable(prepared) if isinstance(prepared, str) else prepared

    def from_db_value(self, value, expression, connection):
        return restored(value) if value else value


class ExactTextField(_Text, models.TextField):
    pass


class ExactCharField(_Text, models.CharField):
    """Written out, a text may be longer than the column: then its end is lost, not the whole row."""

    def get_prep_value(self, value):
        prepared = super().get_prep_value(value)
        return prepared[: self.max_length] if isinstance(prepared, str) else prepared


class _Encoder(json.JSONEncoder):
    def encode(self, value) -> str:
        text = super().encode(value)
        return super().encode(storable_json(value)) if _MAY_BE_ODD.search(text) else text


class _Decoder(json.JSONDecoder):
    def decode(self, text: str):
        value = super().decode(text)
        # SQLite keeps the text as it was written, PostgreSQL the characters.
        return restored_json(value) if "\ufdd0" in text or "\\ufdd0" in text else value


# One for all: to make one takes longer than to read a short value.
_DECODER = _Decoder()


class ExactJSONField(models.JSONField):
    """Keeps the order of keys as well, in which an answer in JSON is asked for and options are shown.

    PostgreSQL's jsonb sorts keys by their length, so there the column is its plain json, which is jsonb in questions only.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{**kwargs, "encoder": _Encoder, "decoder": _Decoder})

    def deconstruct(self):
        name, _, args, kwargs = super().deconstruct()
        del kwargs["encoder"], kwargs["decoder"]
        return name, "django.db.models.JSONField", args, kwargs

    def db_type(self, connection):
        return "json" if connection.vendor == "postgresql" else super().db_type(connection)

    def get_db_prep_save(self, value, connection):
        prepared = super().get_db_prep_save(value, connection)
        # As text of its own the value keeps its order on the way, too.
        return Json(prepared.obj, prepared.dumps) if isinstance(prepared, Jsonb) else prepared

    def select_format(self, compiler, sql, params):
        # As text, which our decoder reads; otherwise psycopg would have decoded it.
        return (f"({sql})::text" if compiler.connection.vendor == "postgresql" else sql), params

    def from_db_value(self, value, expression, connection):
        if not isinstance(value, str):
            return value  # nothing, or a number out of the JSON
        try:
            return _DECODER.decode(value)
        except json.JSONDecodeError:
            # SQLite hands a text out of the JSON as it is, not as JSON.
            return restored(value)

    def get_transform(self, name):
        transform = super().get_transform(name)
        return lambda lhs: transform(lhs if isinstance(lhs, KeyTransform) else _AsJsonb(lhs, output_field=self))


class _AsJsonb(models.Func):
    """PostgreSQL compares and searches only this form."""

    def as_sql(self, compiler, connection, **_):
        return compiler.compile(self.source_expressions[0])

    def as_postgresql(self, compiler, connection, **_):
        sql, params = self.as_sql(compiler, connection)
        return f"({sql})::jsonb", params


class _OfJsonb:
    def process_lhs(self, compiler, connection, lhs=None):
        return super().process_lhs(compiler, connection, _AsJsonb(lhs or self.lhs, output_field=self.lhs.output_field))


@ExactJSONField.register_lookup
class _Exact(_OfJsonb, JSONExact):
    pass


@ExactJSONField.register_lookup
class _HasKey(_OfJsonb, HasKey):
    pass

"""What the codec needs to know of a type annotation.

In: an annotation of `model`.  Out: the type behind it, and the defaults of a class.  Never here: any value.
"""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, TypeAliasType, Union, get_args, get_origin


def plain_hint(hint: Any) -> Any:
    """The type behind a `type` alias and behind ``| None``."""
    if isinstance(hint, TypeAliasType):
        return plain_hint(hint.__value__)
    if nullable(hint):
        return plain_hint(next(arg for arg in get_args(hint) if arg is not NoneType))
    return hint


def nullable(hint: Any) -> bool:
    return get_origin(hint) in (Union, UnionType)


def is_object(hint: Any) -> bool:
    return isinstance(hint, type) and (is_dataclass(hint) or hasattr(hint, "_fields"))


def defaults(cls: Any) -> dict[str, object]:
    if not is_dataclass(cls):
        return dict(cls._field_defaults)
    return {field.name: field.default for field in fields(cls) if field.default is not MISSING}

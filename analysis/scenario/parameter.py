"""One parameter of the study: default, unit, kind, source, allowed and swept range."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

Kind = Literal["lever", "evidence", "assumption", "setting"]


def parameter(
    default: Any,
    *,
    unit: str,
    kind: Kind,
    source: str,
    about: str,
    swept: tuple[float, float] | None = None,
    limits: str | None = None,
    **bounds: Any,
) -> Any:
    """Field of a scenario with what a reader must know about it.

    `kind` is `lever` (the authority picks it), `evidence` (a published figure), `assumption`
    (a judgement: `swept` must say over which range) or `setting` (of the computation). `limits`
    says where the allowed range comes from, for the message that refuses what lies outside.
    """
    return Field(
        default,
        description=about,
        json_schema_extra={
            "unit": unit,
            "kind": kind,
            "source": source,
            "swept": list(swept) if swept else None,
            "limits": limits,
        },
        **bounds,
    )


Finite = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Rate = Annotated[float, Field(ge=-0.05, le=1, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, le=1e8, allow_inf_nan=False)]

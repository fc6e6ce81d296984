"""One parameter of the study: default, unit, kind, source, allowed and swept range."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

Kind = Literal["lever", "evidence", "assumption", "setting"]
Shape = Literal["uniform", "log_uniform", "triangular"]
TENFOLD = 10


def parameter(
    default: Any,
    *,
    unit: str,
    kind: Kind,
    source: str,
    about: str,
    swept: tuple[float, float] | None = None,
    shape: tuple[Shape, str] | None = None,
    limits: str | None = None,
    **bounds: Any,
) -> Any:
    """Field of a scenario with what a reader must know about it.

    `kind` is `lever` (the authority picks it), `evidence` (a published figure), `assumption`
    (a judgement: `swept` must say over which range) or `setting` (of the computation). `limits`
    says where the allowed range comes from, for the message that refuses what lies outside.
    `shape` is the distribution over the swept range and why, where `usual_shape` is wrong.
    """
    chosen, why = shape or (usual_shape(kind, default, swept) if swept else (None, None))
    return Field(
        default,
        description=about,
        json_schema_extra={
            "unit": unit,
            "kind": kind,
            "source": source,
            "swept": list(swept) if swept else None,
            "distribution": chosen,
            "distribution_reason": why,
            "limits": limits,
        },
        **bounds,
    )


def usual_shape(kind: Kind, default: Any, swept: tuple[float, float]) -> tuple[Shape, str]:
    """Distribution over a swept range when nothing else is known, and why.

    A range whose ends are a factor of ten or more apart says that the order of magnitude is not
    known: log-uniform, each factor as likely. A published figure with a narrower range is the
    likeliest value: triangular, its mode the default. A judgement has no likeliest value: uniform.
    """
    low, high = swept
    if low > 0 and high >= TENFOLD * low:
        return "log_uniform", "its order of magnitude is not known"
    if kind == "evidence" and default is not None:
        return "triangular", "the published figure is the likeliest"
    return "uniform", "a judgement: nothing makes one value likelier"


Finite = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Rate = Annotated[float, Field(ge=-0.05, le=1, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, le=1e8, allow_inf_nan=False)]

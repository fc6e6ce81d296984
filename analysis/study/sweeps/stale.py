"""Why results that are kept are no longer what the same command would make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.study.sweeps.chunk import EDITED
from analysis.study.sweeps.differences import numbers
from analysis.study.sweeps.keys import Made, identity_hash


def stale(kept: Mapping[str, Any], identity: Mapping[str, Any], made: Made) -> list[str]:
    """What has changed since the results that are kept were made, part by part."""
    then, now = kept["hashes"], made.parts
    reasons = []
    for part in [part for part in now if then.get(part) != now[part]]:
        before, after = kept["files"].get(part, {}), made.files.get(part, {})
        names = {*before, *after}
        changed = sorted(name for name in names if before.get(name) != after.get(name))
        if part == "packages":
            shown = [f"{n} {before.get(n, 'none')}, now {after.get(n, 'none')}" for n in changed]
            reasons.append(f"packages changed ({'; '.join(shown[:3])})")
        elif changed:
            files = f"{len(changed)} file{'s' if len(changed) != 1 else ''}"
            reasons.append(f"{part} changed ({files}: {', '.join(changed[:3])})")
        else:
            reasons.append(f"{part} changed" + " while the sweep ran" * (then.get(part) == EDITED))
    if then.get("design") != identity_hash(numbers(identity)):
        reasons.append("design changed")
    return reasons

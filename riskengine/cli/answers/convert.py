"""What `riskengine convert` prints."""

from __future__ import annotations

from riskengine.errors import escaped
from riskengine.verbs.convert import ConversionResult


def conversion_answer(done: ConversionResult) -> str:
    """What was written, what to know about it, and what to do next."""
    lines = [f"Please note: {remark}" for remark in done.remarks]
    if done.extends:
        lines.append(f"It extends {done.extends}, which comes with riskengine.")
    if done.tables:
        lines.append(f"Its tables are in {done.tables[0].parent}.")
    lines += [f"Config: {done.file}", f"Next: riskengine check {done.file}"]
    return "\n".join(map(escaped, lines))

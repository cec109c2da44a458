"""What `riskengine check --annotate` says about the copy."""

from __future__ import annotations

from riskengine.verbs.jobs.annotation import AnnotatedCopy


def annotation_words(copy: AnnotatedCopy) -> str:
    """What the copy has, and what it lacks."""
    cells = f"{copy.marked:,} cell{'' if copy.marked == 1 else 's'}"
    lines = []
    if copy.elsewhere:
        several = copy.elsewhere > 1
        lines.append(
            f"{copy.elsewhere:,} problem{'s' if several else ''} of other files "
            f"{'are' if several else 'is'} not in the copy."
        )
    if copy.lost:
        lines.append(f"The copy does not have all of the workbook: {'; '.join(copy.lost)}.")
    return "\n".join([*lines, f"Copy with messages at {cells}: {copy.file}"])

"""Numbers as text: three significant figures with the interval."""

from __future__ import annotations

import math

from riskengine.measures.estimate import Estimate

MISSING = "-"


def significant(value: float, digits: int = 3) -> str:
    """A number with so many significant figures, thousands separated.

    >>> significant(1234567.0), significant(0.01234), significant(24.96), significant(100.0)
    ('1,230,000', '0.0123', '25.0', '100')
    """
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "unlimited"
    if value == 0.0:
        return "0"
    rounded = float(f"{value:.{digits - 1}e}")
    exponent = math.floor(math.log10(abs(rounded)))
    if exponent < -4 or exponent > 14:
        return f"{rounded:.{digits - 1}e}"
    return f"{rounded:,.{max(0, digits - 1 - exponent)}f}"


def percent(value: float) -> str:
    """A share in per cent.

    >>> percent(0.0501), percent(1.0), percent(0.0)
    ('5.01 %', '100 %', '0 %')
    """
    return MISSING if math.isnan(value) else f"{significant(100.0 * value)} %"


def short(value: float) -> str:
    """A number with at most three significant figures, for what nobody needs more exactly.

    >>> short(60.0), short(0.96), short(97.43)
    ('60', '0.96', '97.4')
    """
    text = significant(value)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def short_percent(value: float) -> str:
    """A share in per cent, with at most three significant figures.

    >>> short_percent(0.2), short_percent(0.874)
    ('20 %', '87.4 %')
    """
    return MISSING if math.isnan(value) else f"{short(100.0 * value)} %"


def plain(value: float) -> str:
    """A number of a config, as it was given: up to six figures, no padding.

    >>> plain(60.0), plain(0.125)
    ('60', '0.125')
    """
    if math.isnan(value):
        return MISSING
    return "unlimited" if math.isinf(value) else f"{value:,.6g}"


def interval(estimate: Estimate, *, share: bool = False) -> str:
    """The ends of an interval, or nothing when neither exists.

    >>> interval(Estimate(10.1, 9.8, 10.4))
    '9.80 to 10.4'
    """
    write = percent if share else significant
    if math.isnan(estimate.lower) and math.isnan(estimate.upper):
        return ""
    upper = "beyond the sample" if math.isnan(estimate.upper) else write(estimate.upper)
    return f"{write(estimate.lower)} to {upper}"

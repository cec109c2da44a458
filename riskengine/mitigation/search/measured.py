"""What a search knows of portfolios: a set of options is a bit mask, and its value a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Portfolio = int  #: bit i set: option i, in the order of the config, is bought


class Values(Protocol):
    """The measure that is to be reduced, of any portfolio, in sample."""

    def of(self, portfolios: Sequence[Portfolio]) -> NDArray[np.float64]:
        """The values of some portfolios, (len(portfolios),); what is not known yet is played."""

    def raises_loss(self) -> bool:
        """Whether, in any trial, a played portfolio lost more than one that it contains."""

    def is_never_worse(self, one: Portfolio, other: Portfolio) -> bool:
        """Whether `one` has in no trial a larger loss than `other`; both are played if need be."""

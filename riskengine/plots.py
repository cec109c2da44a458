"""Plots of a run for notebooks: matplotlib axes in, axes out, drawn from the frames of the result.

matplotlib is loaded with the first plot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskengine.figures.fan import FAN_NUMBERS
from riskengine.figures.subjects import known, subject_of
from riskengine.store.columns import WEIGHT

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from riskengine.result import Result

_KINDS = {"AEP": "loss over the horizon (AEP)", "OEP": "largest spell (OEP)"}
_QUANTITIES = {"lost": "Supply that is cut", "short": "Supply that nothing replaces"}
_BANDS = FAN_NUMBERS[2:]  #: the percentiles, from the middle up


class Plots:
    """The plots of a result, as `result.plot`.

    Each draws on `ax`, or on the axes of a new figure, and returns the axes.
    """

    def __init__(self, result: Result) -> None:
        self._result = result

    def curve(
        self, ax: Axes | None = None, *, industry: str | None = None, material: str | None = None
    ) -> Axes:
        """Exceedance curves with their 95 % intervals: loss in money by return period in years.

        Parameters
        ----------
        ax : matplotlib Axes, optional
        industry, material : str, optional
            Whose loss. If neither is given, the total, which also has a curve of the largest
            spell.

        Raises
        ------
        UsageFault
            If there is no such industry or material, or both are given.

        Examples
        --------
        >>> import riskengine
        >>> scenario = riskengine.load("configs/minimal.toml")
        >>> ax = riskengine.simulate(scenario, trials=1000).plot.curve()
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('Return period, years', 'Loss, USD million')
        """
        result = self._result
        scope, name = subject_of(result.scenario, industry, material)
        rows = result.curves
        rows = rows[(rows["scope"] == scope) & (rows["name"] == name)]
        ax = _axes(ax)
        for kind, words in _KINDS.items():
            points = rows[rows["type"] == kind].sort_values("return_period")
            if len(points):
                (line,) = ax.plot(points["return_period"], points["loss"], label=words)
                ends = (points["lower"], points["upper"])
                ax.fill_between(
                    points["return_period"], *ends, color=line.get_color(), alpha=0.2, linewidth=0
                )
        ax.set_xscale("log")
        return self._titled(ax, name, "Return period, years", f"Loss, {self._money}")

    def fan(
        self, ax: Axes | None = None, *, material: str | None = None, quantity: str = "lost"
    ) -> Axes:
        """Supply of a material over time: mean and percentiles over trials, share of demand by day.

        Parameters
        ----------
        ax : matplotlib Axes, optional
        material : str, optional
            By default the one with the largest mean loss.
        quantity : {"lost", "short"}
            Supply that is cut, or the part of it that neither other suppliers nor stocks replace.

        Raises
        ------
        UsageFault
            If there is no such material or quantity.

        Examples
        --------
        >>> import riskengine
        >>> scenario = riskengine.load("configs/minimal.toml")
        >>> ax = riskengine.simulate(scenario, trials=1000).plot.fan(quantity="short")
        >>> [line.get_label() for line in ax.lines]
        ['mean', '50 %', '75 %', '90 %', '95 %', '99 %']
        """
        result = self._result
        words = _QUANTITIES[known("quantity", quantity, _QUANTITIES)]
        materials = list(result.scenario.materials)
        if material is None:
            material = max(materials, key=lambda name: result.mean(material=name))
        name = known("material", material, materials)
        rows = result.timeline
        rows = rows[(rows["material"] == name) & (rows["quantity"] == quantity)]
        ax = _axes(ax)
        ax.plot(rows["day"], rows["mean"], color="black", label="mean")
        below: Any = np.zeros(len(rows))
        for place, column in enumerate(_BANDS):
            shade = 0.5 - 0.08 * place
            (line,) = ax.plot(
                rows["day"], rows[column], color="C0", linewidth=0.8, label=f"{column[1:]} %"
            )
            ax.fill_between(
                rows["day"], below, rows[column], color=line.get_color(), alpha=shade, linewidth=0
            )
            below = rows[column]
        return self._titled(ax, name, "Day", f"{words}, share of demand")

    def losses(
        self,
        ax: Axes | None = None,
        *,
        industry: str | None = None,
        bins: int = 50,
    ) -> Axes:
        """Histogram of the losses above 0: share of all trials by loss in money.

        Parameters
        ----------
        ax : matplotlib Axes, optional
        industry : str, optional
            Whose loss; by default the total.
        bins : int
            How many bars, from 0 to the largest loss.

        Raises
        ------
        UsageFault
            If there is no such industry.

        Examples
        --------
        >>> import riskengine
        >>> scenario = riskengine.load("configs/minimal.toml")
        >>> ax = riskengine.simulate(scenario, trials=1000).plot.losses(bins=20)
        >>> len(ax.patches), ax.get_ylabel()
        (20, 'Share of trials')
        """
        result = self._result
        scope, name = subject_of(result.scenario, industry, None)
        frame = result.losses
        losses = frame[f"{scope}:{name}" if name else scope].to_numpy()
        share = _shares(frame)
        has_loss = losses > 0.0
        ax = _axes(ax)
        largest = float(losses.max()) or 1.0
        ax.hist(losses[has_loss], bins=bins, range=(0.0, largest), weights=share[has_loss])
        chance = 100.0 * float(share[has_loss].sum())
        label = f"Loss, {self._money} ({chance:.3g} % of trials have one)"
        return self._titled(ax, name, label, "Share of trials")

    @property
    def _money(self) -> str:
        return self._result.scenario.run.money

    def _titled(self, ax: Axes, name: str, x: str, y: str) -> Axes:
        """The axes with title, labels and legend; names are shown literally, even dollar signs."""
        title = self._result.scenario.run.title
        ax.set_title(f"{title}: {name}" if name else title, parse_math=False)
        ax.set_xlabel(x, parse_math=False)
        ax.set_ylabel(y, parse_math=False)
        if ax.get_legend_handles_labels()[0]:
            ax.legend()
        return ax


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots()[1]


def _shares(frame: pd.DataFrame) -> Any:
    """The share of all trials that each row stands for, counting trials that were not drawn."""
    weights = frame[WEIGHT].to_numpy() if WEIGHT in frame else np.ones(len(frame))
    return weights / len(frame)

"""The rows of a mitigation study, which its files hold and its reports show.

All effects and differences are of losses: negative is less loss. Money is that of the scenario. A
portfolio is named by its options in the order of the config, joined by " + "; `NOTHING` is the name
of the empty one. Options that are already decided (`fixed`) are in every portfolio and in no name.
"""

from __future__ import annotations

from dataclasses import dataclass

from riskengine.model.notices import Notice
from riskengine.sweeps.series import SeriesKey

LIMIT_MISSED = "limit-missed"  #: code of a notice that says which limit is missed, by how much

#: What the figures mean, in sentences for those who read them
MEANING = {
    "signs": "Changes are changes of loss: negative is less loss.",
    "choice": "One set of trials decides, and as many further trials report, so that a choice is "
    "not praised with the trials that it was fitted to. All portfolios play the same trials: a "
    "difference between two of them is known much better than either value.",
    "second": "Next best: second in the trials that choose. Its difference from the choice, in "
    "further trials, is above 0 where it leaves more loss; the share is that of resampled trials "
    "in which it leaves less. In sample: in the trials that choose.",
    "proven": "Proven best: in the trials that choose, given that no unplayed portfolio raises a "
    "loss.",
    "effects": "First in: bought alone, with what it requires. Last in: added to everything else "
    "that can stand with it. Shapley: its average effect over all orders in which options can be "
    "bought. Per cost: first in, for each unit of money.",
    "break-even": "Break-even cost: the present value of the mean loss that an option saves alone.",
    "synergy": "Synergy: what two options reduce together, less the sum of what each reduces "
    "alone. Above 0 they are complements, which are worth more together; below 0 they are "
    "substitutes.",
    "regret": "Regret in a world: how much higher the loss is than with the finalist that is best "
    "there and that the budget pays for. All worlds count alike.",
    "least regret": "Least regret: the largest regret is the smallest.",
    "information": "How much lower the loss would be on average if this were known before buying. "
    "Only what may change the choice is worth something.",
    "shares": "The shares are those of the mean, which adds up over industries, as TVaR does not; "
    "they may serve to share the cost.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontierRow:
    """The best portfolio at one budget, a row of `frontier.csv`.

    `value`, the differences and their intervals come from further trials that had no part in the
    choice; nan if they do not exist. Where no affordable portfolio keeps the limits, `portfolio` is
    empty and all figures are nan.
    """

    budget: float  #: without `budgets` in the config: the cost of this step of the frontier
    portfolio: str  #: options joined by ` + `; empty if none keeps the limits
    cost: float  #: present value
    measure: str  #: mean, var, tvar or prob_loss of the total loss
    level: float | None  #: of the measure
    value: float  #: of the measure with the portfolio, out of sample
    lower: float
    upper: float
    in_sample: float  #: the value that decided
    difference: float  #: from `nothing`
    difference_lower: float
    difference_upper: float
    rival: str  #: the second best in sample that the budget affords; empty if there is none
    rival_difference: float  #: rival less this portfolio
    rival_lower: float  #: lower end of the 95 % interval of `rival_difference`
    rival_upper: float  #: upper end of it
    rival_better: float  #: share of bootstrap samples in which the rival is smaller
    #: whether no affordable portfolio can be better, unless an unplayed one raises a loss
    proven: bool
    gap: float  #: (value - bound) / value in sample; 0 where proven
    mean: float  #: of the total loss, out of sample
    tvar: float  #: at `level`; at the level that names are compared at if the measure has none


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionRow:
    """One option, a row of `options.csv`; nan if a figure or an end does not exist."""

    option: str
    kind: str  #: free text of the config
    group: str  #: at most one option of a group is bought
    fixed: bool  #: whether it is decided already: in every portfolio, its cost not counted
    upfront: float  #: paid at time 0
    yearly: float  #: paid at the end of each year
    recovered: float  #: at the end of the last year
    cost: float  #: present value
    first_in: float  #: effect on the measure of buying it alone, with what it requires
    first_in_lower: float
    first_in_upper: float
    last_in: float  #: effect of adding it to everything else that can stand with it
    last_in_lower: float
    last_in_upper: float
    first_in_mean: float  #: the same for the mean
    first_in_mean_lower: float
    first_in_mean_upper: float
    last_in_mean: float  #: the same for the mean
    last_in_mean_lower: float
    last_in_mean_upper: float
    per_money: float  #: `first_in` over the cost of the option and of what it requires
    shapley: float  #: average effect over all orders in which options can be bought
    shapley_error: float  #: standard error; 0 where all subsets were used
    budgets: int  #: number of budgets at which it is bought
    #: share of worlds in which the best portfolio has it, averaged over budgets; nan without worlds
    worlds: float
    break_even: float  #: present value of the mean loss that it saves alone, with what it requires
    #: largest rise of the loss of any trial by buying it alone; 0: it raises none
    largest_rise: float
    changes: bool  #: whether it changes the loss of any trial by buying it alone


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionRow:
    """Two options, a row of `interactions.csv`.

    The joint reduction less the sum of the single ones, with what is required added to both:
    positive for complements, negative for substitutes.
    """

    first: str  #: an option
    second: str  #: another
    synergy: float  #: what both reduce together, less the sum of what each reduces
    lower: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioRow:
    """A portfolio that was played, a row of `portfolios.csv`, in sample.

    `mean` and `prob_loss` are nan for a portfolio of which only the tail was played.
    """

    portfolio: str
    cost: float  #: present value
    feasible: bool  #: whether groups, exclusions, requirements and limits are kept
    mean: float  #: of the total loss; nan where only the tail was played
    var: float  #: at the level of the measure, or that names are compared at if it has none
    tvar: float  #: at the same level
    prob_loss: float  #: chance of any loss; nan where only the tail was played


@dataclass(frozen=True, slots=True, kw_only=True)
class RegretRow:
    """A finalist in one world at one budget, a row of `regret.csv`."""

    budget: float
    portfolio: str
    world: int  #: number of the sweep point, from 1
    cost: float  #: present value in this world
    affordable: bool  #: whether the budget pays for it in this world
    value: float  #: of the measure
    best: str  #: the best finalist that the budget affords in this world
    regret: float  #: value less that of the best; nan where it is not affordable


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalistRow:
    """A finalist at one budget over all worlds, a row of the sheet of regret.

    Over the worlds in which it is affordable, with equal weights; nan if there is none, as may be
    for the choice: of other finalists, those that no world affords have no row.
    """

    budget: float
    portfolio: str
    affordable: float  #: share of worlds
    best: float  #: share of worlds in which it is best
    value: float  #: mean of the measure
    regret: float  #: mean
    regret_95: float  #: 95th percentile
    regret_largest: float  #: over the worlds
    is_minimax: bool  #: whether its largest regret is the smallest at this budget
    is_best_on_average: bool  #: whether its mean value is the smallest at this budget


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRow:
    """What knowing an assumption would be worth at a budget, a row of `information.csv`."""

    budget: float
    assumption: str  #: as the worlds file writes it; `all` for knowing the world
    value: float  #: reduction of the measure, on average over worlds; not below 0
    switch: str  #: the portfolio that would be bought in some bin of it; empty if the choice stays
    switch_below: float  #: the value below which that is so; nan if none
    switch_above: float  #: the value above which that is so; nan if none


@dataclass(frozen=True, slots=True, kw_only=True)
class BeneficiaryRow:
    """An industry under a portfolio of the frontier, a row of `beneficiaries.csv`.

    Out of sample: by how much its mean loss and its own tail value at risk change from `nothing`.
    """

    portfolio: str
    industry: str
    mean: float  #: change of its mean loss from `nothing`
    mean_lower: float
    mean_upper: float
    tvar: float  #: change of its own tail value at risk
    tvar_lower: float
    tvar_upper: float
    share: float  #: of the reduction of the mean of all industries


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MitigationTables:
    """Everything that the reports of a mitigation study show."""

    title: str
    config: str  #: file name of the config
    money: str
    measure: str
    level: float | None
    detail_level: float  #: level of `tvar` where the measure has none
    has_budgets: bool  #: whether the config names budgets; else the rows are the whole frontier
    trials: int  #: in sample, and as many again out of sample
    seed: int
    horizon_days: float
    years: int
    discount_rate: float
    feasible: int  #: number of feasible portfolios; -1 if they were not counted
    played: int  #: portfolios
    kept_trials: int  #: trials left after tail pruning; `trials` if there was none
    is_monotone: bool  #: whether no option and no portfolio raised the loss of any trial
    worlds: int  #: number of worlds; 0 if there are none
    world_trials: int
    limits: tuple[str, ...]  #: in words
    nothing: PortfolioRow
    frontier: tuple[FrontierRow, ...]  #: by budget
    options: tuple[OptionRow, ...]  #: in the order of the config
    interactions: tuple[InteractionRow, ...]
    portfolios: tuple[PortfolioRow, ...]
    regret: tuple[RegretRow, ...]
    finalists: tuple[FinalistRow, ...]
    information: tuple[InformationRow, ...]
    beneficiaries: tuple[BeneficiaryRow, ...]
    notices: tuple[Notice, ...]

    @property
    def figure(self) -> SeriesKey:
        """What is lowered: the measure of the total loss, at its level."""
        return SeriesKey("total", "", self.measure, self.level)

    @property
    def own_tail(self) -> SeriesKey:
        """The tail value at risk that is shown beside it."""
        return SeriesKey("total", "", "tvar", self.level or self.detail_level)

"""Options that several verbs share, gathered into one object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from riskengine.cli.cluster_options import CLUSTER_OPTIONS, pop_cluster
from riskengine.cluster.address import Cluster
from riskengine.errors import UsageFault

Command = TypeVar("Command", bound=Callable[..., Any])
Options = TypeVar("Options")

config_argument = click.argument("config", type=click.Path(), metavar="CONFIG")

set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change one value of the config, for example "
    "--set materials.gallium.stocks.public.days=90. May be given several times.",
)

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON for a program, and nothing else."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What a command that simulates was asked to do.

    Raises
    ------
    UsageFault
        When options make no sense together.
    """

    config: str  #: path of the config file
    overrides: tuple[str, ...]  #: `path=value`, in the order in which they apply
    out: str | None  #: results folder; None for the default one
    threads: int | None
    first_trial: int
    keep: str  #: rows in the trial-level files: all, tail or none
    target_error: float | None  #: half-width of the interval at which to stop, as a share
    measure: str | None  #: the figure of the total that this is about; None for the usual one
    cluster: Cluster | None  #: who plays the trials; None for threads of this process
    excel_csv: bool
    quiet: bool
    as_json: bool

    def __post_init__(self) -> None:
        if self.measure is not None and self.target_error is None:
            raise UsageFault("--measure belongs to --target-error, which says when to stop")

    @property
    def aim(self) -> str:
        """The figure that `target_error` is about."""
        return self.measure or USUAL_MEASURE

    def folder(self, stem: str) -> Path:
        """The results folder: the one asked for, or one named after the config."""
        return Path(self.out) if self.out is not None else Path("results") / stem

    @property
    def owner(self) -> str | None:
        """The config whose results only may be replaced, unless somebody named the folder."""
        return self.config if self.out is None else None

    def recorded(self, folder: Path) -> dict[str, int | str | None]:
        """What the manifest keeps of them: all that is not in the overrides."""
        from riskengine.store.folder import MARK, mark_of

        found: dict[str, int | str | None] = {
            "threads": self.threads,
            "excel_csv": int(self.excel_csv),
            MARK: mark_of(self.config, folder),
        }
        if self.keep != "all":
            found["keep"] = self.keep
        if self.target_error is not None:
            found["target_error"] = f"{100.0 * self.target_error:g}% of {self.aim}"
        return found | _recorded_cluster(self.cluster)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepOptions:
    """What `riskengine sweep` was asked to do."""

    config: str  #: path of the config file
    overrides: tuple[str, ...]  #: `path=value`, in the order in which they apply
    out: str | None  #: folder of the tables; None for the default one
    threads: int | None
    restart: bool
    cluster: Cluster | None  #: who plays the points; None for threads of this process
    excel_csv: bool
    quiet: bool
    as_json: bool

    def folder(self, stem: str) -> Path:
        """The folder of the tables: the one asked for, or one named after the config."""
        return Path(self.out) if self.out is not None else Path("results") / f"{stem}-sweep"

    @property
    def owner(self) -> str | None:
        """The config whose results only may be replaced, unless somebody named the folder."""
        return self.config if self.out is None else None

    def recorded(self, folder: Path) -> dict[str, int | str | None]:
        """What the manifest keeps of them: all that is not in the overrides."""
        from riskengine.store.folder import MARK, mark_of

        found: dict[str, int | str | None] = {
            "threads": self.threads,
            "excel_csv": int(self.excel_csv),
            MARK: mark_of(self.config, folder),
        }
        return found | _recorded_cluster(self.cluster)


def _recorded_cluster(cluster: Cluster | None) -> dict[str, int | str | None]:
    return {} if cluster is None else {"workers": cluster.workers or "of a scheduler"}


def run_options(verb: Callable[[RunOptions], None]) -> Callable[..., None]:
    """Give a verb all options of a run, as one object."""

    return _gathered(verb, RunOptions, _RUN_OPTIONS)


def sweep_options(verb: Callable[[SweepOptions], None]) -> Callable[..., None]:
    """Give a verb all options of a sweep, as one object."""
    return _gathered(verb, SweepOptions, _SWEEP_OPTIONS)


def _gathered(
    verb: Callable[[Options], None],
    kind: Callable[..., Options],
    options: Sequence[Callable[[Any], Any]],
) -> Callable[..., None]:
    @wraps(verb)
    def command(**given: Any) -> None:
        if given["quiet"] and given["as_json"]:
            raise click.UsageError("--quiet and --json both say what to print: choose one.")
        changes = list(given.pop("settings"))
        for key in _RUN_KEYS:
            text = given.pop(key)
            # As changes to the config: the same checks and messages apply, and it is recorded.
            if text is not None:
                changes.append(f"run.{key}={text}")
        verb(kind(overrides=tuple(changes), cluster=pop_cluster(given), **given))

    for option in reversed(options):
        command = option(command)
    return command


_LEVELS = (0.9, 0.95, 0.99, 0.995)  # those of the figures, without loading numpy for --help
_RUN_KEYS = ("trials", "seed", "horizon_days")

_HOW_MUCH: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--trials",
        metavar="N",
        help="How many possible futures to play, for example 200_000; more give narrower "
        "intervals. [default: as the config says]",
    ),
    click.option(
        "--seed",
        metavar="N",
        help="Start of the random numbers: the same seed gives the same results. "
        "[default: as the config says]",
    ),
    click.option(
        "--horizon-days",
        metavar="DAYS",
        help="How long each future lasts. [default: as the config says]",
    ),
    set_option,
)

_threads_option = click.option(
    "--threads",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many processors to use; the results do not depend on it. [default: all]",
)

_excel_option = click.option(
    "--excel-csv", is_flag=True, help="Write the CSV files so that Excel opens them directly."
)

USUAL_MEASURE = "tvar99"
MEASURES = ("mean", *(f"{kind}{100.0 * p:g}" for kind in ("var", "tvar") for p in _LEVELS))


def _as_share(ctx: click.Context, param: click.Parameter, given: str | None) -> float | None:
    """A share above 0 and below 1, from 1% or 0.01."""
    if given is None:
        return None
    text = given.strip()
    try:
        share = float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0)
    except ValueError:
        raise click.BadParameter(f'"{text}" is not a share: write 1% or 0.01.') from None
    if not 0.0 < share < 1.0:
        hint = f" Did you mean {text}%?" if 1.0 <= share < 100.0 and "%" not in text else ""
        raise click.BadParameter(f"{text} is not above 0 and below 100 %.{hint}")
    return share


_RUN_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    config_argument,
    *_HOW_MUCH,
    click.option(
        "--out", metavar="FOLDER", help="Where the results go. [default: results/<config name>]"
    ),
    _threads_option,
    click.option(
        "--first-trial",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Number of the first trial, to run a large job in parts. [default: 0]",
    ),
    click.option(
        "--keep",
        type=click.Choice(("all", "tail", "none")),
        default="all",
        show_default=True,
        help="Which trials the results hold row by row: all of them, the worst ones, or none. The "
        "figures are of all trials in any case.",
    ),
    click.option(
        "--target-error",
        callback=_as_share,
        metavar="SHARE",
        help="Stop as soon as the 95 % interval reaches no further than this to either side of "
        "the figure, for example 1%; at the latest after --trials.",
    ),
    click.option(
        "--measure",
        type=click.Choice(MEASURES),
        help="The figure of the total loss that --target-error is about. "
        f"[default: {USUAL_MEASURE}]",
    ),
    *CLUSTER_OPTIONS,
    click.option("--quiet", is_flag=True, help="Print the results folder and nothing else."),
    json_option,
    _excel_option,
)

_SWEEP_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    config_argument,
    *_HOW_MUCH,
    click.option(
        "--out",
        metavar="FOLDER",
        help="Where the tables go. [default: results/<config name>-sweep]",
    ),
    _threads_option,
    click.option(
        "--restart",
        is_flag=True,
        help="Throw away the points that an interrupted sweep has finished, and begin again.",
    ),
    *CLUSTER_OPTIONS,
    click.option("--quiet", is_flag=True, help="Print the folder of the tables and nothing else."),
    json_option,
    _excel_option,
)

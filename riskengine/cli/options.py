"""Options that several verbs share, gathered into objects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import click

from riskengine.cli.cluster_options import CLUSTER_OPTIONS, pop_cluster
from riskengine.verbs.requests import (
    BatchRequest,
    MitigateRequest,
    RunRequest,
    SweepRequest,
)

Command = TypeVar("Command", bound=Callable[..., Any])
Request = TypeVar("Request", RunRequest, SweepRequest, MitigateRequest)

config_argument = click.argument("config", type=click.Path(), metavar="CONFIG")

set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change one value of the config, for example "
    "--set materials.gallium.stocks.public.days=90. May be given several times.",
)


def language_option(default: str = "en") -> Callable[[Any], Any]:
    """The language of the workbook and page; `default` says which one is taken without it."""
    return click.option(
        "--language",
        type=click.Choice(["en", "ko", "ja"]),
        help=f"Of workbook and page. [default: {default}]",
    )


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON for a program, and nothing else."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What a verb prints on stdout.

    Raises
    ------
    click.UsageError
        If both forms are requested.
    """

    quiet: bool  #: print only the folder of the results
    as_json: bool

    def __post_init__(self) -> None:
        if self.quiet and self.as_json:
            raise click.UsageError("--quiet and --json both say what to print: choose one.")

    @property
    def is_for_people(self) -> bool:
        """Whether the output is for a person; otherwise no remarks go to stderr."""
        return not (self.quiet or self.as_json)


def run_options(verb: Callable[[RunRequest, Printed], None]) -> Callable[..., None]:
    """Give a verb all options of a run, collected in two objects."""
    return _gathered(verb, RunRequest, _RUN_OPTIONS, "")


def sweep_options(verb: Callable[[SweepRequest, Printed], None]) -> Callable[..., None]:
    """Give a verb all options of a sweep, collected in two objects."""
    return _gathered(verb, SweepRequest, _SWEEP_OPTIONS, "-sweep")


def mitigate_options(verb: Callable[[MitigateRequest, Printed], None]) -> Callable[..., None]:
    """Give a verb all options of a mitigation study, collected in two objects."""
    return _gathered(verb, MitigateRequest, _MITIGATE_OPTIONS, "-mitigation")


def _gathered(
    verb: Callable[[Request, Printed], None],
    kind: Callable[..., Request],
    options: Sequence[Callable[[Any], Any]],
    ending: str,
) -> Callable[..., None]:
    """A command that passes its options to a verb as objects.

    Parameters
    ----------
    verb : callable
    kind : type
        The type of the request.
    options : sequence
        In the order in which --help lists them.
    ending : str
        The end of the default results folder's name, after the name of the config.
    """

    @wraps(verb)
    def command(**given: Any) -> None:
        from riskengine.verbs.places import ResultsPlace

        printed = Printed(quiet=given.pop("quiet"), as_json=given.pop("as_json"))
        if given["out"] is None:
            given["out"] = ResultsPlace.named_after(given["config"], ending)
        changes = _pop_changes(given)
        verb(kind(overrides=changes, cluster=pop_cluster(given), **given), printed)

    for option in reversed(options):
        command = option(command)
    return command


def batch_options(verb: Callable[[BatchRequest, Printed], int]) -> Callable[..., int]:
    """Give a verb all options of a batch, collected in two objects; it returns an exit code."""

    @wraps(verb)
    def command(**given: Any) -> int:
        printed = Printed(quiet=given.pop("quiet"), as_json=given.pop("as_json"))
        changes = _pop_changes(given)
        return verb(BatchRequest(overrides=changes, cluster=pop_cluster(given), **given), printed)

    for option in reversed(_BATCH_OPTIONS):
        command = option(command)
    return command


def _pop_changes(given: dict[str, Any]) -> tuple[str, ...]:
    """Take out what changes the config: its checks then apply to it, and it is recorded."""
    changes = list(given.pop("settings"))
    for key in _RUN_KEYS:
        text = given.pop(key)
        if text is not None:
            changes.append(f"run.{key}={text}")
    return tuple(changes)


_RUN_KEYS = ("trials", "seed", "horizon_days")

_HOW_MUCH: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--trials",
        metavar="N",
        help="How many trials to simulate, for example 200_000; more give narrower "
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
        help="How long a trial lasts. [default: as the config says]",
    ),
    set_option,
)

threads_option = click.option(
    "--threads",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many processors to use; the results do not depend on it. [default: all]",
)

excel_option = click.option(
    "--excel-csv", is_flag=True, help="Write the CSV files so that Excel opens them directly."
)


def _as_share(ctx: click.Context, param: click.Parameter, given: str | None) -> float | None:
    """A share above 0 and below 1, from a text such as 1% or 0.01."""
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
    threads_option,
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
        metavar="FIGURE",
        help="The figure of the total loss that --target-error is about: mean, var99, tvar99.9 and "
        "so on, at any level of run.levels. [default: tvar99]",
    ),
    *CLUSTER_OPTIONS,
    click.option("--quiet", is_flag=True, help="Print the results folder and nothing else."),
    json_option,
    excel_option,
)

_SWEEP_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    config_argument,
    *_HOW_MUCH,
    click.option(
        "--out",
        metavar="FOLDER",
        help="Where the tables go. [default: results/<config name>-sweep]",
    ),
    threads_option,
    click.option(
        "--restart",
        is_flag=True,
        help="Throw away the points that an interrupted sweep has finished, and begin again.",
    ),
    *CLUSTER_OPTIONS,
    click.option("--quiet", is_flag=True, help="Print the folder of the tables and nothing else."),
    json_option,
    excel_option,
)

_MITIGATE_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    config_argument,
    *_HOW_MUCH,
    click.option(
        "--out",
        metavar="FOLDER",
        help="Where the tables go. [default: results/<config name>-mitigation]",
    ),
    threads_option,
    click.option(
        "--time-limit",
        type=click.FloatRange(min=0.0),
        metavar="SECONDS",
        help="When a search among more than 65,536 portfolios ends without proof; the tables say "
        "how much better another portfolio could be. [default: never]",
    ),
    click.option(
        "--restart",
        is_flag=True,
        help="Throw away what an interrupted study has played, and begin again.",
    ),
    click.option(
        "--write",
        nargs=2,
        metavar="PORTFOLIO FILE",
        help="Play nothing, and write a config with the options of this portfolio set, such as "
        '"a + b" or nothing: ready to run, sweep or compare. FILE must be new, and lie in the '
        "folder of CONFIG or above it.",
    ),
    *CLUSTER_OPTIONS,
    click.option("--quiet", is_flag=True, help="Print the folder of the tables and nothing else."),
    json_option,
    excel_option,
)

_BATCH_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.argument("sources", type=click.Path(), metavar="BATCH...", nargs=-1, required=True),
    *_HOW_MUCH,
    click.option(
        "--reference",
        metavar="NAME",
        help="The scenario that the others are compared with. [default: as the batch file says]",
    ),
    click.option(
        "--previous",
        metavar="FOLDER",
        help="The folder of an earlier batch to compare with. [default: as the batch file says]",
    ),
    click.option(
        "--out", metavar="FOLDER", help="Where the results go. [default: results/<name>-batch]"
    ),
    threads_option,
    click.option(
        "--restart",
        is_flag=True,
        help="Run every scenario, even one whose earlier results still hold.",
    ),
    *CLUSTER_OPTIONS,
    click.option("--quiet", is_flag=True, help="Print the folder of the batch and nothing else."),
    json_option,
    excel_option,
)

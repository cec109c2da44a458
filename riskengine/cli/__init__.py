"""The command line. One file per verb; nothing but click loads until a verb runs."""

from __future__ import annotations

import gc
import os
import sys
import warnings
from importlib import import_module

import click

_VERBS = {
    "new": "Write a case to begin with into a new folder.",
    "run": "Run a scenario and write its results folder.",
    "check": "Check a config and describe the model as understood.",
    "batch": "Run many scenarios in one go: one table, one workbook, last month beside this month.",
    "sweep": "Run many versions of a scenario: which assumption drives the answer.",
    "mitigate": "Find what to buy with a budget, how sure that is, and what would change it.",
    "calibrate": "Fit durations, rates and chances to a table of past restrictions.",
    "explain": "Play one trial of a results folder again and tell it.",
    "compare": "Compare two results folders or configs, figure by figure.",
    "backtest": "Replay history without hindsight and score the model.",
    "convert": "Write a config as a workbook or as a TOML file.",
    "schema": "Print the JSON Schema of a config, for editors.",
    "report": "Make workbook, page and insurers' tables from a results folder.",
}
_WITHOUT_MATRICES = (["run"], ["check"], ["report"])  #: verbs that multiply no large matrices


class VerbGroup(click.Group):
    """Knows its verbs by name, and imports the module of a verb only when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        # The module of a verb and the command in it have the name of the verb.
        command: click.Command = getattr(import_module(f"riskengine.cli.{cmd_name}"), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _VERBS:
            from difflib import get_close_matches

            nearest = get_close_matches(args[0], _VERBS, n=1)
            hint = f' Did you mean "{nearest[0]}"?' if nearest else ""
            ctx.fail(f'There is no command "{args[0]}".{hint}')
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_VERBS.items()))


def _print_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from riskengine.store.provenance import own_version

    click.echo(f"riskengine {own_version()}")
    ctx.exit()


@click.group(cls=VerbGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and stop.",
)
def root() -> None:
    """What export bans on critical materials could cost: a Monte Carlo engine.

    Describe your materials, suppliers, stocks and industries in a config file, check it, run it.

    \b
    Example:
      riskengine check korea.toml
      riskengine run korea.toml --out results/korea

    `riskengine COMMAND --help` explains one command.
    """


def main() -> None:
    """Entry point of the installed command."""
    # A command makes a hundred thousand objects that it keeps. Looking for cycles among them after
    # each 700 new ones, as Python does, would take a twentieth of the time of a run.
    gc.set_threshold(250_000)
    if sys.argv[1:2] in _WITHOUT_MATRICES:
        # The threads that numpy starts for products of matrices would only wait, and spin.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from riskengine.cli.exits import exit_code

    if not sys.warnoptions:  # a developer asked for them with -W or PYTHONWARNINGS
        warnings.simplefilter("ignore")  # warnings of libraries are for programmers, not for users
    code = exit_code(root, sys.argv[1:])
    gc.freeze()  # nor is there a reason to look for cycles once more when the process ends
    sys.exit(code)

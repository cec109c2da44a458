"""`riskengine check`: the model as understood, without running it."""

from __future__ import annotations

import click

from riskengine.cli.options import config_argument, json_option, set_option


@click.command()
@config_argument
@set_option
@json_option
def check(config: str, settings: tuple[str, ...], as_json: bool) -> None:
    """Check a config and describe the model as understood.

    Nothing is run and nothing is written. Every problem of the file is reported at once, with its
    line. A valid file is shown as tables, with remarks on what may be unintended. A [sweep] is
    checked as well: each of its values is tried on the base case.

    \b
    Example:
      riskengine check korea.toml
    """
    from riskengine.cli.answers.check import check_answer
    from riskengine.cli.streams import answer
    from riskengine.config import has_sweep, load, load_sweep

    if has_sweep(config, settings):
        swept = load_sweep(config, settings)
        answer(check_answer(swept.scenario, swept.sweep, as_json=as_json))
    else:
        answer(check_answer(load(config, overrides=settings), as_json=as_json))

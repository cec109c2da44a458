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
    line. A valid file is shown as tables, with remarks on what may be unintended. A [sweep] and a
    [mitigation] are checked as well: their values and options are tried on the base case.

    \b
    Example:
      riskengine check korea.toml
    """
    from riskengine.cli.answers.check import check_answer
    from riskengine.cli.streams import answer
    from riskengine.config import load_whole

    answer(check_answer(load_whole(config, settings), as_json=as_json))

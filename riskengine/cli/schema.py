"""`riskengine schema`: the JSON Schema of a config, for editors."""

from __future__ import annotations

import click


@click.command()
def schema() -> None:
    """Print the JSON Schema of a config, for editors.

    An editor that has it completes the keys of a TOML config, explains them with unit and range,
    and underlines what is wrong while you type. docs/how-to/config.md says how to set that up in
    VS Code.

    \b
    Example:
      riskengine schema > riskengine.schema.json
    """
    from riskengine.cli.streams import answer
    from riskengine.config.editors import config_schema
    from riskengine.store.documents import to_json

    answer(to_json(config_schema()).rstrip("\n"))

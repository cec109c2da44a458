"""How a command ends: its exit code, and one message on stderr instead of a traceback.

The codes are: 0, done; 2, the command line or the config is wrong, and nothing was written; 1, the
run failed, and what was there before stays intact; 130, interrupted. click by itself would exit
with 1 on Ctrl-C.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from riskengine.cli.streams import prepare_streams, say, silence_stdout
from riskengine.errors import RiskengineError

INTERRUPTED = 130


def exit_code(command: click.Command, arguments: Sequence[str]) -> int:
    """Run a command and return the code to exit with."""
    prepare_streams()
    try:
        # Without standalone mode click returns the code of --help and --version.
        code = command.main(list(arguments), prog_name="riskengine", standalone_mode=False)
    except click.ClickException as fault:
        fault.show()
        return fault.exit_code
    except RiskengineError as fault:
        say(f"Error: {fault}")
        return fault.exit_code
    except (click.Abort, KeyboardInterrupt) as ending:
        # click hides the interrupt behind its own error; the interrupt may say what was kept.
        interrupt = ending.__cause__ if isinstance(ending, click.Abort) else ending
        kept = str(interrupt or "") or "No results were left half written."
        say(f"Interrupted. {kept}")
        return INTERRUPTED
    except MemoryError:
        say("Error: out of memory; run fewer trials at a time (--trials, --first-trial).")
        return RiskengineError.exit_code
    except OSError as error:  # from click's own printing, such as --help on a full disk
        silence_stdout()
        say(f"Error: {error}")
        return RiskengineError.exit_code
    except SystemExit as ending:  # click raises this when the reader of --help goes away
        return ending.code if isinstance(ending.code, int) else 1
    return code if isinstance(code, int) else 0

"""How a command ends: its exit code, and one message on stderr instead of a traceback.

0 done; 2 the command line or the config is wrong, nothing was written; 1 the run failed, what was
there before is intact; 130 interrupted. click by itself would exit 1 on Ctrl-C.
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
        # click hides the interrupt, which may say what was kept, behind an error of its own.
        interrupt = ending.__cause__ if isinstance(ending, click.Abort) else ending
        kept = str(interrupt or "") or "No results were left half written."
        say(f"Interrupted. {kept}")
        return INTERRUPTED
    except MemoryError:
        say("Error: out of memory; run fewer trials at a time (--trials, --first-trial).")
        return RiskengineError.exit_code
    except OSError as error:  # of click's own printing: --help on a full disk
        silence_stdout()
        say(f"Error: {error}")
        return RiskengineError.exit_code
    except SystemExit as ending:  # click's own answer when the reader of --help goes away
        return ending.code if isinstance(ending.code, int) else 1
    return code if isinstance(code, int) else 0

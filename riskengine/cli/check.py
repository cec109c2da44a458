"""`riskengine check`: the model as understood, without running it."""

from __future__ import annotations

import click

from riskengine.cli.options import config_argument, json_option, set_option


@click.command()
@config_argument
@set_option
@click.option(
    "--annotate",
    metavar="COPY",
    help="If CONFIG is a workbook with mistakes: also write a copy of it in which every faulty "
    "cell is marked and has its message as a comment.",
)
@click.option(
    "--concentration",
    metavar="FOLDER",
    help="Also say who supplies what, in the world, in imports and in the config, and write it to "
    "concentration.xlsx and concentration.html there.",
)
@click.option(
    "--html", "page", metavar="FILE", help="Also write it as a page, with a diagram of the ladder."
)
@json_option
def check(
    config: str,
    settings: tuple[str, ...],
    annotate: str | None,
    concentration: str | None,
    page: str | None,
    as_json: bool,
) -> None:
    """Check a config and describe the model as understood.

    Nothing is run, and nothing is written but what --annotate, --concentration and --html ask for.
    Every problem of the file is reported at once, with its line or its cell. A valid file is shown
    as tables, with remarks on what may be unintended. A [sweep] and a [mitigation] are checked as
    well: their values and options are tried on the base case.

    \b
    Example:
      riskengine check korea.toml --html korea.html
      riskengine check korea.xlsx --annotate korea-marked.xlsx
      riskengine check korea.toml --concentration korea-suppliers
    """
    from riskengine.cli.answers.check import check_answer, check_page, checked
    from riskengine.cli.streams import answer, say
    from riskengine.config import load_whole
    from riskengine.errors import ConfigFault
    from riskengine.verbs.output_files import put_page

    if annotate is not None:
        from riskengine.verbs.jobs.annotation import check_annotated

        check_annotated(config, annotate)
    try:
        found = load_whole(config, settings)
    except ConfigFault as fault:
        if annotate is None:
            raise
        from riskengine.cli.answers.annotation import annotation_words
        from riskengine.verbs.jobs.annotation import annotated_copy

        say(f"Error: {fault}\n")  # before the copy, which comes last: it is what to open
        say(annotation_words(annotated_copy(config, annotate, fault.faults)))
        raise SystemExit(fault.exit_code) from None
    suppliers = None
    if concentration is not None:
        from riskengine.verbs.jobs.suppliers import write_concentration

        suppliers = write_concentration(found.scenario, concentration)
    described = checked(found)
    if page is not None:
        put_page(page, check_page(described))
    answer(check_answer(described, suppliers, page, as_json=as_json))
    if annotate is not None:
        say("Nothing is wrong, so no copy was written.")

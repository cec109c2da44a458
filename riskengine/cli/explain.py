"""`riskengine explain`: one trial of a results folder, told from beginning to end."""

from __future__ import annotations

import click

from riskengine.cli.options import json_option


@click.command()
@click.argument("results", type=click.Path(), metavar="RESULTS")
@click.option(
    "--trial", type=click.IntRange(min=0), metavar="N", help="The trial with this number."
)
@click.option(
    "--at",
    metavar="LEVEL",
    help="The trial that stands at this level of the loss: var99 or any other level of the run, "
    "median, mean (the trial nearest to it) or max. Where several do, the first.",
)
@click.option("--industry", metavar="NAME", help="With --at: of the loss of this industry.")
@click.option(
    "--with",
    "portfolio",
    metavar="PORTFOLIO",
    help="Of a mitigation study: tell the same trial with this portfolio beside it, such as "
    '"a + b".',
)
@json_option
@click.option("--html", "page", metavar="FILE", help="Write the story as a page, too.")
def explain(
    results: str,
    trial: int | None,
    at: str | None,
    industry: str | None,
    portfolio: str | None,
    as_json: bool,
    page: str | None,
) -> None:
    """Play one trial of a results folder again and tell it.

    RESULTS is a folder that `riskengine run` wrote. The story says when what broke out, how far it
    went, what came on stream and what failed, when each stock ran out, when each industry was hit,
    and what it cost. It is told only if the trial's figures are those of the folder, to the bit.

    It may also be a folder that `riskengine mitigate` wrote: then the trial is told with nothing
    bought, and --with tells the same trial with a portfolio, side by side.

    \b
    Example:
      riskengine explain results/korea-2026 --at var99
      riskengine explain results/korea-2026 --at max --industry semiconductors --html worst.html
      riskengine explain results/my-options-mitigation --at var99 --with "stock + plant"
    """
    if (trial is None) == (at is None):
        raise click.UsageError("say which trial to explain: --trial N or --at LEVEL, one of them.")
    if industry is not None and at is None:
        raise click.UsageError("--industry says whose loss --at looks at: use them together.")
    from riskengine.cli.answers.explain import explain_answer
    from riskengine.cli.streams import answer, remark_on_cache
    from riskengine.verbs.explain import explain
    from riskengine.verbs.output_files import put_page

    remark_on_cache(wanted=not as_json)
    explained = explain(results, trial=trial, at=at, industry=industry, portfolio=portfolio)
    if page is not None:
        put_page(page, explained.page())
    answer(explain_answer(explained, page, as_json=as_json))

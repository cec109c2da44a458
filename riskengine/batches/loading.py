"""Loads the scenarios of a batch; one that cannot be loaded does not keep the others from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from riskengine.batches.batch import BatchMember, ScenarioBatch
from riskengine.config.layers.layers import clean
from riskengine.config.load import load
from riskengine.config.toml.positions import read_key
from riskengine.errors import ConfigFault, Fault, RiskengineError, format_path
from riskengine.model.scenario import Scenario

_MOST_FAULTS = 10  #: in the message of one scenario


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedMember:
    """A member of a batch with its scenario, or why it has none."""

    member: BatchMember
    overrides: tuple[str, ...]  #: of the batch file, and on top of it those of the command
    scenario: Scenario | None
    message: str = ""  #: why it could not be loaded; empty if it could


def load_members(batch: ScenarioBatch, overrides: Sequence[str] = ()) -> list[LoadedMember]:
    """Load all scenarios of a batch.

    Parameters
    ----------
    batch : ScenarioBatch
    overrides : sequence of str
        `path=value` texts on top of every scenario.

    Raises
    ------
    ConfigFault
        If scenarios cannot stand side by side: they have different money, or different horizons in
        a mixture.
    """
    loaded = [_loaded(batch, member, overrides) for member in batch.members]
    found = list(_contradictions(batch, loaded))
    if found:
        raise ConfigFault(batch.file.located(found) if batch.file else found)
    return loaded


def _loaded(batch: ScenarioBatch, member: BatchMember, overrides: Sequence[str]) -> LoadedMember:
    texts = (*member.overrides, *overrides)
    scenario, message = None, ""
    try:
        scenario = load(member.config, overrides=texts)
    except ConfigFault as error:
        message = _message(batch, member, error)
    except RiskengineError as error:
        message = str(error)
    return LoadedMember(member=member, overrides=texts, scenario=scenario, message=message)


def _message(batch: ScenarioBatch, member: BatchMember, error: ConfigFault) -> str:
    """The faults of a config, those of values that the batch sets at their lines in the batch."""
    own = {clean(text): text for text in member.overrides}
    found = [
        _in_batch(batch, member, own[fault.file.removeprefix("--set ")], fault)
        if batch.file and fault.file.removeprefix("--set ") in own
        else fault
        for fault in error.faults
    ]
    return ConfigFault(found).described(_MOST_FAULTS)


def _in_batch(batch: ScenarioBatch, member: BatchMember, text: str, fault: Fault) -> Fault:
    """A fault of a value that the batch file sets, with its line there."""
    assert batch.file is not None  # noqa: S101
    sets = ("batch", "scenarios", member.name, "set")
    keys = batch.file.document["batch"]["scenarios"][member.name]["set"]
    wanted = read_key(text)[0]
    key = next((key for key in keys if read_key(key)[0] == wanted), "")
    shown = Fault(
        path=(*sets, key),
        found=f"sets {format_path(fault.path)}: {fault.found}",
        allowed=fault.allowed,
        hint=fault.hint,
    )
    return batch.file.located([shown])[0]


def _contradictions(batch: ScenarioBatch, loaded: Sequence[LoadedMember]) -> Iterator[Fault]:
    """Scenarios that cannot stand side by side with the first one that could be loaded."""
    yield from _differing(
        batch,
        loaded,
        "config",
        lambda scenario: f"losses in {scenario.run.money}",
        "one unit of money for all scenarios: bring the configs to the same run.money, amounts "
        "included",
    )
    if batch.is_weighted:
        yield from _differing(
            batch,
            loaded,
            "weight",
            lambda scenario: f"a horizon of {scenario.run.horizon_days:g} days",
            "one horizon for all scenarios of a mixture: set run.horizon_days, or leave out the "
            "weights",
        )


def _differing(
    batch: ScenarioBatch,
    loaded: Sequence[LoadedMember],
    key: str,
    said: Callable[[Scenario], str],
    allowed: str,
) -> Iterator[Fault]:
    played = [each for each in loaded if each.scenario is not None]
    said_by = [(each.member, said(each.scenario)) for each in played if each.scenario is not None]
    for member, words in said_by[1:]:
        first, expected = said_by[0]
        if words != expected:
            path = ("batch", "scenarios", member.name, key) if batch.file else ()
            found = f"{member.config} has {words}, and {first.config} {expected}"
            yield Fault(path=path, found=found, allowed=allowed)

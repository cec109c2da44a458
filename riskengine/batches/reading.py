"""Reads what is to be played: a batch file, configs, or all configs of a folder."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from riskengine.batches.batch import BatchMember, ScenarioBatch
from riskengine.batches.names import MOST_SCENARIOS, name_faults
from riskengine.batches.schema import BATCH_FILE
from riskengine.config.layers.assemble import assemble, safe_stem
from riskengine.config.layers.document import TomlFile, read_toml_file
from riskengine.config.schema.check import read
from riskengine.config.schema.scalars import Findings, quoted
from riskengine.config.sources.files import ELSEWHERE, UnreadableError, show_path
from riskengine.config.sources.names import normalise
from riskengine.config.toml.one_line import toml_text
from riskengine.config.toml.positions import read_key
from riskengine.errors import ConfigFault, Fault, UsageFault, format_path
from riskengine.model.faults.tree import Malformed, Path, members, unknown

_SCENARIOS = ("batch", "scenarios")
_EXACT = 1e-9  #: how far the sum of the weights may lie from 1
_ENDINGS = (".toml", ".xlsx")


def read_batch(sources: Sequence[str]) -> ScenarioBatch:
    """Read a batch.

    Parameters
    ----------
    sources : sequence of str
        A batch file; or a folder, of which every config is played; or configs.

    Raises
    ------
    ConfigFault
        If the batch file is not valid, or two configs would be scenarios of one name.
    UsageFault
        If there is nothing to play, or a batch file or a folder is not alone.
    """
    if not sources:
        raise UsageFault("there is nothing to play: name a batch file, configs, or a folder")
    if len(sources) > 1:
        return _of_several(sources)
    source = sources[0]
    if os.path.isdir(source):
        name = os.path.basename(os.path.realpath(source)) or "batch"
        return _of_configs(configs_in(source), safe_stem(f"{name}.toml"), title=name)
    if not source.lower().endswith(".xlsx"):
        file = read_toml_file(source, "batch")
        if "batch" in file.document:
            return _of_file(file)
    return _of_configs(sources, safe_stem(os.path.basename(source)), title="")


def _of_several(sources: Sequence[str]) -> ScenarioBatch:
    for source in sources:
        if os.path.isdir(source) or is_batch_file(source):
            kind = "a folder" if os.path.isdir(source) else "a batch file"
            raise UsageFault(f"{source} is {kind}: play it alone, without other configs")
    stem = safe_stem(os.path.basename(sources[0]))
    return _of_configs(sources, f"{stem}-and-{len(sources) - 1}-more", title="")


def is_batch_file(path: str) -> bool:
    """Whether a file is TOML with a table `[batch]`."""
    try:
        return "batch" in read_toml_file(path, "batch").document
    except ConfigFault:
        return False  # reading it as a config says what is wrong with it


def configs_in(folder: str) -> list[str]:
    """The configs of a folder that say a whole scenario: they have materials and industries.

    Neither fragments, which other configs extend, nor batch files are among them. A file that
    cannot be read is: to play it says what is wrong with it.

    Raises
    ------
    UsageFault
        If there are none.
    """
    names = sorted(
        name
        for name in os.listdir(folder)
        if name.lower().endswith(_ENDINGS) and not name.startswith((".", "~$"))
    )
    paths = [os.path.join(folder, name) for name in names]
    found = [path for path in paths if not is_batch_file(path) and _is_whole(path)]
    if not found:
        raise UsageFault(
            f"{folder} holds no config: no .toml or .xlsx file with materials and industries"
        )
    return found


def _is_whole(path: str) -> bool:
    try:
        document = assemble(path, ()).document
    except ConfigFault:
        return True
    return all(document.get(collection) for collection in ("materials", "industries"))


def _of_configs(paths: Sequence[str], stem: str, title: str) -> ScenarioBatch:
    """A batch of configs, each a scenario that is called like its file."""
    named = [(path, safe_stem(os.path.basename(path))) for path in paths]
    found = [*_same_names(named), *name_faults(((name,), name) for _, name in named)]
    if found:
        raise ConfigFault(found)
    return ScenarioBatch(
        title=title or f"{len(paths)} scenario{'' if len(paths) == 1 else 's'}",
        stem=stem,
        members=tuple(
            BatchMember(name=name, config=path, shown=_shown(path, title)) for path, name in named
        ),
    )


def _shown(path: str, folder: str) -> str:
    """The path of a config without the folder that is played, and without that of the machine."""
    return os.path.basename(path) if folder or os.path.isabs(path) else path


def _same_names(named: Sequence[tuple[str, str]]) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for path, name in named:
        if name in first:
            yield Fault(
                path=(),
                found=f"{first[name]} and {path} would both be the scenario {quoted(name)}",
                allowed="configs whose names differ without folder and ending",
                hint="rename one of them, or write a batch file, which names scenarios itself",
            )
        first.setdefault(name, path)


def _of_file(file: TomlFile) -> ScenarioBatch:
    findings = Findings()
    data = normalise(file.document, findings.faults.append)
    tree = read(BATCH_FILE, data, (), findings)
    found = members(tree, *_SCENARIOS)
    made = [
        _member(name, table, file, findings)
        for name, table in found.items()
        if isinstance(table, Mapping)
    ]
    findings.faults += name_faults(((*_SCENARIOS, name), name) for name in found)
    batch = members(tree, "batch")
    _check_count(batch, findings)
    _check_weights(found, findings)
    _check_reference(batch, findings)
    previous = _previous(batch, file, findings)
    if findings.faults or isinstance(tree, Malformed):
        raise ConfigFault(file.located(findings.faults))
    stem = safe_stem(file.name)
    return ScenarioBatch(
        title=batch["title"] or stem,
        stem=stem,
        members=tuple(made),
        reference=batch.get("reference"),
        previous=previous,
        file=file,
    )


def _member(name: str, table: Mapping[str, Any], file: TomlFile, findings: Findings) -> BatchMember:
    path = (*_SCENARIOS, name)
    config = table["config"]
    if isinstance(config, str):
        try:
            file.folder.open(config, "")
        except UnreadableError as error:
            findings.add((*path, "config"), error.found, error.allowed, error.hint)
    given = file.document["batch"]["scenarios"].get(name, {})
    return BatchMember(
        name=name,
        config=os.path.normpath(os.path.join(os.path.dirname(file.path), str(config))),
        shown=str(config),
        overrides=tuple(_overrides(table.get("set", {}), path, findings)),
        weight=table.get("weight"),
        note=str(given.get("note", "")),
        source=str(given.get("source", "")),
    )


def _overrides(values: Any, path: Path, findings: Findings) -> Iterator[str]:
    for key, value in values.items() if isinstance(values, Mapping) else ():
        keys, end = read_key(key)
        if end == len(key):
            yield f"{format_path(keys)}={toml_text(value)}"
        else:
            findings.add((*path, "set", key), "is no path of a config", "keys joined by dots")


def _check_count(batch: Mapping[str, Any], findings: Findings) -> None:
    scenarios = batch.get("scenarios")
    if not isinstance(scenarios, Mapping) or 0 < len(scenarios) <= MOST_SCENARIOS:
        return
    found = f"has {len(scenarios):,} scenarios" if scenarios else "is empty"
    findings.add(_SCENARIOS, found, f"1 to {MOST_SCENARIOS:,} scenarios")


def _check_weights(found: Mapping[str, Any], findings: Findings) -> None:
    """All scenarios have a weight or none has, and the weights add up to 1."""
    weights = {name: table.get("weight") for name, table in found.items() if table is not None}
    if any(isinstance(weight, Malformed) for weight in weights.values()):
        return
    missing = [name for name, weight in weights.items() if weight is None]
    if len(missing) == len(weights):
        return
    for name in missing:
        findings.add(
            (*_SCENARIOS, name, "weight"),
            "is missing, and other scenarios have one",
            "a weight for all scenarios, or for none",
        )
    total = math.fsum(weight for weight in weights.values() if weight is not None)
    if not missing and abs(total - 1.0) > _EXACT:
        last = list(weights)[-1]
        findings.add(
            (*_SCENARIOS, last, "weight"),
            f"is the last of {len(weights)} weights, which add up to {total:.12g}",
            "weights that add up to 1",
        )


def _check_reference(batch: Mapping[str, Any], findings: Findings) -> None:
    reference, known = batch.get("reference"), batch.get("scenarios")
    if isinstance(reference, str) and isinstance(known, Mapping) and reference not in known:
        path = ("batch", "reference")
        findings.faults.append(unknown(path, reference, "scenario", known, findings.speller))


def _previous(batch: Mapping[str, Any], file: TomlFile, findings: Findings) -> str | None:
    """Path of the earlier batch from the current folder; what is there is read later."""
    reference = batch.get("previous")
    if not isinstance(reference, str):
        return None
    if ELSEWHERE.match(reference) or "\\" in reference:
        findings.add(
            ("batch", "previous"),
            f"{show_path(reference)} is not a relative path",
            "a path from the folder of the batch file, with / between folders",
        )
        return None
    return os.path.normpath(os.path.join(os.path.dirname(file.path), reference))

"""Which commodity of the trade tables stands for which material of the shipped cases."""

from __future__ import annotations

from typing import NamedTuple


class StandIn(NamedTuple):
    """A commodity in the place of a material, and what it cannot tell."""

    commodity: str
    caveat: str


#: In the order of preference: the first that the trade tables have
STAND_INS: dict[str, tuple[StandIn, ...]] = {
    "light-rare-earths": (
        StandIn(
            "rare-earths-without-cerium",
            "Metals and compounds without cerium, which would hide the rest. Heavy rare earths and "
            "yttrium are inside and cannot be told apart.",
        ),
    ),
    "anode-graphite": (
        StandIn(
            "natural-graphite-flake-powder",
            "Natural graphite, powder or flake, stands for anode graphite: other grades are "
            "inside, artificial graphite and finished anode material are not.",
        ),
    ),
    "tungsten": (
        StandIn(
            "tungsten-powders",
            "Powder stands for the whole chain: tungstates, oxide and carbide are not in it.",
        ),
    ),
    "ndfeb-magnets": (
        StandIn("permanent-magnets", "All permanent magnets of metal, not NdFeB alone."),
    ),
    "antimony": (StandIn("antimony-oxides", "Oxides, the main form in use, without metal."),),
    "magnesium": (StandIn("magnesium", "Unwrought magnesium of both purities."),),
}

#: Materials of the cases that no code of six digits tells from others
NO_CODE = {
    "heavy-rare-earths": "codes 280530 and 284690 mix light and heavy rare earths",
    "yttrium": "codes 280530 and 284690 mix yttrium with the rare earths",
    "gallium": "code 811292 mixes gallium, germanium, indium and others",
    "germanium": "code 811292 mixes gallium, germanium, indium and others",
    "indium": "code 811292 mixes gallium, germanium, indium and others",
    "ndfeb-magnets": "code 850511 is not in these trade tables",
    "antimony": "codes 811010 and 282580 are not in these trade tables",
    "magnesium": "codes 810411 and 810419 are not in these trade tables",
}

#: The material of the cases whose cuts are those of a material without a flow figure of its own
LIKE_ANY = "indium"


def stand_ins_of(material: str) -> tuple[StandIn, ...]:
    """What stands for a material, in the order of preference; the commodity of its name last."""
    return (*STAND_INS.get(material, ()), StandIn(material, ""))

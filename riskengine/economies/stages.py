"""What the world tables call a material, and which materials the European regulation lists."""

from __future__ import annotations

from typing import NamedTuple

#: Regulation (EU) 2024/1252, article 5(1)(b): by 2030 the Union should take at most this share of
#: its annual consumption of a strategic raw material, at any relevant stage of processing, from a
#: single third country
MOST_FROM_ONE = 0.65
MOST_FROM_ONE_SOURCE = "http://data.europa.eu/eli/reg/2024/1252/oj"


class Made(NamedTuple):
    """The rows of `world_production` about a material."""

    material: str
    form: str = ""  #: where the table has several


#: Materials of the shipped cases and commodities of the trade tables, by what they are made from
MADE = {
    **dict.fromkeys(
        ("light-rare-earths", "heavy-rare-earths", "yttrium", "ndfeb-magnets", "rare-earth-metals",
         "rare-earth-compounds", "rare-earths-without-cerium", "rare-earths-all-forms",
         "cerium-compounds", "permanent-magnets"), Made("rare-earths")),
    **dict.fromkeys(
        ("anode-graphite", "natural-graphite", "natural-graphite-flake-powder"),
        Made("natural-graphite")),
    **dict.fromkeys(("antimony", "antimony-ores", "antimony-metal", "antimony-oxides"),
                    Made("antimony")),
    **dict.fromkeys(("tungsten", "tungsten-ores", "tungsten-powders", "tungstates"),
                    Made("tungsten")),
    **dict.fromkeys(("cobalt-oxides", "cobalt-metal-and-intermediates"), Made("cobalt")),
    **dict.fromkeys(("lithium-hydroxide", "lithium-carbonate"), Made("lithium")),
    **dict.fromkeys(("vanadium-oxides", "ferro-vanadium"), Made("vanadium")),
    **{each: Made(each) for each in (
        "gallium", "indium", "magnesium", "bismuth", "arsenic", "barytes", "beryllium", "cadmium",
        "magnesite", "selenium", "tantalum")},
    **{f"{each}-ores": Made(each) for each in (
        "manganese", "nickel", "chromium", "molybdenum", "tin")},
    "boron-tellurium": Made("tellurium"),
    "ferro-niobium": Made("niobium"),
    "fluorspar-acid-grade": Made("fluorspar"),
    "palladium": Made("platinum-group", "palladium"),
    "platinum": Made("platinum-group", "platinum"),
    "silicon": Made("silicon", "silicon metal"),
    "titanium": Made("titanium", "sponge"),
    "titanium-ores": Made("titanium-ores", "ilmenite"),
    "zirconium-ores": Made("zirconium-hafnium"),
}  # fmt: skip

#: Of these, what annex I of the regulation lists as strategic. It lists battery grades of lithium,
#: graphite, manganese and nickel: forms that are mostly something else are left out, and so are
#: polishing compounds of cerium, yttrium and ores of titanium, of which it lists the metal.
STRATEGIC = frozenset((
    "light-rare-earths", "heavy-rare-earths", "ndfeb-magnets", "permanent-magnets",
    "rare-earth-metals", "rare-earth-compounds", "rare-earths-without-cerium",
    "rare-earths-all-forms", "gallium", "germanium", "anode-graphite", "artificial-graphite",
    "natural-graphite-flake-powder", "tungsten", "tungsten-ores", "tungsten-powders", "tungstates",
    "magnesium", "bismuth", "cobalt-oxides", "cobalt-metal-and-intermediates", "lithium-hydroxide",
    "lithium-carbonate", "aluminium-ores", "platinum", "palladium", "rhodium", "silicon",
    "titanium",
))  # fmt: skip


def listed_name(material: str) -> str:
    """The name that these lists have for a material of a scenario; its own if they have none.

    The name of a material may begin with that of the part of a config that it comes from.

    >>> listed_name("korea-gallium"), listed_name("mystery")
    ('gallium', 'mystery')
    """
    words = material.split("-")
    names = ["-".join(words[start:]) for start in range(len(words))]
    return next((name for name in names if name in MADE or name in STRATEGIC), material)

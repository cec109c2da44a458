"""How a page looks: on a desk, on a phone, in the dark, in print, and to the colour-blind.

Colours are those of Okabe and Ito (2008), which all common kinds of colour vision can distinguish.
They are lighter in the dark. No meaning depends on colour alone: words, dashes and positions say
the same.
"""

from __future__ import annotations

#: also of pictures of their own
LIGHT = """--paper: #ffffff; --card: #f5f7fa; --ink: #16191f; --soft: #545c69; --line: #d3d8e0;
  --blue: #0072b2; --orange: #e69f00; --green: #009e73; --red: #d55e00; --purple: #a8527f;
  --sky: #56b4e9; --bad: #b35900; --good: #1f5fa8; --link: #005a8f;"""
_DARK = """--paper: #14171c; --card: #1e222a; --ink: #eceff4; --soft: #a9b1be; --line: #3a414d;
  --blue: #5ab4f0; --orange: #f0b429; --green: #2cc79a; --red: #ff8f4d; --purple: #d98bb3;
  --sky: #8fd0f5; --bad: #ffb066; --good: #8abaff; --link: #8ecdff;"""

STYLE = (
    f"""
:root {{ color-scheme: light dark; {LIGHT} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_DARK} }} }}
"""
    """
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0 auto; padding: 0 1.25rem 4rem; max-width: 53rem; background: var(--paper);
  color: var(--ink); font: 17px/1.55 system-ui, "Segoe UI", "Noto Sans", "Apple SD Gothic Neo",
  "Malgun Gothic", "Noto Sans CJK KR", "Noto Sans KR", sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--orange); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 0.5rem; background: var(--paper); padding: 0.5rem; }
header { padding: 2.5rem 0 0.5rem; border-bottom: 1px solid var(--line); }
h1 { margin: 0 0 0.4rem; font-size: clamp(1.5rem, 4.5vw, 2.1rem); line-height: 1.2; }
h2 { margin: 3.2rem 0 0.8rem; font-size: 1.4rem; line-height: 1.25; }
h3 { margin: 2rem 0 0.4rem; font-size: 1.05rem; }
header p { margin: 0 0 1rem; color: var(--soft); }
nav ul, .legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.1rem; list-style: none;
  margin: 0 0 0.8rem; padding: 0; font-size: 0.92rem; }
.remark, figcaption { color: var(--soft); font-size: 0.92rem; }
.warnings { padding: 0.7rem 1rem 0.7rem 2rem; border-left: 4px solid var(--orange);
  background: var(--card); }
.notes li { margin: 0.4rem 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr));
  gap: 0.8rem; margin: 1rem 0 1.5rem; }
.cards > div { background: var(--card); border-top: 4px solid var(--blue); border-radius: 4px;
  padding: 0.8rem 0.9rem; }
.cards dt { color: var(--soft); font-size: 0.9rem; }
.cards dd { margin: 0; }
.cards b { display: block; font-size: 1.35rem; line-height: 1.3; margin: 0.15rem 0 0.35rem; }
.cards span { font-size: 0.88rem; line-height: 1.4; display: block; color: var(--soft); }
figure { margin: 0.8rem 0; }
figcaption { margin-top: 0.4rem; max-width: 44rem; }
svg { display: block; width: 100%; height: auto; font-family: inherit; }
svg * { stroke-linejoin: round; stroke-linecap: butt; }
.narrow { display: none; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
.panels { display: grid; gap: 1.2rem 1.2rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 15.5rem), 1fr)); }
.panel { break-inside: avoid; min-width: 0; }
.panel h3 { margin: 0 0 0.2rem; font-size: 0.95rem; }
.swatch { display: inline-block; width: 1.1rem; height: 0.75rem; margin-right: 0.4rem;
  background: var(--blue); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.s75 { opacity: 0.75; } .s90 { opacity: 0.5; } .s95 { opacity: 0.3; } .s99 { opacity: 0.16; }
.line-ink { height: 3px; background: var(--ink); vertical-align: middle; }
.line-orange { height: 0; border-top: 3px dashed var(--orange); background: none;
  vertical-align: middle; }
.rerouted { background: var(--green); } .short { background: var(--orange); }
.spill { background: var(--purple); }
details { margin: 0.5rem 0; }
summary { cursor: pointer; color: var(--link); font-size: 0.92rem; padding: 0.25rem 0; }
/* A wide table may use the margin to the right; where it is cut, its edge is in the shade. */
.scroll { overflow-x: auto; margin: 0.5rem calc(-1 * max(0px, min(50vw - 26.5rem, 14rem))) 0.5rem 0;
  --shade: color-mix(in srgb, var(--soft) 45%, transparent); background:
  linear-gradient(to right, var(--paper) 40%, transparent) left / 3rem 100% no-repeat local,
  linear-gradient(to left, var(--paper) 40%, transparent) right / 3rem 100% no-repeat local,
  linear-gradient(to right, var(--shade), transparent) left / 0.6rem 100% no-repeat scroll,
  linear-gradient(to left, var(--shade), transparent) right / 0.6rem 100% no-repeat scroll; }
table { border-collapse: collapse; font-size: 0.86rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: 0.3rem 0; }
caption > span { display: inline-block; position: sticky; left: 0; max-width: calc(100vw - 2rem); }
th, td { padding: 0.25rem 1rem 0.25rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; font-weight: normal; text-align: left; min-width: 3.5rem; }
thead th { font-weight: 600; vertical-align: bottom; }
.right { text-align: right; }
th, td { overflow-wrap: normal; }
td.right { white-space: nowrap; }
td.left, th[scope="row"] { min-width: 7rem; }
td.prose, th.prose { min-width: 14rem; }
.unbroken { overflow-wrap: anywhere; }
.again bdi { display: block; max-width: 14rem; overflow: hidden; white-space: nowrap;
  text-overflow: ellipsis; color: var(--soft); }
tr, li { break-inside: avoid; }
.moments { list-style: none; margin: 0; padding: 0; font-size: 0.92rem; }
.moments > li { display: grid; grid-template-columns: 12rem 1fr; gap: 1rem; padding: 0.35rem 0;
  border-top: 1px solid var(--line); }
.moments ul { list-style: none; margin: 0; padding: 0; }
.moments ul li { padding-left: 0.7rem; border-left: 3px solid var(--line); }
.moments li.bad { border-color: var(--bad); } .moments li.good { border-color: var(--good); }
.day { color: var(--soft); font-variant-numeric: tabular-nums; }
@media (max-width: 44rem) {
  body { padding: 0 1rem 3rem; font-size: 16px; }
  .wide { display: none; } .narrow { display: block; }
  .pair, .moments > li { grid-template-columns: 1fr; gap: 0.2rem; }
  .narrow svg, .pair svg, .panel svg { max-width: none !important; }
}
@media print {
"""
    f"  :root {{ color-scheme: light; {LIGHT} --ink: #000; --soft: #333; }}"
    """
  @page { margin: 16mm; }
  html { font-size: 10pt; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip, details:not([open]):not(.keep) { display: none; }
  section:not(:has(> :not(h2, details:not([open]):not(.keep)))) { display: none; }
  .cards { grid-template-columns: repeat(3, 1fr); }
  .wide { display: block; } .narrow { display: none; }
  .pair { grid-template-columns: 1fr 1fr; }
  .panels { grid-template-columns: repeat(3, 1fr); }
  .moments > li { grid-template-columns: 10rem 1fr; }
  details.keep::details-content { content-visibility: visible; display: block; }
  .scroll { overflow: visible; margin-right: 0; background: none; }
  table { font-size: 7.5pt; }
  th, td, td.right, td.left, th[scope="row"] { padding-right: 0.4rem; min-width: 0; }
  td.prose, th[scope="row"].prose { min-width: 9rem; }
  td.right { white-space: normal; }
  svg, h2, h3, caption, thead, figcaption, .remark, .legend { break-inside: avoid; }
  h2, h3, caption, thead, .legend, tbody tr:first-child { break-after: avoid; }
  figcaption, tbody tr:last-child, .scroll + .remark { break-before: avoid; }
  svg { max-height: 20cm; }
  .cards b { font-size: 13pt; }
  svg, .swatch, .cards > div { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
    + "".join(
        f".l{step}of{steps} {{ opacity: {step / steps:.2f}; }}\n"
        for steps in range(1, 7)
        for step in range(1, steps + 1)
    )
)

"""Every page held against axe-core's rules, in light and in dark, on a wide screen and on a narrow one."""

import re
from pathlib import Path

import axe_playwright_python
import pytest

from tests.browser.conftest import settled

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
#: Another scheme changes colours only, another width all but colours.
COLOURS = {"runOnly": ["color-contrast"]}
SHAPES = {"rules": {"color-contrast": {"enabled": False}}}


def violations(page, options: dict | None = None) -> list[str]:
    found = page.evaluate("options => axe.run(document, { resultTypes: ['violations'], ...options })", options or {})
    return [
        f"{each['id']}: {each['help']}: {node['target']} {node['failureSummary'].splitlines()[-1].strip()}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


def test_no_page_breaks_a_rule(showcase, visitor):
    page = visitor(reduced_motion="reduce").page
    broken = []
    for path, name in showcase.pages.items():
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light")
        page.goto(path)
        settled(page)
        page.evaluate(AXE)
        broken += [f"{name} {path}, light: {each}" for each in violations(page)]
        page.emulate_media(color_scheme="dark")
        broken += [f"{name} {path}, dark: {each}" for each in violations(page, COLOURS)]
        page.set_viewport_size(NARROW)
        broken += [f"{name} {path}, narrow: {each}" for each in violations(page, SHAPES)]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_number_on_the_strongest_cell_of_a_heat_map_can_be_read(showcase, visitor, scheme):
    page = visitor(color_scheme=scheme).page
    page.goto(next(path for path, name in showcase.pages.items() if name == "heat map"))
    cells = page.evaluate("""() => [...document.querySelectorAll("[data-figure]")].flatMap((plot) => plot._fullData)
        .filter((trace) => trace.type === "heatmap")
        .flatMap((trace) => trace.colorscale.map(([, cell]) => [trace.textfont.color, cell]))""")
    assert cells
    for ink, cell in cells:
        assert contrast(colour(ink), colour(cell)) >= 4.5, (ink, cell)


def colour(css: str) -> tuple[float, float, float]:
    """Red, green and blue between 0 and 1."""
    if css.startswith("#"):
        return tuple(int(css[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return tuple(float(part) / 255 for part in re.findall(r"[\d.]+", css)[:3])


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """WCAG 2.2's contrast ratio."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(parts: tuple[float, float, float]) -> float:
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

"""By keyboard alone: Tab comes by everything that can be pressed or filled in, and shows where it is."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import settled

#: Marks and counts what a person without a mouse has to reach. Radio buttons of one group share a stop, the arrows go on.
GOALS = """() => {
    const groups = new Set();
    const candidates = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']");
    const goals = [...candidates].filter((goal) => {
        if (goal.disabled || goal.type === "hidden" || !goal.checkVisibility({ visibilityProperty: true })) return false;
        if (goal.type !== "radio") return true;
        if (groups.has(goal.name)) return false;
        return groups.add(goal.name);
    });
    goals.forEach((goal, i) => { goal.dataset.goal = i; });
    return goals.map((goal) => goal.outerHTML.slice(0, 160));
}"""
#: Which goal has the focus, and whether it is to be seen there.
FOCUSED = """() => {
    const element = document.activeElement;
    if (element === document.body) return null;
    const goal = element.type === "radio" ? document.querySelector(`[name="${element.name}"][data-goal]`) : element;
    // Some let their label, their neighbour or the card around them show it.
    const places = [element, ...element.labels ?? [], element.nextElementSibling, element.closest(".start:focus-within")];
    const seen = places.filter(Boolean).map((place) => getComputedStyle(place));
    return {
        goal: Number(goal.dataset.goal ?? -1),
        shown: seen.some((style) => style.outlineStyle !== "none" && style.outlineWidth !== "0px" || style.boxShadow !== "none"),
        html: element.outerHTML.slice(0, 160),
    };
}"""
NAMES = (
    "dashboard",
    "experiments",
    "runs",
    "experiment_edit",
    "finished run",
    "comparison",
    "review item",
    "prompt",
    "variant_edit",
    "basket",
)


def test_tab_reaches_everything_in_order_with_a_visible_focus(showcase, visitor):
    page = visitor(reduced_motion="reduce").page
    wrong = []
    for path in (path for path, name in showcase.pages.items() if name in NAMES):
        page.goto(path)
        settled(page)
        goals = page.evaluate(GOALS)
        reached, hidden = [], []
        for _ in range(len(goals) + 10):
            page.keyboard.press("Tab")
            focused = page.evaluate(FOCUSED)
            if focused is None or focused["goal"] in reached[:1]:
                break  # once around
            reached.append(focused["goal"])
            if not focused["shown"]:
                hidden.append(focused["html"])
        missed = [goal for i, goal in enumerate(goals) if i not in reached]
        wrong += [f"{path}: Tab does not come by {each}" for each in missed]
        wrong += [f"{path}: nothing shows the focus of {each}" for each in hidden]
        if reached != sorted(reached):
            wrong.append(f"{path}: Tab jumps about: {reached}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("opener", "dialog"),
    [
        (("link", "Find anything"), ("dialog", "Command palette")),
        (("link", "Keyboard"), ("dialog", "Keyboard")),
    ],
)
def test_escape_closes_a_dialog_and_gives_the_focus_back(visitor, opener, dialog):
    page = visitor().page
    button = page.get_by_role(opener[0], name=opener[1]).first
    button.press("Enter")
    opened = page.get_by_role(dialog[0], name=dialog[1])
    expect(opened).to_be_visible()
    for _ in range(8):  # the focus stays inside
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    expect(opened).to_be_hidden()
    expect(button).to_be_focused()


def test_escape_closes_the_menu_of_a_narrow_screen_and_gives_the_focus_back(visitor):
    page = visitor().page
    page.set_viewport_size({"width": 390, "height": 800})
    button = page.get_by_role("button", name="Menu")
    button.press("Enter")
    menu = page.get_by_role("navigation", name="Main")
    expect(menu.get_by_role("link", name="Runs")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()

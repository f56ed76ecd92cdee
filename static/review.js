// Keys for the review page, and a draft of what is not stored yet, so that a closed tab loses no note and no score.
"use strict";

(() => {
  const form = document.getElementById("review-form");
  if (!form) return;

  const note = form.elements.note;
  const criteria = [...form.querySelectorAll("[data-criterion]")];
  const shown = performance.now();
  // As palette.js has it: "g c" goes to a page, and must not give a verdict on its way.
  const SEQUENCE_MS = 1200;
  let wentAt = -Infinity;

  function mark(criterion) {
    for (const each of criteria) each.toggleAttribute("data-current", each === criterion);
  }

  function current() {
    return criteria.find((each) => each.hasAttribute("data-current"));
  }

  function firstUnscored() {
    return criteria.find((each) => !each.querySelector("input:checked"));
  }

  function score(digit) {
    const criterion = current();
    const radio = criterion?.querySelector(`input[value="${digit}"]`);
    if (!radio) return false;
    radio.checked = true;
    keep();
    mark(firstUnscored() ?? criterion);
    return true;
  }

  function keep() {
    const scores = Object.fromEntries([...form.querySelectorAll("[data-criterion] input:checked")].map((radio) => [radio.name, radio.value]));
    localStorage.setItem(form.dataset.draft, JSON.stringify({ note: note.value, scores }));
  }

  function restore() {
    const draft = JSON.parse(localStorage.getItem(form.dataset.draft) ?? "null");
    if (!draft) return;
    note.value = draft.note;
    for (const [name, value] of Object.entries(draft.scores)) {
      const radio = form.querySelector(`input[name="${name}"][value="${value}"]`);
      if (radio) radio.checked = true;
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") return document.activeElement.blur();
    const typed = event.target.matches("textarea, select, input:not([type=radio])");
    if (typed) return;
    const isSecond = event.timeStamp - wentAt < SEQUENCE_MS;
    wentAt = event.key === "g" ? event.timeStamp : -Infinity;
    if (event.key.length === 1 && (isSecond || localStorage.getItem("letter-keys") === "off")) return;
    if (event.key === "n") {
      event.preventDefault();
      return note.focus();
    }
    if (/^\d$/.test(event.key) && score(event.key)) return event.preventDefault();
    // Arrows belong to the scale while it has the focus.
    if (event.key.startsWith("Arrow") && event.target.matches("input")) return;
    const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!button || event.repeat) return;
    event.preventDefault();
    button.click();
  });

  form.addEventListener("input", keep);
  form.addEventListener("focusin", (event) => {
    const criterion = event.target.closest("[data-criterion]");
    if (criterion) mark(criterion);
  });
  form.addEventListener("submit", () => {
    if ("timed" in form.dataset) form.elements.seconds.value = ((performance.now() - shown) / 1000).toFixed(2);
    localStorage.removeItem(form.dataset.draft);
  });

  restore();
  mark(firstUnscored() ?? criteria[0]);
})();

// The command palette and the keys that work everywhere. Its entries come from the server; what a page's head offers is added.
"use strict";

(() => {
  const TYPING_PAUSE_MS = 120;
  const SEQUENCE_MS = 1200;

  const palette = document.getElementById("palette");
  const input = document.getElementById("palette-input");
  const list = document.getElementById("palette-list");
  const status = document.getElementById("palette-status");
  const help = document.getElementById("shortcuts");
  const options = () => [...list.querySelectorAll('[role="option"]')];
  let current = -1;
  let asked = 0;
  let pause = 0;
  let isStale = false;

  function mark(index) {
    const all = options();
    current = all.length ? (index + all.length) % all.length : -1;
    all.forEach((option, i) => option.setAttribute("aria-selected", String(i === current)));
    if (current < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", all[current].id);
    all[current].scrollIntoView({ block: "nearest" });
  }

  async function fill() {
    const turn = ++asked;
    clearTimeout(pause);
    const response = await fetch(`${palette.dataset.source}?q=${encodeURIComponent(input.value)}`).catch(() => null);
    if (turn !== asked) return;
    if (!response?.ok || response.redirected) {
      status.textContent = "The server does not answer. Try again in a moment.";
      return;
    }
    list.innerHTML = await response.text();
    isStale = false;
    addThisPage();
    const n = options().length;
    status.textContent = n ? `${n} ${n === 1 ? "entry" : "entries"}` : "Nothing fits.";
    mark(0);
  }

  // What can be done on this page stands in its head; the palette presses the same links and buttons.
  function addThisPage() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [...document.querySelectorAll(".page-head .actions :is(a, button)")].filter((element) => {
      const text = element.textContent.toLowerCase();
      return element.checkVisibility() && !element.disabled && words.every((word) => text.includes(word));
    });
    if (!found.length) return;
    const group = document.createElement("li");
    group.setAttribute("role", "presentation");
    group.innerHTML = '<div class="palette-title" id="palette-here">On this page</div><ul role="group" aria-labelledby="palette-here"></ul>';
    found.forEach((element, i) => {
      const option = document.createElement("li");
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.id = `palette-here-${i}`;
      option.textContent = element.textContent.trim();
      option.target = element;
      group.lastElementChild.append(option);
    });
    list.prepend(group);
  }

  function take(option) {
    if (!option) return;
    palette.close();
    if (option.target) option.target.click();
    else location.assign(option.dataset.url);
  }

  // Who types fast and presses Enter means what was typed, not what is still listed.
  async function takeCurrent() {
    if (isStale) await fill();
    if (palette.open) take(options()[current]);
  }

  function open() {
    if (help.open) help.close();
    if (palette.open) return;
    input.value = "";
    list.replaceChildren();
    palette.showModal();
    input.focus();
    fill();
  }

  async function openHelp() {
    await loadHelp();
    if (palette.open) palette.close();
    if (!help.open) help.showModal();
  }

  async function loadHelp() {
    const place = document.getElementById("shortcuts-list");
    if (place.childElementCount) return true;
    const response = await fetch(help.dataset.source, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (response?.ok && !response.redirected) place.innerHTML = await response.text();
    return place.childElementCount > 0;
  }

  input.addEventListener("input", () => {
    isStale = true;
    clearTimeout(pause);
    pause = setTimeout(fill, TYPING_PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const pressed = { ArrowDown: () => mark(current + 1), ArrowUp: () => mark(current - 1), Enter: takeCurrent };
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      pressed.Enter = () => location.assign(`${palette.dataset.search}?q=${encodeURIComponent(input.value)}`);
    }
    if (!pressed[event.key]) return;
    event.preventDefault();
    pressed[event.key]();
  });
  list.addEventListener("click", (event) => take(event.target.closest('[role="option"]')));
  for (const dialog of [palette, help]) {
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }

  // Single letters can be switched off, for people who dictate; the choice is this browser's.
  const letters = () => localStorage.getItem("letter-keys") !== "off";
  for (const box of document.querySelectorAll("[data-letter-keys]")) {
    box.checked = letters();
    box.addEventListener("change", () => localStorage.setItem("letter-keys", box.checked ? "on" : "off"));
  }

  let sequence = "";
  let since = -Infinity;
  document.addEventListener("keydown", async (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      return open();
    }
    const isTyping = event.target.matches("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]");
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !letters()) return;
    if (event.key === "?") return openHelp();
    if (event.key === "/") {
      event.preventDefault();
      const field = document.querySelector("[data-find]");
      return field ? field.focus() : open();
    }
    if (event.key.length !== 1) return;
    sequence = event.timeStamp - since < SEQUENCE_MS ? `${sequence} ${event.key}` : event.key;
    since = event.timeStamp;
    const wanted = sequence;
    if (!/^g .$/.test(wanted) || !(await loadHelp())) return;
    const goal = [...help.querySelectorAll("[data-keys]")].find((element) => element.dataset.keys === wanted);
    if (goal) location.assign(goal.dataset.url);
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    document.getElementById("nav")?.matches(":popover-open") && document.getElementById("nav").hidePopover();
    if (opener.dataset.opens === "palette") open();
    else openHelp();
  });
})();

// The prompt editor's keys, examples at the cursor, steps between problems, and a last draft when the tab closes.
"use strict";

(() => {
  const form = document.getElementById("editor");
  const columnOf = (element) => element?.closest?.(".column");
  const problem = document.getElementById("id_problem");
  let last = form.querySelector('[id^="template-"]');
  let isLeaving = false;
  const typed = new Set();

  form.addEventListener("focusin", (event) => {
    if (event.target.matches(".column textarea")) last = event.target;
  });
  form.addEventListener("input", (event) => {
    const column = columnOf(event.target);
    if (column?.dataset.column && event.target.matches("textarea")) typed.add(column.dataset.column);
  });
  form.addEventListener("submit", () => (isLeaving = true));

  // The pause before a draft is kept may not have passed yet.
  addEventListener("pagehide", () => {
    if (isLeaving) return;
    for (const key of typed) {
      const about = document.getElementById(`about-${key}`);
      navigator.sendBeacon(about.getAttribute("hx-post"), new FormData(form));
    }
  });

  function step(by) {
    const goal = Number(problem.value) + by;
    if (goal < 1 || goal > Number(problem.max)) return;
    problem.value = goal;
    for (const button of form.querySelectorAll("[data-step]")) {
      const next = goal + Number(button.dataset.step);
      button.disabled = next < 1 || next > Number(problem.max);
    }
    problem.dispatchEvent(new Event("change", { bubbles: true }));
  }
  for (const button of form.querySelectorAll("[data-step]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      step(Number(button.dataset.step));
    });
  }

  const insert = document.getElementById("insert");
  if (insert) insert.hidden = false;
  insert?.addEventListener("click", () => {
    const chosen = [...form.querySelectorAll('[name="example"]:checked')];
    if (!chosen.length || !last) return;
    last.setRangeText(chosen.map((box) => box.dataset.text).join(""), last.selectionStart, last.selectionEnd, "end");
    last.dispatchEvent(new Event("input", { bubbles: true }));
    last.focus();
    for (const box of chosen) box.checked = false;
  });

  // Another dataset has other problems and other examples, so the page is asked anew.
  document.getElementById("id_dataset")?.addEventListener("change", () => form.requestSubmit());

  function toColumn(by) {
    const columns = [...form.querySelectorAll(".column")];
    const at = columns.indexOf(columnOf(document.activeElement));
    const goal = columns[(at + by + columns.length) % columns.length];
    goal?.querySelector("[id^='template-']")?.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    const column = columnOf(document.activeElement) ?? columnOf(last);
    const command = event.ctrlKey || event.metaKey;
    const pressed = command && event.key.toLowerCase() === "s" ? () => (column?.querySelector("[data-save]") ?? form.querySelector("[data-save]"))?.click()
      : command && event.key === "Enter" ? () => column?.querySelector("[data-try]")?.click()
      : event.altKey && event.key === "ArrowRight" ? () => toColumn(1)
      : event.altKey && event.key === "ArrowLeft" ? () => toColumn(-1)
      : event.altKey && event.key === "ArrowDown" && problem ? () => step(1)
      : event.altKey && event.key === "ArrowUp" && problem ? () => step(-1)
      : null;
    if (!pressed) return;
    event.preventDefault();
    pressed();
  });
})();

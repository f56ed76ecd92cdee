// While a drawing is replaced by a newer one, what a reader unfolded stays unfolded and the keyboard stays where it was.
"use strict";

(() => {
  let open = [];
  let focused = "";

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "drawing") return;
    open = [...event.detail.target.querySelectorAll("details[open][id]")].map((details) => details.id);
    focused = event.detail.target.contains(document.activeElement) ? document.activeElement.closest("details")?.id : "";
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (focused) document.getElementById(focused)?.querySelector("summary").focus({ preventScroll: true });
    open = [];
    focused = "";
  });
})();

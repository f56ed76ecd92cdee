// The interactive figure: the slider over k, and the drawing in step with what the server answers.
"use strict";

(() => {
  const slider = document.getElementById("k-slider");
  const menu = document.querySelector("#explore select[name=k]");
  if (!slider || !menu) return;

  // The menu is what is sent, and all there is without scripts.
  slider.hidden = false;

  slider.addEventListener("input", (event) => {
    event.stopPropagation();
    menu.selectedIndex = Number(slider.value);
    slider.setAttribute("aria-valuetext", menu.value);
    menu.dispatchEvent(new Event("change", { bubbles: true }));
  });
  slider.addEventListener("change", (event) => event.stopPropagation());
  menu.addEventListener("change", () => {
    slider.value = menu.selectedIndex;
    slider.setAttribute("aria-valuetext", menu.value);
  });

  document.getElementById("explored").addEventListener("htmx:afterSwap", () => {
    window.assayCharts.update("explored", JSON.parse(document.getElementById("explored-plot").textContent));
  });
})();

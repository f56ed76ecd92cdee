// The slider over the number of problems, in step with its field.
"use strict";

(() => {
  const slider = document.getElementById("n-slider");
  const field = document.getElementById("id_n");
  document.getElementById("n-slider-field").hidden = false;
  slider.addEventListener("input", () => { field.value = slider.value; });
  field.addEventListener("input", () => { slider.value = field.value; });
})();

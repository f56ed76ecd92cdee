// Spends the one-time link as soon as a person's browser shows it. Programs that only fetch the page spend nothing.
"use strict";

document.querySelector("form[data-spend]")?.requestSubmit();

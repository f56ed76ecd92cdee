// Draws the page's figures with Plotly in the page's own colours, and again when the system's colour scheme changes.
"use strict";

window.assayCharts = (() => {
  const library = document.currentScript.dataset.library;
  let loading = null;
  const figures = new Map();
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const parts = (hex) => [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
  const mixed = (hex, other, share) => `rgb(${parts(hex).map((part, i) => share * part + (1 - share) * parts(other)[i])})`;
  const withAlpha = (hex, alpha) => hex + Math.round(alpha * 255).toString(16).padStart(2, "0");

  // From pale to strong; around zero from one hue over the surface to the other. The strongest is no stronger than lets
  // the number on it be read, at 4.5 to 1 and more.
  function heatColours(kind) {
    const surface = colour("--surface");
    const [up, down] = ["--series-1", "--series-2"].map((name) => mixed(colour(name), surface, dark.matches ? 0.5 : 0.65));
    return kind === "diverging" ? [[0, down], [0.5, surface], [1, up]] : [[0, surface], [1, up]];
  }

  function themedTrace(trace) {
    if (trace.meta?.heat) {
      return { ...trace, colorscale: heatColours(trace.meta.heat), textfont: { color: colour("--ink") } };
    }
    const series = colour(trace.meta?.colour ?? `--series-${((trace.meta?.series ?? 0) % 6) + 1}`);
    const themed = { ...trace };
    if (trace.fill) themed.fillcolor = withAlpha(series, dark.matches ? 0.13 : 0.09);
    if (trace.line?.width !== 0) {
      themed.line = { width: 2.2, ...trace.line, color: series };
      themed.cliponaxis = false;
      themed.marker = { size: 6, ...trace.marker, color: series };
      for (const bars of ["error_x", "error_y"]) if (trace[bars]) themed[bars] = { ...trace[bars], color: series };
    }
    return themed;
  }

  function themedLayout(layout) {
    const axis = (own) => ({
      ...own,
      gridcolor: colour("--line"),
      linecolor: colour("--line-strong"),
      zerolinecolor: colour("--line"),
      tickcolor: colour("--line-strong"),
    });
    return {
      ...layout,
      title: undefined,
      showlegend: false,
      autosize: true,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: colour("--font"), size: 12, color: colour("--ink-soft") },
      margin: { l: 52, r: 12, t: layout.annotations ? 22 : 8, b: 44 },
      xaxis: axis(layout.xaxis),
      yaxis: axis(layout.yaxis),
      annotations: layout.annotations?.map((note) => ({ ...note, font: { color: colour("--ink-soft"), size: 11 } })),
      shapes: layout.shapes?.map((shape) => ({ ...shape, line: { ...shape.line, color: colour("--ink-faint") } })),
      hovermode: layout.hovermode ?? "x unified",
      hoverlabel: { bgcolor: colour("--surface"), bordercolor: colour("--line-strong"), font: { color: colour("--ink") } },
    };
  }

  // Plotly is large: it comes with the first figure.
  function loaded() {
    loading ??= new Promise((resolve) => {
      const script = document.createElement("script");
      script.src = library;
      script.addEventListener("load", resolve);
      document.head.append(script);
    });
    return loading;
  }

  async function draw(key) {
    await loaded();
    const figure = figures.get(key);
    const element = document.getElementById(`figure-${key}`);
    if (!element || !figure) return;
    const config = { displayModeBar: false, responsive: true };
    Plotly.react(element, figure.data.map(themedTrace), themedLayout(figure.layout), config);
  }

  function drawAll() {
    figures.clear();
    for (const element of document.querySelectorAll("[data-figure]")) {
      figures.set(element.dataset.figure, JSON.parse(document.getElementById(element.dataset.source).textContent));
      draw(element.dataset.figure);
    }
  }

  // False where the page has no place for the figure.
  function update(key, figure) {
    if (!document.getElementById(`figure-${key}`)) return false;
    figures.set(key, figure);
    draw(key);
    return true;
  }

  // What is drawn while it is folded away has no width to fit.
  document.addEventListener("toggle", (event) => {
    if (event.target.open) event.target.querySelectorAll(".js-plotly-plot").forEach((element) => Plotly.Plots.resize(element));
  }, true);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.querySelector("[data-figure]")) drawAll();
  });
  dark.addEventListener("change", () => figures.forEach((_, key) => draw(key)));
  document.addEventListener("DOMContentLoaded", drawAll);
  return { drawAll, update };
})();

// Keeps a run page in step with the database: the socket sends pieces of the page, each replaces the one with its id.
"use strict";

(() => {
  const SHORTEST_WAIT_MS = 500;
  const LONGEST_WAIT_MS = 5000;

  const indicator = () => document.getElementById("live-indicator");
  const page = () => document.getElementById("run");
  let cursor = "";
  let wait = SHORTEST_WAIT_MS;
  let socket = null;

  function show(state, words) {
    const element = indicator();
    if (!element) return;
    element.dataset.state = state;
    element.textContent = words;
  }

  function connect() {
    if (socket || document.hidden) return;
    const address = new URL(page().dataset.socket, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    address.searchParams.set("cursor", cursor);
    socket = new WebSocket(address);
    socket.onmessage = (event) => receive(JSON.parse(event.data));
    socket.onclose = () => {
      socket = null;
      if (document.hidden) return show("paused", "paused");
      show("reconnecting", "reconnecting…");
      setTimeout(connect, wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  }

  function receive(message) {
    wait = SHORTEST_WAIT_MS;
    show("live", "live");
    if (message.resync) return loadAgain();
    swap(message.html);
    for (const [key, figure] of Object.entries(message.figures)) {
      // A figure that the page has no place for yet is a new finding.
      if (!window.assayCharts.update(key, figure)) return loadAgain();
    }
    cursor = message.cursor;
  }

  function swap(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    for (const child of [...template.content.children]) {
      const piece = child.id ? child : child.querySelector("[id]");
      const old = document.getElementById(piece.id);
      if (!old || old.isEqualNode(piece)) continue;
      const focused = old.contains(document.activeElement) ? document.activeElement.id || piece.id : null;
      keepOpen(old, piece);
      old.replaceWith(piece);
      htmx.process(piece);
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    }
    fitToState();
  }

  // What a reader unfolded stays unfolded.
  function keepOpen(old, piece) {
    const before = old.querySelectorAll("details");
    piece.querySelectorAll("details").forEach((details, i) => {
      const same = details.id ? old.querySelector(`#${details.id}`) : before[i];
      details.open = same?.open ?? details.open;
    });
  }

  // Buttons that fit only some states are in the page for all of them.
  function fitToState() {
    const state = document.getElementById("run-pill").dataset.state;
    for (const element of document.querySelectorAll("[data-when]")) {
      element.hidden = !element.dataset.when.split(" ").includes(state);
    }
  }

  // Messages that came while the page loads would be lost with the old page, so the socket starts anew from its cursor.
  async function loadAgain() {
    socket.onmessage = socket.onclose = null;
    socket.close();
    const response = await fetch(location.href).catch(() => null);
    socket = null;
    if (response?.ok && !response.redirected) {
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
      for (const id of ["run-pill", "run"]) document.getElementById(id).replaceWith(fresh.getElementById(id));
      htmx.process(page());
      cursor = page().dataset.cursor;
      window.assayCharts.drawAll();
      fitToState();
    }
    connect();
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) socket?.close();
    else connect();
  });
  addEventListener("online", connect);
  document.addEventListener("DOMContentLoaded", () => {
    cursor = page().dataset.cursor;
    connect();
  });
})();

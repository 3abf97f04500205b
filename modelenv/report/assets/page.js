// Elements, the theme, and keys that move the focus among many.

const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
document.documentElement.classList.add("js");

// Make an element. Texts of a folder come in as text alone: nothing here reads markup.
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== null) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

function draw(name, attributes = {}, text = "") {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}

const measure = document.createElement("canvas").getContext("2d");
measure.font = '13px system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';
const widths = new Map();
function widthOf(text) {
  if (!widths.has(text)) widths.set(text, measure.measureText(text).width);
  return widths.get(text);
}

// A text that fits into a width, cut where it has to be; empty where nothing of use would be left.
function fitting(text, width) {
  if (widthOf(text) <= width) return text;
  let length = Math.floor((text.length * width) / widthOf(text));
  while (length > 0 && widthOf(text.slice(0, length) + "…") > width) length--;
  return length > 2 ? text.slice(0, length) + "…" : "";
}

const bytes = (count) => (count < 1e6 ? `${Math.round(count / 1e3)} kB` : `${(count / 1e6).toFixed(1)} MB`);
const milliseconds = (seconds) => `${(seconds * 1e3).toFixed(seconds < 0.01 ? 1 : 0)} ms`;

const theme = document.getElementById("theme");
const themes = ["", "light", "dark"];
theme.addEventListener("click", () => {
  const root = document.documentElement;
  const next = themes[(themes.indexOf(root.dataset.theme ?? "") + 1) % themes.length];
  if (next) root.dataset.theme = next;
  else delete root.dataset.theme;
  theme.setAttribute("aria-label", `Theme: ${next || "as the system"}`);
  theme.textContent = { "": "◐", light: "☀", dark: "☾" }[next];
});

// Draw again when the width of a place changes, once a frame.
function onWidth(place, redraw) {
  let width = place.clientWidth;
  new ResizeObserver(() => {
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    requestAnimationFrame(redraw);
  }).observe(place);
}

// One of many elements is reached by Tab, and the arrow keys go on from it to the nearest.
function focusNearest(from, others, key) {
  const side = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  const here = from.getBoundingClientRect();
  let best = null;
  let least = Infinity;
  for (const other of others) {
    if (other === from) continue;
    const there = other.getBoundingClientRect();
    const x = there.x + there.width / 2 - here.x - here.width / 2;
    const y = there.y + there.height / 2 - here.y - here.height / 2;
    const along = x * side[0] + y * side[1];
    const across = Math.abs(x * side[1]) + Math.abs(y * side[0]);
    if (along > 4 && along + across * 3 < least && (side[1] || Math.abs(y) < 4)) {
      least = along + across * 3;
      best = other;
    }
  }
  if (!best) return;
  from.setAttribute("tabindex", "-1");
  best.setAttribute("tabindex", "0");
  best.focus();
}

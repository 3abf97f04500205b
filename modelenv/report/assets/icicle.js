// What importing cost: each module a bar, as wide as its time with all below it.

const BAR_HEIGHT = 22;
const NARROWEST = 1.5;

function showImports(place, reading, legend) {
  const { owners, names, parents, owner, own } = data.imports;
  const children = names.map(() => []);
  const roots = [];
  parents.forEach((parent, i) => (parent < 0 ? roots : children[parent]).push(i));
  const whole = Float64Array.from(own);
  for (let i = names.length - 1; i >= 0; i--) if (parents[i] >= 0) whole[parents[i]] += whole[i];
  const all = roots.reduce((sum, i) => sum + whole[i], 0);
  const alone = owners.map(() => 0);
  owner.forEach((number, i) => (alone[number] += own[i]));
  let top = -1; // the module that is as wide as the view; -1: all of them
  let lit = null;
  let bars = [];

  const hue = (number) => (number * 137.5 + 255) % 360;
  const isPlain = (number) => owners[number] === "Python" || number > 11;
  const colour = (number) =>
    isPlain(number)
      ? "light-dark(#e6e6e3, #3a3d43)"
      : `light-dark(oklch(0.87 0.075 ${hue(number)}), oklch(0.42 0.075 ${hue(number)}))`;
  const seconds = (i) => (i < 0 ? all : whole[i]) / 1e4;

  function redraw(focused = null) {
    const width = Math.max(place.clientWidth, 240);
    const above = [];
    for (let i = top; i >= 0; i = parents[i]) above.unshift(i);
    if (top >= 0) above.unshift(-1);
    else above.push(-1);
    const found = above.map((i, row) => ({ i, x: 0, row, width }));
    const waiting = [[top, 0, above.length, width / (top < 0 ? all : whole[top])]];
    while (waiting.length) {
      const [node, from, row, scale] = waiting.pop();
      let x = from;
      const below = node < 0 ? roots : children[node];
      for (const i of [...below].sort((a, b) => whole[b] - whole[a])) {
        const wide = whole[i] * scale;
        if (wide < NARROWEST) break;
        found.push({ i, x, row, width: wide });
        waiting.push([i, x, row + 1, scale]);
        x += wide;
      }
    }
    const height = (Math.max(...found.map((each) => each.row)) + 1) * BAR_HEIGHT;
    const svg = draw("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group" });
    svg.setAttribute("aria-label", "Time of imports");
    bars = found.map((each) => svg.appendChild(drawBar(each)));
    const at = found.findIndex((each) => each.i === (focused ?? top));
    bars[Math.max(0, at)].setAttribute("tabindex", "0");
    place.replaceChildren(svg);
    if (focused !== null) bars[Math.max(0, at)].focus();
    light();
  }

  function drawBar({ i, x, row, width }) {
    const name = i < 0 ? "all imports" : names[i];
    const element = draw("g", {
      class: "bar-of", role: "button", tabindex: -1, "data-place": i,
      "aria-label": `${name}, ${milliseconds(seconds(i))}`,
    });
    const rect = draw("rect", { x, y: row * BAR_HEIGHT, width, height: BAR_HEIGHT });
    rect.style.fill = i < 0 ? "var(--faint)" : colour(owner[i]);
    element.append(rect);
    const text = fitting(`${name}  ${milliseconds(seconds(i))}`, width - 10) || fitting(name, width - 10);
    if (width > 34 && text) element.append(draw("text", { x: x + 5, y: row * BAR_HEIGHT + 15 }, text));
    return element;
  }

  function light() {
    for (const bar of bars) {
      const i = Number(bar.dataset.place);
      bar.classList.toggle("other", lit !== null && (i < 0 || owner[i] !== lit));
    }
    for (const button of legend.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.owner) === lit));
    }
  }

  function tell(i) {
    const asked = i >= 0 && parents[i] >= 0 ? `, first imported by ${names[parents[i]]}` : "";
    reading.textContent =
      i < 0
        ? `${names.length.toLocaleString("en")} modules in ${milliseconds(all / 1e4)}`
        : `${names[i]} (${owners[owner[i]]}): ${milliseconds(seconds(i))} with all below it, ` +
          `${milliseconds(own[i] / 1e4)} alone${asked}`;
  }

  const placeOf = (target) => {
    const bar = target.closest(".bar-of");
    return bar ? Number(bar.dataset.place) : null;
  };
  function zoom(i, keep) {
    top = i === top && i >= 0 ? parents[i] : i;
    redraw(keep ? i : null);
    tell(i);
  }
  place.addEventListener("click", (event) => {
    const i = placeOf(event.target);
    if (i !== null) zoom(i, false);
  });
  place.addEventListener("mouseover", (event) => tell(placeOf(event.target) ?? top));
  place.addEventListener("focusin", (event) => tell(placeOf(event.target) ?? top));
  place.addEventListener("keydown", (event) => {
    const i = placeOf(event.target);
    if (i === null) return;
    if (event.key === "Enter" || event.key === " ") zoom(i, true);
    else if (event.key === "Escape") zoom(-1, true);
    else if (event.key.startsWith("Arrow")) focusNearest(event.target, bars, event.key);
    else return;
    event.preventDefault();
  });

  legend.append(
    ...owners.slice(0, 24).map((name, number) => {
      const swatch = make("i");
      swatch.style.background = colour(number);
      const button = make("button", { type: "button", "data-owner": number, "aria-pressed": "false" });
      button.append(swatch, `${name} ${milliseconds(alone[number] / 1e4)}`);
      button.addEventListener("click", () => {
        lit = lit === number ? null : number;
        light();
      });
      return make("li", {}, button);
    }),
  );
  onWidth(place, () => redraw());
  redraw();
  tell(-1);
}

const importsPlace = document.getElementById("icicle");
if (importsPlace) {
  showImports(importsPlace, document.getElementById("reading"), document.getElementById("owners"));
}

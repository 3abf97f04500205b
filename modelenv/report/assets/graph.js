// The graph, and the evidence for the node that was chosen.

function showGraph(place, panel) {
  const { nodes, needs } = data;
  const needing = nodes.map(() => []);
  const needed = nodes.map(() => []);
  needs.forEach((need) => {
    needing[need[1]].push(need);
    needed[need[0]].push(need);
  });
  let chosen = null;
  let shown = [];
  let spots = [];
  let ways = null;
  let onward = null;
  let svg = null;

  const isDirect = (i) => needing[i].some(([parent]) => ["model", "code"].includes(nodes[parent].kind));

  function redraw() {
    const width = Math.max(place.clientWidth, 240);
    const found = layout(nodes, needs, width);
    spots = found.spots;
    svg = draw("svg", { width, height: found.height, viewBox: `0 0 ${width} ${found.height}`, role: "group" });
    svg.setAttribute("aria-label", `What the model needs: ${nodes.length - 1} nodes`);
    svg.append(draw("path", { class: "edges", d: needs.map(lineOf).join("") }));
    onward = svg.appendChild(draw("path", { class: "onward" }));
    ways = svg.appendChild(draw("path", { class: "ways" }));
    shown = nodes.map((node, i) => svg.appendChild(drawNode(node, i)));
    shown[chosen ?? 0].setAttribute("tabindex", "0");
    place.replaceChildren(svg);
    mark();
  }

  function lineOf([parent, child]) {
    const from = spots[parent];
    const to = spots[child];
    const down = to.y > from.y;
    const y1 = from.y + (down ? NODE_HEIGHT : -NODE_HEIGHT) / 2;
    const y2 = to.y + (down ? -NODE_HEIGHT : NODE_HEIGHT) / 2;
    const bend = Math.max(18, Math.abs(y2 - y1) / 2) * (down ? 1 : -1);
    const point = (x, y) => `${x.toFixed(1)} ${y.toFixed(1)}`;
    return `M${point(from.x, y1)}C${point(from.x, y1 + bend)} ${point(to.x, y2 - bend)} ${point(to.x, y2)}`;
  }

  function drawNode(node, i) {
    const { x, y, width } = spots[i];
    const kind = node.kind.replace(" ", "-") + (node.kind === "distribution" && isDirect(i) ? " direct" : "");
    const element = draw("g", {
      class: `node ${kind}`, role: "button", tabindex: -1, "aria-pressed": "false", "data-place": i,
      "aria-label": [node.name, node.version, node.kind].filter(Boolean).join(", "),
    });
    element.append(
      draw("rect", { x: x - width / 2, y: y - NODE_HEIGHT / 2, width, height: NODE_HEIGHT, rx: 8 }),
      draw("text", { x, y: y + 4.5, "text-anchor": "middle" }, fitting(node.name, width - 16)),
    );
    return element;
  }

  // All that stands on some way from the model to a node.
  function above(node) {
    const met = new Set([node]);
    const waiting = [node];
    while (waiting.length) {
      for (const [parent] of needing[waiting.pop()]) {
        if (!met.has(parent)) {
          met.add(parent);
          waiting.push(parent);
        }
      }
    }
    return met;
  }

  function mark() {
    const on = chosen === null ? new Set() : above(chosen);
    const next = new Set(chosen === null ? [] : needed[chosen].map((need) => need[1]));
    svg.classList.toggle("choosing", chosen !== null);
    shown.forEach((element, i) => {
      element.classList.toggle("near", on.has(i) || next.has(i));
      element.setAttribute("aria-pressed", String(i === chosen));
    });
    ways.setAttribute("d", needs.filter(([a, b]) => on.has(a) && on.has(b)).map(lineOf).join(""));
    onward.setAttribute("d", chosen === null ? "" : needed[chosen].map(lineOf).join(""));
  }

  function choose(i, { reveal = false } = {}) {
    chosen = i;
    mark();
    panel.replaceChildren(...(i === null ? welcome() : evidence(i)));
    panel.scrollTop = 0;
    if (i === null || !reveal) return;
    shown.forEach((element, other) => element.setAttribute("tabindex", other === i ? "0" : "-1"));
    const at = spots[i].y - place.clientHeight / 2;
    place.scrollTop = Math.max(0, at);
  }

  const link = (i) =>
    make("button", { type: "button", class: "link", onclick: () => choose(i, { reveal: true }) }, nodes[i].name);

  function welcome() {
    const direct = nodes.filter((node, i) => node.kind === "distribution" && isDirect(i)).length;
    const all = nodes.filter((node) => node.kind === "distribution").length;
    return [
      make("h3", {}, "Why is it there?"),
      make("p", { class: "dim" },
        `The model and its own code use ${direct} of ${all} distributions themselves; the others come with these. ` +
        "Choose one in the graph, or find it by its name."),
    ];
  }

  function evidence(i) {
    const node = nodes[i];
    const about = [
      node.version,
      node.size === null ? "" : `${bytes(node.size)} here`,
      node.seconds === null ? "" : `${milliseconds(node.seconds)} to import`,
      { "left out": "left out: not needed", unlisted: "no line names it", code: "own code" }[node.kind] ?? "",
    ].filter(Boolean);
    const parts = [make("h3", {}, node.name)];
    if (about.length) parts.push(make("p", { class: "dim" }, about.join(" · ")));
    const way = shortest(i);
    if (way.length > 1) parts.push(make("h4", {}, "Shortest way"), chain(way));
    if (needing[i].length) {
      parts.push(make("h4", {}, `Needed by ${needing[i].length}`));
      parts.push(make("ul", {}, ...needing[i].map(([parent, , reasons, more]) => cause(parent, reasons, more))));
    }
    if (needed[i].length) {
      parts.push(make("h4", {}, `Needs ${needed[i].length}`));
      const links = needed[i].flatMap(([, child]) => [link(child), " "]);
      parts.push(make("p", { class: "way" }, ...links));
    }
    if (node.because) parts.push(make("h4", {}, "In the requirements"), make("p", { class: "dim" }, node.because));
    return parts;
  }

  function cause(parent, reasons, more) {
    const lines = reasons.map(([, label]) => make("li", {}, label));
    if (more) lines.push(make("li", {}, `and ${more} more`));
    return make("li", {}, link(parent), make("ul", { class: "lines" }, ...lines));
  }

  function chain(way) {
    return make("p", { class: "way" }, ...way.flatMap((node, at) => (at ? ["→", link(node)] : [link(node)])));
  }

  // The shortest way from the model: in waves, from what is asked about.
  function shortest(goal) {
    const next = new Map([[goal, null]]);
    let wave = [goal];
    while (wave.length && !next.has(0)) {
      wave = wave.flatMap((node) =>
        needing[node].map(([parent]) => parent).filter((parent) => !next.has(parent) && next.set(parent, node)));
    }
    const way = [];
    for (let node = next.has(0) ? 0 : null; node !== null; node = next.get(node)) way.push(node);
    return way;
  }

  const placeOf = (target) => {
    const element = target.closest(".node");
    return element ? Number(element.dataset.place) : null;
  };
  place.addEventListener("click", (event) => choose(placeOf(event.target)));
  place.addEventListener("keydown", (event) => {
    const i = placeOf(event.target);
    if (event.key === "Escape") choose(null);
    else if (i === null) return;
    else if (event.key === "Enter" || event.key === " ") choose(i);
    else if (event.key.startsWith("Arrow")) focusNearest(shown[i], shown, event.key);
    else return;
    event.preventDefault();
  });
  const find = document.getElementById("find");
  find.addEventListener("input", () => {
    const name = find.value.trim().toLowerCase();
    const exact = nodes.findIndex((node) => node.name.toLowerCase() === name);
    const found = exact >= 0 ? exact : nodes.findIndex((node) => name && node.name.toLowerCase().includes(name));
    choose(found >= 0 ? found : null, { reveal: true });
  });
  document.addEventListener("click", (event) => {
    const name = event.target.closest("[data-node]")?.dataset.node;
    const i = nodes.findIndex((node) => node.name === name);
    if (i >= 0) choose(i, { reveal: true });
  });
  onWidth(place, redraw);
  redraw();
  choose(null);
}

const graphPlace = document.getElementById("graph");
if (graphPlace) showGraph(graphPlace, document.getElementById("evidence"));

// The graph, and the evidence for the node that was chosen.

const MOST_ON_WAYS = 60;

function showGraph(place, panel) {
  const { nodes, needs } = data;
  const needing = nodes.map(() => []);
  const needed = nodes.map(() => []);
  needs.forEach((need) => {
    needing[need[1]].push(need);
    needed[need[0]].push(need);
  });
  const focus = document.getElementById("focus");
  focus.checked = nodes.length > 120;
  let chosen = null;
  let view = null; // what is shown: nodes and needs, where they stand, their elements
  let whole = null; // all of them

  const isDirect = (i) => needing[i].some(([parent]) => ["model", "code"].includes(nodes[parent].kind));

  // Show all of it, which is drawn once a width, or what has to do with the node that was chosen.
  function redraw() {
    const width = Math.max(place.clientWidth, 240);
    if (focus.checked && chosen !== null) {
      const { on, lines } = waysTo(chosen);
      const part = new Set([...on, ...needed[chosen].map((need) => need[1])]);
      drawPart([...part].sort((a, b) => a - b), [...lines, ...needed[chosen]], width);
    } else {
      if (whole?.width !== width) whole = drawPart(nodes.map((_, i) => i), needs, width);
      view = whole;
    }
    place.replaceChildren(view.svg);
    mark();
  }

  function drawPart(part, inside, width) {
    const local = new Map(part.map((i, at) => [i, at]));
    const found = layout(part.map((i) => nodes[i]), inside.map(([a, b]) => [local.get(a), local.get(b)]), width);
    const { height } = found;
    view = {
      width,
      inside,
      spot: (i) => found.spots[local.get(i)],
      bends: (a, b) => found.bendsOf(local.get(a), local.get(b)).map((each) => found.spots[each]),
      onward: draw("path", { class: "onward" }),
      ways: draw("path", { class: "ways" }),
      svg: draw("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group" }),
      shown: new Map(),
    };
    view.svg.setAttribute("aria-label", `What the model needs: ${part.length} of ${nodes.length} nodes`);
    view.svg.append(draw("path", { class: "edges", d: inside.map(lineOf).join("") }), view.onward, view.ways);
    for (const i of part) view.shown.set(i, view.svg.appendChild(drawNode(nodes[i], i)));
    view.shown.get(chosen ?? part[0]).setAttribute("tabindex", "0");
    return view;
  }

  // A line from a node to what it needs, through the bends between them; upwards in a circle.
  function lineOf([parent, child]) {
    let { x, y } = view.spot(parent);
    const goal = view.spot(child);
    const down = goal.y > y;
    const half = (down ? NODE_HEIGHT : -NODE_HEIGHT) / 2;
    const point = (x, y) => `${x.toFixed(1)} ${y.toFixed(1)}`;
    let line = `M${point(x, y + half)}`;
    for (const next of [...(down ? view.bends(parent, child) : []), goal]) {
      const bend = Math.max(14, Math.abs(next.y - y) / 2 - NODE_HEIGHT / 2) * Math.sign(half);
      line += `C${point(x, y + half + bend)} ${point(next.x, next.y - half - bend)} ${point(next.x, next.y - half)}`;
      if (next !== goal) line += `L${point(next.x, next.y + half)}`;
      ({ x, y } = next);
    }
    return line;
  }

  function drawNode(node, i) {
    const { x, y, width } = view.spot(i);
    const kind = node.kind.replace(" ", "-") + (node.kind === "distribution" && isDirect(i) ? " direct" : "");
    const element = draw("g", {
      class: `node ${kind}`, role: "button", tabindex: -1, "aria-pressed": "false", "data-place": i,
      "aria-label": [node.name, node.version, node.kind].filter(Boolean).join(", "),
    });
    element.append(
      draw("rect", { x: x - width / 2, y: y - NODE_HEIGHT / 2, width, height: NODE_HEIGHT, rx: 8 }),
      draw("text", { x, y: y + 4.5, "text-anchor": "middle", "aria-hidden": "true" }, fitting(node.name, width - 16)),
    );
    return element;
  }

  // Who stands before each node on the shortest way from the model. What was left out brings
  // nothing with it: a way leads through it only where there is no other.
  const before = new Map([[0, null]]);
  for (let wave = [0], later = []; wave.length || later.length; ) {
    if (!wave.length) [wave, later] = [later, []];
    wave = wave.flatMap((i) => needed[i].map((need) => need[1]).filter((child) => !before.has(child) && before.set(child, i)));
    later.push(...wave.filter((i) => nodes[i].kind === "left out"));
    wave = wave.filter((i) => nodes[i].kind !== "left out");
  }

  function shortest(i) {
    const way = [];
    for (let at = before.has(i) ? i : null; at !== null; at = before.get(at)) way.unshift(at);
    return way;
  }

  // All that stands on some way from the model to a node, and the needs between; where that is too
  // much to see anything, the shortest ways through each that needs it.
  function waysTo(node) {
    const leads = (i) => nodes[i].kind !== "left out" || nodes[node].kind === "left out";
    const all = new Set([node]);
    for (const i of all) for (const [parent] of needing[i]) if (leads(parent)) all.add(parent);
    if (all.size <= MOST_ON_WAYS) return { on: all, lines: needs.filter(([a, b]) => all.has(a) && all.has(b)), few: true };
    const on = new Set([node, ...needing[node].flatMap(([parent]) => shortest(parent))]);
    const isShort = ([a, b]) => on.has(a) && on.has(b) && (b === node || before.get(b) === a);
    return { on, lines: needs.filter(isShort), few: false };
  }

  function mark() {
    const { on, lines } = chosen === null ? { on: new Set(), lines: [] } : waysTo(chosen);
    const onward = chosen === null ? [] : needed[chosen];
    const next = new Set(onward.map((need) => need[1]));
    place.classList.toggle("choosing", chosen !== null);
    for (const [i, element] of view.shown) {
      element.classList.toggle("near", on.has(i) || next.has(i));
      element.setAttribute("aria-pressed", String(i === chosen));
    }
    view.ways.setAttribute("d", lines.map(lineOf).join(""));
    view.onward.setAttribute("d", onward.map(lineOf).join(""));
  }

  function choose(i, { reveal = false } = {}) {
    const had = place.contains(document.activeElement);
    chosen = i;
    if (focus.checked) redraw();
    else mark();
    panel.replaceChildren(...(i === null ? welcome() : evidence(i)));
    panel.scrollTop = 0;
    if (i === null) return;
    for (const [other, element] of view.shown) element.setAttribute("tabindex", other === i ? "0" : "-1");
    if (reveal || focus.checked) place.scrollTop = Math.max(0, view.spot(i).y - place.clientHeight / 2);
    if (had) view.shown.get(i).focus({ preventScroll: true });
  }

  const link = (i) =>
    make("button", { type: "button", class: "link", onclick: () => choose(i, { reveal: true }) }, nodes[i].name);

  function welcome() {
    const direct = nodes.filter((node, i) => node.kind === "distribution" && isDirect(i)).length;
    const all = nodes.filter((node) => node.kind === "distribution").length;
    return [
      make("h3", {}, "Why is it there?"),
      make("p", { class: "dim" },
        (direct < all
          ? `The model and its own code ask for ${direct} of ${all} distributions themselves; the others come with these. `
          : "The model and its own code ask for each of these themselves. ") +
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
    if (!waysTo(i).few) parts.push(make("p", { class: "dim" }, "There are more ways than can be told apart: the shortest are shown."));
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
    else if (event.key.startsWith("Arrow")) focusNearest(view.shown.get(i), [...view.shown.values()], event.key);
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
  focus.addEventListener("change", redraw);
  onWidth(place, redraw);
  redraw();
  panel.replaceChildren(...welcome());
}

const graphPlace = document.getElementById("graph");
if (graphPlace) showGraph(graphPlace, document.getElementById("evidence"));

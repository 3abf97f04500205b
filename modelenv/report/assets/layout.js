// Where the nodes of the graph stand: in layers, each need leading downwards.

const NODE_HEIGHT = 28;
const ROW_GAP = 14;
const LAYER_GAP = 46;
const NODE_GAP = 12;
const BEND_WIDTH = 4;
const MOST_BENDS = 250;
const MOST_LAYERS = 16;
const MARGIN = 20;

// The children of each node, without those that would close a circle, and an order in which each
// node comes before its children. A stack of its own: a chain may be longer than the script's.
function withoutCircles(count, needs) {
  const children = Array.from({ length: count }, () => []);
  for (const [parent, child] of needs) children[parent].push(child);
  const forward = Array.from({ length: count }, () => []);
  const state = new Uint8Array(count); // 1: on the way down, 2: done
  const finished = [];
  for (let start = 0; start < count; start++) {
    if (state[start]) continue;
    const stack = [[start, 0]];
    state[start] = 1;
    while (stack.length) {
      const top = stack[stack.length - 1];
      const [node, next] = top;
      if (next === children[node].length) {
        state[node] = 2;
        finished.push(node);
        stack.pop();
        continue;
      }
      top[1]++;
      const child = children[node][next];
      if (state[child] === 1) continue;
      forward[node].push(child);
      if (!state[child]) {
        state[child] = 1;
        stack.push([child, 0]);
      }
    }
  }
  return { forward, order: finished.reverse() };
}

// The layers: a node stands below all that need it. The model is alone at the top, its own code
// above all distributions. Where that makes a tower, a node stands as far down as its shortest way
// from the model is long.
function layersOf(nodes, needs) {
  const { forward, order } = withoutCircles(nodes.length, needs);
  const level = nodes.map((node) => (node.kind === "model" ? 0 : node.kind === "code" ? 1 : 0));
  const deepestCode = () => Math.max(0, ...nodes.map((node, i) => (node.kind === "code" ? level[i] : 0)));
  const lower = (node) => {
    for (const child of forward[node]) level[child] = Math.max(level[child], level[node] + 1);
  };
  const isOwn = (node) => ["model", "code"].includes(nodes[node].kind);
  order.filter(isOwn).forEach(lower);
  const first = deepestCode() + 1;
  nodes.forEach((_, node) => {
    if (!isOwn(node)) level[node] = Math.max(level[node], first);
  });
  order.filter((node) => !isOwn(node)).forEach(lower);
  const tower = Math.max(...level) > MOST_LAYERS;
  const final = tower ? distances(nodes.length, needs) : level;
  return {
    layers: gathered(final),
    forward: forward.map((children, node) => children.filter((child) => final[child] > final[node])),
  };
}

// How long the shortest way to each node is, from what nothing needs.
function distances(count, needs) {
  const children = Array.from({ length: count }, () => []);
  const found = new Array(count).fill(0);
  const met = new Uint8Array(count).fill(1);
  for (const [parent, child] of needs) {
    children[parent].push(child);
    met[child] = 0;
  }
  let wave = [...met.keys()].filter((node) => met[node]);
  for (let distance = 1; wave.length; distance++) {
    wave = wave.flatMap((node) => children[node].filter((child) => !met[child] && (met[child] = 1)));
    for (const node of wave) found[node] = distance;
  }
  return found;
}

function gathered(level) {
  const layers = [];
  level.forEach((number, node) => (layers[number] ??= []).push(node));
  return layers.filter(Boolean);
}

// A need that passes layers bends in each of them, with all that need the same node. Return the
// bends as further members of the layers, who is tied to whom, and the bends of each need. Where
// they would be too many to tell apart there are none.
function withBends(layers, forward) {
  const level = [];
  layers.forEach((layer, number) => layer.forEach((node) => (level[node] = number)));
  const count = level.length;
  const highest = [...level];
  forward.forEach((children, node) => {
    for (const child of children) highest[child] = Math.min(highest[child], level[node]);
  });
  const passed = level.map((number, node) => Math.max(0, number - highest[node] - 1));
  const total = passed.reduce((sum, each) => sum + each, 0);
  const first = []; // the bend of a node in the layer just above it, then those further up
  const up = Array.from({ length: count + total }, () => []);
  const down = Array.from({ length: count + total }, () => []);
  const tie = (above, below) => {
    down[above].push(below);
    up[below].push(above);
  };
  let next = count;
  passed.forEach((many, node) => {
    first[node] = next;
    if (total > MOST_BENDS) return;
    for (let step = 0; step < many; step++, next++) {
      layers[level[node] - 1 - step].push(next);
      tie(next, step ? next - 1 : node);
    }
  });
  const bendsOf = (node, child) =>
    total > MOST_BENDS
      ? []
      : Array.from({ length: Math.max(0, level[child] - level[node] - 1) }, (_, step) => first[child] + step).reverse();
  forward.forEach((children, node) => {
    for (const child of children) tie(node, bendsOf(node, child)[0] ?? child);
  });
  return { up, down, bendsOf, count: next };
}

// Put each layer in an order in which nodes stand near what they are tied to: the mean of the
// places of their neighbours, from above and from below, a few times.
function arrange(layers, up, down) {
  const place = new Float64Array(up.length);
  const settle = (layer) => layer.forEach((node, i) => (place[node] = (i + 0.5) / layer.length));
  layers.forEach(settle);
  const mean = (node, neighbours) =>
    neighbours[node].length
      ? neighbours[node].reduce((sum, each) => sum + place[each], 0) / neighbours[node].length
      : place[node];
  for (let sweep = 0; sweep < 8; sweep++) {
    const downward = sweep % 2 === 0;
    for (const layer of downward ? layers : [...layers].reverse()) {
      const wanted = new Map(layer.map((node) => [node, mean(node, downward ? up : down)]));
      layer.sort((a, b) => wanted.get(a) - wanted.get(b) || a - b);
      settle(layer);
    }
  }
}

// Return the middle of each node and bend, its width, the bends of each need, and the height.
function layout(nodes, needs, width) {
  const { layers, forward } = layersOf(nodes, needs);
  const { up, down, bendsOf, count } = withBends(layers, forward);
  arrange(layers, up, down);
  const most = width - 2 * MARGIN;
  const widths = nodes.map((node) => Math.min(Math.ceil(widthOf(node.name)) + 26, most));
  while (widths.length < count) widths.push(BEND_WIDTH);
  const spots = new Array(count);
  let y = MARGIN;
  for (const layer of layers) {
    for (const row of rowsOf(layer, widths, most)) {
      const wide = row.reduce((sum, node) => sum + widths[node] + NODE_GAP, -NODE_GAP);
      // A row with room to spare is spread out, so that lines do not all meet in the middle.
      const gap = NODE_GAP + Math.min(48, (most - wide) / (row.length + 1));
      let x = (width - wide - (gap - NODE_GAP) * (row.length - 1)) / 2;
      for (const node of row) {
        spots[node] = { x: x + widths[node] / 2, y: y + NODE_HEIGHT / 2, width: widths[node] };
        x += widths[node] + gap;
      }
      y += NODE_HEIGHT + ROW_GAP;
    }
    y += LAYER_GAP - ROW_GAP;
  }
  return { spots, bendsOf, height: y - LAYER_GAP + MARGIN };
}

// Part a layer into rows of about the same length.
function rowsOf(layer, widths, width) {
  const whole = layer.reduce((sum, node) => sum + widths[node] + NODE_GAP, 0);
  const most = Math.min(width, whole / Math.ceil(whole / width) + 60);
  const rows = [[]];
  let used = 0;
  for (const node of layer) {
    if (used + widths[node] > most && rows[rows.length - 1].length) {
      rows.push([]);
      used = 0;
    }
    rows[rows.length - 1].push(node);
    used += widths[node] + NODE_GAP;
  }
  return rows;
}

/**
 * The page of a graph: its look, and the script that folds, steps and searches. Texts reach the page as data only.
 * @module
 */

export const pageStyle = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #5d6672; --page: #f6f7f9; --card: #ffffff; --line: #d5dae1; --edge: #9aa4b1;
  --operator: #fff6dd; --variable: #d9ebf7; --constant: #eceef1; --group: #e9e4f5; --accent: #a04000; --glow: #d95f02; --bad: #fbd5d5; --badline: #c62828; }
@media (prefers-color-scheme: dark) { :root { --text: #e8eaed; --soft: #a3abb6; --page: #16181b; --card: #1f2226; --line: #383d44; --edge: #6b7480;
  --operator: #3a3320; --variable: #1d3a4d; --constant: #2b2f34; --group: #352d4a; --accent: #ffab70; --glow: #ff9d4d; --bad: #5a2020; --badline: #ff7b72; } }
* { box-sizing: border-box; }
html, body { height: 100%; margin: 0; }
body { font: 14px/1.45 system-ui, sans-serif; color: var(--text); background: var(--page); display: flex; flex-direction: column; }
header { padding: .7rem 1rem .5rem; border-bottom: 1px solid var(--line); background: var(--card); }
h1 { font-size: 1.05rem; margin: 0 0 .45rem; } h1 small { font-weight: normal; color: var(--soft); margin-left: .6rem; }
.bar { display: flex; flex-wrap: wrap; gap: .4rem .9rem; align-items: center; } .bar > span { display: inline-flex; gap: .3rem; align-items: center; }
button, select, input { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line); border-radius: 6px; padding: .2rem .55rem; }
button { cursor: pointer; } button:hover, button:focus-visible { border-color: var(--glow); } button[aria-pressed=true] { background: var(--group); }
input[type=range] { padding: 0; width: 15rem; accent-color: var(--glow); } #count { min-width: 6.5rem; color: var(--soft); font-variant-numeric: tabular-nums; }
main { flex: 1; min-height: 0; display: flex; } #canvas { flex: 1; overflow: auto; min-width: 0; } #canvas svg { display: block; margin: 0 auto; }
aside { width: 25rem; max-width: 45%; border-left: 1px solid var(--line); background: var(--card); display: flex; flex-direction: column; min-height: 0; }
#detail { padding: .8rem 1rem; border-bottom: 1px solid var(--line); overflow: auto; max-height: 50%; flex: none; } #list { overflow: auto; padding: .4rem 1rem 1rem; flex: 1; }
#detail h2 { font-size: 1rem; margin: 0 0 .4rem; } dl { margin: 0; display: grid; grid-template-columns: auto 1fr; gap: .15rem .8rem; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
#say { margin: 0 0 .6rem; color: var(--accent); } .link { border: 0; background: none; padding: 0 .4rem 0 0; text-decoration: underline; color: inherit; }
#search { width: 100%; margin: .3rem 0 .5rem; } details { margin: .1rem 0; } summary { cursor: pointer; padding: .15rem 0; } summary small { color: var(--soft); }
.row { display: block; width: 100%; text-align: left; border: 0; background: none; padding: .12rem .4rem; border-radius: 4px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.row:hover, .row.now { background: var(--page); } .row.now { outline: 1px solid var(--glow); } .row b { font-weight: 600; } .row span { color: var(--soft); } .row.bad b { color: var(--badline); }
svg text { font: 11px system-ui, sans-serif; fill: var(--text); text-anchor: middle; pointer-events: none; } svg .head { font-weight: 600; } svg .soft { fill: var(--soft); } svg .ct { fill: var(--accent); }
.box { cursor: pointer; } .box rect { stroke: var(--edge); fill: var(--operator); } .box.variable rect { fill: var(--variable); } .box.constant rect { fill: var(--constant); } .box.group rect { fill: var(--group); stroke-width: 1.5; }
.box.bad rect { fill: var(--bad); stroke: var(--badline); } .box.waiting .ct { visibility: hidden; } .box.now rect { stroke: var(--glow); stroke-width: 3; } .box.picked rect { stroke-dasharray: 5 3; stroke-width: 2; }
.frame { fill: none; stroke: var(--edge); stroke-dasharray: 2 3; } .curve { fill: none; stroke: var(--edge); stroke-width: 1.1; } .curve.now { stroke: var(--glow); stroke-width: 2.5; } #arrow path { fill: var(--edge); }
.legend { color: var(--soft); font-size: .85rem; } .legend i { display: inline-block; width: .8rem; height: .8rem; border: 1px solid var(--edge); border-radius: 3px; margin: 0 .25rem 0 .6rem; vertical-align: -1px; }
@media (max-width: 800px) { main { flex-direction: column; } aside { width: auto; max-width: none; border-left: 0; border-top: 1px solid var(--line); height: 45%; } }
`;

export const pageBody = `
<div class="bar">
<span><label for="scene">Show</label><select id="scene"></select><button id="fold" type="button">Fold all</button></span>
<span><button id="out" type="button" aria-label="Smaller">−</button><button id="fit" type="button">Fit</button><button id="in" type="button" aria-label="Larger">+</button></span>
<span><button id="start" type="button" aria-label="To the output">|◀</button><button id="back" type="button" aria-label="One step back">◀</button><button id="play" type="button">Play backward pass</button><button id="next" type="button" aria-label="One step on">▶</button><button id="end" type="button" aria-label="To the end">▶|</button></span>
<span><input id="at" type="range" min="0" value="0" aria-label="Step of the backward pass"><span id="count"></span></span>
<span class="legend"><i style="background:var(--variable)"></i>variable<i style="background:var(--operator)"></i>operator<i style="background:var(--constant)"></i>constant<i style="background:var(--group)"></i>folded<i style="background:var(--bad)"></i>not finite</span>
</div>
`;

export const pageMain = `<main><div id="canvas" tabindex="0" aria-label="The graph"></div>
<aside><div id="detail"><p id="say"></p><h2 id="name"></h2><dl id="facts"></dl></div>
<div id="list"><input id="search" type="search" placeholder="Find an operator, a label, NaN, a line …" aria-label="Find"><div id="found"></div><div id="groups"></div></div></aside></main>`;

export const pageScript = String.raw`
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const { nodes, operands, users, groups, scenes, order } = data;
const $ = (id) => document.getElementById(id);
const groupOf = [];
groups.forEach((group, g) => group.members.forEach((i) => (groupOf[i] = g)));
const place = [];
order.forEach((i, k) => (place[i] = k + 1));
const title = (i) => (nodes[i].label === undefined ? nodes[i].name : nodes[i].label) + " (#" + nodes[i].id + ")";
const strange = /NaN|[Ii]nfinit/;
// A derivative counts from the step on that reaches it, so that one sees a NaN spread.
const wrong = (i) => strange.test(nodes[i].value) || (place[i] <= step && strange.test(nodes[i].cotangent || ""));
const cut = (text) => (text.length > data.longest ? text.slice(0, data.longest - 1) + "…" : text);
const make = (name, attributes, text) => {
  const e = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const key in attributes) e.setAttribute(key, attributes[key]);
  if (text !== undefined) e.textContent = text;
  return e;
};
const html = (name, className, text) => {
  const e = document.createElement(name);
  if (className) e.className = className;
  if (text !== undefined) e.textContent = text;
  return e;
};

let scene = null, key = "", zoom = 1, step = order.length, picked = -1, timer = 0;
let boxes = new Map(), curves = [];

function draw(next) {
  key = next;
  scene = scenes[key];
  boxes = new Map();
  curves = [];
  $("scene").value = key;
  const svg = make("svg", { viewBox: "-10 -10 " + (scene.width + 20) + " " + (scene.height + 20), role: "img" });
  const defs = make("defs", {});
  const arrow = make("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, markerUnits: "userSpaceOnUse", orient: "auto" });
  arrow.append(make("path", { d: "M0 0L8 4L0 8z" }));
  defs.append(arrow);
  svg.append(defs);
  for (const [from, to, p] of scene.curves) {
    let d = "M" + p[0] + " " + p[1];
    for (let i = 2; i + 5 < p.length; i += 6) d += "C" + p.slice(i, i + 6).join(" ");
    const curve = make("path", { class: "curve", d, "marker-end": "url(#arrow)" });
    curves.push([from, to, curve]);
    svg.append(curve);
  }
  for (const [what, x, y, width, height] of scene.boxes) {
    const g = make("g", { class: "box", transform: "translate(" + x + " " + y + ")", tabindex: 0 });
    const rounded = what >= 0 && !nodes[what].variable;
    g.append(make("rect", { x: -width / 2, y: -height / 2, width, height, rx: rounded ? 9 : 2 }));
    const lines = [];
    if (what < 0) {
      const { name, members } = groups[-1 - what];
      g.classList.add("group");
      lines.push(["head", name], ["soft", members.length + (members.length === 1 ? " node" : " nodes")]);
      g.append(make("title", {}, "Open " + name));
    } else {
      const node = nodes[what];
      g.classList.add(node.variable ? "variable" : operands[what].length === 0 ? "constant" : "operator");
      lines.push(["head", (node.label === undefined ? "" : node.label + " = ") + node.name + " [" + node.shape.join(", ") + "]"], ["soft", node.value]);
      if (node.cotangent !== undefined) lines.push(["ct", "ct " + node.cotangent]);
      g.append(make("title", {}, title(what)));
    }
    lines.forEach(([kind, text], k) => g.append(make("text", { class: kind, y: (k - (lines.length - 1) / 2) * 16 + 4 }, cut(text))));
    const act = () => (what < 0 ? go(openKey(-1 - what)) : pick(what));
    g.addEventListener("click", act);
    g.addEventListener("keydown", (event) => { if (event.key === "Enter") act(); });
    boxes.set(what, g);
    svg.append(g);
  }
  $("canvas").replaceChildren(svg);
  resize();
  show();
}
const openKey = (g) => (scenes["g" + g] ? "g" + g : scenes.all ? "all" : "folded");
function go(next) { draw(next); const canvas = $("canvas"); canvas.scrollTop = 0; canvas.scrollLeft = Math.max(0, (canvas.scrollWidth - canvas.clientWidth) / 2); if (step < order.length) follow(); }
function resize() {
  const svg = $("canvas").firstChild;
  svg.setAttribute("width", (scene.width + 20) * zoom);
  svg.setAttribute("height", (scene.height + 20) * zoom);
}
function fit() {
  const canvas = $("canvas");
  const both = Math.min((canvas.clientWidth - 20) / (scene.width + 20), (canvas.clientHeight - 20) / (scene.height + 20));
  // A long graph is for scrolling: below half the size nobody reads it.
  zoom = Math.min(1.4, Math.max(both, Math.min(0.75, (canvas.clientWidth - 20) / (scene.width + 20))));
  resize();
}
const now = () => (step > 0 && step < order.length ? order[step - 1] : -1);
const boxOf = (i) => (boxes.has(i) ? i : boxes.has(-1 - groupOf[i]) ? -1 - groupOf[i] : null);

function show() {
  const current = now();
  for (const [what, g] of boxes) {
    g.classList.toggle("now", current >= 0 && (what === current || what === -1 - groupOf[current]));
    g.classList.toggle("picked", what >= 0 && what === picked);
    g.classList.toggle("bad", what < 0 ? groups[-1 - what].members.some(wrong) : wrong(what));
    if (what >= 0) g.classList.toggle("waiting", !(place[what] <= step));
    else if (order.length > 0) {
      const { members } = groups[-1 - what];
      const tracked = members.filter((i) => place[i] !== undefined);
      const reached = tracked.filter((i) => place[i] <= step).length;
      g.querySelector(".soft").textContent = step === order.length ? members.length + (members.length === 1 ? " node" : " nodes") : reached + " of " + tracked.length + " reached";
    }
  }
  const ends = current < 0 ? [] : operands[current].filter((i) => place[i] !== undefined).map(boxOf);
  for (const [from, to, curve] of curves) curve.classList.toggle("now", current >= 0 && to === boxOf(current) && ends.includes(from));
  $("at").value = step;
  $("count").textContent = "step " + step + " of " + order.length;
  $("play").textContent = timer ? "Pause" : "Play backward pass";
  describe(current >= 0 ? current : picked, current);
  document.querySelectorAll(".row.now").forEach((row) => row.classList.remove("now"));
  const row = document.querySelector('[data-node="' + (current >= 0 ? current : picked) + '"]');
  if (row) row.classList.add("now");
}
function describe(i, current) {
  const facts = $("facts");
  facts.replaceChildren();
  $("name").textContent = i < 0 ? "" : title(i);
  if (order.length === 0) $("say").textContent = "The output is no scalar, so there are no derivatives to play.";
  else if (step === 0) $("say").textContent = "Forward pass done; no derivative is known yet. Step on to begin at the output.";
  else if (current < 0) $("say").textContent = i < 0 ? "Click a node for its facts, a folded box to open it. Arrow keys step through the backward pass, space plays it." : "";
  else {
    const to = operands[current].filter((j) => place[j] !== undefined).map(title);
    $("say").textContent = (step === 1 ? "The output's derivative by itself is 1. " : "All users of " + title(current) + " have handed it their part: its derivative is complete. ") + (to.length ? "Its rule hands on to " + to.join(", ") + "." : "A variable: here the pass ends.");
  }
  if (i < 0) return;
  const node = nodes[i];
  const fact = (name, ...content) => { facts.append(html("dt", "", name)); const dd = html("dd"); dd.append(...content); facts.append(dd); };
  const links = (list) => list.slice(0, 12).map((j) => { const b = html("button", "link", title(j)); b.onclick = () => { reveal(j); pick(j); }; return b; }).concat(list.length > 12 ? ["and " + (list.length - 12) + " more"] : []);
  fact("operator", node.name);
  fact("shape", "[" + node.shape.join(", ") + "]" + (node.dtype ? " " + node.dtype : ""));
  fact("value", node.value);
  if (node.cotangent !== undefined) fact("derivative", place[i] <= step ? node.cotangent : "not reached yet");
  if (operands[i].length) fact("operands", ...links(operands[i]));
  if (users[i].length) fact("used by", ...links(users[i]));
  fact("group", groups[groupOf[i]].name);
  if (node.line) fact("line", node.line);
}
function pick(i) { picked = i; if (step < order.length && step > 0) { stop(); step = order.length; } show(); }
function reveal(i) {
  if (!boxes.has(i)) draw(openKey(groupOf[i]));
  const box = boxes.get(i);
  if (box) center(box);
}
function center(box) {
  const canvas = $("canvas"), a = box.getBoundingClientRect(), b = canvas.getBoundingClientRect();
  if (a.top < b.top + 60 || a.bottom > b.bottom - 60) canvas.scrollTop += a.top - b.top - b.height / 2;
  if (a.left < b.left || a.right > b.right) canvas.scrollLeft += a.left - b.left - b.width / 2;
}
function follow() {
  const current = now();
  if (current < 0) return;
  // Folded pictures stay as they are: the box that holds the node lights up.
  if (key !== "folded" && !boxes.has(current)) draw(openKey(groupOf[current]));
  const box = boxes.get(boxOf(current));
  if (box) center(box);
}
function to(k) { step = Math.max(0, Math.min(order.length, k)); picked = -1; show(); follow(); }
function stop() { clearInterval(timer); timer = 0; }
function play() {
  if (timer) { stop(); show(); return; }
  if (step >= order.length) to(0);
  timer = setInterval(() => { to(step + 1); if (step >= order.length) { stop(); show(); } }, Math.max(30, Math.min(700, 30000 / order.length)));
  show();
}
function row(i) {
  const b = html("button", "row" + (wrong(i) ? " bad" : ""));
  b.dataset.node = i;
  const node = nodes[i];
  b.append(html("b", "", "#" + node.id + " " + (node.label === undefined ? "" : node.label + " = ") + node.name), html("span", "", " [" + node.shape.join(", ") + "] " + node.value + (node.cotangent === undefined ? "" : " · ct " + node.cotangent)));
  b.title = b.textContent;
  b.onclick = () => { reveal(i); pick(i); };
  return b;
}
groups.forEach((group, g) => {
  const details = html("details");
  const summary = html("summary", "", group.name + " ");
  summary.append(html("small", "", group.members.length + (group.members.some(wrong) ? " · not finite" : "")));
  details.append(summary);
  // Rows are made when a group is opened: ten thousand at once would be slow.
  details.addEventListener("toggle", () => { if (details.open && details.childElementCount === 1) { details.append(...group.members.map(row)); show(); } });
  details.open = groups.length === 1 && group.members.length <= 200;
  $("groups").append(details);
});
$("search").oninput = () => {
  const text = $("search").value.toLowerCase();
  const hits = text === "" ? [] : nodes.flatMap((node, i) => ((node.name + " " + (node.label || "") + " " + node.value + " " + (node.cotangent || "") + " " + (node.line || "") + " #" + node.id).toLowerCase().includes(text) ? [i] : []));
  $("found").replaceChildren(...(text === "" ? [] : [html("p", "legend", hits.length + " found" + (hits.length > 200 ? ", the first 200" : ""))]), ...hits.slice(0, 200).map(row));
  $("groups").hidden = text !== "";
};
const option = (value, text) => { const o = html("option", "", text); o.value = value; $("scene").append(o); };
if (scenes.all) option("all", "all " + nodes.length + " nodes");
if (scenes.folded) option("folded", "all folded");
groups.forEach((group, g) => { if (scenes["g" + g]) option("g" + g, "open: " + group.name); });
$("scene").onchange = () => { go($("scene").value); };
$("fold").onclick = () => { go("folded"); fit(); };
$("fold").hidden = !scenes.folded;
$("in").onclick = () => { zoom *= 1.25; resize(); };
$("out").onclick = () => { zoom /= 1.25; resize(); };
$("fit").onclick = fit;
$("start").onclick = () => { stop(); to(0); };
$("back").onclick = () => { stop(); to(step - 1); };
$("next").onclick = () => { stop(); to(step >= order.length ? 1 : step + 1); };
$("end").onclick = () => { stop(); to(order.length); };
$("play").onclick = play;
$("at").max = order.length;
$("at").oninput = () => { stop(); to(Number($("at").value)); };
addEventListener("keydown", (event) => {
  if (/^(INPUT|SELECT|BUTTON)$/.test(event.target.tagName)) return;
  const action = { ArrowRight: "next", ArrowLeft: "back", " ": "play" }[event.key];
  if (action) { event.preventDefault(); $(action).click(); }
});
draw(scenes.all && (nodes.length <= 60 || !scenes.folded) ? "all" : "folded");
fit();
`;

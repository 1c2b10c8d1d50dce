"use strict";
// What the page can do beyond reading: step through a text passage by passage, and search among many authors.
// All text is set as text; nothing is parsed as markup.
const SVG = "http://www.w3.org/2000/svg";

function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  Object.assign(element, properties);
  element.append(...children);
  return element;
}

function draw(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// The course of a text: a slider, or the pointer, tells what stands at a passage.
for (const figure of document.querySelectorAll("figure.course")) {
  const columns = [...figure.querySelectorAll("svg g[data-passage]")];
  const rows = figure.querySelectorAll("table.passages tbody tr");
  const step = figure.querySelector(".step");
  const slider = step.querySelector("input");
  const output = step.querySelector("output");
  const show = (place) => {
    figure.querySelector("g.on")?.classList.remove("on");
    columns[place].classList.add("on");
    const [number, , frames, note] = [...rows[place].cells].map((cell) => cell.textContent);
    const words = `Passage ${number}: ${frames}.` + (note ? ` ${note}` : "");
    output.textContent = words;
    slider.setAttribute("aria-valuetext", words);
  };
  slider.addEventListener("input", () => show(slider.value - 1));
  columns.forEach((column, place) => {
    for (const kind of ["pointerenter", "click"])
      column.addEventListener(kind, () => { slider.value = place + 1; show(place); });
  });
  step.hidden = false;
  show(0);
}

// A link into something folded unfolds it; on paper all but the long tables is unfolded.
function unfold() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let fold = target && target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
}
addEventListener("hashchange", unfold);
unfold();
addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details.proof")) fold.open = true;
});

// Many authors.
const STEP = 50;

function explore(root) {
  const { frames, columns, rows } = JSON.parse(root.querySelector("script").textContent);
  const at = Object.fromEntries(columns.map((name, number) => [name, number]));
  const [search, show, order] = ["input", ".show", ".order"].map((what) => root.querySelector(what));
  const [table, count, more] = ["table", ".count", ".more"].map((what) => root.querySelector(what));
  const body = table.tBodies[0];
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = rows.map((row) => fold(row[at.author] + " " + row[at.sources]));
  const names = new Intl.Collator("en");
  let found = [], drawn = 0;

  const share = (row, frame, part) => row[at.shares][2 * frame + part];
  const value = (row, frame, part) => share(row, frame, part)?.[0] ?? -1;
  const tests = {
    a: (row, frame) => row[at.says] & (1 << frame),
    c: (row, frame) => row[at.says] & (16 << frame),
    n: (row) => !row[at.enough],
  };
  const orders = {
    d: (a, b) => a - b,
    t: (a, b) => names.compare(rows[a][at.author], rows[b][at.author]),
    p: (a, b) => rows[b][at.passages] - rows[a][at.passages],
    a: (a, b, frame) => value(rows[b], frame, 0) - value(rows[a], frame, 0),
    c: (a, b, frame) => value(rows[b], frame, 1) - value(rows[a], frame, 1),
  };

  const mark = (frame, part, [middle, low, high, pale], y) =>
    draw("g", { class: `${part} ${frame}${pale ? " pale" : ""}` },
      draw("line", { class: "span", x1: `${low}%`, x2: `${high}%`, y1: y, y2: y }),
      draw("use", { href: `#shape-${frame}`, x: `${middle}%`, y }));
  const words = (found) => (found ? `${found[0]}\u00a0%\u00a0(${found[1]}-${found[2]})` : "not measurable");
  const told = (found) => [words(found), ...(found?.[3] ? [" ", make("i", { className: "tier" }, "exploratory")] : [])];
  const key = (frame) => draw("svg", { class: `key ${frame}`, viewBox: "-7 -7 14 14", "aria-hidden": "true" },
    draw("use", { href: `#shape-${frame}`, class: "advanced" }));

  // An interval does not break at the end of a line.
  const tight = (text) => text.split(/(\(\d+-\d+\))/).map((piece, number) =>
    number % 2 ? make("span", { className: "n" }, piece) : piece);

  function cell(row, number, frame) {
    const [advanced, contested] = [share(row, number, 0), share(row, number, 1)];
    const strip = draw("svg", { class: "strip", height: 34, "aria-hidden": "true" });
    for (const x of [0, 25, 50, 75, 100]) strip.append(draw("line", { class: "rule", x1: `${x}%`, x2: `${x}%`, y1: 0, y2: 34 }));
    if (advanced) strip.append(mark(frame, "advanced", advanced, 10.2));
    if (contested?.[0]) strip.append(mark(frame, "contested", contested, 25.16));
    const td = make("td", { className: frame },
      make("span", { className: "which" }, key(frame), frame), strip,
      make("span", { className: "number" }, ...told(advanced)),
      make("span", { className: "number against" }, "contested ", ...told(contested)));
    td.setAttribute("role", "cell");
    return td;
  }

  function line(row) {
    const head = make("th", { scope: "row" },
      make("a", { href: row[at.page] }, make("bdi", {}, row[at.author])),
      make("small", {}, row[at.about]),
      make("p", { className: "sentence" }, make("bdi", {}, row[at.author]), ...tight(row[at.sentence])));
    head.setAttribute("role", "rowheader");
    const tr = make("tr", {}, head, ...frames.map((frame, number) => cell(row, number, frame)));
    tr.setAttribute("role", "row");
    return tr;
  }

  function grow() {
    body.append(...found.slice(drawn, drawn + STEP).map((number) => line(rows[number])));
    drawn = Math.min(found.length, drawn + STEP);
    more.hidden = drawn === found.length;
    const all = rows.length.toLocaleString("en");
    count.textContent = found.length
      ? `Showing ${drawn.toLocaleString("en")} of ${found.length.toLocaleString("en")} authors` +
        (found.length < rows.length ? `, of ${all} in all` : "")
      : `No author fits, of ${all}`;
  }

  function select() {
    const wanted = fold(search.value).split(/\s+/).filter(Boolean);
    const test = tests[show.value[0]];
    const frame = Number(show.value[1]);
    found = [...rows.keys()].filter((number) =>
      wanted.every((word) => texts[number].includes(word)) && (!test || test(rows[number], frame)));
    const by = orders[order.value[0]];
    found.sort((a, b) => by(a, b, Number(order.value[1])) || a - b);
    body.replaceChildren();
    drawn = 0;
    grow();
  }

  const form = root.querySelector("form");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", select);
  more.addEventListener("click", () => {
    const next = drawn;
    grow();
    body.rows[next]?.querySelector("a").focus();
  });
  form.hidden = table.hidden = false;
  select();
}

for (const root of document.querySelectorAll(".explorer")) explore(root);

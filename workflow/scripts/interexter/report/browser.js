"use strict";
// Shows the examples of the page's data, a few at a time. Text goes into text nodes, never into markup.
const data = JSON.parse(document.getElementById("data").textContent);
const rows = data.answers;
const PER_PAGE = 20;
const ANY = "any";
const OUTCOMES = ["both right", "only the first", "only the second", "both wrong"];
const GOLD = data.labels.indexOf("gold");
const field = (id) => document.getElementById(id);

// Places of the answers of each run, by the number of the question, which data sets of the same questions share.
const ofRun = data.runs.map(() => new Map());
for (let i = 0; i < rows.run.length; i++) ofRun[rows.run[i]].set(data.questions[rows.question[i]][4], i);

const state = { page: 0, outcome: null, found: [] };

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children); // texts become text nodes
  return made;
}

function choices(id, names, first) {
  const select = field(id);
  if (first !== undefined) select.append(element("option", { value: first }, first));
  names.forEach((name) => select.append(element("option", { value: name }, name)));
}

const unique = (values) => [...new Set(values)];
const methods = unique(data.runs.map((run) => run[0]));
const conditions = unique(data.runs.map((run) => run[1]));
choices("method-a", methods, ANY);
choices("condition-a", conditions, ANY);
choices("method-b", methods, "none");
choices("condition-b", conditions);
choices("label", data.labels, ANY);
choices("closed", data.labels, ANY);
choices("relation", unique(data.questions.map((question) => question[3])).filter(Boolean).sort(), ANY);

function runsOf(side) {
  const method = field(`method-${side}`).value;
  const condition = field(`condition-${side}`).value;
  return data.runs
    .map((run, place) => ({ run, place }))
    .filter(({ run }) => (method === ANY || run[0] === method) && (condition === ANY || run[1] === condition))
    .map(({ place }) => place);
}

function matches(i) {
  const label = field("label").value;
  if (label !== ANY && data.labels[rows.label[i]] !== label) return false;
  const closed = field("closed").value;
  if (closed !== ANY && data.labels[rows.closed[i]] !== closed) return false;
  const question = data.questions[rows.question[i]];
  const relation = field("relation").value;
  if (relation !== ANY && question[3] !== relation) return false;
  const words = field("words").value.trim().toLowerCase();
  if (!words) return true;
  const said = [question[0], ...question[1], ...question[2], data.texts[rows.text[i]]];
  return said.some((text) => text.toLowerCase().includes(words));
}

// Each found item is a list of one or two places in `rows`, and its outcome where two are compared.
function search() {
  const comparing = field("method-b").value !== "none";
  field("condition-b").disabled = !comparing;
  if (comparing) {
    if (field("method-a").value === ANY) field("method-a").value = methods[0];
    if (field("condition-a").value === ANY) field("condition-a").value = conditions[0];
  }
  const counts = [0, 0, 0, 0];
  const found = [];
  const second = comparing ? runsOf("b")[0] : undefined;
  for (const run of runsOf("a")) {
    for (const [question, i] of ofRun[run]) {
      if (!matches(i)) continue;
      if (!comparing) {
        found.push([i]);
        continue;
      }
      const j = second === undefined ? undefined : ofRun[second].get(question);
      if (j === undefined) continue;
      const right = rows.label[i] === GOLD;
      const other = rows.label[j] === GOLD;
      const outcome = right ? (other ? 0 : 1) : other ? 2 : 3;
      counts[outcome]++;
      if (state.outcome === null || state.outcome === outcome) found.push([i, j]);
    }
  }
  state.found = found;
  state.page = 0;
  showOutcomes(comparing ? counts : null);
  show();
}

function showOutcomes(counts) {
  const place = field("outcomes");
  place.replaceChildren();
  if (counts === null) {
    state.outcome = null;
    return;
  }
  const total = counts.reduce((sum, n) => sum + n, 0);
  const button = (name, outcome, n) => {
    const made = element("button", { type: "button", "aria-pressed": String(state.outcome === outcome) }, `${name}: ${n}`);
    made.addEventListener("click", () => {
      state.outcome = outcome;
      search();
    });
    return made;
  };
  place.append(button("all", null, total), ...OUTCOMES.map((name, outcome) => button(name, outcome, counts[outcome])));
}

// A text with the names of both sides marked where they stand as words, whatever their case.
function marked(text, question) {
  const names = [...question[1].map((name) => [name, "gold"]), ...question[2].map((name) => [name, "counter"])];
  const known = new Map(names.filter(([name]) => name.trim()).map(([name, kind]) => [name.toLowerCase(), kind]).reverse());
  const escaped = [...known.keys()].sort((a, b) => b.length - a.length).map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (!escaped.length) return [text];
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join("|")})(?![\\p{L}\\p{N}])`, "giu");
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const kind = known.get(match[0].toLowerCase());
    parts.push(text.slice(end, match.index));
    parts.push(kind ? element("mark", { class: kind }, match[0]) : match[0]);
    end = match.index + match[0].length;
  }
  return [...parts, text.slice(end)];
}

const badge = (name) => element("span", { class: `badge ${name}` }, name);

function fact(name, ...values) {
  return element("div", {}, element("dt", {}, name), element("dd", {}, ...values));
}

function side(i) {
  const run = data.runs[rows.run[i]];
  const question = data.questions[rows.question[i]];
  const text = data.texts[rows.text[i]];
  const final = data.texts[rows.final[i]];
  const who = element("span", {}, element("strong", {}, run[0]), " ", element("small", {}, run[1]));
  const made = element("div", { class: "side" },
    element("div", { class: "who" }, who, badge(data.labels[rows.label[i]])),
    element("pre", { class: "text", dir: "auto" }, ...marked(text, question)));
  if (final.trim() !== text.trim()) {
    made.append(element("p", { class: "final", dir: "auto" }, element("small", {}, "Final answer"), " ", ...marked(final || "(empty)", question)));
  }
  return made;
}

function documents(i) {
  const run = data.runs[rows.run[i]];
  const places = (data.shown[run[2]] || {})[rows.question[i]] || [];
  const made = element("details", {}, element("summary", {}, `Documents under ${run[1]} (${places.length})`));
  made.addEventListener("toggle", () => {
    if (made.children.length > 1) return; // built when first opened
    const question = data.questions[rows.question[i]];
    made.append(element("ol", { class: "documents" }, ...places.map((place, number) => {
      const [title, text, stance, injector] = data.passages[place];
      const head = element("div", { class: "head" }, element("span", { class: "number" }, String(number + 1)), " ",
        element("strong", {}, ...marked(title, question)), " ", badge(stance));
      if (injector) head.append(" ", element("span", { class: "badge injected" }, `injected by ${injector}`));
      return element("li", injector ? { class: "injected" } : {}, head, element("div", { dir: "auto" }, ...marked(text, question)));
    })));
  });
  return made;
}

function example(places) {
  const question = data.questions[rows.question[places[0]]];
  const names = (list) => [element("strong", {}, list[0] || "-"), " ", element("small", {}, list.slice(1, 6).join(", "))];
  const facts = element("dl", { class: "facts" },
    fact("Gold", ...names(question[1])), fact("Counter-answer", ...names(question[2])),
    fact("Closed-book", badge(data.labels[rows.closed[places[0]]])));
  if (question[3]) facts.append(fact("Relation", question[3]));
  const made = element("article", { class: "case" }, element("h3", {}, question[0]), facts,
    element("div", { class: places.length > 1 ? "sides" : "sides one" }, ...places.map(side)));
  const seen = new Set();
  for (const i of places) {
    const shown = data.runs[rows.run[i]][2];
    if (!seen.has(shown)) made.append(documents(i));
    seen.add(shown);
  }
  return made;
}

function show() {
  const pages = Math.max(1, Math.ceil(state.found.length / PER_PAGE));
  const start = state.page * PER_PAGE;
  field("count").textContent = `${state.found.length.toLocaleString("en")} found`;
  field("page").textContent = `Page ${state.page + 1} of ${pages}`;
  field("previous").disabled = state.page === 0;
  field("next").disabled = state.page + 1 >= pages;
  field("rows").replaceChildren(...state.found.slice(start, start + PER_PAGE).map(example));
}

function turn(by) {
  state.page += by;
  show();
  field("controls").scrollIntoView();
}

field("controls").addEventListener("submit", (event) => event.preventDefault());
field("controls").addEventListener("input", search);
field("previous").addEventListener("click", () => turn(-1));
field("next").addEventListener("click", () => turn(1));
search();

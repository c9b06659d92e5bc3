"use strict";
// Shows the examples of the page's data, a few at a time. Text goes into text nodes, never into markup.
const data = JSON.parse(document.getElementById("data").textContent);
const PER_PAGE = 20;
const MOST = 100; // pieces that one search reads
const ANY = "any";
const OUTCOMES = ["both right", "only the first", "only the second", "both wrong"];
const GOLD = data.labels.indexOf("gold");
const field = (id) => document.getElementById(id);

const state = { page: 0, outcome: null, found: [], search: 0 };

// Pieces are scripts beside the page that call `piece` with their name and content: compressed JSON in base64.
const pieces = new Map(); // by name: a promise of the content
const waiting = new Map();

function piece(name, packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  waiting.get(name)(new Response(stream).json());
}

function load(name) {
  if (!pieces.has(name)) {
    pieces.set(name, new Promise((resolve, reject) => {
      waiting.set(name, resolve);
      const script = element("script", { src: `${data.folder}/${name}.js` });
      script.addEventListener("error", () => reject(new Error(`${name} is missing beside this page.`)));
      document.head.append(script);
    }));
  }
  return pieces.get(name);
}

// The answers of a run as objects, one piece after the other.
async function* answers(run) {
  const [method, condition, names] = data.runs[run];
  for (const [asked, answered] of names) {
    const [questions, given] = await Promise.all([load(asked), load(answered)]);
    yield given.map(([index, label, closed, text, final]) => {
      const [id, question, gold, counter, relation, passages] = questions[index];
      return { method, condition, id, question, gold, counter, relation, passages, label, closed, text, final };
    });
  }
}

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
choices("relation", data.relations, ANY);

function runsOf(side) {
  const method = field(`method-${side}`).value;
  const condition = field(`condition-${side}`).value;
  return data.runs
    .map((run, index) => ({ run, index }))
    .filter(({ run }) => (method === ANY || run[0] === method) && (condition === ANY || run[1] === condition))
    .map(({ index }) => index);
}

function matches(answer) {
  const label = field("label").value;
  if (label !== ANY && data.labels[answer.label] !== label) return false;
  const closed = field("closed").value;
  if (closed !== ANY && data.labels[answer.closed] !== closed) return false;
  const relation = field("relation").value;
  if (relation !== ANY && answer.relation !== relation) return false;
  const words = field("words").value.trim().toLowerCase();
  if (!words) return true;
  const said = [answer.question, ...answer.gold, ...answer.counter, answer.text];
  return said.some((text) => text.toLowerCase().includes(words));
}

// Each found item is a list of one or two answers. A later search ends an earlier one that still reads.
async function search() {
  const mine = ++state.search;
  const comparing = field("method-b").value !== "none";
  field("condition-b").disabled = !comparing;
  if (comparing) {
    if (field("method-a").value === ANY) field("method-a").value = methods[0];
    if (field("condition-a").value === ANY) field("condition-a").value = conditions[0];
  }
  const counts = [0, 0, 0, 0];
  const found = [];
  let read = 0;
  let left = false;
  try {
    const second = new Map();
    if (comparing) {
      for (const run of runsOf("b").slice(0, 1)) {
        for await (const part of answers(run)) for (const answer of part) second.set(answer.id, answer);
      }
    }
    for (const run of runsOf("a")) {
      if (read >= MOST) left = true;
      if (left) break;
      for await (const part of answers(run)) {
        if (mine !== state.search) return;
        read++;
        for (const answer of part.filter(matches)) {
          if (!comparing) {
            found.push([answer]);
            continue;
          }
          const other = second.get(answer.id);
          if (other === undefined) continue;
          const right = answer.label === GOLD;
          const outcome = right ? (other.label === GOLD ? 0 : 1) : other.label === GOLD ? 2 : 3;
          counts[outcome]++;
          if (state.outcome === null || state.outcome === outcome) found.push([answer, other]);
        }
      }
    }
  } catch (error) {
    field("count").textContent = error.message;
    return;
  }
  if (mine !== state.search) return;
  state.found = found;
  state.page = 0;
  field("note").textContent = left ? `Read are the first ${read} pieces. Choose a method or a condition to see the others.` : "";
  showOutcomes(comparing ? counts : null);
  show();
}

function showOutcomes(counts) {
  const row = field("outcomes");
  row.replaceChildren();
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
  row.append(button("all", null, total), ...OUTCOMES.map((name, outcome) => button(name, outcome, counts[outcome])));
}

// A text with the names of both sides marked where they stand as words, whatever their case.
function marked(text, question) {
  const names = [...question.gold.map((name) => [name, "gold"]), ...question.counter.map((name) => [name, "counter"])];
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

function side(answer) {
  const who = element("span", {}, element("strong", {}, answer.method), " ", element("small", {}, answer.condition));
  const made = element("div", { class: "side" },
    element("div", { class: "who" }, who, badge(data.labels[answer.label])),
    element("pre", { class: "text", dir: "auto" }, ...marked(answer.text, answer)));
  if (answer.final.trim() !== answer.text.trim()) {
    made.append(element("p", { class: "final", dir: "auto" }, element("small", {}, "Final answer"), " ", ...marked(answer.final || "(empty)", answer)));
  }
  return made;
}

function documents(answer) {
  const summary = element("summary", {}, `Documents under ${answer.condition} (${answer.passages.length})`);
  const made = element("details", {}, summary);
  made.addEventListener("toggle", () => {
    if (made.children.length > 1) return; // built when first opened
    made.append(element("ol", { class: "documents" }, ...answer.passages.map(([title, text, stance, injector], index) => {
      const head = element("div", { class: "head" }, element("span", { class: "number" }, String(index + 1)), " ",
        element("strong", {}, ...marked(title, answer)), " ", badge(stance));
      if (injector) head.append(" ", element("span", { class: "badge injected" }, `injected by ${injector}`));
      return element("li", injector ? { class: "injected" } : {}, head, element("div", { dir: "auto" }, ...marked(text, answer)));
    })));
  });
  return made;
}

function example(shown) {
  const [first] = shown;
  const names = (list) => [element("strong", {}, list[0] || "-"), " ", element("small", {}, list.slice(1, 6).join(", "))];
  const facts = element("dl", { class: "facts" },
    fact("Gold", ...names(first.gold)), fact("Counter-answer", ...names(first.counter)),
    fact("Closed-book", badge(data.labels[first.closed])));
  if (first.relation) facts.append(fact("Relation", first.relation));
  const made = element("article", { class: "case" }, element("h3", {}, first.question), facts,
    element("div", { class: shown.length > 1 ? "sides" : "sides one" }, ...shown.map(side)));
  const seen = new Set();
  for (const answer of shown) {
    if (!seen.has(answer.passages)) made.append(documents(answer));
    seen.add(answer.passages);
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

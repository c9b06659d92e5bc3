"use strict";
// Shows examples a few at a time, from pieces that are loaded when they are needed. Text goes into text nodes,
// never into markup. What the catalog and the pieces hold, browser.py says.
const field = (id) => document.getElementById(id);
const catalog = JSON.parse(field("catalog").textContent);
const { labels, runs } = catalog;
const PER_PAGE = 20;
const KEPT = 40; // pieces that stay in memory
const ANY = "any";
const OUTCOMES = ["both right", "only the first", "only the second", "both wrong"];
const GOLD = labels.indexOf("gold");

// `found` holds what is shown, page by page: each a list of one answer, or of the two that are compared. An answer is
// a run and its index in it. `turn` counts searches: one that is not the last any more ends without a trace.
const state = { page: 0, outcome: null, found: [], turn: 0 };

// Pieces

const asked = new Map(); // by number: what to do with a piece when it arrives
const lists = new Map(); // by number: the promise of a piece's list
const arrived = new Set(); // the numbers of those that are here, the one used last at the end

async function unpacked(packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

// Every piece is a script that calls this.
function piece(number, packed) {
  asked.get(number)(unpacked(packed));
  asked.delete(number);
  arrived.add(number);
  if (arrived.size <= KEPT) return;
  const [oldest] = arrived;
  arrived.delete(oldest);
  lists.delete(oldest);
}

function load(number) {
  if (arrived.delete(number)) arrived.add(number);
  if (!lists.has(number)) {
    lists.set(number, new Promise((resolve, reject) => {
      const script = element("script", { src: `${catalog.folder}/${number}.js` });
      asked.set(number, resolve);
      script.addEventListener("load", () => script.remove());
      script.addEventListener("error", () => reject(new Error(`${script.src} is missing: keep the folder beside this page.`)));
      document.head.append(script);
    }));
  }
  return lists.get(number);
}

// Item `index` of a list that is cut into pieces, each given by its number and the number of its items.
async function item(cut, index) {
  let start = 0;
  for (const [number, items] of cut) {
    if (index < start + items) return (await load(number))[index - start];
    start += items;
  }
  throw new RangeError(`There is no item ${index}.`);
}

// The items of a list, piece by piece, each with the index of its first; the next is on its way meanwhile.
async function* parts(cut) {
  let start = 0;
  for (let i = 0; i < cut.length; i++) {
    const list = await load(cut[i][0]);
    if (i + 1 < cut.length) load(cut[i + 1][0]).catch(() => {}); // said when its turn comes
    yield [start, list];
    start += list.length;
  }
}

const count = (cut) => cut.reduce((sum, [, items]) => sum + items, 0);

// Search

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
const methods = unique(runs.map((run) => run.method));
const conditions = unique(runs.map((run) => run.condition));
choices("method-a", methods, ANY);
choices("condition-a", conditions, ANY);
choices("method-b", methods, "none");
choices("condition-b", conditions);
choices("label", labels, ANY);
choices("closed", labels, ANY);
choices("relation", catalog.relations, ANY);

function runsOf(side) {
  const method = field(`method-${side}`).value;
  const condition = field(`condition-${side}`).value;
  return runs.filter((run) => (method === ANY || run.method === method) && (condition === ANY || run.condition === condition));
}

function wanted() {
  const value = (id) => (field(id).value === ANY ? null : field(id).value);
  const coded = (id) => (value(id) === null ? null : labels.indexOf(value(id)));
  const words = field("words").value.trim().toLowerCase();
  return { label: coded("label"), closed: coded("closed"), relation: value("relation"), words };
}

async function matches(only, run, index, [asked, label, closed]) {
  if (only.label !== null && label !== only.label) return false;
  if (only.closed !== null && closed !== only.closed) return false;
  if (only.relation === null && !only.words) return true;
  const question = await item(run.questions, asked);
  if (only.relation !== null && question[3] !== only.relation) return false;
  const holds = (text) => text.toLowerCase().includes(only.words);
  return [question[0], ...question[1], ...question[2]].some(holds) || holds((await item(run.texts, index))[0]);
}

// The answers of the second run by the id of the question, which data sets of the same questions share.
async function byQuestion(run) {
  const found = new Map();
  if (run === undefined) return found;
  for await (const [start, answers] of parts(run.answers)) {
    for (let i = 0; i < answers.length; i++) {
      const question = await item(run.questions, answers[i][0]);
      found.set(question[4], { run, index: start + i, label: answers[i][1] });
    }
  }
  return found;
}

// Tell what was found, and the numbers of outcomes where two runs are compared; null where another search has begun.
async function searched(turn, comparing) {
  const only = wanted();
  const everything = Object.values(only).every((value) => value === null || value === "");
  const counts = [0, 0, 0, 0];
  const found = [];
  const second = comparing ? await byQuestion(runsOf("b")[0]) : null;
  for (const run of runsOf("a")) {
    if (everything && !comparing) {
      const all = count(run.answers);
      for (let index = 0; index < all; index++) found.push([{ run, index }]);
      continue;
    }
    for await (const [start, answers] of parts(run.answers)) {
      if (turn !== state.turn) return null;
      field("count").textContent = `Searching, ${found.length.toLocaleString("en")} found so far`;
      for (let i = 0; i < answers.length; i++) {
        const index = start + i;
        if (!(await matches(only, run, index, answers[i]))) continue;
        if (!comparing) {
          found.push([{ run, index }]);
          continue;
        }
        const other = second.get((await item(run.questions, answers[i][0]))[4]);
        if (other === undefined) continue;
        const right = answers[i][1] === GOLD;
        const outcome = right ? (other.label === GOLD ? 0 : 1) : other.label === GOLD ? 2 : 3;
        counts[outcome]++;
        if (state.outcome === null || state.outcome === outcome) found.push([{ run, index }, other]);
      }
    }
  }
  return { found, counts };
}

async function search() {
  const turn = ++state.turn;
  const comparing = field("method-b").value !== "none";
  field("condition-b").disabled = !comparing;
  if (comparing) {
    if (field("method-a").value === ANY) field("method-a").value = methods[0];
    if (field("condition-a").value === ANY) field("condition-a").value = conditions[0];
  } else {
    state.outcome = null;
  }
  const result = await searched(turn, comparing);
  if (result === null || turn !== state.turn) return;
  state.found = result.found;
  state.page = 0;
  showOutcomes(comparing ? result.counts : null);
  await show();
}

function showOutcomes(counts) {
  const shown = field("outcomes");
  shown.replaceChildren();
  if (counts === null) return;
  const total = counts.reduce((sum, n) => sum + n, 0);
  const button = (name, outcome, n) => {
    const made = element("button", { type: "button", "aria-pressed": String(state.outcome === outcome) }, `${name}: ${n}`);
    made.addEventListener("click", () => {
      state.outcome = outcome;
      told(search());
    });
    return made;
  };
  shown.append(button("all", null, total), ...OUTCOMES.map((name, outcome) => button(name, outcome, counts[outcome])));
}

// What is shown

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

// All that is shown of an answer but its documents.
async function read({ run, index }) {
  const [asked, label, closed] = await item(run.answers, index);
  const [question, [text, final]] = await Promise.all([item(run.questions, asked), item(run.texts, index)]);
  return { run, index, asked, question, label: labels[label], closed: labels[closed], text, final };
}

function side({ run, question, label, text, final }) {
  const who = element("span", {}, element("strong", {}, run.method), " ", element("small", {}, run.condition));
  const made = element("div", { class: "side" },
    element("div", { class: "who" }, who, badge(label)),
    element("pre", { class: "text", dir: "auto" }, ...marked(text, question)));
  if (final.trim() !== text.trim()) {
    made.append(element("p", { class: "final", dir: "auto" }, element("small", {}, "Final answer"), " ", ...marked(final || "(empty)", question)));
  }
  return made;
}

function documents({ run, asked, question }) {
  const made = element("details", {}, element("summary", {}, `Documents under ${run.condition} (${question[5]})`));
  async function open() {
    const list = element("ol", { class: "documents" });
    made.append(list);
    const shown = await item(run.passages, asked);
    list.append(...shown.map(([title, text, stance, injector], number) => {
      const head = element("div", { class: "head" }, element("span", { class: "number" }, String(number + 1)), " ",
        element("strong", {}, ...marked(title, question)), " ", badge(stance));
      if (injector) head.append(" ", element("span", { class: "badge injected" }, `injected by ${injector}`));
      return element("li", injector ? { class: "injected" } : {}, head, element("div", { dir: "auto" }, ...marked(text, question)));
    }));
    if (!shown.length) list.append(element("li", {}, "None was shown."));
  }
  made.addEventListener("toggle", () => told(open()), { once: true }); // read when first opened
  return made;
}

// What was asked for an answer, where that was kept.
function prompts({ run, index }) {
  const made = element("details", {}, element("summary", {}, `What ${run.method} was asked under ${run.condition}`));
  async function open() {
    const shown = await item(run.prompts, index);
    for (const [name, turns] of shown) {
      made.append(element("p", {}, element("strong", {}, name)));
      for (const [role, content] of turns) {
        made.append(element("small", {}, role), element("pre", { class: "text asked", dir: "auto" }, content));
      }
    }
    if (!shown.length) made.append(element("p", {}, "Nothing."));
  }
  made.addEventListener("toggle", () => told(open()), { once: true }); // read when first opened
  return made;
}

async function example(found) {
  const answers = await Promise.all(found.map(read));
  const { question, closed } = answers[0];
  const names = (list) => [element("strong", {}, list[0] || "-"), " ", element("small", {}, list.slice(1, 6).join(", "))];
  const facts = element("dl", { class: "facts" },
    fact("Gold", ...names(question[1])), fact("Counter-answer", ...names(question[2])), fact("Closed-book", badge(closed)));
  if (question[3]) facts.append(fact("Relation", question[3]));
  const made = element("article", { class: "case" }, element("h3", {}, question[0]), facts,
    element("div", { class: answers.length > 1 ? "sides" : "sides one" }, ...answers.map(side)));
  const seen = new Set();
  for (const answer of answers) {
    const shown = String(answer.run.passages); // the pieces: the same for all runs of a condition
    if (!seen.has(shown)) made.append(documents(answer));
    seen.add(shown);
  }
  made.append(...answers.filter((answer) => answer.run.prompts).map(prompts));
  return made;
}

async function show() {
  const turn = state.turn;
  const page = state.page;
  const pages = Math.max(1, Math.ceil(state.found.length / PER_PAGE));
  const rows = await Promise.all(state.found.slice(page * PER_PAGE, (page + 1) * PER_PAGE).map(example));
  if (turn !== state.turn || page !== state.page) return;
  field("count").textContent = `${state.found.length.toLocaleString("en")} found`;
  field("page").textContent = `Page ${page + 1} of ${pages}`;
  field("previous").disabled = page === 0;
  field("next").disabled = page + 1 >= pages;
  field("rows").replaceChildren(...rows);
}

async function turnPage(by) {
  state.page = Math.min(Math.max(state.page + by, 0), Math.floor((state.found.length - 1) / PER_PAGE));
  await show();
  field("controls").scrollIntoView();
}

// A search, or what else is under way; what goes wrong, the page says.
function told(work) {
  return work.catch((error) => {
    field("count").textContent = error.message;
  });
}

field("controls").addEventListener("submit", (event) => event.preventDefault());
field("controls").addEventListener("input", () => told(search()));
field("previous").addEventListener("click", () => told(turnPage(-1)));
field("next").addEventListener("click", () => told(turnPage(1)));
told(search());

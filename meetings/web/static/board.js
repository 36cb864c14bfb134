// The live board: asks what changed, takes marks by key, keeps them while the server is away. Without it: forms and links.
import { poll } from "./live.js";
import { say } from "./app.js";

const $ = (id) => document.getElementById(id), all = (query, from = document) => [...from.querySelectorAll(query)];
const board = $("board"), d = board?.dataset, two = (n) => String(n).padStart(2, "0");
const fill = (text, values) => text.replace(/\{(\w)\}/g, (_, k) => values[k]);
const typing = (t) => t.closest("input:not([type=checkbox],[type=radio]),textarea,select");
const plain = (e) => !(e.isComposing || e.keyCode === 229 || e.key === "Process" || e.ctrlKey || e.altKey || e.metaKey);
const hanoi = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Ho_Chi_Minh", timeStyle: "medium" });
let skew = 0, v, fresh = Date.now(), lost = 0, lastMark = 0, order = null, asked, waiting = [], sending = false;
const now = () => Date.now() + skew;

// --- clocks
const length = (ms) => {
  const s = Math.max(0, ms / 1000 | 0), m = s / 60 | 0;
  return m < 60 ? fill(d.minutes, { m, s: two(s % 60) }) : fill(d.hours, { h: m / 60 | 0, m: two(m % 60) });
};
function tick() {
  if (document.hidden) return;
  for (const e of all("[data-clock]")) e.textContent = hanoi.format(now());
  for (const e of all("[data-run]")) { const m = (now() - e.dataset.run) / 60000 | 0; e.textContent = fill(d.lasting, { h: two(m / 60 | 0), m: two(m % 60) }); }
  if (lost) return;
  for (const e of all("[data-since]")) e.textContent = length(now() - e.dataset.since);
  $("sync").lastElementChild.textContent = fill(d.sayFresh, { n: (Date.now() - fresh) / 1000 | 0 });
}

// --- what the server says
const make = (html) => { const t = document.createElement("template"); t.innerHTML = html.trim(); return t.content; };
function swap(old, next) {
  if (!old || !next || old.outerHTML === next.outerHTML) return;
  const inside = old.contains(document.activeElement), at = all("a,button", old).indexOf(document.activeElement);
  old.replaceWith(next);
  if (inside) (all("a,button", next)[at] || next).focus({ preventScroll: true });
}
function take(news) {
  if (news.phase !== d.phase || d.wall) return location.reload();
  v = news.v; skew = news.now - Date.now();
  for (const name of ["sums", "legend", "log", "n"]) { const box = $(`part-${name}`); if (box && !box.contains(document.activeElement)) box.innerHTML = news[name]; }
  for (const [id, html] of Object.entries(news.tiles)) { swap($(id), make(html).firstElementChild); $(id)?.classList.add("changed"); }
  todo(news);
  document.title = news.title + document.title.replace(/^\(.*?\) /, "");
  if (news.say) setTimeout(() => { $("say").textContent = news.say; }, 400);
  rove();
}
function todo({ todo: html, done }) { // never re-sorted under the hand that is about to press
  const list = $("part-todo");
  if (!list.contains(document.activeElement)) { list.innerHTML = html; order = null; $("resort").hidden = true; return; }
  const next = [...make(html).children], ids = new Set(next.map((li) => li.id));
  for (const li of [...make(done).children]) swap($(li.id), li);
  let moved = all("li", list).filter((li) => !ids.has(li.id)).length;
  for (const li of next) if ($(li.id)) swap($(li.id), li); else { moved += 1; list.append(li); }
  order = html;
  $("resort").hidden = !moved;
  $("resort").firstElementChild.textContent = fill(d.sayMoved, { n: moved });
}
function sort() { if (order !== null) { $("part-todo").innerHTML = order; order = null; $("resort").hidden = true; } }

// --- marks, kept until they are sent
const store = `marks:${d?.code}`;
function keep(marks) { waiting = marks; try { localStorage.setItem(store, JSON.stringify(marks)); } catch { /* a private window keeps them in memory */ } gone(); }
function gone() {
  const since = lost && fill(d.sayGone, { t: hanoi.format(lost).slice(0, 5) }), bar = $("gone");
  $("sync").classList.toggle("gone", !!lost);
  if (lost) $("sync").lastElementChild.textContent = since;
  if (!bar) return;
  const text = [since, (lost || waiting.length > 1) && waiting.length && fill(d.sayQueued, { n: waiting.length })].filter(Boolean).join(" · ");
  bar.hidden = !text;
  if (bar.textContent !== text) bar.textContent = text;
}
function press(mark) { keep([...waiting, { mark, once: crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`, at: Date.now() }]); send(); }
async function post(url, values) {
  const body = new FormData($("mark"));
  for (const [name, value] of Object.entries(values)) body.set(name, value);
  const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
  if (answer.status >= 500 || answer.redirected) throw new Error(answer.status);
  const told = await answer.json();
  lastMark = answer.ok && url === d.mark ? told.mark : 0;
  notice(told.done || told.error, lastMark);
}
async function send() {
  if (sending || !waiting.length || !$("mark")) return;
  sending = true;
  try {
    while (waiting.length) {
      const { mark, once, at } = waiting[0];
      await post(d.mark, { mark, once, age: (Date.now() - at) / 1000 });
      keep(waiting.filter((m) => m.once !== once));
    }
    asked.now();
  } catch { lost ||= now(); gone(); setTimeout(send, 5000); }
  sending = false;
}
function notice(text, undoable) {
  const box = $("undo");
  box.replaceChildren(Object.assign(document.createElement("span"), { textContent: text }));
  if (undoable) { box.append(Object.assign(document.createElement("button"), { className: "btn sm", textContent: d.sayUndo, onclick: undo })); }
  else say(text);
  box.hidden = false;
  clearTimeout(notice.later);
  notice.later = setTimeout(() => { box.hidden = true; }, 10000);
}
function undo() { if (lastMark) post(d.undo, { mark: lastMark }).then(() => asked.now(), gone); else document.querySelector("#undo button")?.click(); }

// --- keys
function rove() { // one tile stands in the tab order, arrows do the rest
  const tiles = all(".map a.tile, .dots a.dot"), here = tiles.find((t) => t === document.activeElement) || tiles.find((t) => t.ariaCurrent) || tiles[0];
  for (const t of tiles) t.tabIndex = t === here ? 0 : -1;
}
function arrow(e) {
  const from = document.activeElement, [dx, dy] = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[e.key];
  let best = null, least = 1e9;
  if (from.matches("a.tile, a.dot")) {
    const a = from.getBoundingClientRect();
    for (const t of all("a.tile, a.dot", from.parentElement)) {
      const b = t.getBoundingClientRect(), x = b.x - a.x, y = b.y - a.y, along = x * dx + y * dy, far = along + 3 * Math.abs(x * dy + y * dx);
      if (along > 4 && far < least) { least = far; best = t; }
    }
  } else if (dy) {
    const rows = all(".todo > [data-site]"), at = rows.indexOf(from.closest(".todo > li"));
    best = rows[at < 0 ? 0 : at + dy];
  }
  if (best) { e.preventDefault(); best.focus(); rove(); best.scrollIntoView({ block: "nearest" }); }
}
function key(e) {
  if (!plain(e) || typing(e.target)) return;
  const k = e.key.toLowerCase(), link = document.querySelector(`[data-hot="${CSS.escape(k)}"]`);
  if (k === "escape") { if (d.wall) location.href = d.wall; else document.querySelector("[data-close]")?.click(); return; }
  if (k.startsWith("arrow")) { arrow(e); return; }
  if ("1234".includes(k)) { all("[data-kpi]")[k - 1]?.click(); return; }
  if (link) { e.preventDefault(); link.click(); }
  if (!d.can || link) return;
  if (k === "z") { e.preventDefault(); undo(); return; }
  const move = { c: "in", m: "lost", s: "ready", v: "absent" }[k], site = (document.activeElement.closest("[data-site]") || document.querySelector(".todo [data-site]"))?.dataset.site;
  if (!site || !move) return;
  e.preventDefault();
  if (move !== "absent") press(`${site}:${move}`);
  else { const to = new URLSearchParams(location.search); to.set("site", site); to.set("want", move); panel(`?${to}`); }
}

// --- one site's panel, without leaving the board
async function panel(url) {
  const answer = await fetch(url).catch(() => null), one = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("one");
  if (!one) { if (answer) location.href = url; return; }
  $("one")?.remove();
  document.querySelector(".rcol").prepend(one);
  (one.querySelector("[autofocus]") || one).focus();
}
function click(e) {
  const button = e.target.closest('button[form="mark"], a[href$="#one"], [data-close]');
  if (!button || e.ctrlKey || e.metaKey || e.shiftKey || e.button) return;
  e.preventDefault();
  if (button.form) press(button.value);
  else if (button.href.endsWith("#one")) panel(button.href);
  else { const id = $("one").dataset.site; $("one").remove(); ($(`w${id}`) || $(`t${id}`))?.focus(); }
}

if (board) {
  v = d.v; skew = d.now - Date.now();
  const fetched = window.fetch; // every good answer makes the board fresh, an empty one too
  window.fetch = async (...a) => { const answer = await fetched(...a); if (answer.ok) fresh = Date.now(); return answer; };
  asked = poll(() => `${d.poll}${d.poll.includes("?") ? "&" : "?"}v=${v}`, { onData: take, onLost() { lost ||= now(); gone(); }, onBack() { lost = 0; gone(); send(); } });
  try { waiting = JSON.parse(localStorage.getItem(store)) || []; } catch { /* nothing kept */ }
  setInterval(tick, 1000); tick(); rove(); send();
  document.addEventListener("keydown", key);
  if (!d.wall) document.addEventListener("click", click);
  $("resort")?.lastElementChild.addEventListener("click", sort);
  $("part-todo")?.addEventListener("focusout", () => setTimeout(() => { if (!$("part-todo").contains(document.activeElement)) sort(); }, 300));
  for (const kind of ["focusin", "mouseover"]) document.addEventListener(kind, (e) => { const dot = e.target.closest?.(".dot"); if (dot) $("dotline").textContent = dot.ariaLabel; });
} else {
  document.addEventListener("keydown", (e) => { // one by one: letters press, also from the field of the number
    const button = plain(e) && (!typing(e.target) || e.target.inputMode) && document.querySelector(`[data-press="${CSS.escape(e.key.toLowerCase())}"]`);
    if (button) { e.preventDefault(); button.click(); }
  });
}

// The live board: asks every three seconds what changed, takes marks by key, and keeps them while the server is away.
// Without it every button is a form and every filter a link.
import { poll } from "./live.js";
import { say } from "./app.js";

const board = document.getElementById("board");
const $ = (id) => document.getElementById(id);
const typing = (target) => target.closest("input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable]");
const plain = (e) => !(e.isComposing || e.keyCode === 229 || e.key === "Process" || e.ctrlKey || e.altKey || e.metaKey);

if (board) live(board.dataset);
else document.addEventListener("keydown", (e) => { // one by one
  if (!plain(e) || (typing(e.target) && (e.key.length !== 1 || e.target.type !== "number"))) return;
  const button = document.querySelector(`[data-press="${CSS.escape(e.key.toLowerCase())}"]`);
  if (button) { e.preventDefault(); button.click(); }
});

function live(d) {
  const fill = (text, values) => text.replace(/\{(\w)\}/g, (_, k) => values[k]);
  const two = (n) => String(n).padStart(2, "0");
  let skew = d.now - Date.now(), v = d.v, fresh = Date.now(), lost = 0, lastMark = 0, order = null;
  const bare = document.title.replace(/^\(.*?\) /, "");
  const hanoi = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const now = () => Date.now() + skew;

  // --- clocks -----------------------------------------------------------------------------------------------------
  const length = (ms) => { const s = Math.max(0, Math.floor(ms / 1000)), m = Math.floor(s / 60);
    return m < 60 ? fill(d.minutes, { m, s: two(s % 60) }) : fill(d.hours, { h: Math.floor(m / 60), m: two(m % 60) }); };
  function tick() {
    if (document.hidden) return;
    for (const e of document.querySelectorAll("[data-clock]")) e.textContent = hanoi.format(now());
    if (!lost) for (const e of document.querySelectorAll("[data-since]")) e.textContent = length(now() - e.dataset.since);
    for (const e of document.querySelectorAll("[data-run]")) { const m = Math.floor((now() - e.dataset.run) / 60000); e.textContent = fill(d.lasting, { h: two(Math.floor(m / 60)), m: two(m % 60) }); }
    const sync = $("sync");
    if (sync && !lost) sync.lastElementChild.textContent = fill(d.sayFresh, { n: Math.round((Date.now() - fresh) / 1000) });
  }
  setInterval(tick, 1000);
  tick();

  // --- what the server says -----------------------------------------------------------------------------------------
  const asked = poll(() => `${d.poll}${d.poll.includes("?") ? "&" : "?"}v=${encodeURIComponent(v)}`, {
    every: 3000,
    onData: (news) => { if (news.phase !== d.phase) return location.reload(); take(news); },
    onLost: () => { lost = Date.now() + skew; gone(); },
    onBack: () => { lost = 0; gone(); send(); },
  });
  const fetched = window.fetch; // every good answer, also an empty one, makes the board fresh
  window.fetch = async (...a) => { const answer = await fetched(...a); if (answer.ok) fresh = Date.now(); return answer; };

  function make(html) { const t = document.createElement("template"); t.innerHTML = html.trim(); return t.content.firstElementChild; }
  function row(html) { const t = document.createElement("tbody"); t.innerHTML = html.trim(); return t.firstElementChild; }
  function swap(old, fresh_) {
    if (!old || !fresh_ || old.outerHTML === fresh_.outerHTML) return false;
    const at = old.contains(document.activeElement) ? [...old.querySelectorAll("a,button")].indexOf(document.activeElement) : -2;
    if (old.tabIndex >= 0 && old.hasAttribute("tabindex")) fresh_.tabIndex = old.tabIndex;
    old.replaceWith(fresh_);
    if (at === -1) fresh_.focus({ preventScroll: true });
    else if (at >= 0) (fresh_.querySelectorAll("a,button")[at] || fresh_).focus({ preventScroll: true });
    return true;
  }
  function part(name, html) { const box = $(`part-${name}`); if (box && html !== undefined && !box.contains(document.activeElement)) box.innerHTML = html; }

  function take(news) {
    v = news.v;
    skew = news.now - Date.now();
    part("sums", news.sums); part("legend", news.legend); part("log", news.log);
    for (const [id, html] of Object.entries(news.tiles)) {
      const old = $(id), next = html.startsWith("<tr") ? row(html) : make(html);
      if (old && d.wall) { next.removeAttribute("href"); next.className = old.className.replace(/\bs-\S+/, "") + " " + (next.className.match(/\bs-\S+/) || [""])[0]; }
      if (swap(old, next)) $(id).classList.add("changed");
    }
    if (d.wall) return location.reload();
    todo(news.todo);
    document.title = news.title + bare;
    if (news.say) { clearTimeout(take.later); take.later = setTimeout(() => { $("say").textContent = news.say; }, 400); }
    rove();
  }

  // never re-sort under the hand that is about to press
  function todo(html) {
    const list = $("part-todo");
    if (!list || html === undefined) return;
    const next = document.createElement("ol");
    next.innerHTML = html;
    if (!list.contains(document.activeElement)) { list.innerHTML = html; order = null; $("resort").hidden = true; return; }
    let moved = 0;
    for (const li of [...next.children]) {
      const old = li.id && $(li.id);
      if (old) swap(old, li); else { moved += 1; list.append(li); }
    }
    const ids = new Set([...new DOMParser().parseFromString(html, "text/html").querySelectorAll("li")].map((li) => li.id));
    for (const li of list.children) if (!ids.has(li.id)) moved += 1;
    order = html;
    if (moved) { $("resort").hidden = false; $("resort").firstElementChild.textContent = fill(d.sayMoved, { n: moved }); }
  }
  $("resort")?.lastElementChild.addEventListener("click", () => { if (order !== null) $("part-todo").innerHTML = order; order = null; $("resort").hidden = true; });
  $("part-todo")?.addEventListener("focusout", () => setTimeout(() => { if (order !== null && !$("part-todo").contains(document.activeElement)) $("resort").lastElementChild.click(); }, 300));

  // --- marks, kept until they are sent -----------------------------------------------------------------------------
  const key = `marks:${d.code}`;
  const kept = () => { try { return JSON.parse(localStorage.getItem(key) || "[]"); } catch { return []; } };
  const keep = (marks) => { try { localStorage.setItem(key, JSON.stringify(marks)); } catch { /* private window: sent at once or not at all */ } waiting = marks; gone(); };
  let waiting = kept(), sending = false;

  function gone() {
    const bar = $("gone"), sync = $("sync");
    sync?.classList.toggle("gone", !!lost);
    if (lost && sync) sync.lastElementChild.textContent = fill(d.sayGone, { t: hanoi.format(lost).slice(0, 5) });
    if (!bar) return;
    const texts = [lost && fill(d.sayGone, { t: hanoi.format(lost).slice(0, 5) }), waiting.length && (lost || waiting.length > 1) && fill(d.sayQueued, { n: waiting.length })].filter(Boolean);
    bar.hidden = !texts.length;
    if (bar.textContent !== texts.join(" · ")) bar.textContent = texts.join(" · ");
  }
  function press(value) {
    keep([...waiting, { mark: value, once: (crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`), at: Date.now() }]);
    const li = $(`w${value.split(":")[0]}`);
    li?.querySelector("small")?.classList.add("queued");
    send();
  }
  async function send() {
    if (sending || !waiting.length || !$("mark")) return;
    sending = true;
    try {
      while (waiting.length) {
        const first = waiting[0], body = new FormData($("mark"));
        body.set("mark", first.mark); body.set("once", first.once); body.set("age", String((Date.now() - first.at) / 1000));
        const answer = await fetch(d.mark, { method: "POST", body, headers: { Accept: "application/json" } });
        if (answer.status >= 500 || answer.redirected) throw new Error(answer.status);
        const told = await answer.json();
        keep(waiting.filter((m) => m.once !== first.once));
        if (answer.ok) done(told); else { say(told.error); notice(told.error); }
      }
      asked.now();
    } catch { if (!lost) { lost = now(); gone(); } setTimeout(send, 5000); }
    sending = false;
  }
  function notice(text, mark) {
    const box = $("undo");
    box.replaceChildren(Object.assign(document.createElement("span"), { textContent: text }));
    if (mark) { const b = Object.assign(document.createElement("button"), { className: "btn sm", type: "button", textContent: d.sayUndo }); b.onclick = undo; box.append(b); }
    box.hidden = false;
    clearTimeout(notice.later);
    notice.later = setTimeout(() => { box.hidden = true; }, 10000);
  }
  function done(told) { lastMark = told.mark; notice(told.done, true); }
  async function undo() {
    if (!lastMark) { document.querySelector("#undo button")?.click(); return; }
    const body = new FormData($("mark"));
    body.set("mark", lastMark);
    lastMark = 0;
    const answer = await fetch(d.undo, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer) return;
    const told = await answer.json();
    notice(told.done || told.error);
    asked.now();
  }
  document.addEventListener("click", (e) => {
    const button = e.target.closest('button[form="mark"]');
    if (!button || e.defaultPrevented) return;
    e.preventDefault();
    press(button.value);
  });

  // --- keys --------------------------------------------------------------------------------------------------------
  const chosen = () => document.activeElement.closest?.("[data-site]") || document.querySelector(".todo [data-site]");
  function rove() { // one tile is in the tab order, arrows do the rest
    const tiles = [...document.querySelectorAll(".map a.tile, .dots a.dot")];
    const here = tiles.find((t) => t === document.activeElement) || tiles.find((t) => t.ariaCurrent) || tiles[0];
    for (const t of tiles) t.tabIndex = t === here ? 0 : -1;
  }
  function arrow(e) {
    const from = document.activeElement, step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[e.key];
    if (from.matches?.("a.tile, a.dot")) {
      const a = from.getBoundingClientRect();
      let best = null, least = 1e9;
      for (const t of from.parentElement.querySelectorAll("a.tile, a.dot")) {
        const b = t.getBoundingClientRect(), x = b.x + b.width / 2 - a.x - a.width / 2, y = b.y + b.height / 2 - a.y - a.height / 2;
        const along = x * step[0] + y * step[1], aside = Math.abs(x * step[1]) + Math.abs(y * step[0]);
        if (along > 4 && along + aside * 3 < least) { least = along + aside * 3; best = t; }
      }
      if (best) { e.preventDefault(); best.tabIndex = 0; best.focus(); rove(); }
    } else if (step[1]) {
      const rows = [...document.querySelectorAll(".todo > [data-site]")], at = rows.indexOf(from.closest?.(".todo > [data-site]"));
      const next = rows[at < 0 ? 0 : at + step[1]];
      if (next) { e.preventDefault(); next.focus(); next.scrollIntoView({ block: "nearest" }); }
    }
  }
  document.addEventListener("keydown", (e) => {
    if (!plain(e) || typing(e.target)) return;
    const k = e.key.toLowerCase();
    if (k === "escape") { if (d.wall) location.href = d.wall; else document.querySelector("[data-close]")?.click(); return; }
    if (e.key.startsWith("Arrow")) return arrow(e);
    if ("1234".includes(k)) return document.querySelectorAll("[data-kpi]")[k - 1]?.click();
    const link = document.querySelector(`[data-key="${CSS.escape(k)}"]`);
    if (link) { e.preventDefault(); return link.click(); }
    if (!d.can) return;
    if (k === "z") { e.preventDefault(); return undo(); }
    const site = chosen(), move = { c: "in", m: "lost", s: "ready", v: "absent" }[k];
    if (!site || !move) return;
    e.preventDefault();
    if (move === "absent") panel(`${location.pathname}?${new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(location.search)), site: site.dataset.site, want: "absent" })}`);
    else press(`${site.dataset.site}:${move}`);
  });

  // --- one site's panel without leaving the board --------------------------------------------------------------------
  async function panel(url) {
    const answer = await fetch(url).catch(() => null);
    if (!answer?.ok) { if (answer) location.href = url; return; }
    const one = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("one");
    if (!one) return;
    $("one")?.remove();
    document.querySelector(".rcol").prepend(one);
    (one.querySelector("[autofocus]") || one).focus();
    one.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("click", (e) => {
    const link = e.target.closest('a[href$="#one"], [data-close]');
    if (!link || e.ctrlKey || e.metaKey || e.shiftKey || e.button) return;
    e.preventDefault();
    if (link.matches("[data-close]")) { const id = $("one").dataset.site; $("one").remove(); ($(`w${id}`) || $(`t${id}`))?.focus(); }
    else panel(link.href);
  });
  const line = $("dotline");
  for (const kind of ["focusin", "mouseover"]) document.addEventListener(kind, (e) => { const dot = e.target.closest?.(".dot"); if (dot && line) line.textContent = dot.ariaLabel; });
  rove();
  send();
}

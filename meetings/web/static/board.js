// The live board: what changed, marks by key, kept while the server is away.
import { poll } from "./live.js"
import { all, find, on, plain, say, typing } from "./app.js"

const $ = id => document.getElementById(id), board = $("board"), d = board?.dataset, list = $("part-todo"), store = `marks:${d?.code}`
const fill = (text, values) => text.replace(/\{(\w)\}/g, (_, k) => values[k]), two = n => String(n).padStart(2, "0")
const hanoi = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Ho_Chi_Minh", timeStyle: "medium" })
const made = [], now = () => Date.now() + skew, focused = () => document.activeElement
let skew = 0, v, fresh, lost = 0, paused, down = 0, had, order, asked, waiting = [], sending, again, number = "", typed = 0, toSay = "", wrong = "", said = 0, told

function span(since, short, long = short) {
	const s = Math.abs((now() - since) / 1000 | 0), m = s / 60 | 0, h = m / 60 | 0
	return fill(h ? long : short, { h, H: two(h), m, M: two(m % 60), s: two(s % 60) })
}
function tick() {
	if (document.hidden) return
	for (const e of all("[data-clock]")) e.textContent = hanoi.format(now())
	for (const e of all("[data-run]")) e.textContent = span(e.dataset.run, d.lasting)
	const [h, m] = hanoi.format(lost).split(":"), since = lost && fill(d.sayGone, { h, m }), sync = $("sync"), bar = $("gone")
	sync.classList.toggle("gone", !!lost)
	sync.lastElementChild.textContent = since || (paused ? d.sayPaused : fill(d.sayFresh, { n: (now() - fresh) / 1000 | 0 }))
	if (!lost) for (const e of all("[data-since]")) e.textContent = span(e.dataset.since, d.minutes, d.hours)
	const text = [since, waiting.length > !lost && fill(d.sayQueued, { n: waiting.length })].filter(Boolean).join(" · ")
	bar.hidden = !text
	if (bar.textContent !== text) bar.textContent = text
}

// --- what the server says
const parts = html => [...Object.assign(document.createElement("template"), { innerHTML: html }).content.children]
async function page(url, id) { // nothing while the server is away
	const answer = await fetch(url).catch(() => 0)
	return answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id)
}
function swap(next, old = $(next.id)) {
	if (!old || old.outerHTML === next.outerHTML) return
	const inside = old.contains(focused()), at = all("a,button", old).indexOf(focused())
	old.replaceWith(next)
	if (inside) (all("a,button", next)[at] || next).focus()
}
async function take(news) {
	if (news.phase !== d.phase) return typing(focused()) || location.reload(); // not while typing
	skew = news.now - Date.now()
	document.title = news.title + document.title.replace(/^\(.*?\) /, "")
	lose(news.title)
	if (d.wall) {
		const next = await page(location, "board"), here = focused().id
		if (!next) return
		v = next.dataset.v
		board.replaceChildren(...next.childNodes)
		return $(here)?.focus()
	}
	v = news.v
	for (const name of ["sums", "legend", "log", "n"]) { const box = $(`part-${name}`); if (box && !box.contains(focused())) box.innerHTML = news[name] }
	for (const tile of parts(Object.values(news.tiles).join(""))) { tile.classList.add("changed"); swap(tile) }
	todo(news)
	rove()
	if (!toSay && news.say) setTimeout(() => { said = now(); say(toSay); toSay = "" }, Math.max(400, said + 5000 - now()))
	toSay += ` ${news.say}`.trim()
}
function lose(title) { // said by the tab's sign, and by a bell if wanted
	const sites = parseInt(title.slice(1), 10) || 0
	find("link[rel=icon]").href = sites ? d.alarm : d.calm
	if (sites > down && $("bell")?.checked) {
		const air = new AudioContext(), tone = new OscillatorNode(air)
		tone.connect(air.destination)
		tone.start()
		tone.stop(0.4)
	}
	down = sites
}
function todo({ todo: html, done }) { // never re-sorted under a hand about to press
	if (!html || html === had) return
	had = order = html
	if (!list.contains(focused())) return sort()
	const next = parts(html), ids = next.map(li => li.id)
	parts(done).forEach(li => swap(li))
	let moved = all("li", list).filter(li => !ids.includes(li.id)).length
	for (const li of next) if ($(li.id)) swap(li); else { moved += 1; list.append(li) }
	$("resort").hidden = !moved
	$("resort").firstElementChild.textContent = fill(d.sayMoved, { n: moved })
}
function sort() { if (order) { list.innerHTML = order; order = ""; $("resort").hidden = true } }

// --- marks, kept until sent
function keep(marks) { waiting = marks; localStorage[store] = JSON.stringify(marks); tick() }
const queued = (mark, is) => $(`w${parseInt(mark, 10)}`)?.classList.toggle("queued", is)
function press(mark, more) {
	wrong = ""
	keep([...waiting, { mark, once: `${Date.now()}-${Math.random()}`, at: Date.now(), ...more }])
	queued(mark, true)
	send()
}
async function post(url, values) {
	const body = new FormData($("mark"))
	for (const name in values) body.set(name, values[name])
	const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } })
	const anew = answer.status === 400 || answer.redirected; // the next page sends what waits
	if (anew) location.reload()
	if (anew || answer.status >= 500) throw answer
	const { done, error, mark, undo } = await answer.json()
	if (undo) made.push(mark)
	if (error) wrong += `${error} `
	notice(wrong + (done || ""), undo)
}
async function send() {
	if (sending || !waiting.length || !$("mark")) return
	sending = true
	try {
		while (waiting.length) {
			const { at, ...mark } = waiting[0]
			await post(d.mark, { ...mark, age: (Date.now() - at) / 1000 })
			keep(waiting.filter(m => m.once !== mark.once))
			queued(mark.mark, false)
		}
		asked.now()
	} catch { lost ||= now(); tick(); clearTimeout(again); again = setTimeout(send, 5000) }
	sending = false
}
function notice(text, undoable) {
	const [words, button] = $("told").children
	say(words.textContent = text)
	button.hidden = !undoable
	$("told").hidden = false
	clearTimeout(told)
	told = wrong || setTimeout(() => { $("told").hidden = true }, 10000)
}
function undo() {
	const mark = made.pop(), last = waiting.at(-1)
	if (lost && last) { queued(last.mark, false); keep(waiting.slice(0, -1)) } // not sent: not marked
	else if (mark) post(d.undo, { mark }).then(asked.now, tick)
	else find("#undo button")?.click()
}

// --- keys
function rove() { // one tile in the tab order, arrows do the rest
	const tiles = all("a.tile,a.dot"), here = tiles.find(t => t === focused()) || tiles.find(t => t.ariaCurrent) || tiles[0]
	for (const t of tiles) t.tabIndex = t === here ? 0 : -1
}
function choose(site) { if (site) { site.focus(); rove(); site.scrollIntoView({ block: "nearest" }) } }
function arrow(e) {
	const from = focused().closest("a.tile,a.dot,li[data-site]"), [dx, dy] = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[e.key]
	let best = from ? null : dy && find("li[data-site]"), least = 1e9
	const a = from?.getBoundingClientRect()
	for (const t of from ? all(from.matches("li") ? "li[data-site]" : "a.tile,a.dot", from.parentElement) : []) {
		const b = t.getBoundingClientRect(), x = b.x - a.x, y = b.y - a.y, along = x * dx + y * dy, far = along + 3 * Math.abs(x * dy + y * dx)
		if (along > 4 && far < least) { least = far; best = t }
	}
	if (best) { e.preventDefault(); choose(best) }
}
const row = site => $(`w${site}`) || $(`t${site}`), called = site => (find("b a", site) || find("b", site)).textContent
function digit(k) { // a site is called by its number
	number = (now() - typed < 2000 ? number : "") + k
	typed = now()
	const site = find(`li[data-n="${number}"]`) || find(`[data-n="${number}"]`)
	choose(site)
	notice(`${number}: ${site ? called(site) : "–"}`)
}
function onward(site) { // the next uncalled one stays in view
	const here = $(`w${site}`), rows = all("li[data-site]:not(.done,.queued,.called)", list)
	choose(rows.find(r => here?.compareDocumentPosition(r) & 4) || rows[0])
}
function ask(kind, site) { // offline too
	const box = $(`ask-${kind}`), from = row(site), field = find("input", box)
	box.dataset.site = site
	find("b", box).textContent = called(from)
	if (field) field.value = (kind === "absent" && from.dataset.why) || ""
	else find("p", box).textContent = find(".officer", from)?.textContent
	box.showModal()
}
function key(e) {
	const k = e.key.toLowerCase(), here = focused().closest("[data-site]"), hot = find(`[data-hot="${CSS.escape(k)}"]`)
	if (!plain(e) || find("dialog[open]") || (typing(e.target) && (board || !e.target.inputMode))) return
	if (hot) { e.preventDefault(); return hot.click() }
	if (!board) return
	if (k === "escape") return d.wall ? location = d.wall : find("[data-close]")?.click()
	if (k.startsWith("arrow")) return arrow(e)
	const filter = (e.shiftKey || !d.can) && /^Digit([1-4])$/.exec(e.code)
	if (filter) return all("[data-kpi]")[filter[1] - 1]?.click()
	if (!d.can) return
	if (/^\d$/.test(k)) return digit(k)
	if (k === "z") return undo()
	if (k === "enter" && here?.dataset.n !== number) return here === focused() && find("a", here)?.click()
	const move = { c: "in", m: "lost", s: "ready", enter: "in" }[k], kind = { v: "absent", g: "note", p: "call", t: "substitute" }[k]
	if (!move && !kind) return
	e.preventDefault()
	if (!here) onward(); // nothing is marked that is not chosen
	else if (kind) ask(kind, here.dataset.site)
	else { number = ""; press(`${here.dataset.site}:${move}`); onward(here.dataset.site) }
}

// --- one site's panel
async function panel(url) {
	const one = await page(url, "one")
	if (!one) return
	$("one")?.remove()
	find(".rcol").prepend(one);
	(find("[autofocus]", one) || one).focus()
}
function click(e) {
	const button = e.target.closest('button[form="mark"], a[href$="#one"], [data-close]')
	if (!button || e.ctrlKey || e.metaKey || e.shiftKey) return
	e.preventDefault()
	if (button.form) press(button.value)
	else if (button.dataset.want) ask("absent", button.closest("[data-site]").dataset.site)
	else if (button.href.endsWith("#one")) panel(button.href)
	else { const { site } = $("one").dataset; $("one").remove(); choose(row(site)) }
}
function answer(e) { // of a dialog
	const { site, move } = e.target.closest("dialog")?.dataset || {}, notice = e.submitter?.value
	if (!move || !notice) return
	press(`${site}:${move}`, { ...Object.fromEntries(new FormData(e.target)), notice })
	setTimeout(onward, 50, site)
}

on("keydown", key)
if (board) {
	v = d.v; skew = d.now - Date.now(); fresh = now()
	asked = poll(() => `${d.poll}${d.poll.includes("?") ? "&" : "?"}v=${v}`, {
		idle: 3000, onData: take, onLost() { lost ||= fresh; tick() },
		onGood() { fresh = now(); if (lost) { lost = 0; tick(); send() } },
	})
	waiting = JSON.parse(localStorage[store] || "[]")
	setInterval(tick, 1000); tick(); lose(document.title); rove(); send()
	if (!d.wall) {
		on("click", click)
		on("submit", answer)
		$("opts").hidden = false
		$("pause").onclick = e => { paused = asked.pause(); e.target.ariaPressed = paused; tick() }
		$("letters").checked = localStorage.letters
		$("letters").onchange = e => { localStorage.letters = e.target.checked || "" }
		$("told").lastElementChild.onclick = undo
		$("resort").lastElementChild.onclick = sort
		list.addEventListener("focusout", () => setTimeout(() => { if (!list.contains(focused())) sort() }, 300))
	}
}

// The site's page works without this: −/+ on the head-count, drafts of what is typed, a queue that keeps what was sent without
// a connection and sends it once.
import "./reading.js"

const keep = (key, value) => {
	try {
		value ? localStorage.setItem(key, JSON.stringify(value)) : localStorage.removeItem(key)
	} catch { /* private mode */ }
}
const kept = key => {
	try { return JSON.parse(localStorage.getItem(key)) } catch { return null }
}
const wall = at => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Ho_Chi_Minh" })
	.format(at).split(":")
const all = (query, from = document) => [...from.querySelectorAll(query)]
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other)

// --- the hour on the check-in page ---
const hour = document.querySelector("[data-hour]")
if (hour) setInterval(() => {
	const [h, m] = wall(new Date())
	hour.textContent = hour.dataset.hour.replace("{h}", h).replace("{m}", m)
}, 5000)

// --- the head-count ---
for (const button of all("[data-step]")) {
	const field = button.parentElement.querySelector("input")
	button.hidden = false
	button.addEventListener("click", () => {
		field.value = Math.min(Math.max((parseInt(field.value, 10) || 0) + +button.dataset.step, field.min), field.max)
		field.dispatchEvent(new Event("input", { bubbles: true }))
	})
}

// --- drafts: what is typed stays here until the server has it ---
const note = document.querySelector("[data-kept]")
const place = `queue ${location.pathname.split("/", 3).join("/")}`
const waiting = () => kept(place) || []
const draft = url => `draft ${new URL(url).pathname}`
const fields = form => [...new FormData(form)].filter(([name, value]) => name !== "once" && typeof value === "string")
const press = {}
const tell = (words, at) => {
	if (!note) return
	note.hidden = !words
	if (words) note.lastElementChild.textContent = words.replace("{time}", wall(at).join(":"))
}

for (const form of all("form[data-queue]")) {
	const name = draft(form.action), typed = kept(name), button = form.querySelector("[data-count]")
	const count = () => {
		if (button) button.textContent = button.dataset.count.replace("{n}", all("[type=radio]:checked", form).length)
	}
	if (typed && Date.now() - typed.at < 864e5 && !same(typed.fields, fields(form))) {
		for (const one of form.elements) {
			const said = typed.fields.filter(([field]) => field === one.name).map(([, value]) => value)
			if (/radio|checkbox/.test(one.type)) one.checked = said.includes(one.value)
			else if (said.length && one.type !== "hidden") one.value = said[0]
		}
		form.closest("details")?.setAttribute("open", "")
		tell(note?.dataset.typed, typed.at)
	}
	count()
	form.addEventListener("input", () => {
		count()
		keep(name, { at: Date.now(), fields: fields(form) })
	})
	form.addEventListener("submit", event => {
		const by = event.submitter, at = Date.now()
		if (form.dataset.plain || !by || all("[type=file]", form).some(one => one.value)) return; // as without this script
		const url = by.hasAttribute("formaction") ? by.formAction : form.action, said = fields(form)
		if (by.name) said.push([by.name, by.value])
		const list = waiting().filter(one => form.dataset.queue === "all" || one.url !== url), last = list[list.length - 1]
		if (last?.url !== url || !same(last.fields, said)) list.push({ url, at, fields: said, once: String(crypto.getRandomValues(new Uint32Array(4))) })
		keep(place, list)
		if (!waiting().length) return; // nothing is kept here
		event.preventDefault()
		press[url] = () => { form.dataset.plain = 1; by.click() }
		setTimeout(() => waiting().length && tell(note?.dataset.kept, at), 900)
		send()
	})
}

// --- the queue: one list for each link ---
let sending = false

async function send() {
	if (sending) return
	sending = true
	let landed, here, no
	for (let first; !no && (first = waiting()[0]);) {
		const { url, at, once } = first
		const body = new URLSearchParams([...first.fields, ["once", once], ["age", Math.max(0, Date.now() - at) / 1000 | 0]])
		const answer = await fetch(url, { method: "POST", body, signal: AbortSignal.timeout?.(15000) }).catch(() => {})
		no = answer?.status >= 400 && answer.status < 500 && answer.status !== 429
		if (!no && !(answer?.ok && answer.redirected)) break; // not this server's word: it stays in the list
		const left = waiting().filter(one => one.once !== once); // another tab may have sent it too
		keep(place, left.length && left)
		here = press[url]
		if (!no) keep(draft(url))
		else if (here) here(); // the plain way: the server shows what is wrong at its field
		else tell(note?.dataset.refused, at)
		landed = answer.url
	}
	sending = false
	const [left] = waiting()
	if (no || (!left && !landed)) return
	if (left) tell(note?.dataset.kept, left.at)
	else if (here) location.replace(landed)
	else if (all("form[data-queue]").length) tell()
	else location.reload()
}

send()
addEventListener("online", send)
document.addEventListener("visibilitychange", () => document.hidden || send())
setInterval(send, 10000)

// What a page gains with scripts; without them everything still works as forms and links.
export const find = (query, from = document) => from.querySelector(query)
export const all = (query, from = document) => [...from.querySelectorAll(query)]
export const on = document.addEventListener.bind(document)
export const typing = target => target.closest?.("input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable]")
// a letter that is meant as a key, where keys of one letter are not switched off
export const plain = e => !(e.isComposing || e.keyCode === 229 || e.key === "Process" || e.ctrlKey || e.altKey || e.metaKey || localStorage.letters)

on("click", e => {
	const button = e.target.closest("[data-copy]")
	if (!button) return
	e.preventDefault()
	navigator.clipboard?.writeText(button.dataset.copy).then(() => say(button.dataset.said || button.textContent))
})

let dirty = false
on("input", ({ target }) => {
	if (target.closest("form[data-guard]")) dirty = true
	// what the server counted is old once a length changes
	if (target.name === "minutes") all("[data-counted]", target.form).forEach(old => { old.textContent = old.dataset.counted })
})
on("submit", e => { if (e.target.matches("form[data-guard]")) dirty = false })
addEventListener("beforeunload", e => { if (dirty) e.preventDefault() })

let waiting = ""
on("keydown", e => {
	if (!plain(e) || typing(e.target)) return
	if (waiting === "g") {
		waiting = ""
		find(`.head nav a[data-key="${CSS.escape(e.key)}"]`)?.click()
	} else if (e.key === "g") {
		waiting = "g"
		setTimeout(() => { waiting = "" }, 1200)
	} else if (e.key === "/") {
		const field = find(".head .find input") || find("input[type=search]")
		if (field) { e.preventDefault(); field.focus() }
	}
})

export function say(text) {
	let live = document.getElementById("said")
	if (!live) { live = Object.assign(document.createElement("p"), { id: "said", className: "vh", role: "status" }); document.body.append(live) }
	live.textContent = text
}

// Light or dark: in a cookie, so that the next page comes in the right colours.
const looks = all("[data-theme-is]"), root = document.documentElement.dataset
const look = theme => looks.forEach(b => b.setAttribute("aria-pressed", String(b.dataset.themeIs === theme)))
for (const button of looks) {
	button.parentElement.hidden = false
	button.addEventListener("click", () => {
		const theme = button.dataset.themeIs
		document.cookie = `theme=${theme}; path=/; max-age=${theme ? 31536000 : 0}; samesite=lax`
		if (theme) root.theme = theme
		else delete root.theme
		look(theme)
	})
}
look(root.theme || "")

find(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }); // a phone shows three tabs

const alarm = find(".summary-box")
if (alarm) { alarm.focus(); document.title = `! ${document.title}` }

// What a page gains with scripts; without them everything still works as forms and links.
export const typing = target => target.closest?.("input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable]")
// a letter that is meant as a key, where keys of one letter are not switched off
export const plain = e => !(e.isComposing || e.keyCode === 229 || e.key === "Process" || e.ctrlKey || e.altKey || e.metaKey || localStorage.letters)

document.addEventListener("click", event => {
	const button = event.target.closest("[data-copy]")
	if (!button) return
	event.preventDefault()
	navigator.clipboard?.writeText(button.dataset.copy).then(() => say(button.dataset.said || button.textContent))
})

let dirty = false
document.addEventListener("input", event => { if (event.target.closest("form[data-guard]")) dirty = true })
document.addEventListener("submit", event => { if (event.target.matches("form[data-guard]")) dirty = false })
document.addEventListener("input", event => { // what the server counted is old once a length changes
	if (event.target.name === "minutes") event.target.form.querySelectorAll("[data-counted]").forEach(old => { old.textContent = old.dataset.counted })
})
addEventListener("beforeunload", event => { if (dirty) event.preventDefault() })

let waiting = ""
document.addEventListener("keydown", event => {
	if (!plain(event) || typing(event.target)) return
	if (waiting === "g") {
		waiting = ""
		document.querySelector(`.head nav a[data-key="${CSS.escape(event.key)}"]`)?.click()
	} else if (event.key === "g") {
		waiting = "g"
		setTimeout(() => { waiting = "" }, 1200)
	} else if (event.key === "/") {
		const find = document.querySelector(".head .find input") || document.querySelector("input[type=search]")
		if (find) { event.preventDefault(); find.focus() }
	}
})

export function say(text) {
	let live = document.getElementById("said")
	if (!live) { live = Object.assign(document.createElement("p"), { id: "said", className: "vh" }); live.setAttribute("role", "status"); document.body.append(live) }
	live.textContent = text
}

// Light or dark: in a cookie, so that the next page comes in the right colours.
const looks = document.querySelectorAll("[data-theme-is]")
const look = theme => looks.forEach(b => b.setAttribute("aria-pressed", String(b.dataset.themeIs === theme)))
for (const button of looks) {
	button.parentElement.hidden = false
	button.addEventListener("click", () => {
		const theme = button.dataset.themeIs
		document.cookie = `theme=${theme}; path=/; max-age=${theme ? 31536000 : 0}; samesite=lax`
		if (theme) document.documentElement.dataset.theme = theme
		else delete document.documentElement.dataset.theme
		look(theme)
	})
}
look(document.documentElement.dataset.theme || "")

document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }); // a phone shows three tabs

const alarm = document.querySelector(".summary-box")
if (alarm) { alarm.focus(); document.title = `! ${document.title}` }

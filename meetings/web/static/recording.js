// A recording goes in pieces: where the line broke they go on, also when the file is chosen again.
import { find, say } from "./app.js"

const form = find("[data-broken]")
form.onsubmit = async event => {
	const { files: [file] } = form["r-file"], bar = find("progress", form), told = bar.nextElementSibling
	if (!file) return
	event.preventDefault()
	if (!bar.hidden) return
	bar.hidden = false
	for (let at = 0, id = "", size = file.size; ;) {
		const body = new FormData(form), more = { at, id, size }
		for (const name in more) body.set(name, more[name])
		body.set("r-file", file.slice(at, at + 1e6), file.name)
		const news = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } }).then(answer => answer.json()).catch(() => 0)
		told.textContent = news.said || news.error || form.dataset.broken
		if (news.to) return location = news.to
		if (!news.said) say(told.textContent)
		if (news.error) return bar.hidden = true
		if (!news) await new Promise(then => setTimeout(then, 5000))
		else ({ at, id } = news)
		bar.value = at / size
	}
}

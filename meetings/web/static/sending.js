// The page of sending counts along with the worker. Without scripts a reload does the same.
import { all, find, say } from "./app.js"
import { poll } from "./live.js"

const box = find("#sending"), bar = find("#bar")
const write = new Intl.NumberFormat(document.documentElement.lang)

function count(now) {
	for (const place of all("[data-count]", box)) place.textContent = write.format(now[place.dataset.count])
	bar.max = now.sites || 1
	bar.value = now.sites - now.waiting
	if ((now.done || now.failed > Number(box.dataset.failed)) && !find("td :checked")) {
		// the list of what failed is the server's to write; what is ticked there is not lost
		if (now.done) say(box.dataset.finished)
		setTimeout(() => location.reload(), 800)
	}
}

if (box?.dataset.done === "no") poll(() => box.dataset.live, { every: 2000, onData: count })

// Somebody has the page open: it says so once, when a hand moves over it; a mail scanner opens it and presses its buttons.
const form = document.querySelector("form[data-opened]"), signs = ["wheel", "touchmove", "keydown", "change"]
const tell = () => {
	signs.forEach(sign => removeEventListener(sign, tell))
	fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true }).catch(() => {})
}
if (form) signs.forEach(sign => addEventListener(sign, tell, { passive: true }))

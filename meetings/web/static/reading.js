// Somebody reads the document: the page says so once, when a hand moves over it. A hint, no proof; a GET alone says nothing.
const form = document.querySelector('form[data-opened]')
const signs = ['wheel', 'touchmove', 'keydown']
const tell = () => {
  signs.forEach((sign) => removeEventListener(sign, tell))
  fetch(form.action, { method: 'POST', body: new FormData(form), headers: { Accept: 'application/json' } }).catch(() => {})
}
if (form) signs.forEach((sign) => addEventListener(sign, tell, { passive: true }))

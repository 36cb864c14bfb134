// Somebody looks at the document: the page says so once. A hint, no proof; a GET alone says nothing.
const form = document.querySelector('form[data-opened]')
if (form && document.visibilityState === 'visible') fetch(form.action, { method: 'POST', body: new FormData(form), headers: { Accept: 'application/json' } }).catch(() => {})

// The editor of the minutes. Everything works without it; it saves by itself, keeps what could not be saved, and hears keys.
const desk = document.querySelector('[data-minutes]')
const WAIT = 2000, AGAIN = 10000
const say = (form, text, bad = false) => {
  const place = form.querySelector('[data-saving]')
  place.textContent = text
  place.classList.toggle('bad', bad)
}
const kept = form => `minutes:${location.pathname}:${form.dataset.part}`
const texts = form => [...form.elements].filter(e => e.name && !['csrf_token', 'submit'].includes(e.name) && e.type !== 'hidden' && e.tagName !== 'BUTTON')
const edition = form => form.querySelector('input[name$="-edition"]')

function keep(form) {
  try { localStorage.setItem(kept(form), JSON.stringify({ edition: edition(form).value, fields: Object.fromEntries(texts(form).map(e => [e.name, e.value])) })) } catch { /* a full or closed store: nothing to be done */ }
}
function forget(form) { try { localStorage.removeItem(kept(form)) } catch { /* as above */ } }

function putBack(form) {
  let found
  try { found = JSON.parse(localStorage.getItem(kept(form)) || 'null') } catch { found = null }
  if (!found) return
  if (found.edition !== edition(form).value) { forget(form); return } // somebody saved since: what is saved goes before
  let changed = false
  for (const field of texts(form)) if (field.name in found.fields && field.value !== found.fields[field.name]) { field.value = found.fields[field.name]; changed = true }
  if (!changed) { forget(form); return }
  form.closest('details').open = true
  say(form, desk.dataset.restored)
  soon(form)
}

const timers = new WeakMap(), busy = new WeakSet(), composing = new WeakSet(), dirty = new WeakSet(), stopped = new WeakSet()
function soon(form, wait = WAIT) {
  dirty.add(form)
  clearTimeout(timers.get(form))
  timers.set(form, setTimeout(() => save(form), wait))
}

async function save(form) {
  if (!dirty.has(form) || stopped.has(form)) return
  if (busy.has(form) || composing.has(form)) { soon(form); return } // never in the middle of a Vietnamese letter
  busy.add(form); dirty.delete(form)
  say(form, desk.dataset.saving)
  const sent = texts(form).map(e => [e, e.value])
  try {
    const answer = await fetch(form.action, { method: 'POST', body: new FormData(form), headers: { Accept: 'application/json' }, redirect: 'error' })
    const told = await answer.json().catch(() => ({}))
    if (answer.ok) {
      edition(form).value = told.edition
      number(form, told.ids || [])
      say(form, told.saved)
      if (sent.some(([field, value]) => field.value !== value)) soon(form); else if (!dirty.has(form)) forget(form)
    } else if (answer.status < 500) { // refused: a person must look; Save shows the page with what is wrong
      stopped.add(form); dirty.add(form); keep(form)
      say(form, told.error || desk.dataset.kept, true)
    } else throw new Error(String(answer.status))
  } catch {
    dirty.add(form); keep(form)
    say(form, desk.dataset.kept, true)
    soon(form, AGAIN)
  } finally { busy.delete(form) }
}

// new statements get the ids they were saved under, and the last line is always an empty one
function number(form, ids) {
  const rows = [...form.querySelectorAll('[data-row]')]
  rows.forEach((row, n) => {
    const id = row.querySelector('input[name$="-id"]')
    if (id && ids[n]) { id.value = ids[n]; row.classList.remove('blank') }
  })
  another(form)
}
function another(form) {
  const rows = [...form.querySelectorAll('[data-row]')]
  const last = rows.at(-1)
  const area = last?.querySelector('textarea')
  if (!area?.value.trim()) return area
  const copy = last.cloneNode(true)
  const next = rows.length
  for (const e of copy.querySelectorAll('[id],[name],[for],[aria-describedby]'))
    for (const name of ['id', 'name', 'for', 'aria-describedby'])
      if (e.hasAttribute(name)) e.setAttribute(name, e.getAttribute(name).replace(new RegExp(`-(said|tasks|texts)-${next - 1}(?=-|$)`), `-$1-${next}`))
  for (const e of copy.querySelectorAll('input,textarea')) if (e.type !== 'date') e.value = ''
  for (const e of copy.querySelectorAll('button[name=conclude],button[name=assign]')) e.value = next
  copy.querySelectorAll('.tag,button[name=remove],.error').forEach(e => e.remove())
  copy.classList.add('blank')
  last.after(copy)
  return copy.querySelector('textarea')
}

function keys(event) {
  const form = event.target.closest?.('form[data-part]')
  const row = event.target.closest?.('[data-row]')
  if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
    const all = [...desk.querySelectorAll('details.item')]
    const at = all.indexOf(event.target.closest('details.item'))
    const to = all[at + (event.key === 'ArrowDown' ? 1 : -1)]
    if (!to) return
    event.preventDefault(); to.open = true; to.scrollIntoView({ block: 'start' }); [...to.querySelectorAll('textarea')].at(-1)?.focus()
    return
  }
  if (!form || !row) return
  if (event.key === 'F2' && event.target.tagName === 'TEXTAREA') {
    const [hour, minute] = new Date().toLocaleTimeString('en-GB', { timeZone: 'Asia/Ho_Chi_Minh', hour: '2-digit', minute: '2-digit' }).split(':')
    const { value, selectionStart: from, selectionEnd: to } = event.target
    event.preventDefault(); event.target.setRangeText(`${from && !/\s/.test(value[from - 1]) ? ' ' : ''}${hour} giờ ${minute} `, from, to, 'end')
    event.target.dispatchEvent(new Event('input', { bubbles: true }))
  } else if (event.key === 'F4') { event.preventDefault(); row.querySelector('input[list=speakers]')?.focus()
  } else if (event.key === 'F8' || event.key === 'F9') {
    const button = row.querySelector(`button[name=${event.key === 'F8' ? 'assign' : 'conclude'}]`)
    if (button) { event.preventDefault(); button.click() }
  } else if (event.key === 'Enter' && event.ctrlKey) { event.preventDefault(); another(form)?.focus(); soon(form, 0) }
}

if (desk) {
  document.querySelector('[data-keys]')?.removeAttribute('hidden')
  for (const form of desk.querySelectorAll('form[data-part]')) {
    form.addEventListener('input', () => { if (stopped.has(form)) { keep(form); return } say(form, desk.dataset.unsaved); soon(form) })
    form.addEventListener('focusout', event => { if (dirty.has(form) && !form.contains(event.relatedTarget)) soon(form, 0) })
    form.addEventListener('compositionstart', () => composing.add(form))
    form.addEventListener('compositionend', () => { composing.delete(form); soon(form) })
    form.addEventListener('submit', () => { clearTimeout(timers.get(form)); dirty.delete(form); stopped.add(form); forget(form) })
    putBack(form)
  }
  desk.addEventListener('keydown', keys)
  addEventListener('online', () => desk.querySelectorAll('form[data-part]').forEach(form => { if (dirty.has(form)) soon(form, 0) }))
  addEventListener('beforeunload', event => { if ([...desk.querySelectorAll('form[data-part]')].some(f => dirty.has(f) && !stopped.has(f))) event.preventDefault() })
  const aim = () => { const to = location.hash && document.getElementById(location.hash.slice(1)); if (to?.tagName === 'DETAILS') to.open = true }
  addEventListener('hashchange', aim); aim()
  for (const link of document.querySelectorAll('.outline a')) link.addEventListener('click', () => setTimeout(aim))
}

// The editor works without this: it saves, keeps here what the server has not got, hears keys.
import { all, find as one, on } from './app.js'

const desk = one('[data-minutes]'), state = one('[data-state]')
const { minutes: store, unsaved, saving, kept, names } = desk.dataset
const forms = test => all('[data-saves]').filter(test), dirty = () => forms(f => f.$dirty && !f.dataset.clash)
const block = f => f.closest('[data-block]'), within = place => place.contains(document.activeElement)
const typed = f => JSON.stringify([...new FormData(f)].filter(([name]) => !/csrf|edition|^id|^once/.test(name)))
const edition = f => one('[name$=edition]', f), by = id => document.getElementById(id)
let saved = state.textContent

function show() {
	forms(f => block(f).toggleAttribute('data-dirty', !!f.$dirty))
	const bad = forms(f => f.$bad || one('.error', f))[0]
	state.textContent = bad ? kept : forms(f => f.$busy)[0] ? saving : forms(f => f.$dirty == 1)[0] ? unsaved : saved
	state.classList.toggle('bad', !!bad)
}

function keep(f, on) {
	const key = store + block(f).dataset.block, draft = { ...Object.fromEntries(new FormData(f)), was: f.dataset.clash || edition(f).value }
	try { on ? localStorage[key] = JSON.stringify(draft) : delete localStorage[key] } catch { /* full */ }
}
function later(f, wait, how = save) {
	clearTimeout(f.$timer)
	f.$timer = setTimeout(how, wait, f)
}
function touch(f) {
	f.$dirty = 1
	keep(f, 1)
	later(f, 2000)
	show()
}
function putBack(key) {
	const name = key.slice(store.length), [place, id] = name.split('.'), list = by(place)
	if (!list) return all(`[data-list="${place}"]`).forEach(link => { link.dataset.kept = kept })
	const { was, once, ...draft } = JSON.parse(localStorage[key])
	const found = all('form', list).find(f => f.once?.value === once && (once === id || block(f).dataset.block === name))
	const f = found || one('form', another(list)), before = typed(f)
	for (const field of f) if (field.type !== 'hidden' && field.name in draft) field.value = draft[field.name]
	delete localStorage[key]
	if (found && typed(f) === before) return
	if (found) edition(f).value = was // the server knows the later
	else if (once === id) mark(block(f), id) // never saved; what was deleted since is a new block
	touch(f)
}
function mark(li, once) {
	li.dataset.once = one('[name=once]', li).value = once
	li.dataset.block = `${li.parentNode.id}.${once}`
}
function another(list) {
	const last = all('.blank', list).pop()
	if (!one('form', last).$dirty && !one('textarea', last).value) return last
	const li = last.cloneNode(true)
	last.after(li)
	all('input:not([type=hidden]),textarea', li).forEach(field => { field.value = '' })
	mark(li, `${Math.random()}`.slice(2))
	return li
}

async function ask(url, more) {
	const answer = await fetch(url, more), page = new DOMParser().parseFromString(await answer.text(), 'text/html')
	const there = one('[data-minutes]', page), { value } = there && one('[name=csrf_token]', page)
	all('[name=csrf_token]').forEach(field => { field.value = value })
	if (answer.ok) {
		desk.dataset.at = there.dataset.at
		saved = (one('.notices', page) || one('[data-state]', page)).textContent
	}
	return [there, answer.ok]
}
async function save(f, press) {
	const { text } = f, here = !press && within(f)
	if (!f.isConnected || !press && !dirty().includes(f)) return
	if (f.$busy || f.$ime) return later(f, 500, () => save(f, press)) // within a letter
	if (text && !press && !text.value.trim() && (here || block(f).matches('.blank'))) return
	clearTimeout(f.$timer)
	const sent = typed(f), body = new URLSearchParams(new FormData(f))
	press ? body.append('do', press.value) : body.append('since', desk.dataset.at)
	if (here) body.append('typing', 1)
	f.$busy = 1
	show()
	try {
		const [page, ok] = await ask(f.action, { method: 'POST', body }), still = typed(f) === sent
		f.$bad = 0
		if (ok) keep(f)
		if (ok && still) f.$dirty = here && /^\//m.test(text?.value) && 2 // /kl waits till left
		merge(page, f, ok, still, press)
		if (!still) touch(f)
	} catch {
		f.$bad = f.$dirty = 1
		keep(f, 1)
		later(f, 5000, () => ask(location).then(([page]) => merge(page), () => 0).then(() => save(f)))
	}
	f.$busy = 0
	show()
}

function merge(page, own, ok, still, press) {
	const busy = li => within(li) || forms(f => li.contains(f) && (f.$dirty || f.$busy))[0]
	for (const list of all('[data-list][id]', page)) {
		const here = by(list.id), left = new Set(here?.children)
		let last
		for (const li of here ? [...list.children] : []) {
			const { once } = li.dataset, old = [...left]
			let was = once && old.find(was => was.dataset.once === once) || old.find(was => was.id === li.id)
			const mine = own && was?.contains(own), fresh = !was
			left.delete(was)
			if (mine && ok && !press && (!still || within(was))) {
				was.id = li.id
				was.className = li.className
				was.dataset.block = li.dataset.block
				all('[type=hidden]', li).forEach(({ name, value }) => { one(`[name="${name}"]`, was).value = value })
				one('.row-foot', was)?.replaceWith(one('.row-foot', li))
			} else if (fresh || li.firstChild && (mine ? still : !busy(was))) {
				const { name, selectionStart: at } = !fresh && within(was) ? document.activeElement : {}, field = name && one(`[name="${name}"]`, li)
				was?.replaceWith(li)
				was = li
				field?.focus()
				field?.setSelectionRange?.(at, at)
			}
			const next = last ? last.nextElementSibling : here.firstElementChild
			if ((fresh || press) && next !== was) here.insertBefore(was, next) // a move blurs
			last = was
		}
		left.forEach(was => (was.contains(own || null) ? ok && still : !busy(was)) && was.remove())
	}
	all('[data-live]', page).forEach(live => within(by(live.id)) || by(live.id).replaceWith(live))
}

async function offer({ target: { list, value, form } }) {
	if (!list || all('option', list).some(option => option.value === value)) return
	const answer = await fetch(`${names}?${new URLSearchParams({ of: list.id, q: value, site: form.site?.value || '' })}`).catch(() => 0)
	if (answer.ok && !answer.redirected) list.innerHTML = await answer.text()
}
function flush() {
	document.activeElement.blur()
	return Promise.all(dirty().map(f => save(f)))
}
on('input', e => {
	const f = e.target.form
	if (!f?.matches('[data-saves]')) return
	f.$ime = e.isComposing
	touch(f)
	offer(e)
})
on('focusin', offer)
on('focusout', ({ target: { form: f }, relatedTarget }) => f?.$dirty && !f.contains(relatedTarget) && later(f, 0))
on('compositionend', ({ target }) => { target.form.$ime = 0 })
on('submit', e => {
	if (!e.target.matches('[data-saves]')) return
	e.preventDefault()
	save(e.target, e.submitter)
})
on('click', async e => {
	const way = e.target.closest('a[href],form:not([data-saves]) button')
	if (!way || way.$free || e.ctrlKey || !dirty()[0]) return
	e.preventDefault()
	await flush()
	way.$free = 1
	way.click()
})
on('keydown', e => {
	const { key, target, ctrlKey } = e, f = target.closest('[data-saves]'), links = all('#outline a')
	const to = e.altKey && links[links.findIndex(link => link.ariaCurrent) + { ArrowUp: -1, ArrowDown: 1 }[key]]
	const aim = { F4: '[name=speaker]', F8: '[value=assign]', F9: '[value=conclude]' }[key], field = f && aim && one(aim, f)
	if (to) {
		to.hash = 'write'
		to.click()
	} else if (ctrlKey && key === 's') flush()
	else if (field) key === 'F4' ? field.focus() : field.click()
	else if (ctrlKey && key === 'Enter' && f?.once) {
		if (f.$dirty) save(f, one('.save', f))
		one('textarea', another(block(f).parentNode)).focus()
	} else if (key === 'F2' && f && target.rows) {
		const hour = new Date(Date.now() + 252e5).toISOString().slice(11, 16)
		target.setRangeText(` ${hour.replace(':', ' giờ ')} `, target.selectionStart, target.selectionEnd, 'end')
		touch(f)
	} else return
	e.preventDefault()
})
one('[data-keys]').hidden = false
try { Object.keys(localStorage).filter(key => key.startsWith(store)).forEach(putBack) } catch { /* none */ }
if (location.hash === '#write') one('.blank textarea').focus()

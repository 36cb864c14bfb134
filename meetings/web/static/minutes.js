// The editor of the minutes. Everything works without it; it saves block by block, keeps here what the server has not got yet,
// takes over from the page that answers what others wrote, and hears keys.
const desk = document.querySelector("[data-minutes]"), state = document.querySelector("[data-state]");
const { minutes: store, unsaved, saving, kept, names } = desk.dataset;
const all = (query, from = desk) => [...from.querySelectorAll(query)];
const one = (query, from) => all(query, from)[0];
const forms = () => all("[data-saves]");
const block = (form) => form.closest("[data-block]");
const within = (place) => place.contains(document.activeElement);
const typed = (form) => JSON.stringify([...new FormData(form)].filter(([name]) => !/csrf_token|edition|^id|^once/.test(name)));
const edition = (form) => one("[name$=edition]", form);
let saved = state.textContent;

function show() {
  const list = forms(), bad = list.some((form) => form.$bad || form.dataset.conflict);
  for (const form of list) block(form).toggleAttribute("data-dirty", !!form.$dirty);
  state.textContent = bad ? kept : list.some((form) => form.$busy) ? saving : list.some((form) => form.$dirty) ? unsaved : saved;
  state.classList.toggle("bad", bad);
}

// --- what is typed stays here until the server has it ---
const store_ = (name, value) => {
  try { value ? localStorage.setItem(store + name, value) : localStorage.removeItem(store + name); } catch { /* full, or closed */ }
};
const keep = (form) => store_(block(form).dataset.block, JSON.stringify({
  ...Object.fromEntries(JSON.parse(typed(form))), edition: form.dataset.conflict || edition(form).value, made: form.elements.once?.value,
}));
const drop = (form) => store_(block(form).dataset.block);

function putBack() {
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith(store))) {
    const name = key.slice(store.length), [place, id] = name.split("."), list = document.getElementById(place);
    if (!list) { all(`[data-list="${place}"]`).forEach((link) => { link.dataset.kept = kept; }); continue; }
    const { made, ...fields } = JSON.parse(localStorage[key]);
    const found = all("form", list).find((form) => block(form).dataset.block === name || block(form).dataset.once === id);
    const form = found || one("form", another(list)), before = typed(form);
    for (const field of form.elements) if (field.type !== "hidden" && field.name in fields) field.value = fields[field.name];
    store_(name);
    if (found && typed(form) === before) continue;
    if (found) edition(form).value = fields.edition; // whoever was later: the server knows
    else if (made === id) mark(block(form), made); // it was never saved; what somebody has deleted since is typed anew
    touch(form);
  }
}

// --- new blocks ---
function mark(li, once) {
  li.dataset.once = one("[name=once]", li).value = once;
  li.dataset.block = `${li.parentElement.id}.${once}`;
}
function another(list) {
  const last = all(".blank", list).pop();
  if (!one("form", last).$dirty && !one("textarea", last).value) return last;
  const li = last.cloneNode(true);
  all("input:not([type=hidden]),textarea", li).forEach((field) => { field.value = ""; });
  all(".error", li).forEach((old) => old.remove());
  last.after(li);
  mark(li, Date.now().toString(36) + Math.random().toString(36).slice(2));
  return li;
}

// --- saving ---
async function ask(url, more) {
  const answer = await fetch(url, { signal: AbortSignal.timeout?.(15000), ...more });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html"), there = one("[data-minutes]", page);
  if (!there) throw answer; // signed out, or no server: nothing was saved
  const token = one("[name=csrf_token]", page).value;
  all("[name=csrf_token]", document).forEach((field) => { field.value = token; });
  if (answer.ok) {
    desk.dataset.at = there.dataset.at;
    saved = (one(".notices .notice", page) || one("[data-state]", page)).textContent.trim();
  }
  return [there, answer.ok];
}

function touch(form) {
  form.$dirty = 1;
  keep(form);
  later(form);
  show();
}
function later(form, wait = 2000, how = save) {
  clearTimeout(form.$timer);
  form.$timer = setTimeout(how, wait, form);
}

async function save(form, by) {
  const li = block(form), text = form.elements.text, here = !by && within(form);
  if (!form.isConnected || !by && (!form.$dirty || form.dataset.conflict)) return;
  if (form.$busy || form.$ime) return later(form, 500, () => save(form, by)); // never in the middle of a Vietnamese letter
  if (text && !by && !text.value.trim() && (here || li.matches(".blank"))) return; // no block goes while it is looked at
  clearTimeout(form.$timer);
  const sent = typed(form), body = new URLSearchParams(new FormData(form));
  if (by) body.append(by.name, by.value);
  else body.append("since", desk.dataset.at);
  if (here) body.append("typing", 1);
  form.$busy = 1;
  show();
  try {
    const [page, ok] = await ask(form.action, { method: "POST", body, keepalive: sent.length < 5000 });
    const still = typed(form) === sent;
    form.$bad = 0;
    if (ok) drop(form);
    if (ok && still) form.$dirty = 0;
    merge(page, form, ok, still, by);
    if (!still) touch(form);
  } catch {
    form.$bad = form.$dirty = 1;
    keep(form);
    later(form, 8000, again);
  }
  form.$busy = 0;
  show();
}
async function again(form) { // the page may have come back with another token
  await ask(location.href).then(([page]) => merge(page)).catch(() => {});
  save(form);
}

// --- what the answer knows and this page does not ---
const busy = (li) => within(li) || forms().some((form) => li.contains(form) && (form.$dirty || form.$busy));

function merge(page, form, ok, still, by) {
  for (const list of all("[data-list][id]", page)) {
    const here = document.getElementById(list.id), left = new Set(here?.children);
    let last = null;
    for (const li of here ? [...list.children] : []) {
      const fits = (test) => [...left].find(test), own = (mine) => form && mine.contains(form), { once } = li.dataset;
      let mine = (once && fits((old) => old.dataset.once === once)) || fits((old) => old.id === li.id), known = "still" in li.dataset;
      if (!mine) mine = !known && li;
      else if (own(mine) && ok && !by && (!still || within(mine))) adopt(mine, li);
      else if (!known && (own(mine) ? still : !busy(mine))) mine = swap(mine, li, own(mine) && !ok);
      if (!mine) continue;
      left.delete(mine);
      if (mine.previousElementSibling !== last && !within(mine)) last ? last.after(mine) : here.prepend(mine);
      last = mine;
    }
    for (const old of left) if (old.isConnected && (form && old.contains(form) ? ok && still : !busy(old))) old.remove();
  }
  for (const live of all("[data-live]", page)) {
    const old = document.getElementById(live.id);
    if (old && !within(old)) old.replaceWith(live);
  }
}
function adopt(mine, li) { // its fields are being typed into
  mine.id = li.id;
  mine.className = li.className;
  mine.dataset.block = li.dataset.block;
  for (const field of all("[type=hidden]", li)) one(`[name="${field.name}"]`, mine).value = field.value;
  const foot = one(".row-foot", li);
  if (foot) one(".row-foot", mine).replaceWith(foot);
}
function swap(mine, li, dirty) {
  const { name, selectionStart: from, selectionEnd: to } = within(mine) ? document.activeElement : {};
  mine.replaceWith(li);
  if (dirty) (li.matches("form") ? li : one("form", li)).$dirty = 1;
  const field = name && one(`[name="${name}"]`, li);
  field?.focus();
  if (from >= 0) field?.setSelectionRange?.(from, to);
  return li;
}

// --- fields, keys, and ways out of the page ---
async function offer({ target: field }) {
  const list = field.list;
  if (!list || all("option", list).some((option) => option.value === field.value)) return;
  const asked = new URLSearchParams({ of: list.id, q: field.value, site: field.form.elements.site?.value || "" });
  const answer = await fetch(`${names}?${asked}`).catch(() => {});
  if (answer?.ok && !answer.redirected) list.innerHTML = await answer.text();
}
const go = async (then) => {
  await Promise.all(forms().map((form) => { document.activeElement.blur(); return save(form); }));
  then();
};
const dirty = () => forms().some((form) => form.$dirty && !form.dataset.conflict);

desk.addEventListener("input", (event) => {
  const { form } = event.target;
  if (!form?.matches("[data-saves]")) return;
  touch(form);
  offer(event);
});
desk.addEventListener("focusin", offer);
desk.addEventListener("focusout", ({ target: { form }, relatedTarget }) => { if (form?.$dirty && !form.contains(relatedTarget)) later(form, 0); });
for (const kind of ["start", "end"]) desk.addEventListener(`composition${kind}`, ({ target: { form } }) => { form.$ime = kind === "start"; });
document.addEventListener("submit", (event) => {
  const form = event.target, by = event.submitter;
  if (form.matches("[data-saves]")) save(form, by);
  else if (dirty() && !form.$go) go(() => { form.$go = 1; by ? by.click() : form.submit(); });
  else return;
  event.preventDefault();
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.ctrlKey || event.metaKey || !dirty()) return;
  event.preventDefault();
  go(() => { location = link.href; });
});
desk.addEventListener("keydown", (event) => {
  const { key, target } = event, form = target.closest("[data-saves]"), press = (what) => one(`[name=do][value="${what}"]`, form)?.click();
  const links = all("#outline a"), to = links[links.findIndex((link) => link.ariaCurrent) + { ArrowUp: -1, ArrowDown: 1 }[key]];
  if (event.altKey && to) go(() => { location = `${to.href}#write`; });
  else if (event.ctrlKey && key === "s") go(() => {});
  else if (!form) return;
  else if (key === "F4") one("[name=speaker]", form)?.focus();
  else if (key === "F8") press("assign");
  else if (key === "F9") press("conclude");
  else if (event.ctrlKey && key === "Enter") {
    if (form.$dirty) save(form, one(".save", form));
    if (form.elements.once) one("textarea", another(block(form).parentElement)).focus();
  } else if (key === "F2" && target.matches("textarea")) {
    const hour = new Date().toLocaleTimeString("en-GB", { timeZone: "Asia/Ho_Chi_Minh", timeStyle: "short" }).replace(":", " giờ ");
    const { value, selectionStart: from, selectionEnd: end } = target;
    target.setRangeText(`${/\S$/.test(value.slice(0, from)) ? " " : ""}${hour} `, from, end, "end");
    touch(form);
  } else return;
  event.preventDefault();
});
addEventListener("online", () => forms().forEach((form) => form.$dirty && again(form)));
document.addEventListener("visibilitychange", () => document.hidden && forms().forEach((form) => save(form)));

one("[data-keys]").hidden = false;
try { putBack(); } catch { /* no store here */ }
if (location.hash === "#write") all(".said .blank textarea")[0]?.focus();

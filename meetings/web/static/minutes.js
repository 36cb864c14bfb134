// The editor of the minutes. Everything works without it; it saves block by block, keeps here what the server has not got yet,
// takes from the page that answers what others wrote, and hears keys.
const desk = document.querySelector("[data-minutes]"), { minutes: store, unsaved, saving, kept, names } = desk?.dataset || {};
const all = (query, from = desk) => [...from.querySelectorAll(query)];
const state = document.querySelector("[data-state]");
const WAIT = 2000, AGAIN = 8000;
const now = () => document.activeElement;
const block = (form) => form.closest("[data-block]");
const typed = (form) => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrf_token" && !/edition$/.test(name)));
const edition = (form) => all("[name$=edition]", form)[0];
const blank = (list) => all(":scope > .blank", list).pop();

// --- what is typed stays here until the server has it ---
const draft = {
  keep(form) {
    const fields = Object.fromEntries(JSON.parse(typed(form)));
    fields.edition = form.dataset.conflict || edition(form).value;
    try { localStorage.setItem(store + block(form).dataset.block, JSON.stringify(fields)); } catch { /* full or closed */ }
  },
  drop(form) { try { localStorage.removeItem(store + block(form).dataset.block); } catch { /* closed */ } },
};

function putBack() {
  let keys = [];
  try { keys = Object.keys(localStorage).filter((key) => key.startsWith(store)); } catch { /* closed */ }
  for (const key of keys) {
    const name = key.slice(store.length), at = name.split(".")[0], list = document.getElementById(at);
    if (!list) { all(`[data-list="${at}"]`).forEach((link) => { link.dataset.kept = ""; }); continue; }
    const fields = JSON.parse(localStorage[key]);
    let form = all("form", list).find((one) => block(one).dataset.block === name);
    const gone = !form;
    if (gone) { // a new block, or one that somebody has deleted since: it stands at the end
      form = all("form", another(list))[0];
      localStorage.removeItem(key);
    }
    for (const field of form.elements)
      if (field.type !== "hidden" && field.name in fields) field.value = fields[field.name];
    if (gone) { if (fields.once && !fields.id) once(block(form), fields.once); }
    else if (typed(form) === typed(form.$was || form) && !form.$touched && same(form)) { draft.drop(form); continue; }
    else edition(form).value = fields.edition; // the server finds out who was later
    touch(form);
  }
}

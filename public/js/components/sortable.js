import { announce, notify } from '../lib/announce.js'
import { post } from '../lib/http.js'
import { text } from '../lib/texts.js'

/**
 * A list whose order people change by dragging, and by the move buttons of views/shared/move-buttons.ejs.
 * The list: `data-sort-url` takes POST { order: [ids] }; `data-sort-group` lets entries go to other lists of that group, then
 * the body has { order, list: data-list-id } and only the receiving list is sent. Entries: `data-id`, `data-name`; dragging is
 * by `.sortable-handle` if there is one.
 */
export default async function sortable(list) {
  const entries = () => [...list.children].filter((child) => child.dataset.id)
  list.classList.add('is-sortable')
  list.addEventListener('submit', (event) => moveByButton(event, list, entries))
  const Sortable = await loadSortable()
  if (!Sortable) return
  let before = []
  Sortable.create(list, {
    animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 150,
    draggable: '[data-id]',
    handle: list.querySelector('.sortable-handle') ? '.sortable-handle' : undefined,
    group: list.dataset.sortGroup,
    ghostClass: 'sortable-ghost',
    onStart: () => {
      before = entries()
    },
    onUpdate: () => save(list, entries, before),
    onAdd: (dropped) => save(list, entries, null, { dropped }),
    onSort: () => refreshButtons(entries()),
  })
}

async function loadSortable() {
  if (!globalThis.Sortable) await import('/vendor/sortablejs/Sortable.min.js').catch(() => {})
  return globalThis.Sortable
}

async function moveByButton(event, list, entries) {
  const form = event.target
  const direction = event.submitter?.value
  if (!form.matches('[data-move]') || !list.dataset.sortUrl || !direction) return
  // A list within an entry of another list sorts its own entries.
  if (form.closest('[data-sort-url]') !== list) return
  event.preventDefault()
  const entry = entries().find((child) => child.contains(form))
  const before = entries()
  const neighbour = before[before.indexOf(entry) + (direction === 'up' ? -1 : 1)]
  if (!neighbour) return
  if (direction === 'up') neighbour.before(entry)
  else neighbour.after(entry)
  refreshButtons(entries())
  // At the end of its way a button goes dead: the focus moves to its twin.
  const target = event.submitter.disabled ? form.querySelector('button:not(:disabled)') : event.submitter
  target?.focus()
  const values = { name: entry.dataset.name ?? '', position: entries().indexOf(entry) + 1, total: before.length }
  await save(list, entries, before, { said: text('sort.moved', values) })
}

async function save(list, entries, before, { dropped, said } = {}) {
  try {
    const body = { order: entries().map((entry) => entry.dataset.id), list: list.dataset.listId }
    await post(list.dataset.sortUrl, body, { safe: true })
    announce([said, text('sort.saved')].filter(Boolean).join('. '))
    list.dispatchEvent(new CustomEvent('sorted', { bubbles: true }))
  } catch (error) {
    if (before) list.append(...before)
    else if (dropped) dropped.from.insertBefore(dropped.item, dropped.from.children[dropped.oldIndex] ?? null)
    refreshButtons(entries())
    notify('danger', error.status === 409 || error.status === 422 ? error.message : text('sort.failed'))
  }
}

function refreshButtons(children) {
  children.forEach((child, index) => {
    for (const button of child.querySelectorAll(':scope > [data-move] button, :scope > * > [data-move] button')) {
      button.disabled = button.value === 'up' ? index === 0 : index === children.length - 1
    }
  })
}

import { fill } from '../lib/texts.js'

/**
 * Rows with boxes: one box for all of the page, Shift for a range, and the bulk form (`data-form`) shows how many are chosen.
 * A box named `everyone` in that form (all who match, on every page) frees its buttons too.
 */
export default function checkAll(table) {
  const all = table.querySelector('[data-check-all]')
  const boxes = [...table.querySelectorAll('tbody .cell-check input')]
  const form = document.getElementById(table.dataset.form)
  const count = form?.querySelector('[data-bulk-count]')
  const hint = count?.textContent
  const plural = new Intl.PluralRules(document.documentElement.lang)
  const everyone = form?.querySelector('input[name=everyone]')
  let last

  const refresh = () => {
    const chosen = boxes.filter((box) => box.checked).length
    all.checked = chosen > 0 && chosen === boxes.length
    all.indeterminate = chosen > 0 && chosen < boxes.length
    form?.classList.toggle('is-active', chosen > 0 || everyone?.checked === true)
    for (const button of form?.querySelectorAll('button[type=submit]') ?? [])
      button.disabled = chosen === 0 && !everyone?.checked
    if (count) count.textContent = chosen ? fill(wordsFor(count, plural.select(chosen)), { count: chosen }) : hint
  }

  all.hidden = boxes.length === 0
  all.addEventListener('change', () => {
    for (const box of boxes) box.checked = all.checked
    refresh()
  })
  everyone?.addEventListener('change', refresh)
  for (const box of boxes) {
    box.addEventListener('click', (event) => {
      if (event.shiftKey && last) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b)
        for (const other of boxes.slice(from, to + 1)) other.checked = box.checked
      }
      last = box
      refresh()
    })
  }
  refresh()
}

const wordsFor = (count, form) => count.dataset[form] ?? count.dataset.other ?? '{{count}}'

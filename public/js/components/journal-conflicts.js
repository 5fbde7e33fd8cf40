/**
 * Cells where one's own value and another person's stand against each other, and cells that the server refused. Both
 * values are shown with their author; the person decides, nothing is overwritten unasked.
 */

/**
 * @param {HTMLElement} root
 * @param {{ cells: any, text: Function, print: (value: object) => string,
 *   placeOf: (key: string) => { name: string, lesson: string }, onResolved: (key: string) => void,
 *   onMine: (changes: { key: string, before: object, after: object }[]) => void }} options
 */
export function createConflicts(root, { cells, text, print, placeOf, onResolved, onMine }) {
  const panel = root.querySelector('[data-part="conflicts"]')
  const list = panel.querySelector('ul')
  const template = panel.querySelector('template')
  const all = panel.querySelector('[data-part="all"]')
  /** @type {Map<string, { item: HTMLElement, look: string }>} */
  const items = new Map()

  const shownAs = (value) => [print(value) || text('conflict.empty'), value.comment].filter(Boolean).join(' · ')

  function describe(cell) {
    const { name, lesson } = placeOf(cell.key)
    const mine = shownAs(cell.mine)
    if (cell.state === 'refused') {
      return text(`refused.${cell.reason}`, { name, lesson, mine })
    }
    const { by, at } = cell.theirs
    const when = at
      ? new Date(at).toLocaleTimeString(document.documentElement.lang, { timeStyle: 'short', hourCycle: 'h23' })
      : ''
    const key = by ? 'conflict.sentence' : 'conflict.unknownAuthor'
    return text(key, { name, lesson, mine, theirs: shownAs(cell.theirs), by, when })
  }

  function build(cell) {
    const item = template.content.firstElementChild.cloneNode(true)
    item.dataset.key = cell.key
    list.append(item)
    return item
  }

  function fill(item, cell) {
    item.querySelector('p').textContent = describe(cell)
    const refused = cell.state === 'refused'
    const [theirs, mine] = item.querySelectorAll('button')
    theirs.textContent = refused
      ? text('refused.letGo')
      : text('conflict.keepTheirs', { value: print(cell.theirs) || text('conflict.empty') })
    mine.hidden = refused
    mine.textContent = text('conflict.putMine', { value: print(cell.mine) || text('conflict.empty') })
  }

  /** Brings the list in step with the cells; only what differs is touched, so that focus stays where it is. */
  function refresh() {
    const troubled = [...cells.conflicts(), ...cells.refused()]
    const keys = new Set(troubled.map(({ key }) => key))
    for (const [key, { item }] of items) {
      if (keys.has(key)) continue
      item.remove()
      items.delete(key)
    }
    for (const cell of troubled) {
      const look = describe(cell)
      const known = items.get(cell.key)
      if (known?.look === look) continue
      const item = known?.item ?? build(cell)
      fill(item, cell)
      items.set(cell.key, { item, look })
    }
    all.hidden = cells.conflicts().length < 2
    panel.hidden = items.size === 0
  }

  function decide(keys, mine) {
    if (mine) onMine(keys.map((key) => ({ key, ...cells.putMine(key) })))
    else for (const key of keys) cells.keepTheirs(key)
    onResolved(keys[0])
  }

  panel.addEventListener('click', ({ target }) => {
    const button = target.closest('button')
    if (!button) return
    const mine = button.dataset.decision === 'mine'
    const item = button.closest('li')
    decide(item ? [item.dataset.key] : cells.conflicts().map(({ key }) => key), mine)
  })

  return { refresh, describe }
}

/**
 * Where one is in the grid: one active cell that can be reached by Tab (roving tabindex, as the ARIA grid pattern
 * asks), and a range from an anchor to it. Coordinates count the header row and the column of names as 0.
 *
 * @typedef {{ row: number, column: number }} Place
 */

/**
 * @param {HTMLTableElement} table
 * @param {{ onMove: (td: HTMLTableCellElement) => void }} options
 */
export function createSelection(table, { onMove }) {
  const rows = table.rows
  const last = { row: rows.length - 1, column: rows[0].cells.length - 1 }
  const current = table.tHead.querySelector('[data-current]')?.cellIndex ?? 1
  /** @type {Place} */
  let active = { row: Math.min(1, last.row), column: Math.min(current, last.column) }
  /** @type {Place} */
  let anchor = active
  /** @type {Set<HTMLElement>} */
  let picked = new Set()

  const cellAt = ({ row, column }) => rows[row].cells[column]
  /** Names and dates are links: the link takes the focus instead of its cell. */
  const focusTarget = (td) => td.querySelector('a, button') ?? td
  const placeOf = (td) => ({ row: td.parentElement.rowIndex, column: td.cellIndex })
  const clamp = (value, max) => Math.max(0, Math.min(max, value))

  function bounds() {
    const [top, bottom] = [anchor.row, active.row].sort((a, b) => a - b)
    const [left, right] = [anchor.column, active.column].sort((a, b) => a - b)
    return { top, bottom, left, right, rows: bottom - top + 1, columns: right - left + 1 }
  }

  /** @returns {HTMLTableCellElement[][]} */
  function range() {
    const { top, bottom, left, right } = bounds()
    const block = []
    for (let row = top; row <= bottom; row++) block.push([...rows[row].cells].slice(left, right + 1))
    return block
  }

  function paint() {
    const many = anchor.row !== active.row || anchor.column !== active.column
    const now = new Set(many ? range().flat() : [])
    for (const td of picked) if (!now.has(td)) td.removeAttribute('aria-selected')
    for (const td of now) if (!picked.has(td)) td.setAttribute('aria-selected', 'true')
    picked = now
  }

  function go(place, { extend = false, focus = true } = {}) {
    const next = { row: clamp(place.row, last.row), column: clamp(place.column, last.column) }
    focusTarget(cellAt(active)).tabIndex = -1
    active = next
    if (!extend) anchor = next
    const td = cellAt(active)
    const target = focusTarget(td)
    target.tabIndex = 0
    paint()
    if (focus) {
      target.focus({ preventScroll: true })
      td.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    }
    onMove(td)
  }

  for (const link of table.querySelectorAll('a, button')) link.tabIndex = -1
  focusTarget(cellAt(active)).tabIndex = 0
  // The lesson of the day, with some lessons before it, is what one came for.
  const scroller = table.parentElement
  // The cells take the focus from here on; without this module the frame itself is scrolled by keyboard.
  scroller.removeAttribute('tabindex')
  scroller.scrollLeft = Math.max(0, cellAt(active).offsetLeft - scroller.clientWidth * 0.7)

  return {
    go,
    range,
    bounds,
    placeOf,
    cellAt,
    /** @returns {HTMLTableCellElement} */
    active: () => cellAt(active),
    place: () => active,
    last,
    isRange: () => picked.size > 0,
    /** Moves by so many rows and columns. */
    step(down, right, options) {
      go({ row: active.row + down, column: active.column + right }, options)
    },
    /** Chooses everything between two places; the first becomes the active one. */
    choose(from, to) {
      go(to, { focus: false })
      go(from, { extend: true })
    },
    collapse() {
      anchor = active
      paint()
    },
  }
}

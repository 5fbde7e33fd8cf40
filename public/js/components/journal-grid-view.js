/**
 * Between the table in the page and the cells in memory. The server prints the table; here its cells are read once and
 * afterwards only those that change are painted.
 */
import { cellKey } from './journal-cells.js'

const STATES = ['typed', 'sending', 'conflict', 'refused', 'justSaved', 'remote']

/** @param {HTMLTableElement} table */
export function createGridView(table) {
  const headers = [...table.tHead.rows[0].cells]
  const lessonIds = headers.map((th) => Number(th.dataset.lesson ?? 0))
  /** @type {Map<string, HTMLTableCellElement>} */
  const tds = new Map()
  /** @type {WeakMap<HTMLTableCellElement, string>} */
  const keys = new WeakMap()

  for (const row of table.tBodies[0].rows) {
    const enrolmentId = Number(row.dataset.enrolment)
    for (const td of row.cells) {
      const lessonId = lessonIds[td.cellIndex]
      if (!lessonId) {
        td.tabIndex = -1
        continue
      }
      const key = cellKey(lessonId, enrolmentId)
      td.tabIndex = -1
      tds.set(key, td)
      keys.set(td, key)
    }
  }

  const isExpected = (td) => !td.classList.contains('journal-out')

  /** The text beside the editing input, which must not be touched. */
  function setText(td, sign) {
    if (td.firstChild?.nodeType === Node.TEXT_NODE) td.firstChild.nodeValue = sign
    else td.prepend(sign)
  }

  return {
    headers,
    tds,
    keyOf: (td) => keys.get(td),
    isEditable: (td) => keys.has(td) && isExpected(td) && !('locked' in td.parentElement.dataset),
    isExpected: (td) => keys.has(td) && isExpected(td),
    /** Fills the cells from what the server printed. @param {(text: string) => any} read */
    fill(cells, read) {
      for (const [key, td] of tds) {
        if (!isExpected(td)) continue
        const { attendance, mark } = read(td.textContent)
        cells.add(key, { attendance, mark, comment: td.dataset.comment ?? '' }, Number(td.dataset.v ?? 0))
      }
    },
    /** @param {any} cell @param {string} sign */
    paint(key, cell, sign) {
      const td = tds.get(key)
      setText(td, sign)
      const look = cell.state === 'saved' ? cell.fresh : cell.state
      td.dataset.state = look
      const { comment } = cell.mine ?? cell.saved
      td.classList.toggle('journal-noted', comment !== '')
      const told = [comment && 'journal-state-noted', STATES.includes(look) && `journal-state-${look}`].filter(Boolean)
      if (told.length > 0) td.setAttribute('aria-describedby', told.join(' '))
      else td.removeAttribute('aria-describedby')
      const hint = [look === 'remote' && cell.by, comment].filter(Boolean).join(' · ')
      if (hint) td.title = hint
      else td.removeAttribute('title')
    },
    /** Name and lesson of a cell in words. */
    placeOf(key) {
      const td = tds.get(key)
      const th = headers[td.cellIndex]
      return {
        name: td.parentElement.cells[0].dataset.name ?? td.parentElement.cells[0].textContent.trim(),
        lesson: th.dataset.label ?? th.textContent.trim(),
      }
    },
    /** @param {number} column @returns {HTMLTableCellElement[]} editable cells of one lesson */
    columnCells(column) {
      return [...table.tBodies[0].rows].map((row) => row.cells[column]).filter((td) => this.isEditable(td))
    },
  }
}

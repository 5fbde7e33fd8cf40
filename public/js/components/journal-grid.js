/**
 * The grid of a module journal: learners × lessons, moved through and typed into like a spreadsheet, saved by itself.
 * The table comes from the server complete; without this module it is read and each lesson's page is a plain form.
 */
import { fromTsv, layOut, toTsv } from './journal-clipboard.js'
import { attachColumnDialog } from './journal-column.js'
import { attachDetails } from './journal-details.js'
import { createEditor } from './journal-editor.js'
import { NOT_EXPECTED_SIGN } from './journal-entry.js'
import { listenToGrid } from './journal-grid-input.js'
import { createGridView } from './journal-grid-view.js'
import { createSelection } from './journal-selection.js'
import { openSession } from './journal-session.js'
import { createTotalsView } from './journal-totals-view.js'
import { createUndo } from './journal-undo.js'

const STEPS = { stay: null, down: [1, 0], up: [-1, 0], right: [0, 1], left: [0, -1] }

/** @param {HTMLElement} root the element with `data-component="journal-grid"` */
export default function mountJournalGrid(root) {
  const table = root.querySelector('table')
  if (!table.tBodies[0].rows.length) return
  const view = createGridView(table)
  const session = openSession(root, {
    paint: (key) => view.paint(key, session.cells.get(key), session.print(session.cells.shown(key))),
    paintTotals: (totals) => paintTotals(totals),
    placeOf: view.placeOf,
    onOverruled: (changes) => undo.record(changes),
    onResolved: (key) => selection.go(selection.placeOf(view.tds.get(key))),
  })
  const { cells, config, text, status, read, print } = session
  const paintTotals = createTotalsView(table, { text, language: config.language })
  view.fill(cells, read)
  const undo = createUndo(cells)
  const selection = createSelection(table, { onMove: (td) => cells.calm(view.keyOf(td) ?? '') })
  const toolbar = root.querySelector('[data-part="toolbar"]')

  const editable = (td) => !config.readOnly && view.isEditable(td)
  const selected = () => selection.range().flat().filter(editable)

  /** Changes cells as one step that can be taken back. @param {{ td: HTMLElement, value: object }[]} changes */
  function change(changes, source) {
    const step = changes.map(({ td, value }) => {
      const key = view.keyOf(td)
      const before = { ...cells.shown(key) }
      cells.type(key, value, source)
      return { key, before, after: { ...cells.shown(key) } }
    })
    undo.record(step)
    session.queue.nudge()
    refreshToolbar()
  }

  const editor = createEditor(root.querySelector('[data-part="editor"]'), {
    onCommit(td, typed, direction) {
      const value = read(typed)
      if (!value.ok) {
        status.announce(text(`entry.${value.reason}`, { typed }))
        showReason(text(`entry.${value.reason}`, { typed }))
        return false
      }
      editor.close()
      showReason('')
      const tds = selection.isRange() ? selected() : [td]
      change(
        tds.map((one) => ({ td: one, value: { attendance: value.attendance, mark: value.mark } })),
        tds.length > 1 ? 'bulk' : 'typed',
      )
      const step = STEPS[direction]
      if (step && selection.isRange()) selection.go(selection.place(), { extend: true })
      else if (step) selection.step(...step)
      return true
    },
    onCancel(td) {
      showReason('')
      if (td && document.activeElement === document.body) selection.go(selection.placeOf(td), { extend: true })
    },
  })

  function showReason(sentence) {
    const line = root.querySelector('[data-part="reason"]')
    line.textContent = sentence
    line.hidden = sentence === ''
  }

  function edit(character) {
    const td = selection.active()
    if (!editable(td)) {
      if (view.keyOf(td)) tellWhyNot(td)
      return
    }
    const { name, lesson } = view.placeOf(view.keyOf(td))
    const shown = print(cells.shown(view.keyOf(td)))
    editor.open(td, character ?? shown, character !== undefined, text('cell.editing', { name, lesson }))
  }

  function tellWhyNot(td) {
    const reason = config.readOnly ? 'cell.readOnly' : view.isExpected(td) ? 'cell.gone' : 'cell.notExpected'
    status.announce(text(reason))
    showReason(text(reason))
  }

  function clear() {
    change(
      selected().map((td) => ({ td, value: { attendance: '', mark: null } })),
      'typed',
    )
  }

  function fillDown() {
    const [first, ...rest] = selection.range()
    const changes = rest.flatMap((row) =>
      row.flatMap((td, index) => {
        const from = first[index]
        if (!editable(td) || !view.isExpected(from)) return []
        const { attendance, mark } = cells.shown(view.keyOf(from))
        return [{ td, value: { attendance, mark } }]
      }),
    )
    change(changes, 'bulk')
  }

  function copyText() {
    const rows = selection.range()
    return toTsv(rows.map((row) => row.map((td) => textOf(td))))
  }

  function textOf(td) {
    const key = view.keyOf(td)
    if (!key) return td.textContent.trim().replace(/\s+/gu, ' ')
    return view.isExpected(td) ? print(cells.shown(key)) : NOT_EXPECTED_SIGN
  }

  function paste(pasted) {
    const { top, left, rows, columns } = selection.bounds()
    const changes = []
    let skipped = 0
    for (const { row, column, text: sign } of layOut(fromTsv(pasted), { rows, columns })) {
      if (sign.trim() === NOT_EXPECTED_SIGN) continue
      const place = { row: top + row, column: left + column }
      const td = place.row <= selection.last.row ? selection.cellAt(place) : undefined
      const value = read(sign)
      if (td && editable(td) && value.ok) {
        changes.push({ td, value: { attendance: value.attendance, mark: value.mark } })
      } else skipped += 1
    }
    change(changes, 'bulk')
    const done = text('paste.done', { count: changes.length })
    const told = skipped > 0 ? `${done} ${text('paste.skipped', { count: skipped })}` : done
    status.announce(told)
    showReason(skipped > 0 ? told : '')
  }

  function takeBack(step, key) {
    if (!step) return status.announce(text(`${key}.nothing`))
    session.queue.nudge()
    refreshToolbar()
    const first = step.keys[0]
    if (first) selection.go(selection.placeOf(view.tds.get(first)))
    const done = text(`${key}.done`, { count: step.keys.length })
    status.announce(step.skipped > 0 ? `${done} ${text('undo.skipped', { count: step.skipped })}` : done)
    if (step.skipped > 0) showReason(text('undo.skipped', { count: step.skipped }))
  }

  function refreshToolbar() {
    // Who may only look has no such buttons.
    for (const [action, can] of [
      ['undo', undo.canUndo()],
      ['redo', undo.canRedo()],
    ]) {
      const button = toolbar?.querySelector(`[data-action="${action}"]`)
      if (button) button.disabled = !can
    }
  }

  const openDetails = attachDetails(root, { session, view, selection, change })
  const openColumn = attachColumnDialog(root, { session, view, selection, change })
  const act = {
    edit,
    clear: () => !config.readOnly && clear(),
    fillDown: () => !config.readOnly && fillDown(),
    undo: () => takeBack(undo.undo(), 'undo'),
    redo: () => takeBack(undo.redo(), 'redo'),
    details: openDetails,
    column: openColumn,
    copy: copyText,
    paste: (pasted) => !config.readOnly && paste(pasted),
    leave: () => status.announce(text('grid.leave')),
  }
  listenToGrid(table, selection, act)
  toolbar?.addEventListener('click', ({ target }) => act[target.closest('[data-action]')?.dataset.action]?.())
  refreshToolbar()
  session.begin()
}

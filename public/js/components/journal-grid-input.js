/**
 * Keyboard, mouse and clipboard of the grid, as in a spreadsheet. Decides which action is meant; the grid carries it
 * out. Listeners sit on the table, not on its cells.
 */

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }

/**
 * @param {HTMLTableElement} table
 * @param {ReturnType<import('./journal-selection.js').createSelection>} selection
 * @param {Record<string, Function>} act edit, clear, undo, redo, fillDown, details, copy, paste, leave
 */
export function listenToGrid(table, selection, act) {
  /** After Escape the next Tab leaves the grid: nobody is trapped in it. */
  let leaving = false
  let dragging = false

  const pageRows = () => Math.max(1, Math.floor(table.parentElement.clientHeight / table.rows[1].offsetHeight) - 2)

  function moveByTab(event) {
    const { row, column } = selection.place()
    const next = column + (event.shiftKey ? -1 : 1)
    if (leaving || next < 0 || next > selection.last.column) return false
    selection.go({ row, column: next })
    return true
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was meant for the grid */
  function navigate(event) {
    const { key, ctrlKey, metaKey, shiftKey } = event
    const whole = ctrlKey || metaKey
    const { row, column } = selection.place()
    const move = MOVES[key]
    const options = { extend: shiftKey }
    if (move) {
      const far = whole ? 10_000 : 1
      const first = row === 0 ? 0 : 1
      const target = { row: row + move[0] * far, column: column + move[1] * far }
      if (whole) target.row = Math.max(first, target.row)
      selection.go(target, options)
    } else if (key === 'Home') selection.go({ row: whole ? 1 : row, column: whole ? 1 : 0 }, options)
    else if (key === 'End')
      selection.go({ row: whole ? selection.last.row : row, column: selection.last.column }, options)
    else if (key === 'PageDown') selection.step(pageRows(), 0, options)
    else if (key === 'PageUp') selection.step(-pageRows(), 0, options)
    else if (key === 'Enter') {
      if (event.target.closest('a, button')) return false
      selection.step(shiftKey ? -1 : 1, 0)
    } else if (key === 'Tab') return moveByTab(event)
    else return false
    return true
  }

  /** By the place of the key: on a Russian layout Ctrl+Z says Ctrl+я. @param {KeyboardEvent} event */
  function command({ code, key, ctrlKey, metaKey, shiftKey }) {
    if (ctrlKey || metaKey) {
      if (code === 'KeyZ') return shiftKey ? act.redo : act.undo
      if (code === 'KeyY') return act.redo
      if (code === 'KeyD') return act.fillDown
      if (code === 'KeyA') return chooseAll
      if (code === 'Space') return chooseColumn
      return undefined
    }
    if (key === 'Delete' || key === 'Backspace') return act.clear
    if (key === 'F2') return shiftKey ? act.details : () => act.edit()
    if (key === ' ') return shiftKey ? chooseRow : nothing
    return undefined
  }

  const nothing = () => {}
  const chooseAll = () => selection.choose({ row: 1, column: 1 }, selection.last)
  const chooseRow = () => {
    const { row } = selection.place()
    selection.choose({ row, column: 1 }, { row, column: selection.last.column })
  }
  const chooseColumn = () => {
    const { column } = selection.place()
    selection.choose({ row: 1, column }, { row: selection.last.row, column })
  }

  table.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      selection.collapse()
      leaving = true
      act.leave()
      return
    }
    const done = command(event)
    if (done) {
      event.preventDefault()
      done()
    } else if (navigate(event)) event.preventDefault()
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== ' ') {
      // The character goes into the input that opens under it.
      event.preventDefault()
      act.edit(event.key)
    }
    if (event.key !== 'Tab' && event.key !== 'Shift') leaving = false
  })
  const cellOf = (event) => (event.target instanceof Element ? event.target.closest('td, th') : null)

  table.addEventListener('focusin', (event) => {
    leaving = false
    // A screen reader may put the focus anywhere: the grid follows.
    const td = cellOf(event)
    if (td && td !== selection.active()) selection.go(selection.placeOf(td), { focus: false })
  })

  table.addEventListener('pointerdown', (event) => {
    const td = cellOf(event)
    if (!td || event.button !== 0 || event.target.closest('a, button, input')) return
    const again = td === selection.active() && event.pointerType !== 'mouse'
    if (event.pointerType === 'mouse') event.preventDefault()
    selection.go(selection.placeOf(td), { extend: event.shiftKey })
    dragging = event.pointerType === 'mouse'
    // On a touch screen there is no double click worth the name: a second tap writes.
    if (again) table.addEventListener('click', () => act.edit(), { once: true })
  })
  table.addEventListener('pointerover', (event) => {
    const td = cellOf(event)
    if (dragging && td) selection.go(selection.placeOf(td), { extend: true })
  })
  addEventListener('pointerup', () => {
    dragging = false
  })
  table.addEventListener('dblclick', (event) => {
    if (cellOf(event) && !event.target.closest('a, button')) act.edit()
  })

  for (const name of ['copy', 'cut']) {
    table.addEventListener(name, (event) => {
      event.clipboardData.setData('text/plain', act.copy())
      event.preventDefault()
      if (name === 'cut') act.clear()
    })
  }
  table.addEventListener('paste', (event) => {
    event.preventDefault()
    act.paste(event.clipboardData.getData('text/plain'))
  })
}

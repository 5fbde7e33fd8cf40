/**
 * The one input of the grid. It is laid into the cell that is being typed in and taken out again: a thousand inputs
 * would make the page slow for the browser and endless for a screen reader.
 *
 * @typedef {'stay' | 'down' | 'up' | 'right' | 'left'} Direction
 */

const LONGEST_ENTRY = 12

/**
 * @param {HTMLInputElement} input
 * @param {{
 *   onCommit: (td: HTMLTableCellElement, text: string, direction: Direction) => boolean,
 *   onCancel: (td: HTMLTableCellElement) => void,
 * }} options `onCommit` answers whether the text was accepted; if not, the input stays open
 */
export function createEditor(input, { onCommit, onCancel }) {
  /** @type {HTMLTableCellElement | null} */
  let td = null
  /** Opened by a first character: arrows move on, as in a spreadsheet; opened by F2 they move inside the text. */
  let quick = false
  input.maxLength = LONGEST_ENTRY
  input.hidden = false
  input.remove()

  function close() {
    const was = td
    td = null
    input.remove()
    input.removeAttribute('aria-invalid')
    return was
  }

  function commit(direction) {
    if (td === null) return true
    const cell = td
    if (onCommit(cell, input.value, direction)) return true
    input.setAttribute('aria-invalid', 'true')
    input.select()
    return false
  }

  /** @param {KeyboardEvent} event */
  function directionOf({ key, shiftKey }) {
    if (key === 'Enter') return shiftKey ? 'up' : 'down'
    if (key === 'Tab') return shiftKey ? 'left' : 'right'
    if (!quick) return undefined
    return { ArrowDown: 'down', ArrowUp: 'up', ArrowRight: 'right', ArrowLeft: 'left' }[key]
  }

  input.addEventListener('keydown', (event) => {
    event.stopPropagation()
    if (event.isComposing) return
    if (event.key === 'Escape') {
      event.preventDefault()
      onCancel(close())
      return
    }
    const direction = directionOf(event)
    if (!direction) return
    event.preventDefault()
    commit(direction)
  })
  input.addEventListener('input', () => input.removeAttribute('aria-invalid'))
  // Clicking elsewhere keeps what was typed; what cannot be read is given up aloud rather than kept in silence.
  input.addEventListener('blur', () => {
    if (td !== null && !commit('stay')) onCancel(close())
  })
  for (const name of ['copy', 'cut', 'paste']) input.addEventListener(name, (event) => event.stopPropagation())

  return {
    isOpen: () => td !== null,
    /** @param {string} text what stands in the input; `isQuick` when it was opened by typing it */
    open(cell, text, isQuick, label) {
      td = cell
      quick = isQuick
      input.value = text
      input.setAttribute('aria-label', label)
      cell.append(input)
      input.focus({ preventScroll: true })
      if (!isQuick) input.select()
    },
    close,
    commit,
  }
}

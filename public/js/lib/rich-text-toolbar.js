import { icon } from './icon.js'

// Name of the word and of the icon, what the button does, and when it is pressed.
const MARKS = [
  ['bold', 'bold', (chain) => chain.toggleBold(), (editor) => editor.isActive('bold')],
  ['italic', 'italic', (chain) => chain.toggleItalic(), (editor) => editor.isActive('italic')],
  ['underline', 'underline', (chain) => chain.toggleUnderline(), (editor) => editor.isActive('underline')],
]
const BLOCKS = [
  ['h3', 'h-2', (chain) => chain.toggleHeading({ level: 3 }), (editor) => editor.isActive('heading', { level: 3 })],
  ['h4', 'h-3', (chain) => chain.toggleHeading({ level: 4 }), (editor) => editor.isActive('heading', { level: 4 })],
  ['bullets', 'list', (chain) => chain.toggleBulletList(), (editor) => editor.isActive('bulletList')],
  ['numbers', 'list-numbers', (chain) => chain.toggleOrderedList(), (editor) => editor.isActive('orderedList')],
  ['quote', 'blockquote', (chain) => chain.toggleBlockquote(), (editor) => editor.isActive('blockquote')],
]
const HISTORY = [
  ['undo', 'arrow-back-up', (chain) => chain.undo()],
  ['redo', 'arrow-forward-up', (chain) => chain.redo()],
]
const TABLE = [
  ['rowAdd', (chain) => chain.addRowAfter()],
  ['rowDelete', (chain) => chain.deleteRow()],
  ['columnAdd', (chain) => chain.addColumnAfter()],
  ['columnDelete', (chain) => chain.deleteColumn()],
  ['tableDelete', (chain) => chain.deleteTable()],
]

/**
 * The buttons over an editor: one stop of the Tab key, arrows move between them. While the cursor is in a table, its own
 * buttons appear below.
 * @param {Record<string, string>} words by name of the button
 * @param {{ link: () => void, picture: (() => void) | null }} actions that ask something first
 */
export function makeToolbar(editor, words, actions) {
  const bar = group('rich-text-toolbar', words.toolbar)
  const run = (command) => () => command(editor.chain().focus()).run()
  const pressed = []
  const add = ([name, sign, command, active]) => {
    const made = button(words[name], run(command), sign)
    if (active) pressed.push([made, active])
    bar.append(made)
  }
  MARKS.forEach(add)
  bar.append(gap())
  BLOCKS.forEach(add)
  bar.append(gap())
  const link = button(words.link, actions.link, 'link')
  pressed.push([link, () => editor.isActive('link')])
  bar.append(link)
  if (actions.picture) bar.append(button(words.picture, actions.picture, 'photo'))
  add(['table', 'table-plus', (chain) => chain.insertTable({ rows: 3, cols: 3, withHeaderRow: true })])
  add(['rule', 'minus', (chain) => chain.setHorizontalRule()])
  bar.append(gap())
  HISTORY.forEach(add)

  const tableBar = group('rich-text-toolbar rich-text-table-bar', words.table)
  tableBar.append(...TABLE.map(([name, command]) => button(words[name], run(command))))
  const refresh = () => {
    for (const [made, active] of pressed) made.setAttribute('aria-pressed', String(active(editor)))
    tableBar.hidden = !editor.isActive('table')
  }
  editor.on('transaction', refresh)
  refresh()
  const bars = document.createElement('div')
  bars.className = 'rich-text-bars'
  bars.append(bar, tableBar)
  return bars
}

function group(className, label) {
  const bar = document.createElement('div')
  bar.className = className
  bar.setAttribute('role', 'toolbar')
  bar.setAttribute('aria-label', label)
  bar.addEventListener('keydown', (event) => moveAlong(bar, event))
  bar.addEventListener('focusin', (event) => makeStop(bar, event.target.closest('button')))
  queueMicrotask(() => makeStop(bar, bar.querySelector('button')))
  return bar
}

const makeStop = (bar, chosen) => {
  for (const other of bar.querySelectorAll('button')) other.tabIndex = other === chosen ? 0 : -1
}

function moveAlong(bar, event) {
  const buttons = [...bar.querySelectorAll('button')]
  const at = buttons.indexOf(document.activeElement)
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key]
  if (to === undefined) return
  event.preventDefault()
  buttons[(to + buttons.length) % buttons.length].focus()
}

function gap() {
  const made = document.createElement('span')
  made.className = 'rich-text-gap'
  return made
}

function button(label, action, sign) {
  const made = document.createElement('button')
  made.type = 'button'
  made.className = sign ? 'rich-text-button' : 'rich-text-button rich-text-button-word'
  if (sign) {
    made.append(icon(sign))
    made.title = label
    made.setAttribute('aria-label', label)
  } else {
    made.textContent = label
  }
  made.addEventListener('click', action)
  return made
}

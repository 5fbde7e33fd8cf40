let made = 0

/**
 * Suggestions below an input by the combobox pattern of ARIA: the cursor stays in the input, arrows walk the list, Enter
 * chooses, Escape closes.
 * @param {HTMLInputElement} input
 * @param {{ label: string, choose: (item: { name: string, hint?: string }) => void }} options
 * @returns {{ show: (items: { name: string, hint?: string }[]) => void }}
 */
export function listbox(input, { label, choose }) {
  const list = document.createElement('ul')
  list.id = `listbox-${++made}`
  list.className = 'listbox'
  list.setAttribute('role', 'listbox')
  list.setAttribute('aria-label', label)
  list.hidden = true
  input.after(list)
  const attributes = { role: 'combobox', 'aria-autocomplete': 'list', 'aria-controls': list.id, autocomplete: 'off' }
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value)
  let items = []
  let at = -1

  const mark = (next) => {
    list.children[at]?.setAttribute('aria-selected', 'false')
    at = next
    const option = list.children[at]
    option?.setAttribute('aria-selected', 'true')
    option?.scrollIntoView({ block: 'nearest' })
    if (option) input.setAttribute('aria-activedescendant', option.id)
    else input.removeAttribute('aria-activedescendant')
  }
  const show = (found) => {
    items = found
    list.replaceChildren(...found.map((item, index) => optionOf(item, `${list.id}-${index}`)))
    list.hidden = !found.length
    input.setAttribute('aria-expanded', String(found.length > 0))
    mark(-1)
  }
  const take = (index) => {
    const item = items[index]
    show([])
    if (item) choose(item)
  }

  input.addEventListener('keydown', (event) => {
    if (!items.length) return
    const steps = { ArrowDown: at + 1, ArrowUp: at < 0 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 }
    if (event.key in steps && (event.key.startsWith('Arrow') || at >= 0)) {
      event.preventDefault()
      mark((steps[event.key] + items.length) % items.length)
    } else if (event.key === 'Enter' && at >= 0) {
      event.preventDefault()
      take(at)
    } else if (event.key === 'Escape') {
      event.preventDefault()
      event.stopPropagation()
      show([])
    }
  })
  input.addEventListener('blur', () => setTimeout(() => show([]), 100))
  // Before the input loses the cursor.
  list.addEventListener('pointerdown', (event) => event.preventDefault())
  list.addEventListener('click', (event) => {
    const option = event.target.closest('[role=option]')
    if (option) take([...list.children].indexOf(option))
  })
  show([])
  return { show }
}

function optionOf({ name, hint }, id) {
  const option = document.createElement('li')
  option.id = id
  option.setAttribute('role', 'option')
  option.setAttribute('aria-selected', 'false')
  const title = document.createElement('span')
  title.textContent = name
  option.append(title)
  if (hint) {
    const detail = document.createElement('span')
    detail.className = 'listbox-hint'
    detail.textContent = hint
    option.append(detail)
  }
  return option
}

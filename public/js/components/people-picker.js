import { announce } from '../lib/announce.js'
import { get, post } from '../lib/http.js'
import { icon } from '../lib/icon.js'
import { listbox } from '../lib/listbox.js'
import { fill } from '../lib/texts.js'

/**
 * Chooses people for a text field (one) or a list (`textarea`, a line each): suggestions while one types, chosen people as
 * names that can be taken away, pasted lists looked up at once. What is sent is the text that the field would have without
 * this: a name with its number.
 */
export default function peoplePicker(root) {
  const field = root.querySelector('textarea, input[type=text]')
  if (!field) return
  const filter = root.querySelector('[data-picker-filter] select')
  root.querySelector('[data-picker-filter]')?.removeAttribute('hidden')
  if (field.matches('textarea')) several(root, field, filter)
  else one(root, field, filter)
}

const MARK = /\s*#(\d+)\s*$/
const nameOf = (text) => text.replace(MARK, '')

/** The list of suggestions below an input. */
function suggestions(root, input, filter, choose) {
  const box = listbox(input, { label: root.dataset.results, choose })
  let timer
  let asked = 0
  const ask = async () => {
    const text = input.value.trim()
    const turn = ++asked
    if (text.length < 2) return box.show([])
    const query = new URLSearchParams({ q: text, ...(filter?.value ? { filter: filter.value } : {}) })
    const found = await get(`${root.dataset.url}?${query}`).catch(() => [])
    // A slow answer to what is no longer asked is dropped.
    if (turn !== asked || document.activeElement !== input) return
    box.show(found)
    announce(found.length ? fill(root.dataset.found, { number: found.length }) : root.dataset.none)
  }
  input.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(ask, 200)
  })
  input.addEventListener('blur', () => {
    clearTimeout(timer)
    asked++
  })
  return box
}

/** One person: the field keeps what is sent, the input beside it shows the name. */
function one(root, field, filter) {
  const input = field.cloneNode()
  const detail = document.createElement('p')
  detail.className = 'people-picker-detail'
  input.removeAttribute('name')
  input.value = nameOf(field.value)
  field.type = 'hidden'
  field.removeAttribute('id')
  field.after(input)
  input.parentElement.after(detail)
  const keep = (value, hint = '') => {
    field.value = value
    detail.textContent = hint
  }
  input.addEventListener('input', () => keep(input.value))
  suggestions(root, input, filter, (person) => {
    input.value = person.name
    keep(person.value, person.hint)
    announce(fill(root.dataset.added, { name: [person.name, person.hint].filter(Boolean).join(', ') }))
    const form = input.form
    if (form?.dataset.component?.includes('autosubmit')) form.requestSubmit()
  })
}

/** Several people: the hidden list keeps the lines, each is a name that can be taken away. */
function several(root, field, filter) {
  const input = document.createElement('input')
  input.type = 'text'
  input.className = 'form-control'
  input.id = field.id
  for (const name of ['aria-describedby', 'aria-invalid', 'required']) {
    if (field.hasAttribute(name)) input.setAttribute(name, field.getAttribute(name))
  }
  // What is required is the list, which may be full while the input is empty.
  input.removeAttribute('required')
  field.removeAttribute('id')
  // Whoever began to type before this was ready goes on in the input.
  const isTyping = document.activeElement === field && !field.value.includes('\n') && !MARK.test(field.value)
  if (isTyping) [input.value, field.value] = [field.value, '']
  field.hidden = true
  const chosen = document.createElement('ul')
  chosen.className = 'people-picker-chosen'
  chosen.setAttribute('aria-label', root.dataset.chosen)
  field.after(chosen, input)

  const lines = () => field.value.split('\n').filter((line) => line.trim())
  const write = (all) => {
    field.value = [...new Set(all)].join('\n')
    chosen.hidden = !all.length
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }
  const remove = (line, entry) => {
    const next = entry.nextElementSibling ?? entry.previousElementSibling
    entry.remove()
    write(lines().filter((other) => other !== line))
    ;(next?.querySelector('button') ?? input).focus()
  }
  const add = (line, hint = '', problem = '') => {
    if (lines().includes(line)) return
    write([...lines(), line])
    chosen.append(chip(root, line, hint, problem, remove))
  }

  for (const line of lines()) chosen.append(chip(root, line, '', MARK.test(line) ? '' : root.dataset.unknown, remove))
  write(lines())

  const take = (answer) => {
    for (const person of answer.found) add(person.value, person.hint)
    for (const text of answer.nobody) add(text, '', root.dataset.unknown)
    for (const { text, people } of answer.several) {
      add(text, '', root.dataset.unclear)
      const entry = [...chosen.children].find(({ dataset }) => dataset.line === text)
      entry?.append(
        namesakes(root, text, people, (person) => {
          remove(text, entry)
          add(person.value, person.hint)
          input.focus()
        }),
      )
    }
    const count = fill(root.dataset.addedSeveral, { number: answer.found.length })
    announce(answer.isCut ? `${count}. ${root.dataset.cut}` : count)
  }
  const box = suggestions(root, input, filter, (person) => {
    input.value = ''
    add(person.value, person.hint)
    announce(fill(root.dataset.added, { name: [person.name, person.hint].filter(Boolean).join(', ') }))
  })
  const takeText = async (text) => {
    input.value = ''
    box.show([])
    take(await post(root.dataset.listUrl, { text }).catch(() => ({ found: [], several: [], nobody: text.split('\n') })))
  }
  input.addEventListener('paste', (event) => {
    const text = event.clipboardData?.getData('text') ?? ''
    if (!/[\n;]|@.*@/s.test(text)) return
    event.preventDefault()
    takeText(text.replaceAll(';', '\n').replace(/,\s*(?=\S+@)/g, '\n'))
  })
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.defaultPrevented || !input.value.trim()) return
    // Enter takes what was typed; the form is sent by its button.
    event.preventDefault()
    takeText(input.value)
  })
  // What was typed and not chosen is sent as well, so that nothing is lost in silence.
  input.form?.addEventListener('submit', () => input.value.trim() && write([...lines(), input.value.trim()]))
  const all = root.querySelector('[data-add-all]')
  filter?.addEventListener('change', () => {
    all.hidden = !filter.value
  })
  all?.addEventListener('click', async () => take(await post(root.dataset.listUrl, { filter: filter.value })))
  if (isTyping) {
    input.focus()
    input.dispatchEvent(new Event('input', { bubbles: true }))
  }
}

function chip(root, line, hint, problem, remove) {
  const entry = document.createElement('li')
  entry.dataset.line = line
  entry.className = problem ? 'people-picker-chip has-problem' : 'people-picker-chip'
  const name = document.createElement('span')
  name.textContent = nameOf(line)
  const more = document.createElement('span')
  more.className = 'people-picker-hint'
  more.textContent = problem || hint
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'people-picker-remove'
  button.setAttribute('aria-label', fill(root.dataset.remove, { name: nameOf(line) }))
  button.append(icon('x'))
  button.addEventListener('click', () => remove(line, entry))
  entry.append(name, more, button)
  return entry
}

/** Of several who fit a line the right one is chosen by a button. */
function namesakes(root, text, people, choose) {
  const group = document.createElement('div')
  group.className = 'people-picker-namesakes'
  group.setAttribute('role', 'group')
  group.setAttribute('aria-label', fill(root.dataset.choose, { text }))
  for (const person of people) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'btn btn-plain btn-sm'
    button.textContent = [person.name, person.hint].filter(Boolean).join(', ')
    button.addEventListener('click', () => choose(person))
    group.append(button)
  }
  return group
}

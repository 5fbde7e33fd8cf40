import { announce } from '../lib/announce.js'
import { get } from '../lib/http.js'
import { icon } from '../lib/icon.js'
import { isAlone, isWriting } from '../lib/keys.js'
import { fill } from '../lib/texts.js'

const PAUSE_MS = 150

/** "/" and Ctrl+K lead to the box; where none is in sight (a phone) to the page of the search. */
function listenForShortcut(input) {
  const takesSlash = input.getAttribute('aria-keyshortcuts').includes('/')
  document.addEventListener('keydown', (event) => {
    const isSlash = takesSlash && event.key === '/' && isAlone(event) && !isWriting(event)
    // By the place of the key: on a Russian keyboard it types another letter. In an editor it may stand for a link.
    const isK = event.code === 'KeyK' && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey
    const isElsewhere =
      event.defaultPrevented || event.target.isContentEditable || document.querySelector('dialog[open]')
    if (!isSlash && (!isK || isElsewhere)) return
    event.preventDefault()
    if (input.checkVisibility()) {
      input.focus()
      input.select()
    } else location.assign('/search')
  })
}

function element(name, className, ...content) {
  const made = document.createElement(name)
  made.className = className
  made.append(...content)
  return made
}

const marked = (pieces) => pieces.map(({ text, isFound }) => (isFound ? element('mark', '', text) : text))

/** A combobox: suggestions below the input are walked by arrows and opened by Enter; Enter by itself sends the form. */
export default function searchBox(form) {
  const input = form.querySelector('.search-input')
  const list = element('div', 'search-list')
  list.id = `${input.id}-list`
  list.hidden = true
  list.setAttribute('role', 'listbox')
  list.setAttribute('aria-label', form.getAttribute('aria-label'))
  form.append(list)
  input.setAttribute('role', 'combobox')
  input.setAttribute('aria-autocomplete', 'list')
  input.setAttribute('aria-expanded', 'false')
  input.setAttribute('aria-controls', list.id)
  listenForShortcut(input)

  let timer
  let asking
  let shown = ''

  const options = () => [...list.querySelectorAll('[role=option]')]
  const active = () => list.querySelector('[aria-selected=true]')

  function select(option) {
    active()?.setAttribute('aria-selected', 'false')
    option?.setAttribute('aria-selected', 'true')
    option?.scrollIntoView({ block: 'nearest' })
    if (option) input.setAttribute('aria-activedescendant', option.id)
    else input.removeAttribute('aria-activedescendant')
  }

  function open(isOpen) {
    list.hidden = !isOpen
    input.setAttribute('aria-expanded', String(isOpen))
    if (!isOpen) select(undefined)
  }

  function makeOption(at, href, ...content) {
    const option = element('div', 'search-option', ...content)
    option.id = `${list.id}-${at}`
    option.setAttribute('role', 'option')
    option.setAttribute('aria-selected', 'false')
    option.dataset.href = href
    return option
  }

  function show(hits, text) {
    const made = hits.map((hit, at) => {
      const hint = element('span', 'search-option-hint', [hit.group, hit.hint].filter(Boolean).join(' · '))
      const body = element('span', 'search-option-body', ...marked(hit.title), hint)
      return makeOption(at, hit.href, icon(hit.icon), body)
    })
    const all = makeOption('all', `/search?q=${encodeURIComponent(text)}`, icon('search'), form.dataset.all)
    all.classList.add('search-option-all')
    list.replaceChildren(...made, ...(made.length ? [all] : []))
    shown = text
    open(made.length > 0)
    announce(made.length ? fill(form.dataset.countSome, { count: made.length }) : form.dataset.countNone)
  }

  async function ask() {
    const text = input.value.trim()
    asking?.abort()
    if (text.length < 2) return open(false)
    if (text === shown) return open(options().length > 0)
    asking = new AbortController()
    const { signal } = asking
    try {
      const { hits } = await get(`${form.dataset.url}?q=${encodeURIComponent(text)}`, { signal, retries: 0 })
      if (!signal.aborted && form.contains(document.activeElement)) show(hits, text)
    } catch {
      // Without suggestions it is still a form.
      open(false)
    }
  }

  function walk(step) {
    const all = options()
    if (list.hidden) {
      if (all.length && input.value.trim() === shown) open(true)
      else return void ask()
    }
    const at = all.indexOf(active())
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step
    select(all[next])
  }

  input.addEventListener('input', () => {
    select(undefined)
    clearTimeout(timer)
    timer = setTimeout(ask, PAUSE_MS)
  })
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      walk(event.key === 'ArrowDown' ? 1 : -1)
    } else if (event.key === 'Enter' && active()) {
      event.preventDefault()
      location.assign(active().dataset.href)
    } else if (event.key === 'Escape' && !list.hidden) {
      // The first one closes the list, the second clears the input as browsers do.
      event.preventDefault()
      open(false)
    }
  })
  form.addEventListener('submit', (event) => {
    clearTimeout(timer)
    asking?.abort()
    if (!input.value.trim()) event.preventDefault()
  })
  form.addEventListener('focusout', (event) => {
    if (!form.contains(event.relatedTarget)) open(false)
  })
  // The focus stays in the input, whatever is clicked in the list.
  list.addEventListener('mousedown', (event) => event.preventDefault())
  list.addEventListener('click', (event) => {
    const option = event.target.closest('[role=option]')
    if (option) location.assign(option.dataset.href)
  })
}

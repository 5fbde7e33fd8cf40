import { placeBeside } from '../lib/beside.js'
import { post } from '../lib/http.js'

const isVisible = (element) =>
  element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0
const find = (at) => [...document.querySelectorAll(at)].find(isVisible)

const made = (tag, className, text = '') => {
  const element = document.createElement(tag)
  element.className = className
  element.textContent = text
  return element
}

const button = (className, label, act) => {
  const one = made('button', `btn btn-sm ${className}`, label)
  one.type = 'button'
  one.addEventListener('click', act)
  return one
}

/** The offer of a tour (views/shared/tour.ejs): leads round the page, step by step, and is remembered on the server. */
export default function tour(card) {
  const words = card.dataset
  const begin = () => {
    const steps = JSON.parse(words.steps).filter(({ at }) => find(at))
    if (steps.length) lead(steps, words, () => leave(card))
  }
  card.hidden = false
  card.querySelector('[data-begin]').addEventListener('click', begin)
  if ('begins' in words) begin()
}

/** Over or declined: it is not offered again, and the keyboard goes on in the page. */
function leave(card) {
  // The same tour may end twice; an old session may not remember it: then it is offered once more.
  post(card.dataset.seen, {}).catch(() => {})
  card.remove()
  const address = new URL(location.href)
  address.searchParams.delete('tour')
  history.replaceState(history.state, '', address)
  document.querySelector('#main').focus()
}

/** A dialog beside each element in turn, and a frame round the element. */
function lead(steps, words, onEnd) {
  let index = 0
  const dialog = made('dialog', 'tour-step')
  const spot = made('div', 'tour-spot')
  const title = made('h2', 'tour-step-title')
  const text = made('p', 'tour-step-text')
  const count = made('p', 'tour-step-count muted')
  const go = (to) => {
    if (to >= steps.length) return dialog.close()
    index = Math.max(0, to)
    show()
  }
  const end = button('btn-quiet', words.end, () => dialog.close())
  const back = button('btn-plain', words.back, () => go(index - 1))
  const next = button('btn-primary', words.next, () => go(index + 1))
  const buttons = made('div', 'tour-step-buttons')
  buttons.append(end, back, next)
  Object.assign(title, { id: 'tour-step-title', tabIndex: -1 })
  text.id = 'tour-step-text'
  dialog.setAttribute('aria-labelledby', title.id)
  dialog.setAttribute('aria-describedby', text.id)
  dialog.append(count, title, text, buttons)

  const place = () => {
    const target = find(steps[index].at)
    if (target) placeBeside(dialog, spot, target)
  }
  const show = () => {
    const step = steps[index]
    title.textContent = step.title
    text.textContent = step.text
    count.textContent = words.count.replace('##', steps.length).replace('#', index + 1)
    back.hidden = index === 0
    const isLast = index === steps.length - 1
    next.textContent = isLast ? words.done : words.next
    end.hidden = isLast
    find(step.at)?.scrollIntoView({ block: 'center', behavior: 'instant' })
    place()
    title.focus({ preventScroll: true })
  }
  dialog.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowRight') go(Math.min(index + 1, steps.length - 1))
    if (event.key === 'ArrowLeft') go(index - 1)
  })
  const stop = new AbortController()
  for (const kind of ['resize', 'scroll']) addEventListener(kind, place, { signal: stop.signal, passive: true })
  dialog.addEventListener('close', () => {
    stop.abort()
    dialog.remove()
    spot.remove()
    onEnd()
  })
  document.body.append(spot, dialog)
  dialog.showModal()
  show()
}

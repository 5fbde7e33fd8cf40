import { post } from '../lib/http.js'

/**
 * The builder of a filter: another field or operator, a condition more or less come without a new page, and the number of
 * people who match follows while one types. Without this the same buttons send the form.
 */
export default function filterBuilder(form) {
  const conditions = () => form.querySelector('[data-conditions]')
  let counting

  /** Lets the server draw the conditions anew, as it would for the whole page. */
  async function redraw(action) {
    clearTimeout(counting?.timer)
    counting?.controller.abort()
    const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === 'string'))
    body.set('do', action)
    const focused = placeOf(document.activeElement)
    const answer = await fetch(form.dataset.build, { method: 'POST', body, headers: { accept: 'text/html' } })
    // The page itself says what is amiss.
    if (!answer.ok) return form.requestSubmit(form.querySelector('[data-look]'))
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const fresh = page.querySelector('[data-conditions]')
    if (!fresh) return location.assign(answer.url)
    conditions().replaceChildren(...fresh.childNodes)
    refocus(focused, action)
  }

  form.addEventListener('click', (event) => {
    const button = event.target.closest('button[name=do]')
    if (!button) return
    event.preventDefault()
    // The form is not being sent: whoever guards against sending it twice must not see this.
    event.stopPropagation()
    redraw(button.value)
  })
  // By keyboard a choice is typed letter by letter: the page waits until one has done, or goes on.
  let lastKey = 0
  let waiting
  form.addEventListener('keydown', () => {
    lastKey = Date.now()
  })
  form.addEventListener('change', (event) => {
    if (!event.target.matches(SHAPING)) return count()
    clearTimeout(waiting)
    waiting = setTimeout(() => settle(), Date.now() - lastKey < 800 ? 700 : 0)
  })
  form.addEventListener('focusout', (event) => {
    if (waiting && event.target.matches(SHAPING)) setTimeout(() => settle(event.target.name))
  })

  /** @param left the choice that was left for what comes next, which is about to appear */
  async function settle(left) {
    if (!waiting) return
    clearTimeout(waiting)
    waiting = undefined
    await redraw('look')
    const next = left?.replace(/\[(field|op)\]$/, (_, part) => (part === 'field' ? '[op]' : '[values]'))
    if (next) form.querySelector(`[name^="${CSS.escape(next)}"]:not([type=hidden])`)?.focus()
  }
  form.addEventListener('input', (event) => {
    if (event.target.closest('[data-conditions]')) count()
  })

  function count() {
    clearTimeout(counting?.timer)
    counting?.controller.abort()
    const controller = new AbortController()
    const ask = async () => {
      const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === 'string'))
      const answer = await post(form.dataset.count, body, { signal: controller.signal }).catch(() => undefined)
      const shown = form.querySelector('[data-filter-count]')
      if (answer && shown.textContent !== answer.text) shown.textContent = answer.text
    }
    counting = { controller, timer: setTimeout(ask, 400) }
  }

  function refocus(place, action) {
    const [verb, at] = action.split(':')
    const rows = [...form.querySelectorAll('[data-row]')]
    const added =
      verb === 'group'
        ? rows.at(-1)
        : verb === 'condition'
          ? rows.filter((row) => row.dataset.row.startsWith(`${at}-`)).at(-1)
          : null
    const kept = place && form.querySelector(`[name="${CSS.escape(place)}"]`)
    const target =
      added?.querySelector('select') ?? (verb === 'look' ? kept : null) ?? form.querySelector('[data-row] select')
    target?.focus()
  }
}

/** What decides which inputs follow. */
const SHAPING = 'select[name$="[field]"], select[name$="[op]"]'

const placeOf = (element) => element?.getAttribute('name') ?? ''

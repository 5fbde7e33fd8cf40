import { HttpError, post } from '../lib/http.js'
import { icon } from '../lib/icon.js'

const SIGNS = { success: 'circle-check', danger: 'alert-circle', warning: 'alert-triangle', info: 'info-circle' }
const PAUSE_MS = 500

/**
 * A form that is checked while it is being filled in: what was left wrong is said beside the field as soon as it is left.
 * `data-check`: the address that checks the form without saving it; `data-test`: the address of a button whose answer is
 * shown in `[data-result]` in place; `data-checking`: what stands there meanwhile.
 */
export default function liveCheck(form) {
  const result = form.querySelector('[data-result]')
  const touched = new Set()
  let timer
  let running

  form.addEventListener('change', (event) => checkSoon([event.target]))
  // Whoever types at once has left a field before this module arrived.
  checkSoon([...form.elements].filter((input) => input.value !== (input.defaultValue ?? input.value)))

  function checkSoon(inputs) {
    for (const { name } of inputs) if (name) touched.add(name)
    if (!touched.size) return
    clearTimeout(timer)
    timer = setTimeout(() => check(form.dataset.check, false), PAUSE_MS)
  }

  form.addEventListener('submit', (event) => {
    clearTimeout(timer)
    running?.abort()
    const address = event.submitter?.getAttribute('formaction')
    if (!address || (address !== form.dataset.check && address !== form.dataset.test)) return
    event.preventDefault()
    for (const { name } of form.elements) if (name) touched.add(name)
    check(address, true)
  })

  /** @param {boolean} asked a person pressed the button: then the answer is shown even if nothing is new */
  async function check(address, asked) {
    running?.abort()
    const mine = new AbortController()
    running = mine
    if (result && (asked || result.textContent.trim())) say(form.dataset.checking ?? '')
    try {
      const answer = await post(address, new URLSearchParams(new FormData(form)), { signal: mine.signal })
      showFields(answer.field ? [{ field: answer.field, message: answer.notice.text }] : [])
      if (result) showNotice(answer.notice)
    } catch (error) {
      if (!(error instanceof HttpError)) return
      if (error.status === 422) showFields(error.fields)
      if (result) say(error.status === 422 && !asked ? '' : error.message)
    }
  }

  function say(text) {
    result.replaceChildren()
    if (!text) return
    const line = document.createElement('p')
    line.className = 'muted'
    line.textContent = text
    result.append(line)
  }

  function showNotice(notice) {
    if (!notice) return
    const box = document.createElement('div')
    box.className = `notice notice-${notice.kind}`
    const sign = icon(SIGNS[notice.kind] ?? SIGNS.info)
    sign.classList.add('notice-icon')
    const body = document.createElement('div')
    body.className = 'notice-body'
    const heading = document.createElement('p')
    heading.className = 'notice-heading'
    heading.textContent = notice.text
    body.append(heading)
    if (notice.mend) body.append(Object.assign(document.createElement('p'), { textContent: notice.mend }))
    if (notice.commands.length) {
      const commands = document.createElement('pre')
      commands.className = 'setup-commands'
      commands.tabIndex = 0
      commands.textContent = notice.commands.join('\n')
      body.append(commands)
    }
    box.append(sign, body)
    result.replaceChildren(box)
  }

  /** Says what is wrong beside the fields that were touched; fields not yet reached stay quiet. */
  function showFields(errors) {
    for (const name of touched) {
      const input = form.elements[name]
      const field = (input?.[0] ?? input)?.closest?.('.field')
      if (field) mark(field, errors.find((error) => error.field === name)?.message)
    }
  }
}

function mark(field, message) {
  const group = field.querySelector('fieldset')
  const input = group ?? field.querySelector('input, select, textarea')
  const id = `${input.id}-error`
  let line = field.querySelector('.field-error')
  field.classList.toggle('has-error', Boolean(message))
  const described = (input.getAttribute('aria-describedby') ?? '').split(' ').filter((part) => part && part !== id)
  if (message) described.push(id)
  if (described.length) input.setAttribute('aria-describedby', described.join(' '))
  else input.removeAttribute('aria-describedby')
  if (!group) {
    if (message) input.setAttribute('aria-invalid', 'true')
    else input.removeAttribute('aria-invalid')
  }
  if (!message) {
    line?.remove()
    return
  }
  if (!line) {
    line = document.createElement('p')
    line.className = 'field-error'
    line.id = id
    line.append(icon('alert-circle'), document.createElement('span'))
    const before = field.querySelector('.input-line, select, textarea, .choice-list, .choice')
    before.before(line)
  }
  line.querySelector('span').textContent = message
}

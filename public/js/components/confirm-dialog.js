import { ask, openDialog } from '../lib/dialog.js'

/**
 * Asks before something destructive. On a form or a submit button with `data-confirm`: asks that question, then sends.
 * On a link to a confirm page (views/shared/confirm.ejs): shows that page's content as a dialog.
 */
export default function confirmDialog(element) {
  if (element instanceof HTMLAnchorElement) confirmByPage(element)
  else confirmByQuestion(element)
}

function confirmByQuestion(element) {
  const form = element instanceof HTMLFormElement ? element : element.form
  let agreed = false
  form?.addEventListener('submit', async (event) => {
    if (agreed || (element !== form && event.submitter !== element)) return
    event.preventDefault()
    event.stopImmediatePropagation()
    const button = event.submitter
    const label = button?.textContent.trim()
    if (!(await ask(element.dataset.confirm, label ? { proceed: label } : {}))) return
    agreed = true
    form.requestSubmit(button)
    agreed = false
  })
}

function confirmByPage(link) {
  link.addEventListener('click', async (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    const page = await fetchPage(link.href)
    const content = page?.querySelector('[data-confirm-content]')
    if (!content) {
      location.assign(link.href)
      return
    }
    const heading = page.querySelector('h1')?.textContent.trim() ?? link.textContent.trim()
    const dialog = openDialog(heading, document.importNode(content, true))
    dialog.querySelector('[data-dialog-cancel]')?.addEventListener('click', (cancelled) => {
      cancelled.preventDefault()
      dialog.close()
    })
  })
}

async function fetchPage(href) {
  try {
    const response = await fetch(href, { headers: { accept: 'text/html' }, credentials: 'same-origin' })
    return response.ok ? new DOMParser().parseFromString(await response.text(), 'text/html') : undefined
  } catch {
    return undefined
  }
}

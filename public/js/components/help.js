import { openDialog } from '../lib/dialog.js'
import { icon } from '../lib/icon.js'
import { isAlone, isWriting } from '../lib/keys.js'

/** `?` means help unless somebody is writing. */
const asksForHelp = (event) => event.key === '?' && isAlone(event) && !isWriting(event)

/** The link of the header that leads to the help of the page: opens it beside the page. Without an answer the link is followed. */
export default function help(link) {
  let isOpening = false

  const open = async () => {
    if (isOpening) return
    isOpening = true
    try {
      const response = await fetch(`${link.pathname}?part=1`, { headers: { accept: 'text/html' } })
      if (!response.ok || response.redirected) throw new Error(String(response.status))
      show(await response.text())
    } catch {
      location.assign(link.href)
    } finally {
      isOpening = false
    }
  }

  const show = (html) => {
    const text = new DOMParser().parseFromString(html, 'text/html').querySelector('[data-title]')
    const dialog = openDialog(text.dataset.title, text)
    dialog.classList.add('help-drawer')
    dialog.append(closeButton(dialog))
    dialog.addEventListener('click', (event) => {
      if (event.target === dialog && event.clientX < dialog.getBoundingClientRect().left) dialog.close()
    })
    dialog.addEventListener('close', () => link.focus())
    dialog.scrollTop = 0
  }

  const closeButton = (dialog) => {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'btn btn-quiet btn-icon-only help-drawer-close'
    button.title = link.dataset.close
    button.setAttribute('aria-label', link.dataset.close)
    button.append(icon('x'))
    button.addEventListener('click', () => dialog.close())
    return button
  }

  link.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || link.pathname === '/help') return
    event.preventDefault()
    open()
  })
  if (link.hasAttribute('aria-keyshortcuts')) {
    document.addEventListener('keydown', (event) => {
      if (!asksForHelp(event)) return
      event.preventDefault()
      link.click()
    })
  }
}

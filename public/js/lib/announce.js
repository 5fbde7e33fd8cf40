import { icon } from './icon.js'
import { text } from './texts.js'

/** Says something to screen readers, without showing it. */
export function announce(message) {
  const region = document.querySelector('[data-announce]')
  if (!region) return
  region.textContent = ''
  // A region that changes twice in one frame is read once.
  requestAnimationFrame(() => {
    region.textContent = message
  })
}

const SIGNS = { success: 'circle-check', danger: 'alert-circle', warning: 'alert-triangle', info: 'info-circle' }

/**
 * Shows a short message in the corner and says it. Good news goes by itself, bad news stays until it is closed by the next one.
 * @param {'success' | 'info' | 'warning' | 'danger'} kind
 */
export function notify(kind, message) {
  let region = document.querySelector('.toast-region')
  if (!region) {
    region = document.createElement('div')
    region.className = 'toast-region'
    document.body.append(region)
  }
  const note = document.createElement('div')
  note.className = `notice notice-${kind}`
  const sign = icon(SIGNS[kind] ?? 'info-circle')
  sign.classList.add('notice-icon')
  const words = document.createElement('div')
  words.className = 'notice-body'
  words.textContent = message
  note.append(sign, words)
  region.replaceChildren(note)
  announce(kind === 'danger' ? `${text('alert.danger')}. ${message}` : message)
  if (kind === 'success' || kind === 'info') setTimeout(() => note.remove(), 5000)
}

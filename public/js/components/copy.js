import { announce } from '../lib/announce.js'

/** Copies `data-copy`; where the browser does not allow it, the button stays hidden and the text is selected by hand. */
export default function copy(button) {
  if (!navigator.clipboard) return
  const label = button.querySelector('span') ?? button
  const original = label.textContent
  button.hidden = false
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy)
    } catch {
      return
    }
    label.textContent = button.dataset.done
    announce(button.dataset.done)
    setTimeout(() => {
      label.textContent = original
    }, 2500)
  })
}
